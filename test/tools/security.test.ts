import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('SECURITY.md', () => {
  const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');

  it('names tests and pages that are there', () => {
    const tests = [...text.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, path = '']) => `test/${path}`);
    const pages = [...text.matchAll(/\]\(([^):#]+)/g)].map(([, path = '']) => path);
    expect(tests.length).to.be.above(20);
    expect([...tests, ...pages].filter((path) => !existsSync(join(root, path)))).to.deep.equal([]);
  });

  it('tells of each who could misuse it what nothing stands against', () => {
    const sections = text.split(/^### /m).slice(1);
    expect(sections).to.have.lengthOf(7);
    for (const section of sections) expect(section, section.split('\n', 1)[0]).to.contain('*Not*');
  });
});
