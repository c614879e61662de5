import { assert } from 'chai';
import { printable, printableLine } from '../../provider/printable.ts';

describe('what a terminal shows', () => {
  it('keeps lines and letters and loses what repaints or reorders', () => {
    assert.equal(printable('a\r\nb\rc\td\u2028e'), 'a\nb\nc\td\ne');
    assert.equal(printable('\u001b[2J\u001b[31mred\u001b[0m\u0007\u009b\u202e\u2066x\u200f\ufeff'), 'redx');
    assert.equal(printable('Müller, 東京 👩‍💻'), 'Müller, 東京 👩‍💻');
    assert.equal(printableLine(' a\n b\t\tc '), 'a b c');
  });
});
