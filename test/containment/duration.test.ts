import { expect } from 'chai';
import fc from 'fast-check';
import {
  DAY,
  describeDuration,
  describeMoment,
  HOUR,
  MINUTE,
  parseDuration,
  parseRfc3339,
  SECOND,
  toRfc3339,
} from '../../provider/containment/duration.ts';

describe('durations', () => {
  const valid: readonly [string, number][] = [
    ['96h', 96 * HOUR],
    ['1h30m', 90 * MINUTE],
    ['1.5h', 90 * MINUTE],
    ['90s', 90 * SECOND],
    ['250ms', 250],
    ['0s', 0],
    ['1m1ms', MINUTE + 1],
  ];
  for (const [text, ms] of valid) it(`${text} is ${ms} ms`, () => expect(parseDuration(text)).to.equal(ms));
  for (const text of [
    '',
    '4d',
    '96',
    'h',
    '-1h',
    '1h ',
    ' 1h',
    '1,5h',
    '1h30',
    'Infinityh',
    '1e3h',
    `${'9'.repeat(400)}h`,
    '1μs',
  ]) {
    it(`${JSON.stringify(text.slice(0, 20))} is none`, () => expect(parseDuration(text)).to.equal(undefined));
  }
  it('any sum of units is read back', () => {
    const nat = fc.nat({ max: 10_000 });
    fc.assert(
      fc.property(nat, nat, nat, nat, (h, m, s, ms) => {
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).to.equal(h * HOUR + m * MINUTE + s * SECOND + ms);
      }),
    );
  });
  it('are told in their two largest units', () => {
    const told = [-5, 0, 40 * SECOND, 12 * MINUTE, 5 * HOUR, 2 * DAY, 6 * DAY + 3 * HOUR].map(describeDuration);
    expect(told).to.deep.equal(['0 s', '0 s', '40 s', '12 min', '5 h', '2 d', '6 d 3 h']);
  });
});

describe('moments', () => {
  it('are written without fractions and read back to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2200, 0) }), (ms) => {
        expect(parseRfc3339(toRfc3339(ms))).to.equal(Math.floor(ms / 1000) * 1000);
      }),
    );
  });
  it('are told to the minute, in UTC', () => {
    expect(describeMoment(Date.UTC(2026, 11, 1, 8, 0, 59))).to.equal('2026-12-01 08:00 UTC');
  });
  it('keep their zone', () => {
    expect(parseRfc3339('2026-12-01T08:00:00+02:00')).to.equal(Date.UTC(2026, 11, 1, 6));
    expect(parseRfc3339('2026-12-01t08:00:00.5z')).to.equal(Date.UTC(2026, 11, 1, 8, 0, 0, 500));
    expect(parseRfc3339('2028-02-29T00:00:00Z')).to.equal(Date.UTC(2028, 1, 29));
  });
  for (const text of [
    '2026-12-01',
    '2026-12-01T08:00:00',
    '2026-12-01 08:00:00Z',
    '2026-02-30T08:00:00Z',
    '2026-02-29T08:00:00Z',
    '2026-13-01T08:00:00Z',
    '2026-12-00T08:00:00Z',
    '2026-12-01T24:00:00Z',
    '2026-12-01T08:60:00Z',
    '2026-12-01T08:00:00+25:00',
    'tomorrow',
    '',
  ]) {
    it(`${JSON.stringify(text)} is none`, () => expect(parseRfc3339(text)).to.equal(undefined));
  }
});
