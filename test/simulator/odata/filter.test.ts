import { expect } from 'chai';
import fc from 'fast-check';
import { ODataError } from '../../../simulator/errors.ts';
import { compileFilter } from '../../../simulator/odata/compile.ts';
import { fieldsOf } from '../../../simulator/odata/fields.ts';
import { deepestNesting, parseFilter } from '../../../simulator/odata/parse.ts';
import { parseTicks, type Ticks } from '../../../simulator/time.ts';

interface Row {
  readonly name: string | null;
  readonly at: Ticks;
  readonly size: number;
  readonly on: boolean;
  readonly tags: readonly string[];
}

const fields = fieldsOf<Row>('Test.Row', [
  { name: 'name', type: 'string', filterable: true, value: ({ name }) => name },
  { name: 'at', type: 'datetime', filterable: true, value: ({ at }) => at },
  { name: 'size', type: 'number', filterable: true, value: ({ size }) => size },
  { name: 'on', type: 'boolean', filterable: true, value: ({ on }) => on },
  { name: 'tags', type: 'strings', filterable: true, value: ({ tags }) => tags },
  { name: 'secret', type: 'string', filterable: false, value: () => null },
]);

const ticks = (text: string): Ticks => parseTicks(text) ?? expect.fail(text);

const rows: readonly Row[] = [
  { name: 'alpha', at: ticks('2024-01-01T00:00:00Z'), size: 1, on: true, tags: ['red', 'big'] },
  { name: 'Beta', at: ticks('2024-01-02T00:00:00.1234567Z'), size: 2, on: false, tags: [] },
  { name: "o'hara", at: ticks('2024-01-03T00:00:00Z'), size: -3, on: true, tags: ['red'] },
  { name: null, at: ticks('2024-01-04T00:00:00Z'), size: 4, on: false, tags: ['blue'] },
];

function matches(filter: string, ignoreCase = false): string {
  const test = compileFilter(parseFilter(filter), fields, { ignoreCase });
  return rows.map((row, index) => (test(row) ? index : '')).join('');
}

describe('$filter', () => {
  const table: readonly (readonly [filter: string, rows: string])[] = [
    ["name eq 'alpha'", '0'],
    ["name ne 'alpha'", '123'],
    ["'alpha' eq name", '0'],
    ["NAME EQ 'alpha'", '0'],
    ["name eq 'ALPHA'", ''],
    ["name eq 'o''hara'", '2'],
    ["name eq ''", ''],
    ['name eq null', '3'],
    ['name ne null', '012'],
    ["name gt 'a'", '02'],
    ['size gt 1', '13'],
    ['size ge 2', '13'],
    ['size lt 2', '02'],
    ['size le -3', '2'],
    ['size eq 2.0', '1'],
    ['on eq true', '02'],
    ['on', '02'],
    ['not on', '13'],
    ['at gt 2024-01-02T00:00:00Z', '123'],
    ['at eq 2024-01-02T00:00:00.1234567Z', '1'],
    ['at lt 2024-01-02T00:00:00.1234568Z', '01'],
    ['at ge 2024-01-03T02:00:00+02:00', '23'],
    ['at ge 2024-01-03', '23'],
    ["name in ('alpha','Beta')", '01'],
    ["name in ('alpha', null)", '03'],
    ['size in (1,2)', '01'],
    ["startswith(name,'al')", '0'],
    ["endswith(name, 'ta')", '1'],
    ["contains(name,'h')", '02'],
    ["STARTSWITH(name,'al') or contains(name,'et')", '01'],
    ["startswith(name,'al') eq true", '0'],
    ["not startswith(name,'al')", '12'],
    ["not (name eq 'alpha')", '123'],
    ['size eq 1 or size eq 2 and on', '0'],
    ['(size eq 1 or size eq 2) and on', '0'],
    ['size eq 1 or size eq 2 and not on', '01'],
    ['(size eq 1 or size eq 2) and not on', '1'],
    ['not on and size eq 2', '1'],
    ['not (on or size eq 2)', '3'],
    ["tags/any(tag: tag eq 'red')", '02'],
    ["tags/any(t: startswith(t,'b'))", '03'],
    ["tags/all(t: t eq 'red')", '12'],
    ['tags/any()', '023'],
    ['((((size eq 1))))', '0'],
    ['size eq 1 AND on Or name eq null', '03'],
  ];
  for (const [filter, expected] of table) {
    it(`selects ${expected === '' ? 'nothing' : expected} by ${filter}`, () => {
      expect(matches(filter)).to.equal(expected);
    });
  }

  it('ignores the case of text where it is told to', () => {
    expect(matches("name eq 'ALPHA' or startswith(name,'BE') or name in ('O''HARA')", true)).to.equal('012');
  });

  const wrong: readonly (readonly [filter: string, reason: string])[] = [
    ['', 'Syntax error'],
    ['size', 'single boolean'],
    ['size eq', 'Syntax error'],
    ['size eq 1 size', 'Syntax error'],
    ['size eq 1)', 'Syntax error'],
    ['(size eq 1', 'Syntax error'],
    ["name eq 'open", 'unterminated string'],
    ["size eq 'one'", "incompatible types was detected. Found operand types 'Edm.Int32' and 'Edm.String'"],
    ["at ge '2024-01-01T00:00:00Z'", "'Edm.DateTimeOffset' and 'Edm.String' for operator kind 'GreaterThanOrEqual'"],
    ["name in ('a', 1)", 'incompatible types'],
    ['name in ()', 'Syntax error'],
    ['at ge 2024-02-30', 'Unrecognized'],
    ["colour eq 'red'", "Could not find a property named 'colour' on type 'Test.Row'"],
    ["secret eq 'x'", "The property 'secret' cannot be used in the $filter"],
    ["tags eq 'red'", 'incompatible types'],
    ["tolower(name) eq 'a'", "unknown function with name 'tolower'"],
    ["startswith(size,'1')", 'No function signature'],
    ["name/any(t: t eq 'a')", 'is not a collection'],
    ['size eq 1; drop', 'Syntax error'],
  ];
  for (const [filter, reason] of wrong) {
    it(`refuses ${JSON.stringify(filter)}`, () => {
      expect(() => matches(filter)).to.throw(ODataError, reason);
    });
  }

  it('takes nesting to its limit and refuses it beyond', () => {
    const nested = (depth: number): string => `${'('.repeat(depth)}on${')'.repeat(depth)}`;
    expect(matches(nested(deepestNesting))).to.equal('02');
    expect(() => matches(nested(deepestNesting + 1))).to.throw(ODataError, 'recursion limit');
    expect(() => matches(`${'not '.repeat(100_000)}on`)).to.throw(ODataError, 'recursion limit');
    expect(() => matches('('.repeat(1_000_000))).to.throw(ODataError, 'recursion limit');
  });

  it('takes a long chain of conditions', () => {
    const chain = Array.from({ length: 2000 }, (_, index) => `size eq ${index}`).join(' or ');
    expect(matches(chain)).to.equal('013');
  });

  it('answers any text with a selection or an ODataError, nothing else', () => {
    const word = fc.constantFrom(
      'name',
      'size',
      'eq',
      'and',
      'or',
      'not',
      'in',
      '(',
      ')',
      ',',
      "'a'",
      '1',
      'null',
      'true',
      'tags/any',
      ':',
      '/',
      "'",
      '2024-01-01',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
        ),
        (filter) => {
          try {
            matches(filter);
          } catch (error) {
            expect(error).to.be.instanceOf(ODataError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
