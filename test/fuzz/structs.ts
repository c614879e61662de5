import { expect } from 'chai';
import fc from 'fast-check';
import { isUserError } from '../../provider/error-kind.ts';
import { decodeStruct } from '../../provider/plugin/decode.ts';
import { encodeStruct } from '../../provider/plugin/encode.ts';
import { resourceProviderService } from '../../provider/plugin/messages.ts';
import { signatureKey, signatures } from '../../provider/plugin/sentinels.ts';
import { unknownStrings } from '../../provider/unknown-strings.ts';
import { toStruct } from '../plugin/structs.ts';
import { target } from './target.ts';
import { acting, anyText, hostileTexts, namesOfObjects } from './texts.ts';

const mark = fc.constantFrom(...Object.values(signatures), 'an unheard-of mark', 1, null);
const key = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('value', 'secret', 'id', 'urn', 'text', 'hash', 'hosts', 'machineId', 'comment', ...namesOfObjects),
);

const { map } = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
  map: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, ...unknownStrings),
    fc.double(),
    anyText,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('map'),
    fc.tuple(mark, tie('map')).map(([signature, fields]) => ({ ...fields, [signatureKey]: signature })),
  ),
}));

/** What an engine, or whoever speaks in its place, may send as a property map. */
export const anyMap: fc.Arbitrary<Record<string, unknown>> = map;

/** A message's bytes with some changed, cut off or put in; or no message at all. */
export function damaged(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(bytes, fc.array(change, { maxLength: 4 }), fc.option(fc.nat()))
        .map(([whole, changes, cut]) => {
          const copy = Uint8Array.from(whole);
          for (const [at, byte] of changes) if (copy.length > 0) copy[at % copy.length] = byte;
          return cut === null ? copy : copy.subarray(0, cut % (copy.length + 1));
        }),
    },
    fc.tuple(bytes, fc.nat(), bytes).map(([whole, at, inner]) => {
      const start = at % (whole.length + 1);
      return Buffer.concat([whole.subarray(0, start), inner, whole.subarray(start)]);
    }),
    fc.uint8Array({ maxLength: 200 }),
    // A field's length that is larger than anything, a tower of messages.
    fc
      .tuple(fc.nat({ max: 9_000 }), fc.constantFrom(0x0a, 0x12, 0x1a, 0x22, 0x32, 0x0b))
      .map(([count, byte]) => Buffer.alloc(count, byte)),
  );
}

export const structBytes = anyMap.map((fields) => toStruct(fields).serializeBinary());

type Codec = { readonly requestDeserialize: (bytes: Buffer) => unknown };
export const methods = Object.entries(resourceProviderService as unknown as Readonly<Record<string, Codec>>);

/** A request of any method: fields by number, with texts, numbers, flags and Structs. */
export const requestBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 15 }),
      fc.oneof(
        structBytes,
        anyText.map((text) => Buffer.from(text)),
        fc.constantFrom(
          ...hostileTexts.map((text) => Buffer.from(text)),
          Buffer.from('urn:pulumi:dev::proj::mde:index:Quarantine::q'),
        ),
        fc.nat({ max: 127 }),
      ),
    ),
    { maxLength: 8 },
  )
  .map((fields) =>
    Buffer.concat(
      fields.map(([number, value]) =>
        typeof value === 'number'
          ? Buffer.from([number * 8, value])
          : Buffer.concat([Buffer.from([number * 8 + 2]), varint(value.length), value]),
      ),
    ),
  );

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}

export const structTargets = [
  target('structs', 2_000, damaged(structBytes), (bytes) => {
    let decoded: ReturnType<typeof decodeStruct>;
    try {
      decoded = decodeStruct(bytes);
    } catch (error) {
      if (!isUserError(error)) throw error;
      expect(error.message).to.match(/\S/);
      return;
    }
    for (const path of decoded.secrets) expect(path).to.be.an('array');
    const { struct, problems } = encodeStruct(decoded.value, { secrets: decoded.secrets, unknowns: true });
    // What was read can be written, but for the mark that only a wrapper may have, and no property does.
    if (Object.hasOwn(decoded.value, signatureKey)) return;
    expect(problems).to.deep.equal([]);
    expect(decodeStruct(struct)).to.deep.equal(decoded);
  }),
  target(
    'requests',
    2_000,
    fc.tuple(fc.constantFrom(...methods), damaged(requestBytes)),
    ([[, { requestDeserialize }], bytes]) => {
      try {
        requestDeserialize(Buffer.from(bytes));
      } catch (error) {
        // The library tells it to the caller: a line, with nothing of the message but kinds and numbers.
        expect(error).to.be.instanceOf(Error);
        expect((error as Error).message).not.to.match(acting);
      }
    },
  ),
];
