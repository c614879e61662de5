import { expect } from 'chai';
import fc from 'fast-check';
import { isDefenderError } from '../../provider/defender/errors.ts';
import { pause } from '../../provider/defender/ports.ts';
import {
  createThrottle,
  earliestStart,
  fullPace,
  lowerPace,
  paceNow,
  type RateWindow,
  rateLimitProblems,
  rateWindows,
} from '../../provider/defender/throttle.ts';
import { createFakeTime, settle } from './fake-time.ts';

const windows = rateWindows({ share: 1 });

describe("the throttle's arithmetic", () => {
  it('spends 90 % of 100 a minute and 1,500 an hour unless told otherwise', () => {
    expect(rateWindows(undefined).map((window) => window.calls)).to.deep.equal([90, 1350]);
    expect(rateWindows({ perMinute: 20, perHour: 200, share: 0.5 }).map((window) => window.calls)).to.deep.equal([
      10, 100,
    ]);
    expect(rateWindows({ perMinute: 1, share: 0.1 })[0]?.calls).to.equal(1);
  });

  it('takes windows of other lengths, and recovers its pace in five of the shorter', async () => {
    const short = rateWindows({ minuteLength: 3_000, hourLength: 180_000, share: 1 });
    expect(short).to.deep.equal([
      { calls: 100, periodMs: 3_000 },
      { calls: 1500, periodMs: 180_000 },
    ]);
    const once = lowerPace(fullPace, 0, 3_000);
    expect(paceNow(once, 14_999, 3_000)).to.equal(0.5);
    expect(paceNow(once, 15_000, 3_000)).to.equal(1);
  });

  for (const [limits, property, reason] of [
    [{ minuteLength: 99 }, 'rateLimits.minuteLength', '100ms to 60s'],
    [{ minuteLength: 60_001 }, 'rateLimits.minuteLength', '100ms to 60s'],
    [{ minuteLength: Number.NaN }, 'rateLimits.minuteLength', '100ms to 60s'],
    [{ hourLength: 3_600_001 }, 'rateLimits.hourLength', '100ms to 60m'],
    [{ hourLength: 30_000 }, 'rateLimits.hourLength', 'minuteLength'],
    [{ minuteLength: 3_000, hourLength: 2_999 }, 'rateLimits.hourLength', 'minuteLength'],
  ] as const) {
    it(`refuses windows of ${JSON.stringify(limits)}`, () => {
      const [problem, ...more] = rateLimitProblems(limits);
      expect(problem).to.include({ property });
      expect(problem?.reason).to.contain(reason);
      expect(more).to.deep.equal([]);
    });
  }

  const rows: [string, number[], number, number][] = [
    ['starts at once when nothing was called', [], 5000, 5000],
    ['starts at once below the limit', Array(99).fill(0), 10, 10],
    ['waits for the call 100 back to be a minute old', Array(100).fill(3000), 4000, 63_000],
    ['slides: only the oldest of the window counts', [...Array(1).fill(0), ...Array(99).fill(50_000)], 55_000, 60_000],
    [
      'waits for the call 1,500 back to be an hour old',
      Array.from({ length: 1500 }, (_, index) => index * 1000),
      1_500_000,
      3_600_000,
    ],
  ];
  for (const [name, starts, now, expected] of rows) {
    it(name, () => expect(earliestStart(starts, windows, now)).to.equal(expected));
  }

  it('counts a call until a window after its end, and one under way for as long as it is', () => {
    const two = [{ calls: 2, periodMs: 60_000 }];
    expect(earliestStart([1_000], two, 5_000, 1, 0)).to.equal(5_000);
    expect(earliestStart([1_000], two, 5_000, 1, 1)).to.equal(61_000);
    expect(earliestStart([1_000], two, 5_000, 1, 2)).to.equal(Number.POSITIVE_INFINITY);
    expect(earliestStart([], two, 5_000, 0.5, 1)).to.equal(Number.POSITIVE_INFINITY);
    expect(earliestStart([], two, 5_000, 0.5, 0)).to.equal(5_000);
  });

  it("refuses limits that are none, by the property's name", () => {
    const problems = rateLimitProblems({ perMinute: 0, perHour: 1.5, share: 1.01 });
    expect(problems.map((problem) => problem.property)).to.deep.equal([
      'rateLimits.perMinute',
      'rateLimits.perHour',
      'rateLimits.share',
    ]);
    expect(rateLimitProblems({ perMinute: 1, perHour: 1, share: 1 })).to.deep.equal([]);
    expect(rateLimitProblems({ minuteLength: 60_000, hourLength: 60_000 })).to.deep.equal([]);
  });

  it('halves the pace down to a quarter, and doubles it after each five quiet minutes', () => {
    const once = lowerPace(fullPace, 0);
    const thrice = lowerPace(lowerPace(once, 1000), 2000);
    expect(paceNow(once, 0)).to.equal(0.5);
    expect(paceNow(once, 299_999)).to.equal(0.5);
    expect(paceNow(once, 300_000)).to.equal(1);
    expect(paceNow(thrice, 2000)).to.equal(0.25);
    expect(paceNow(thrice, 302_000)).to.equal(0.5);
    expect(paceNow(thrice, 602_000)).to.equal(1);
  });
});

