import { assert } from 'chai';
import fc from 'fast-check';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import { decodeOptional, decodeStruct } from '../../provider/plugin/decode.ts';
import { encodeStruct } from '../../provider/plugin/encode.ts';
import { secretPaths } from '../../provider/plugin/secret-paths.ts';
import { signatureKey, signatures } from '../../provider/plugin/sentinels.ts';
import { type PropertyMap, unknown } from '../../provider/resources/resource.ts';
import { unknownString, unknownStrings } from '../../provider/unknown-strings.ts';
import { fromStruct, secret, toStruct } from './structs.ts';

const none = { secrets: [], unknowns: false };
const reserved = new Set([...unknownStrings, '__proto__', signatureKey]);

/** Anything a declaration may hold. */
const property = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    fc.string({ unit: 'grapheme' }).filter((text) => !reserved.has(text)),
    fc.constant(unknown),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => !reserved.has(key)),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;
const properties = fc.dictionary(
  fc.string().filter((key) => !reserved.has(key)),
  property,
  { noNullPrototype: true },
);

const output = (fields: Record<string, unknown>) => ({ [signatureKey]: signatures.outputValue, ...fields });

describe('values on the wire', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(properties, (map) => {
        const { struct, problems } = encodeStruct(map as PropertyMap, { secrets: [], unknowns: true });
        assert.deepEqual(problems, []);
        assert.deepEqual(decodeStruct(struct), { value: map as PropertyMap, secrets: [] });
        const again = structs.Struct.deserializeBinary(struct).serializeBinary();
        assert.deepEqual(decodeStruct(again), { value: map as PropertyMap, secrets: [] });
      }),
    );
  });

  it('come back with the same secrets', () => {
    const map = { a: { b: ['x', { c: 'y' }] }, d: 'z' };
    const secrets = [['a', 'b', 1, 'c'], ['d']];
    const { struct } = encodeStruct(map, { secrets, unknowns: false });
    assert.deepEqual(decodeStruct(struct), { value: map, secrets });
  });

  it('tell no Struct from an empty one', () => {
    assert.isUndefined(decodeOptional(undefined));
    assert.deepEqual(decodeOptional(toStruct({}).serializeBinary()), { value: {}, secrets: [] });
  });

  it('lose their wrappers: secrets, outputs, references', () => {
    const reference = (fields: object) => ({ [signatureKey]: signatures.resourceReference, urn: 'the-urn', ...fields });
    const table: readonly (readonly [unknown, unknown, boolean])[] = [
      [secret('s'), 's', true],
      [secret(secret('s')), 's', true],
      [secret(unknownString), unknown, true],
      [secret(null), null, true],
      [secret({ a: secret('s') }), { a: 's' }, true],
      [output({ value: 'v' }), 'v', false],
      [output({ value: 'v', secret: true, dependencies: ['urn'] }), 'v', true],
      [output({}), unknown, false],
      [output({ secret: true }), unknown, true],
      [reference({ id: 'i' }), 'i', false],
      [reference({ id: '' }), unknown, false],
      [reference({ id: unknownString }), unknown, false],
      [reference({ id: output({ value: 'i' }) }), 'i', false],
      [reference({}), 'the-urn', false],
    ];
    for (const [sent, value, isSecret] of table) {
      assert.deepEqual(decodeStruct(toStruct({ p: sent }).serializeBinary()), {
        value: { p: value } as PropertyMap,
        secrets: isSecret ? [['p']] : [],
      });
    }
  });

  it('leave out undefined, and name what cannot be sent while sending the rest', () => {
    const map = {
      kept: 1,
      absent: undefined,
      nan: Number.NaN,
      list: [1, undefined, Number.POSITIVE_INFINITY],
      when: new Date(0),
      big: 10n,
      run: () => 1,
      later: unknown,
      [signatureKey]: 'x',
    } as unknown as PropertyMap;
    const { struct, problems } = encodeStruct(map, none);
    assert.deepEqual(fromStruct(structs.Struct.deserializeBinary(struct)), { kept: 1, list: [1, null, null] });
    assert.deepEqual(
      problems.map((problem) => problem.split(':')[0]),
      ['nan', 'list[2]', 'when', 'big', 'run', 'later', `["${signatureKey}"]`],
    );
  });

  it('end where an object holds itself', () => {
    const circle: Record<string, unknown> = { name: 'c' };
    circle.again = circle;
    const { problems } = encodeStruct({ circle } as unknown as PropertyMap, none);
    assert.match(problems[0] ?? '', /in a circle/);
  });

  it('never touch the prototype of anything', () => {
    const map = JSON.parse('{"__proto__": {"polluted": 1}, "a": {"__proto__": 2}}') as PropertyMap;
    const { struct, problems } = encodeStruct(map, none);
    assert.lengthOf(problems, 2);
    assert.deepEqual(decodeStruct(struct).value, { a: {} });
    assert.notProperty({}, 'polluted');
  });
});

describe('secrets of an answer', () => {
  const sources = { paths: [] as (string | number)[][], names: new Set<string>(), touches: () => false };

  it('are those of the request at the same place, or the whole property where the place is gone', () => {
    const answer = { hosts: [{ comment: 'c' }], tags: 'all of them', none: null };
    const paths = [['hosts', 0, 'comment'], ['tags', 'a'], ['none', 'x'], ['gone']];
    assert.deepEqual(secretPaths(answer, { ...sources, paths }), [['hosts', 0, 'comment'], ['tags']]);
  });

  it('are everywhere in an answer of another shape that has no place for one: the hosts of a secret manifest', () => {
    const answer = { hosts: { 'pc-7': 'Full: c' }, guardrails: { maxReleases: 1 } };
    const paths = [['manifest']];
    assert.deepEqual(secretPaths(answer, { ...sources, paths, reshapes: true }), [['hosts'], ['guardrails']]);
  });

  it('are those of the schema, and every text that holds a known one', () => {
    const answer = { token: 't', note: ['knows of topsecret'], other: 'o' };
    const found = secretPaths(answer, {
      ...sources,
      names: new Set(['token', 'absent']),
      touches: (text) => text.includes('topsecret'),
    });
    assert.deepEqual(found, [['token'], ['note', 0]]);
  });
});
