import { expect } from 'chai';
import { readSettings } from '../../provider/resources/settings.ts';

const ratesOf = (rateLimits: Record<string, string | number>) => readSettings({ rateLimits });

describe("the provider's settings", () => {
  it('read the lengths of the rate windows as durations', () => {
    const { settings, failures } = ratesOf({ minuteLength: '3s', hourLength: '1m30s' });
    expect(failures).to.deep.equal([]);
    expect(settings.defender.rateLimits).to.include({ minuteLength: 3_000, hourLength: 90_000 });
    expect(ratesOf({}).settings.defender.rateLimits).to.include({ minuteLength: undefined, hourLength: undefined });
  });

  for (const [rateLimits, property, reason] of [
    [{ minuteLength: 'soon' }, 'rateLimits.minuteLength', 'no duration such as 60s'],
    [{ minuteLength: 3 }, 'rateLimits.minuteLength', 'must be text'],
    [{ minuteLength: '2m' }, 'rateLimits.minuteLength', 'from 100ms to 60s'],
    [{ hourLength: '1d' }, 'rateLimits.hourLength', 'no duration such as 60m'],
    [{ hourLength: '3s' }, 'rateLimits.hourLength', 'not be shorter than minuteLength'],
  ] as const) {
    it(`refuse ${JSON.stringify(rateLimits)} by the property's name`, () => {
      const { failures } = ratesOf(rateLimits);
      expect(failures).to.have.length(1);
      expect(failures[0]).to.include({ property });
      expect(failures[0]?.reason).to.contain(reason);
    });
  }

  it('tell what is wrong with maxRunTime as they tell it of every duration', () => {
    const [failure] = readSettings({ maxRunTime: 'soon' }).failures;
    expect(failure).to.include({ property: 'maxRunTime' });
    expect(failure?.reason).to.contain('no duration such as 50m');
  });
});
