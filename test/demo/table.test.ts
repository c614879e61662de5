import { expect } from 'chai';
import { table } from '../../demo/table.ts';

const isolate = { who: 'pulumi-mde', action: 'Isolate', state: 'Succeeded', comment: 'INC-4711' };

describe('the table at the end', () => {
  it('tells who did what in the order of time', () => {
    const later = { ...isolate, time: '2026-11-23T08:00:00.1234567Z' };
    const earlier = { ...isolate, time: '2026-11-22T23:59:59Z', who: 'ana', comment: '' };
    expect(table([later, earlier], 100)).to.deep.equal([
      'time (UTC)        who         action   state      comment',
      '────────────────  ──────────  ───────  ─────────  ────────',
      '2026-11-22 23:59  ana         Isolate  Succeeded',
      '2026-11-23 08:00  pulumi-mde  Isolate  Succeeded  INC-4711',
    ]);
  });

  it('cuts what does not fit', () => {
    const lines = table([{ ...isolate, time: '2026-11-23T08:00:00Z', comment: 'x'.repeat(99) }], 60);
    expect(Math.max(...lines.map((line) => line.length))).to.equal(60);
    expect(lines.at(-1)).to.match(/x…$/);
  });
});