describe('the throttle', () => {
  const setUp = (limits: readonly RateWindow[] = windows, maxInFlight = 1000) => {
    const time = createFakeTime();
    const waits: [string, number][] = [];
    const throttle = createThrottle({
      windows: limits,
      clock: time.clock,
      timer: time.timer,
      maxInFlight,
      onWait: (route, waitMs) => waits.push([route, waitMs]),
    });
    const started: { readonly name: string; readonly at: number }[] = [];
    const call = (route: string, name: string, turn = {}) =>
      throttle.enter(route, turn).then((leave) => {
        started.push({ name, at: time.clock.monotonic() });
        return leave;
      });
    return { time, throttle, started, call, waits };
  };

  it('never lets more than the limit start in any rolling minute or hour', async () => {
    const some: readonly RateWindow[] = [
      { calls: 5, periodMs: 60_000 },
      { calls: 20, periodMs: 3_600_000 },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20_000), { minLength: 1, maxLength: 60 }), async (gaps) => {
        const { time, started, call } = setUp(some, 3);
        const done: Promise<void>[] = [];
        for (const gap of gaps) {
          await time.advance(gap);
          done.push(call('r', 'x').then((leave) => leave()));
        }
        await time.advance(4 * 3_600_000);
        await Promise.all(done);
        expect(started).to.have.length(gaps.length);
        for (const { calls, periodMs } of some) {
          started.forEach(({ at }, index) => {
            const next = started[index + calls];
            if (next !== undefined) expect(next.at - at).to.be.at.least(periodMs);
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('never lets more arrive in any window than the service allows, however long each call is under way', async () => {
    const some: readonly RateWindow[] = [
      { calls: 5, periodMs: 60_000 },
      { calls: 20, periodMs: 600_000 },
    ];
    const trip = fc.record({ there: fc.nat(3_000), back: fc.nat(3_000) });
    await fc.assert(
      fc.asyncProperty(fc.array(trip, { minLength: 30, maxLength: 60 }), async (trips) => {
        const { time, call } = setUp(some, 4);
        const arrivals: number[] = [];
        const done = trips.map(async ({ there, back }) => {
          const leave = await call('r', 'x');
          await pause(time.timer, there);
          arrivals.push(time.clock.monotonic());
          await pause(time.timer, back);
          leave();
        });
        await time.advance(3_600_000);
        await Promise.all(done);
        arrivals.sort((one, other) => one - other);
        for (const { calls, periodMs } of some) {
          arrivals.forEach((at, index) => {
            const next = arrivals[index + calls];
            if (next !== undefined) expect(next - at).to.be.at.least(periodMs);
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('loses no more than one round trip a window by that', async () => {
    const { time, started, call } = setUp(windows, 16);
    const tripMs = 200;
    for (let index = 0; index < 1_000; index += 1) {
      void call('r', 'x').then((leave) => time.timer.after(tripMs, leave));
    }
    await time.advance(600_000);
    expect(started).to.have.length(1_000);
    const burstMs = Math.ceil(100 / 16) * tripMs;
    expect(started.at(-1)?.at).to.be.at.most(9 * (60_000 + tripMs) + burstMs);
  });

  it('spends all that it may: the budget is not left lying', async () => {
    const { time, started, call } = setUp();
    for (let index = 0; index < 250; index += 1) void call('r', 'x').then((leave) => leave());
    await time.advance(120_000);
    expect(started.filter(({ at }) => at < 60_000)).to.have.length(100);
    expect(started.filter(({ at }) => at >= 60_000 && at < 120_000)).to.have.length(100);
    expect(started).to.have.length(250);
  });

  it('counts each route for itself', async () => {
    const { time, started, call } = setUp([{ calls: 1, periodMs: 60_000 }]);
    for (const [route, name] of [
      ['isolate', 'first'],
      ['isolate', 'second'],
      ['unisolate', 'other'],
    ] as const) {
      void call(route, name).then((leave) => leave());
    }
    await settle();
    expect(started.map(({ name }) => name)).to.deep.equal(['first', 'other']);
    await time.advance(60_000);
    expect(started.map(({ name }) => name)).to.deep.equal(['first', 'other', 'second']);
  });

  it('lets urgent calls go first, and equals in order of arrival', async () => {
    const { time, started, call } = setUp([{ calls: 1, periodMs: 1000 }]);
    for (const [name, priority] of [
      ['now', 0],
      ['later-1', 5],
      ['later-2', 5],
      ['urgent', -1],
      ['usual', 0],
    ] as const) {
      void call('r', name, { priority }).then((leave) => leave());
    }
    await time.advance(10_000);
    expect(started.map(({ name }) => name)).to.deep.equal(['now', 'urgent', 'usual', 'later-1', 'later-2']);
  });

  it('keeps calls of a route that are under way to a bound, whatever the budget', async () => {
    const { started, call } = setUp(windows, 2);
    const first = await call('r', 'first');
    void call('r', 'second');
    void call('r', 'third');
    await settle();
    expect(started).to.have.length(2);
    first();
    first();
    await settle();
    expect(started).to.have.length(3);
  });

  it('drops a call whose signal aborts while it waits, and spends nothing on it', async () => {
    const { time, started, call } = setUp([{ calls: 1, periodMs: 60_000 }]);
    void call('r', 'first').then((leave) => leave());
    const controller = new AbortController();
    const waiting = call('r', 'second', { signal: controller.signal }).catch((error: unknown) => error);
    void call('r', 'third');
    controller.abort();
    const error = await waiting;
    expect(isDefenderError(error) && error.kind).to.equal('aborted');
    await time.advance(60_000);
    expect(started.map(({ name }) => name)).to.deep.equal(['first', 'third']);
    const late = await call('r', 'late', { signal: controller.signal }).catch((reason: unknown) => reason);
    expect(isDefenderError(late) && late.kind).to.equal('aborted');
  });

  it('holds every caller of a route back after a 429, and no other route', async () => {
    const { time, throttle, started, call, waits } = setUp();
    (await call('r', 'refused'))();
    throttle.refused('r', 30_000, 0);
    void call('r', 'held');
    void call('other', 'free');
    await time.advance(29_999);
    expect(started.map(({ name }) => name)).to.deep.equal(['refused', 'free']);
    expect(waits).to.deep.equal([['r', 30_000]]);
    await time.advance(1);
    expect(started.map(({ name }) => name)).to.deep.equal(['refused', 'free', 'held']);
  });

  it('goes on at half the pace after a 429, and at the whole after five quiet minutes', async () => {
    const { time, throttle, started, call } = setUp([{ calls: 10, periodMs: 60_000 }]);
    await time.advance(1);
    throttle.refused('r', 1000, 1);
    for (let index = 0; index < 200; index += 1) void call('r', 'x').then((leave) => leave());
    await time.advance(60_999);
    expect(started, 'in the first minute').to.have.length(5);
    await time.advance(360_000);
    const before = started.length;
    await time.advance(60_000);
    expect(started.length - before, 'in the eighth').to.equal(10);
  });

  it('takes the refusals of calls that were under way together for one', async () => {
    const { time, throttle, started, call } = setUp([{ calls: 8, periodMs: 60_000 }]);
    await time.advance(1000);
    for (let index = 0; index < 5; index += 1) throttle.refused('r', 1000, 900 + (index === 0 ? 0 : 50));
    for (let index = 0; index < 8; index += 1) void call('r', 'x').then((leave) => leave());
    await time.advance(2000);
    expect(started).to.have.length(4);
  });

  describe('with a time by which a call must start', () => {
    const kindOf = (error: unknown) => isDefenderError(error) && error.kind;

    it('drops it when its turn has not come by then, and spends nothing on it', async () => {
      const { time, started, call } = setUp([{ calls: 1, periodMs: 60_000 }]);
      (await call('r', 'first'))();
      const told: [unknown, number][] = [];
      const turn = { startBy: 30_000 };
      for (const name of ['late-1', 'late-2']) {
        call('r', name, turn).catch((error) => told.push([kindOf(error), time.clock.monotonic()]));
      }
      void call('r', 'patient');
      await time.advance(30_000);
      expect(told).to.deep.equal([]);
      await time.advance(1);
      expect(told).to.deep.equal([
        ['not-started', 30_001],
        ['not-started', 30_001],
      ]);
      await time.advance(30_000);
      expect(started.map(({ name }) => name)).to.deep.equal(['first', 'patient']);
      expect(time.pending()).to.equal(0);
    });

    it('lets it go when its turn comes at that very moment, and leaves no timer behind', async () => {
      const { time, started, call } = setUp([{ calls: 1, periodMs: 60_000 }]);
      (await call('r', 'first'))();
      void call('r', 'just-in-time', { startBy: 60_000 });
      await time.advance(60_000);
      expect(started.map(({ name }) => name)).to.deep.equal(['first', 'just-in-time']);
      expect(time.pending()).to.equal(0);
    });

    it('refuses one that comes too late, though there is room', async () => {
      const { time, started, call } = setUp();
      await time.advance(1_000);
      const error = await call('r', 'late', { startBy: 999 }).catch((reason: unknown) => reason);
      expect(kindOf(error)).to.equal('not-started');
      expect(started).to.deep.equal([]);
    });

    it('leaves no timer behind where it is cancelled first, and waits weeks where it must', async () => {
      const { time, call } = setUp([{ calls: 1, periodMs: 60_000 }], 1);
      const leave = await call('r', 'first');
      const weeks = 60 * 86_400_000;
      const controller = new AbortController();
      const told: unknown[] = [];
      for (const turn of [{ startBy: weeks, signal: controller.signal }, { startBy: weeks }]) {
        call('r', 'x', turn).catch((error) => told.push(kindOf(error)));
      }
      controller.abort();
      await settle();
      expect(told).to.deep.equal(['aborted']);
      await time.advance(weeks);
      expect(told).to.deep.equal(['aborted']);
      await time.advance(1);
      expect(told).to.deep.equal(['aborted', 'not-started']);
      expect(time.pending()).to.equal(0);
      leave();
    });

    it('drops ten thousand at once with one timer', async () => {
      const { time, call } = setUp([{ calls: 1, periodMs: 60_000 }]);
      (await call('r', 'first'))();
      let dropped = 0;
      for (let index = 0; index < 10_000; index += 1) {
        call('r', 'x', { startBy: 50_000 }).catch(() => {
          dropped += 1;
        });
      }
      expect(time.pending()).to.be.at.most(2);
      await time.advance(50_001);
      expect(dropped).to.equal(10_000);
    });
  });

  it('wakes for a turn without a timer left behind', async () => {
    const { time, call } = setUp([{ calls: 1, periodMs: 1000 }]);
    for (let index = 0; index < 5; index += 1) void call('r', 'x').then((leave) => leave());
    await time.advance(10_000);
    expect(time.pending()).to.equal(0);
  });
});
