import { expect } from 'chai';
import { judgeSha1 } from '../../provider/manifest/file-rules.ts';

describe('the hash of a file', () => {
  it('is taken in any case, and kept in lower case', () =>
    expect(judgeSha1(` ${'AB'.repeat(20)} `)).to.deep.equal({ value: 'ab'.repeat(20) }));

  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ['a SHA-256', 'ab'.repeat(32), /is a SHA-256; .*SHA-1 only.*Get-FileHash -Algorithm SHA1/],
    ['an MD5', 'ab'.repeat(16), /is an MD5; .*SHA-1 only.*Get-FileHash -Algorithm SHA1/],
    ['some other text', 'dropper.exe', /is no SHA-1: 40 hex digits/],
    ['nothing', undefined, /is missing/],
    ['a number', 1234, /lost digits; put quotes/],
  ];
  for (const [what, given, told] of wrong)
    it(`${what} is refused with what would be right`, () =>
      expect(judgeSha1(given)).to.have.property('problem').match(told));
});
