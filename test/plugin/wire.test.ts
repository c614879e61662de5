import messages from '@pulumi/pulumi/proto/provider_pb.js';
import { assert } from 'chai';
import fc from 'fast-check';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import { isUserError } from '../../provider/error-kind.ts';
import { decodeStruct } from '../../provider/plugin/decode.ts';
import { encodeStruct } from '../../provider/plugin/encode.ts';
import { resourceProviderService } from '../../provider/plugin/messages.ts';
import { signatureKey, signatures } from '../../provider/plugin/sentinels.ts';
import { readsStructs, writesStructs } from '../../provider/plugin/struct-messages.ts';
import { DamagedMessage, WireReader, WireWriter } from '../../provider/plugin/wire.ts';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import { unknownString } from '../../provider/unknown-strings.ts';
import { decodeByLibrary } from './library-decode.ts';
import { fromStruct, secret, toStruct } from './structs.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('\ufffd', '\ufeffwith a mark', 'a'.repeat(127), 'a'.repeat(128), 'é'.repeat(9_000), unknownString),
);
const key = fc.oneof(text, fc.constantFrom('value', 'secret', 'id', 'urn', '1')).filter((name) => name !== '__proto__');
const mark = fc.constantFrom(signatures.secret, signatures.outputValue, signatures.resourceReference);

/** What an engine may send, with marks of secrets, outputs and references at odd places too. */
const { map: sent } = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
  map: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('map'),
    fc.tuple(mark, tie('map')).map(([signature, fields]) => ({ ...fields, [signatureKey]: signature })),
  ),
}));

/** One field, by its number and wire type; the rest are its bytes. */
const field = (number: number, wireType: number, ...bytes: number[]) => [number * 8 + wireType, ...bytes];
const delimited = (number: number, content: readonly number[]) => field(number, 2, content.length, ...content);
const letter = (name: string) => delimited(1, [...Buffer.from(name)]);
/** A Struct of one field `a` whose Value consists of these bytes. */
const struct = (value: readonly number[]) => Buffer.from(delimited(1, [...letter('a'), ...delimited(2, value)]));

