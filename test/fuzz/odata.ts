import { expect } from 'chai';
import fc from 'fast-check';
import { allOf, chunked, holdsOneOf, isOneOf, queryString, startsWithOneOf } from '../../provider/defender/odata.ts';
import { ODataError } from '../../simulator/errors.ts';
import { type Field, fieldsOf } from '../../simulator/odata/fields.ts';
import { parseFilter } from '../../simulator/odata/parse.ts';
import { parseQuery, selectPage } from '../../simulator/odata/query.ts';
import { defaultSettings } from '../../simulator/switches.ts';
import { target } from './target.ts';
import { anyText, mutated, namesOfObjects } from './texts.ts';

interface Row {
  readonly id: string;
  readonly computerDnsName: string;
  readonly machineTags: readonly string[];
}

const field = <T extends Field<Row>>(made: T) => made;
const fields = fieldsOf<Row>('Machine', [
  field({ name: 'id', type: 'string', filterable: true, value: (row) => row.id }),
  field({ name: 'computerDnsName', type: 'string', filterable: true, value: (row) => row.computerDnsName }),
  field({ name: 'machineTags', type: 'strings', filterable: true, value: (row) => row.machineTags }),
  field({ name: 'lastSeen', type: 'datetime', filterable: true, value: () => 0 }),
  field({ name: 'rbacGroupId', type: 'number', filterable: true, value: () => 7 }),
]);

const pieces = [
  ...[
    "'",
    "''",
    '(',
    ')',
    ',',
    ':',
    '/',
    ' and ',
    ' or ',
    'not ',
    ' in (',
    'startswith(',
    'any(i: i eq ',
    'null',
    'true',
  ],
  ...[
    'computerDnsName',
    'lastSeen',
    '2026-01-01T00:00:00Z',
    '2026-13-99',
    '-1',
    '9'.repeat(400),
    ' eq ',
    ' ge ',
    ...namesOfObjects,
  ],
  ...['('.repeat(200), 'not '.repeat(200), ')'.repeat(50), "contains(contains('a','b'),'c')"],
];
const whole =
  "(startswith(computerDnsName,'pc-') and lastSeen ge 2026-01-01T00:00:00.1Z) or not machineTags/any(i: i eq 'a''b') or id in ('x','y') or rbacGroupId eq 7";
const filter = fc.oneof(
  { weight: 4, arbitrary: mutated(fc.constant(whole), pieces) },
  fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((parts) => parts.join('')),
  anyText,
);
const options = fc.record({
  $filter: fc.option(filter, { nil: undefined }),
  $orderby: fc.option(fc.oneof(fc.constantFrom('id desc', 'id,computerDnsName asc'), anyText), { nil: undefined }),
  $top: fc.option(fc.oneof(fc.constantFrom('0', '5', '10001', '-1', '1e9'), anyText), { nil: undefined }),
  $skip: fc.option(fc.oneof(fc.constantFrom('0', '1', '999999999'), anyText), { nil: undefined }),
  $count: fc.option(fc.oneof(fc.constantFrom('true', 'false'), anyText), { nil: undefined }),
});

const rows: readonly Row[] = [
  { id: 'x', computerDnsName: 'pc-1', machineTags: ["a'b"] },
  { id: 'z', computerDnsName: "' or 1 eq 1", machineTags: [] },
];

export const odataTargets = [
  target('odata', 3_000, options, (given) => {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(given)) if (value !== undefined) parameters.append(name, value);
    try {
      const page = selectPage(rows, parseQuery(parameters, fields, defaultSettings()), parameters, 1);
      expect(page.rows.length).to.be.at.most(1);
    } catch (error) {
      if (!(error instanceof ODataError)) throw error;
      expect(error.message).to.match(/\S/);
    }
  }),
  // Whatever a name holds, what arrives is one comparison with that name: nothing of it is read as a filter.
  target('odata-values', 3_000, fc.array(anyText, { minLength: 1, maxLength: 4 }), (values) => {
    const sent = values.map((value) => value.toWellFormed());
    const literals = sent.map((value) => ({ kind: 'string', value }));
    const asked = arrived(isOneOf('computerDnsName', values));
    const property = { kind: 'property', name: 'computerDnsName' };
    expect(asked).to.deep.equal(
      values.length === 1
        ? { kind: 'compare', operator: 'eq', left: property, right: literals[0] }
        : { kind: 'in', operand: property, choices: literals },
    );
    expect(arrived(allOf([isOneOf('id', ['x']), startsWithOneOf('computerDnsName', values)]) ?? '')).to.have.property(
      'kind',
      'all-of',
    );
    expect(arrived(holdsOneOf('machineTags', values))).to.include({ kind: 'lambda', collection: 'machineTags' });
    expect(chunked(values).flat()).to.deep.equal(values);
  }),
];

/** A filter as the service reads it, once it went through a URL. */
function arrived(text: string): unknown {
  const url = new URL(`https://localhost/api/machines${queryString({ $filter: text, $count: 'true' })}`);
  expect([...url.searchParams.keys()]).to.deep.equal(['$filter', '$count']);
  return JSON.parse(
    JSON.stringify(parseFilter(url.searchParams.get('$filter') ?? ''), (key, value) =>
      key === 'at' ? undefined : value,
    ),
  );
}
