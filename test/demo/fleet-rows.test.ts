import { expect } from 'chai';
import { fleetRows } from '../../demo/fleet-story.ts';

describe("the fleet's rows in the table at the end", () => {
  it('are one for all requests of a kind, with the time of the first', () => {
    const row = { who: 'pulumi-mde', action: 'Isolate', state: 'Succeeded', comment: 'INC-1' };
    const rows = [
      { ...row, time: '2026-11-23T08:00:00Z' },
      { ...row, time: '2026-11-23T08:00:01Z' },
      { ...row, time: '2026-11-24T08:00:00Z', action: 'Unisolate' },
      { ...row, time: '2026-11-23T08:00:02Z', state: 'Failed' },
    ];
    expect(fleetRows(rows).map(({ time, action, state, comment }) => [time, action, state, comment])).to.deep.equal([
      ['2026-11-23T08:00:00Z', 'Isolate', 'Succeeded', '2 hosts, from INC-1'],
      ['2026-11-24T08:00:00Z', 'Unisolate', 'Succeeded', '1 host, from INC-1'],
      ['2026-11-23T08:00:02Z', 'Isolate', 'Failed', '1 host, from INC-1'],
    ]);
  });
});
