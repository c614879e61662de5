import { expect } from 'chai';
import fc from 'fast-check';
import {
  allOf,
  chunked,
  holdsOneOf,
  isOneOf,
  queryString,
  since,
  startsWithOneOf,
} from '../../provider/defender/odata.ts';

describe('OData filters', () => {
  it('double the quotes of a value, so that it cannot end the literal', () => {
    expect(isOneOf('computerDnsName', ["x' or 1 eq 1 or id eq '"])).to.equal(
      "computerDnsName eq 'x'' or 1 eq 1 or id eq '''",
    );
  });

  it('name one value with eq and several with in', () => {
    expect(isOneOf('type', ['Isolate'])).to.equal("type eq 'Isolate'");
    expect(isOneOf('type', ['Isolate', 'Unisolate'])).to.equal("type in ('Isolate','Unisolate')");
    expect(() => isOneOf('id', [])).to.throw(RangeError, /would match nothing/);
  });

  it('write times without quotes', () => {
    expect(since('creationDateTimeUtc', Date.UTC(2026, 0, 5, 12, 0, 0, 7))).to.equal(
      'creationDateTimeUtc ge 2026-01-05T12:00:00.007Z',
    );
  });

  it('join with and; none is no filter', () => {
    expect(allOf([isOneOf('id', ['a']), isOneOf('type', ['b'])])).to.equal("id eq 'a' and type eq 'b'");
    expect(allOf([])).to.equal(undefined);
  });

  it('ask for beginnings and for items of a list, in each spelling', () => {
    expect(startsWithOneOf('computerDnsName', ['lap'])).to.equal("startswith(computerDnsName,'lap')");
    expect(startsWithOneOf('computerDnsName', ['Lap', 'lap'])).to.equal(
      "(startswith(computerDnsName,'Lap') or startswith(computerDnsName,'lap'))",
    );
    expect(holdsOneOf('machineTags', ["o'neill') or (1 eq 1"])).to.equal(
      "machineTags/any(item: item eq 'o''neill'') or (1 eq 1')",
    );
    for (const empty of [startsWithOneOf, holdsOneOf])
      expect(() => empty('machineTags', [])).to.throw(RangeError, /would match nothing/);
  });

  it('no value breaks out of its literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const filter = isOneOf('id', [value]);
        const inner = filter.slice("id eq '".length, -1);
        return (
          filter.startsWith("id eq '") && filter.endsWith("'") && inner.replaceAll("''", '').includes("'") === false
        );
      }),
    );
  });

  it('are encoded in the query, absent options left out', () => {
    expect(queryString({ $filter: "id eq 'a&b #1'", $skip: undefined, $top: 5 })).to.equal(
      "?$filter=id%20eq%20'a%26b%20%231'&$top=5",
    );
    expect(queryString({ $filter: undefined })).to.equal('');
  });

  it('split long lists so that every URL stays short, keeping each value once and in order', () => {
    const ids = Array.from({ length: 500 }, (_, index) => index.toString(16).padStart(40, '0'));
    const chunks = chunked(ids);
    expect(chunks.flat()).to.deep.equal(ids);
    expect(chunks.length).to.be.greaterThan(1);
    for (const chunk of chunks) {
      expect(
        queryString({
          $filter: isOneOf('machineId', chunk),
          $orderby: 'creationDateTimeUtc',
          $top: 10_000,
          $count: 'true',
        }).length,
      ).to.be.lessThan(7000);
    }
    expect(chunked(ids.slice(0, 100))).to.have.length(1);
    expect(chunked([])).to.deep.equal([]);
  });
});