describe('Structs on the wire', () => {
  it('are read as the library reads them, secrets, outputs, references and all', () => {
    fc.assert(
      fc.property(sent, (map) => {
        const bytes = toStruct(map).serializeBinary();
        assert.deepEqual(decodeStruct(bytes), decodeByLibrary(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it('are written as the library reads them, secrets wrapped', () => {
    const plain = sent.filter((map) => !JSON.stringify(map).includes(signatureKey));
    fc.assert(
      fc.property(plain, fc.boolean(), (map, isSecret) => {
        const [first] = Object.keys(map);
        const secrets = isSecret && first !== undefined ? [[first]] : [];
        const { struct, problems } = encodeStruct(map as PropertyMap, { secrets, unknowns: true });
        assert.deepEqual(problems, []);
        const expected = secrets.length > 0 && first !== undefined ? { ...map, [first]: secret(map[first]) } : map;
        assert.deepEqual(
          fromStruct(structs.Struct.deserializeBinary(struct)),
          fromStruct(structs.Struct.deserializeBinary(toStruct(expected).serializeBinary())),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('come in the order of their names, whatever the order in which they were sent', () => {
    const entry = (name: string) => delimited(1, [...letter(name), ...delimited(2, field(4, 0, 1))]);
    const bytes = Buffer.from([...entry('c'), ...entry('a'), ...entry('b')]);
    assert.deepEqual(Object.keys(decodeStruct(bytes).value), ['a', 'b', 'c']);
  });

  it('are read past fields that a later protocol may add', () => {
    const added = [...field(9, 0, 0x80, 1), ...field(10, 1, 0, 0, 0, 0, 0, 0, 0, 0), ...field(11, 5, 0, 0, 0, 0)];
    const value = [...added, ...delimited(3, [...Buffer.from('x')]), ...delimited(12, [1, 2])];
    const bytes = Buffer.concat([Buffer.from(added), struct(value)]);
    assert.deepEqual(decodeStruct(bytes).value, { a: 'x' });
  });

  it('say null where a field has no value, and the last where it has several', () => {
    assert.deepEqual(decodeStruct(Buffer.from(delimited(1, letter('a')))).value, { a: null });
    assert.deepEqual(decodeStruct(struct([])).value, { a: null });
    assert.deepEqual(decodeStruct(struct([...field(4, 0, 1), ...delimited(3, [0x78])])).value, { a: 'x' });
    const twice = Buffer.concat([struct(field(4, 0, 1)), struct(field(4, 0, 0))]);
    assert.deepEqual(decodeStruct(twice).value, { a: false });
  });

  it('that are damaged are refused, with the property and why', () => {
    const tooLong = Array.from({ length: 11 }, () => 0x80);
    const table: readonly (readonly [string, Uint8Array, RegExp])[] = [
      ['a length beyond the end', struct(field(3, 2, 5, 0x78)), /^a: .*ends too early/],
      [
        'a length of many bytes',
        struct(field(3, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)),
        /too early/,
      ],
      ['half a number', struct(field(2, 1, 0, 0, 0)), /^a: .*ends too early/],
      ['a tag and no more', struct([0x20]), /^a: .*ends too early/],
      ['a varint without an end', struct([...field(4, 0), ...tooLong]), /^a: .*a number is too long/],
      ['text where a number belongs', struct(delimited(2, [0x78])), /^a: .*another kind of value/],
      ['a number where text belongs', struct(field(3, 0, 1)), /^a: .*another kind of value/],
      ['text that is not UTF-8', struct(delimited(3, [0xc3, 0x28])), /^a: .*not valid UTF-8/],
      ['a surrogate in UTF-8', struct(delimited(3, [0xed, 0xa0, 0x80])), /^a: .*not valid UTF-8/],
      ['a group', struct([...field(9, 3), ...field(9, 4)]), /^a: .*of the kind 3/],
      ['an undefined wire type', struct(field(9, 7)), /^a: .*of the kind 7/],
      ['a field without a number', struct([0, 0]), /^a: .*no valid number/],
      ['a name that is not UTF-8', Buffer.from(delimited(1, delimited(1, [0xff]))), /not valid UTF-8/],
      ['no entry', Buffer.from([0x0a]), /ends too early/],
      ['groups in groups', Buffer.alloc(100_000, 0x4b), /of the kind 3/],
    ];
    for (const [what, bytes, why] of table) {
      const refused = refusalOf(bytes);
      assert.match(refused ?? 'read', why, what);
      assert.match(refused ?? '', /Nothing was done; run it again$/, what);
    }
  });

  it('that are nested too deep are refused, by structs, lists or wrappers', () => {
    const nest = (around: (inner: unknown) => unknown, depth: number) => {
      let value: unknown = 1;
      for (let level = 0; level < depth; level++) value = around(value);
      return toStruct({ a: value }).serializeBinary();
    };
    for (const around of [(b: unknown) => ({ b }), (b: unknown) => [b], (b: unknown) => secret(b)]) {
      assert.isUndefined(refusalOf(nest(around, 99)));
      assert.match(refusalOf(nest(around, 100)) ?? 'read', /^a.*nested more than 100 levels deep/);
    }
    // Deeper than the library itself would survive.
    const wire = new WireWriter();
    const open = [wire.open(1)];
    wire.text(1, 'a');
    open.push(wire.open(2));
    for (let level = 0; level < 20_000; level++) open.push(wire.open(6), wire.open(1));
    for (const start of open.reverse()) wire.close(start);
    assert.match(refusalOf(wire.end()) ?? 'read', /nested more than 100 levels deep/);
  });

  it('never crash the reader, whatever is done to their bytes', () => {
    fc.assert(
      fc.property(
        sent,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
        fc.nat(),
        (map, changes, cut) => {
          const bytes = Buffer.from(toStruct(map).serializeBinary());
          for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          refusalOf(bytes);
          refusalOf(bytes.subarray(0, cut % (bytes.length + 1)));
        },
      ),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        refusalOf(bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  it('cut anywhere but between two fields are refused', () => {
    const bytes = toStruct({ a: { b: ['x', 1, true, null] } }).serializeBinary();
    for (let length = 1; length < bytes.length; length++) assert.isString(refusalOf(bytes.subarray(0, length)));
  });
});

describe('messages with Structs', () => {
  const read = readsStructs(messages.UpdateRequest, { olds: 3, news: 4, oldInputs: 8 });

  it('keep their Structs apart, and the library reads the rest', () => {
    const request = new messages.UpdateRequest()
      .setId('the-id')
      .setUrn('the-urn')
      .setOlds(toStruct({ a: 'old' }))
      .setNews(toStruct({}))
      .setTimeout(1.5)
      .setIgnorechangesList(['x', 'y'])
      .setPreview(true);
    const { message, structs: found } = read(request.serializeBinary());
    assert.deepEqual(message.toObject(), request.clone().setOlds(undefined).setNews(undefined).toObject());
    assert.deepEqual(decodeStruct(found.olds).value, { a: 'old' });
    assert.deepEqual([found.news?.length, found.oldInputs], [0, undefined]);
  });

  it('are read by the library as they were put together', () => {
    const write = writesStructs({ properties: 2, inputs: 3 });
    const response = new messages.ReadResponse().setId('the-id').setRefreshBeforeUpdate(true);
    const properties = encodeStruct({ a: 'x'.repeat(1_000) }, { secrets: [], unknowns: false }).struct;
    const again = messages.ReadResponse.deserializeBinary(write({ message: response, structs: { properties } }));
    assert.deepEqual(fromStruct(again.getProperties()), { a: 'x'.repeat(1_000) });
    assert.deepEqual([again.getId(), again.hasInputs(), again.getRefreshBeforeUpdate()], ['the-id', false, true]);
  });

  it('that are damaged are refused, never read in part', () => {
    for (const bytes of [[0x1a, 5], [0x18, 1], [0x0b], [0x02, 0]])
      assert.throws(() => read(Buffer.from(bytes)), DamagedMessage);
  });
});

describe('requests of any method', () => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];

  it('that tell of more bytes than there are, or hold texts that are none, are refused at once', () => {
    type Read = { readonly requestDeserialize: (bytes: Buffer) => unknown };
    for (const [name, { requestDeserialize }] of Object.entries(resourceProviderService) as unknown as [string, Read][])
      for (let number = 1; number <= 15; number++)
        for (const bytes of [
          field(number, 2, ...huge),
          delimited(number, field(1, 2, ...huge)),
          // A text that ends within a character, and then what looks like a length to whoever read beyond it.
          [...delimited(number, [0x61, 0xe0, 0x65]), ...delimited(number, [...huge, ...huge])],
        ]) {
          const before = process.cpuUsage();
          try {
            requestDeserialize(Buffer.from(bytes));
          } catch {
            // Refused, or read by nobody: either is right, as long as it does not take its time.
          }
          assert.isBelow(process.cpuUsage(before).user / 1_000, 300, `${name}, field ${number}`);
        }
  });
});

describe('the wire format', () => {
  it('gives back what was written, however long', () => {
    const one = fc.oneof(
      fc.record({ text: text }),
      fc.record({ double: fc.double({ noNaN: true }) }),
      fc.record({ varint: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 2 ** 29 - 1 }), one)), (fields) => {
        const wire = new WireWriter();
        const message = wire.open(1);
        for (const [number, value] of fields) {
          if ('text' in value) wire.text(number, value.text);
          else if ('double' in value) wire.double(number, value.double);
          else wire.varint(number, value.varint);
        }
        wire.close(message);
        const reader = new WireReader(wire.end());
        assert.isTrue(reader.next());
        const outer = reader.enter();
        for (const [number, value] of fields) {
          assert.isTrue(reader.next());
          assert.equal(reader.field, number);
          if ('text' in value) assert.equal(reader.text(), value.text);
          else if ('double' in value) assert.equal(reader.double(), value.double);
          else assert.equal(reader.bool(), value.varint !== 0);
        }
        assert.isFalse(reader.next());
        reader.leave(outer);
        assert.isFalse(reader.next());
      }),
    );
  });
});

/** Why the bytes are refused, which must be in words for people; undefined where they are read. */
function refusalOf(bytes: Uint8Array): string | undefined {
  try {
    decodeStruct(bytes);
    return undefined;
  } catch (error) {
    if (isUserError(error)) return error.message;
    throw error;
  }
}
