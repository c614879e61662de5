import { expect } from 'chai';
import { coverOf, type HostStory, type PipelineRun } from '../../../bench/soak/cover.ts';
import { contains, joined, lengthOf, without } from '../../../bench/soak/spans.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** A run at the beginning of each hour of a fortnight, that takes a tenth of it. */
const runs: readonly PipelineRun[] = Array.from({ length: 14 * 24 }, (_, at) => ({
  from: at * hour,
  to: (at + 0.1) * hour,
  disturbed: false,
}));
const hours = (from: number, to: number) => ({ from: from * hour, to: to * hour });
const fortnight = hours(0, 14 * 24);
const isolateAt = (at: number) => ({ requestedAt: at * hour, carriedOutAt: (at + 0.05) * hour });
const story = (changes: Partial<HostStory>): HostStory => ({
  declared: [fortnight],
  isolated: [fortnight],
  offline: [],
  respected: [],
  isolates: [isolateAt(0)],
  cancelled: [],
  ...changes,
});

describe('how long a host was uncovered', () => {
  const released = (from: number, to: number): Partial<HostStory> => ({
    isolated: [{ ...hours(0, from), endedBy: 'release' }, hours(to, 14 * 24)],
  });
  const lifted = (at: number, to: number, isolates: readonly number[]): Partial<HostStory> => ({
    isolated: [{ ...hours(0, at), endedBy: 'lift' }, hours(to, 14 * 24)],
    isolates: isolates.map(isolateAt),
  });
  const week = 7 * 24;
  const without13 = runs.map((run, at) => ({ ...run, disturbed: at === 13 }));

  const rows: readonly [string, Partial<HostStory>, { uncovered: number; slack: number }, (readonly PipelineRun[])?][] =
    [
      ['isolated all the time', {}, { uncovered: 0, slack: 0 }],
      ['not declared', { declared: [], isolated: [] }, { uncovered: 0, slack: 0 }],
      ['isolated by the run that declares it first', { isolated: [hours(0.1, 336)] }, { uncovered: 0, slack: 0.1 }],
      ['isolated by the one after that', { isolated: [hours(1.1, 336)] }, { uncovered: 1, slack: 0.1 }],
      ['never isolated', { isolated: [] }, { uncovered: 335.9, slack: 0.1 }],
      ['released by hand, isolated by the next run', released(12.5, 13.1), { uncovered: 0, slack: 0.6 }],
      ['released by hand, forgotten for a run', released(12.5, 14.1), { uncovered: 1, slack: 0.6 }],
      [
        'released in the middle of a run, which may have looked before',
        released(12.05, 13.1),
        { uncovered: 0, slack: 1.05 },
      ],
      [
        'released, and the next run did not reach the service',
        released(12.5, 14.1),
        { uncovered: 0, slack: 1.6 },
        without13,
      ],
      [
        'released, and the request of the next run cancelled by somebody',
        { ...released(12.5, 14.1), cancelled: [13.05 * hour] },
        { uncovered: 0, slack: 1.6 },
      ],
      [
        'cancelled before the next run began',
        { ...released(12.5, 14.1), cancelled: [12.7 * hour] },
        { uncovered: 1, slack: 0.6 },
      ],
      [
        'released with mde-hold',
        { ...released(12.5, 40.1), respected: [hours(12.4, 40)] },
        { uncovered: 0, slack: 0.1 },
      ],
      [
        'released, and nobody isolates it once that is respected no more',
        {
          ...released(12.5, 41.1),
          respected: [hours(12.4, 40)],
        },
        { uncovered: 1, slack: 0.1 },
      ],
      [
        'released while it is out of reach, isolated once it is back',
        {
          ...released(12.5, 33.1),
          offline: [hours(12, 32.5)],
        },
        { uncovered: 0, slack: 0.6 },
      ],
      ['back, and left alone', { ...released(12.5, 35.1), offline: [hours(12, 32.5)] }, { uncovered: 2, slack: 0.6 }],
      ['declared no more', { ...released(12.5, 336), declared: [hours(0, 12)] }, { uncovered: 0, slack: 0 }],
      ['lifted though it was renewed', lifted(week, week + 0.1, [0, 72]), { uncovered: 0, slack: 0.1 }],
      ['lifted for want of a renewal', lifted(week, week + 0.1, [0]), { uncovered: 0.1, slack: 0 }],
      [
        'lifted, and a renewal was sent that nobody carried out',
        {
          ...lifted(week, week + 0.1, [0]),
          isolates: [isolateAt(0), { requestedAt: 72 * hour, carriedOutAt: 300 * hour }],
        },
        { uncovered: 0.1, slack: 0 },
      ],
      [
        'lifted seven days after a renewal that had put it off, for want of another',
        lifted(72 + week, 72 + week + 0.1, [0, 72]),
        { uncovered: 0.1, slack: 0 },
      ],
      [
        'lifted, out of reach in all the time in which it could be renewed',
        {
          ...lifted(week, week + 1.1, [0]),
          offline: [hours(70, week + 0.5)],
        },
        { uncovered: 0, slack: 0.6 },
      ],
      [
        'lifted, and declared too late for a run to renew it',
        {
          ...lifted(week, week + 0.1, [0]),
          declared: [hours(week - 0.5, 336)],
        },
        { uncovered: 0, slack: 0.1 },
      ],
    ];
  for (const [what, changes, told, those = runs] of rows) {
    it(`is slack to the end of the first run that could know, and no longer: ${what}`, () => {
      const { uncoveredMs, slackMs, uncoveredFrom } = coverOf(story(changes), those);
      expect(uncoveredMs / hour, 'uncovered').to.be.closeTo(told.uncovered, 1e-6);
      expect(slackMs / hour, 'slack').to.be.closeTo(told.slack, 1e-6);
      expect(uncoveredFrom.length > 0).to.equal(told.uncovered > 0);
    });
  }

  it('is held against the time in which it was to be isolated and could be', () => {
    const told = { offline: [hours(24, 48)], respected: [hours(47, 72)], declared: [hours(0, 100)] };
    expect(coverOf(story(told), runs).neededMs).to.equal(52 * hour);
    expect(coverOf(story({}), runs).neededMs).to.equal(14 * day);
  });
});

describe('spans of time', () => {
  const span = (from: number, to: number) => ({ from, to });

  it('are cut where others lie, at either end, in the middle, whole', () => {
    expect(without([span(0, 10)], [span(2, 3), span(-1, 1), span(9, 12)])).to.deep.equal([span(1, 2), span(3, 9)]);
    expect(without([span(0, 10)], [span(0, 10)])).to.deep.equal([]);
    expect(without([span(0, 10)], [span(10, 20), span(-5, 0)])).to.deep.equal([span(0, 10)]);
    expect(without([span(5, 8), span(0, 6)], [])).to.deep.equal([span(0, 8)]);
  });

  it('are joined where they touch, and empty ones are none', () => {
    expect(joined([span(5, 7), span(0, 2), span(2, 5), span(9, 9)])).to.deep.equal([span(0, 7)]);
    expect(lengthOf([span(0, 2), span(5, 6)])).to.equal(3);
    expect([contains(span(0, 2), span(0, 2)), contains(span(0, 2), span(1, 3))]).to.deep.equal([true, false]);
  });
});
