import fc from 'fast-check';

/** What a text of others may not hold where people read it: what repaints, breaks or reorders a line. */
export const acting = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

/** Names that mean something to JavaScript's objects. */
export const namesOfObjects = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

/** Texts that somebody means harm with, or that tools write by mistake. */
export const hostileTexts = [
  '',
  ' ',
  '\u0000',
  'a\r\nb',
  'a\nb',
  '\u001b[2J\u001b[31mred\u0007',
  '\u202egnp.exe',
  '\u2066x\u2069',
  '\u061cx',
  '\ufeffx',
  'x\u2028y',
  '##vso[task.setvariable variable=x]y',
  '::error::no',
  "' or 1 eq 1 or computerDnsName eq '",
  "'; drop",
  "''",
  '%27 or 1 eq 1',
  '%0A%00',
  '`code` **b** <img src=x onerror=alert(1)> @team ![x](http://evil/x.png) | c',
  '\ud800',
  'x\udc00y',
  '../../../../etc/passwd',
  'https://evil.example/',
  '1e999',
  '-0',
  'NaN',
  '\u{1f600}'.repeat(40),
  'a'.repeat(3_000),
  ...namesOfObjects,
];

/** Any text: plain, of every code point, halves of characters, or one that somebody means harm with. */
export const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom(...hostileTexts),
  fc.array(fc.constantFrom(...hostileTexts), { maxLength: 3 }).map((parts) => parts.join('')),
);

/** Any JSON value, with the names of objects among its keys; `JSON.parse` is what makes `__proto__` an own property. */
export const anyJson = fc
  .json({ depthSize: 'small', maxDepth: 4 })
  .map((text) => JSON.parse(text) as unknown)
  .chain((value) => fc.constantFrom(value, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":1}}')));

/** A value of some other kind than was wanted. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: anyText },
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, [], {}, [null], [[]]),
  fc.double(),
  anyJson,
);

/** A text with a few pieces taken out, put in, doubled or replaced. */
export function mutated(text: fc.Arbitrary<string>, pieces: readonly string[] = []): fc.Arbitrary<string> {
  const piece = fc.oneof(anyText, ...(pieces.length === 0 ? [] : [fc.constantFrom(...pieces)]));
  const change = fc.record({ at: fc.nat(), length: fc.nat({ max: 12 }), kind: fc.nat({ max: 3 }), piece });
  return fc.tuple(text, fc.array(change, { maxLength: 4 })).map(([whole, changes]) =>
    changes.reduce((now, { at, length, kind, piece: put }) => {
      const start = at % (now.length + 1);
      const end = start + length;
      switch (kind) {
        case 0:
          return now.slice(0, start) + put + now.slice(start);
        case 1:
          return now.slice(0, start) + now.slice(end);
        case 2:
          return now.slice(0, end) + now.slice(start);
        default:
          return now.slice(0, start) + put + now.slice(end);
      }
    }, whole),
  );
}

/** A record in which some fields are missing, of another kind, or joined by strange ones. */
export function distorted(record: Readonly<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.keys(record);
  const change = fc.tuple(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, fc.constantFrom(...namesOfObjects), fc.string()),
    fc.option(anyValue, { nil: undefined }),
  );
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const result: Record<string, unknown> = { ...record };
    for (const [name, value] of changes) {
      if (value === undefined) delete result[name];
      // As JSON.parse makes it: an own property, whatever it is called.
      else Object.defineProperty(result, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return result;
  });
}
