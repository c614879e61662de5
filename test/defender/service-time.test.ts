import { expect } from 'chai';
import { createServiceClock } from '../../provider/defender/service-clock.ts';
import { parseServiceTime } from '../../provider/defender/service-time.ts';
import { createFakeTime } from './fake-time.ts';

describe('times of the service', () => {
  const second = Date.UTC(2024, 9, 21, 11, 25, 48);
  const rows: [unknown, number | undefined][] = [
    ['2024-10-21T11:25:48.3308187Z', second + 330],
    ['2024-10-21T11:25:48.330819Z', second + 330],
    ['2024-10-21T11:25:48.33081Z', second + 330],
    ['2024-10-21T11:25:48.9999999Z', second + 999],
    ['2024-10-21T11:25:48.5Z', second + 500],
    ['2024-10-21T11:25:48Z', second],
    ['2024-10-21T11:25:48', second],
    ['2024-10-21T13:25:48.5+02:00', second + 500],
    ['2024-10-21', undefined],
    ['2024-13-21T11:25:48Z', undefined],
    ['yesterday', undefined],
    ['', undefined],
    [null, undefined],
    [1729509948000, undefined],
  ];
  for (const [text, expected] of rows)
    it(`${JSON.stringify(text)} → ${expected}`, () => expect(parseServiceTime(text)).to.equal(expected));
});

describe("the service's clock", () => {
  it('is not known before the first answer', () => {
    expect(createServiceClock(createFakeTime().clock).now()).to.equal(undefined);
  });

  it('goes on from the last Date header with the monotonic clock, whatever the wall clock says', async () => {
    const time = createFakeTime(Date.UTC(1999, 0, 1));
    const clock = createServiceClock(time.clock);
    expect(clock.observe('Mon, 05 Jan 2026 12:00:00 GMT')).to.equal(Date.UTC(2026, 0, 5, 12));
    await time.advance(1500);
    expect(clock.now()).to.equal(Date.UTC(2026, 0, 5, 12, 0, 1, 500));
    clock.observe('Mon, 12 Jan 2026 12:00:00 GMT');
    expect(clock.now()).to.equal(Date.UTC(2026, 0, 12, 12));
  });

  it('takes no notice of a header that is absent or no date', () => {
    const clock = createServiceClock(createFakeTime().clock);
    clock.observe('Mon, 05 Jan 2026 12:00:00 GMT');
    expect(clock.observe(undefined)).to.equal(undefined);
    expect(clock.observe('noon')).to.equal(undefined);
    expect(clock.now()).to.equal(Date.UTC(2026, 0, 5, 12));
  });
});
