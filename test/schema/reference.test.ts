import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readSchema, shortName } from '../../schema/schema-document.ts';
import { referencePages } from '../../schema/write-reference.ts';

const schema = readSchema();
const pages = referencePages(schema);
const docs = new URL('../../docs/reference/', import.meta.url);
const examples = new URL('../../examples/reference/', import.meta.url);
const tokens = [...Object.keys(schema.resources), ...Object.keys(schema.functions)];

describe('the reference documentation', () => {
  it('is what the schema and the examples say', () => {
    expect(readdirSync(docs).sort()).to.deep.equal([...pages.keys()].sort());
    for (const [file, text] of pages) {
      const same = readFileSync(new URL(file, docs), 'utf8') === text;
      expect(same, `docs/reference/${file} is stale: run \`node schema/write-reference.ts\``).to.equal(true);
    }
  });

  it('has a page for every resource and function, and tells every property', () => {
    for (const token of tokens) {
      const page = pages.get(`${shortName(token)}.md`) ?? '';
      const resource = schema.resources[token];
      const lookup = schema.functions[token];
      const names = Object.keys({
        ...resource?.inputProperties,
        ...resource?.properties,
        ...lookup?.inputs.properties,
        ...lookup?.outputs.properties,
      });
      expect(names.length).to.be.greaterThan(1);
      for (const name of names) expect(page, token).to.contain(`- \`${name}\` (`);
    }
    for (const name of Object.keys(schema.config.variables))
      expect(pages.get('README.md')).to.contain(`- \`${name}\` (`);
  });

  it('links only to what is there', () => {
    for (const [file, text] of pages) {
      for (const [, to = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
        const [path = '', anchor] = to.split('#');
        if (path !== '') expect(() => readFileSync(new URL(path, docs)), `${file} → ${to}`).not.to.throw();
        if (anchor !== undefined) expect(text.toLowerCase(), `${file} → ${to}`).to.contain(`\n### ${anchor}\n`);
      }
    }
  });

  it('shows what it is about in each example', () => {
    for (const token of tokens) {
      const name = shortName(token);
      const yaml = readFileSync(new URL(`yaml/${name}.yaml`, examples), 'utf8');
      expect(() => parse(yaml)).not.to.throw();
      expect(yaml).to.contain(`mde:${name}\n`);
      expect(readFileSync(new URL(`typescript/${name}.ts`, examples), 'utf8')).to.match(
        new RegExp(`mde\\.${name}(Output)?\\(`),
      );
    }
  });
});
