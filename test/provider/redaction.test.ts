import { assert } from 'chai';
import fc from 'fast-check';
import { Redaction } from '../../provider/redaction.ts';

describe('redaction', () => {
  it('takes a secret out of any text, plain, as in a form, and as in JSON', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: 'grapheme' }), fc.lorem(), (value, around) => {
        fc.pre(!around.includes(value) && !'[secret]'.includes(value));
        const redaction = new Redaction();
        redaction.add({ nested: [value] });
        for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]) {
          assert.notInclude(redaction.redact(`${around}<${form}>${around}`), `<${form}>`);
        }
        assert.isTrue(redaction.touches(`${around}${value}`));
      }),
    );
  });

  it('takes out the longer of two secrets of which one holds the other', () => {
    const redaction = new Redaction();
    redaction.add(['secret-one', 'secret-one-and-more']);
    assert.equal(redaction.redact('x secret-one-and-more secret-one'), 'x [secret] [secret]');
  });

  it('takes out what looks like a token, of which nobody has told', () => {
    const token = `eyJ${Buffer.from('hbGciOiJub25lIn0').toString('base64url')}.e30.`;
    assert.equal(new Redaction().redact(`x ${token} y`), 'x [secret] y');
  });

  it('leaves short values alone', () => {
    const redaction = new Redaction();
    redaction.add('Full');
    assert.equal(redaction.redact('isolationType Full'), 'isolationType Full');
  });
});
