import { expect } from 'chai';
import { progressText, sendingMs } from '../../../provider/resources/quarantine/progress.ts';

const minute = { calls: 90, periodMs: 60_000 };
const hour = { calls: 1_350, periodMs: 3_600_000 };
const windows = [minute, hour];

describe('the row of a set that is under way', () => {
  const base = { total: 1_000, isolated: 412, failed: 0, waiting: 0, unsent: 0, released: 0 };
  const table: readonly (readonly [Partial<typeof base>, string])[] = [
    [{}, '412/1000 isolated'],
    [{ failed: 3, unsent: 585 }, '412/1000 isolated, 3 failed, about 6 min (90 calls a minute)'],
    [{ waiting: 7 }, '412/1000 isolated, 7 waiting for their devices'],
    [
      { released: 2, failed: 1, waiting: 7, unsent: 91 },
      '412/1000 isolated, 2 released, 1 failed, about 60 s (90 calls a minute)',
    ],
    [{ unsent: 90, waiting: 1 }, '412/1000 isolated, 1 waiting for their devices'],
  ];
  for (const [progress, text] of table)
    it(`says: ${text}`, () => expect(progressText({ ...base, ...progress }, windows)).to.equal(text));

  it('says how fast it goes where a minute is no minute', () => {
    const short = [{ calls: 90, periodMs: 1_000 }];
    expect(progressText({ ...base, unsent: 181 }, short)).to.match(/about 2 s \(90 calls in 1 s\)$/);
  });

  it('the strictest window tells how long calls take', () => {
    const times = [0, 1, 90, 91, 1_350, 1_351, 10_000].map((calls) => sendingMs(calls, windows) / 60_000);
    expect(times).to.deep.equal([0, 0, 0, 1, 14, 60, 420]);
  });
});
