import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../', import.meta.url));
const security = page('SECURITY.md');
const guarantees = page('docs/guarantees.md');

for (const { path, tests, pages } of [security, guarantees])
  describe(path, () => {
    it('names tests and pages that are there', () => {
      expect(tests.length).to.be.above(20);
      expect([...tests, ...pages].filter((each) => !existsSync(join(root, each)))).to.deep.equal([]);
    });
  });

describe('SECURITY.md', () => {
  it('tells of each who could misuse it what nothing stands against', () => {
    const sections = security.text.split(/^### /m).slice(1);
    expect(sections).to.have.lengthOf(7);
    for (const section of sections) expect(section, section.split('\n', 1)[0]).to.contain('*Not*');
  });
});

describe('docs/guarantees.md', () => {
  it('names for each promise the tests that prove it', () => {
    const [promised = '', ...rest] = guarantees.text.split(/^## What proves/m);
    expect(rest).to.have.lengthOf(1);
    const promises = promised.split(/^### (?=I\d: )/m).slice(1);
    expect(promises.map((each) => each.slice(0, 2))).to.deep.equal(
      Array.from({ length: 9 }, (_, index) => `I${index + 1}`),
    );
    for (const each of promises) expect(each, each.split('\n', 1)[0]).to.match(/`[\w/-]+\.test\.ts`/);
  });
});

/** A page, with the tests that it names and the pages that it links to, from the root. */
function page(path: string) {
  const text = readFileSync(join(root, path), 'utf8');
  const tests = [...text.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, each = '']) => `test/${each}`);
  const pages = [...text.matchAll(/\]\(([^):#]+)/g)].map(([, each = '']) => join(dirname(path), each));
  return { path, text, tests, pages };
}
