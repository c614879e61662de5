import { expect } from 'chai';
import fc from 'fast-check';
import { durationMs, formatTicks, parseTicks, ticksOf } from '../../simulator/time.ts';

describe('time', () => {
  it('prints up to seven fractional digits and drops trailing zeros', () => {
    const ms = Date.UTC(2024, 9, 21, 11, 25, 48, 330);
    expect(formatTicks(ticksOf(ms, 8187))).to.equal('2024-10-21T11:25:48.3308187Z');
    expect(formatTicks(ticksOf(ms, 8190))).to.equal('2024-10-21T11:25:48.330819Z');
    expect(formatTicks(ticksOf(ms, 0))).to.equal('2024-10-21T11:25:48.33Z');
    expect(formatTicks(ticksOf(ms - 330, 0))).to.equal('2024-10-21T11:25:48Z');
  });

  it('reads back what it prints, to the tick', () => {
    const moment = fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2040, 0, 1) });
    fc.assert(
      fc.property(moment, fc.integer({ min: 0, max: 9999 }), (ms, below) => {
        const ticks = ticksOf(ms, below);
        expect(parseTicks(formatTicks(ticks))).to.equal(ticks);
      }),
    );
  });

  it('reads offsets, short forms and plain dates', () => {
    const noon = parseTicks('2024-01-01T12:00:00Z');
    expect(parseTicks('2024-01-01T14:00:00+02:00')).to.equal(noon);
    expect(parseTicks('2024-01-01T12:00Z')).to.equal(noon);
    expect(parseTicks('2024-01-01')).to.equal(parseTicks('2024-01-01T00:00:00Z'));
  });

  it('refuses days and hours that there are not', () => {
    for (const text of ['2024-02-30', '2024-13-01', '2024-01-01T25:00:00Z', '2024-01-01T12:00:00', 'yesterday', '']) {
      expect(parseTicks(text), text).to.equal(undefined);
    }
  });

  it('reads durations, and nothing that only begins like one', () => {
    expect(durationMs('7d')).to.equal(604_800_000);
    expect(durationMs('1h30m')).to.equal(5_400_000);
    expect(durationMs('1.5s')).to.equal(1500);
    expect(durationMs('250ms')).to.equal(250);
    expect(durationMs(66)).to.equal(66);
    for (const wrong of ['24h garbage', '', '7', 'd', '-1h', -1, Number.NaN]) {
      expect(() => durationMs(wrong), String(wrong)).to.throw(RangeError, 'is no duration');
    }
  });
});
