import { expect } from 'chai';
import { SetTime } from '../../../provider/resources/quarantine/set-time.ts';
import type { Runtime } from '../../../provider/resources/runtime.ts';
import { createFakeTime } from '../../defender/fake-time.ts';

const minute = 60_000;

function make(unsent: number, timeoutMs?: number) {
  const time = createFakeTime();
  const fleet = {
    clock: time.clock,
    defender: { serviceNow: () => undefined },
    startedAt: time.clock.monotonic(),
    limits: { maxRunTimeMs: 50 * minute },
  };
  return { time, set: new SetTime({ fleet } as unknown as Runtime, unsent, timeoutMs) };
}

describe('the time of an operation on a set', () => {
  it('semantics 4.3: while requests are to be sent only the run’s end counts, then 15 minutes from the last of them', async () => {
    const { time, set } = make(2);
    await time.advance(20 * minute);
    expect(set.remaining()).to.equal(30 * minute);
    set.wrote();
    set.settled();
    expect(set.remaining()).to.equal(30 * minute);
    await time.advance(10 * minute);
    set.settled();
    expect(set.remaining()).to.equal(5 * minute);
    set.wrote();
    expect(set.remaining()).to.equal(15 * minute);
    await time.advance(10 * minute);
    expect(set.remaining()).to.equal(5 * minute);
    expect(set.runEnds()).to.equal(50 * minute);
  });

  it('semantics 4.3: a custom time-out counts from the beginning, and the run ends all the same', async () => {
    const { time, set } = make(5, 30 * minute);
    await time.advance(10 * minute);
    expect(set.remaining()).to.equal(20 * minute);
    const long = make(5, 300 * minute);
    expect(long.set.remaining()).to.equal(50 * minute);
  });

  it('semantics 1.8: a host is acted on by a look of its operation, in a long one of its last ten minutes', async () => {
    const { time, set } = make(1);
    expect(set.lookedSince()).to.equal(0);
    await time.advance(10 * minute);
    expect(set.lookedSince()).to.equal(0);
    await time.advance(5 * minute);
    expect(set.lookedSince()).to.equal(5 * minute);
  });
});
