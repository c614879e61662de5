import { expect } from 'chai';
import { startStopwatch } from '../../provider/fleet/stopwatch.ts';
import { createFakeTime } from '../defender/fake-time.ts';

describe('startStopwatch', () => {
  const setUp = (service: { now: number | undefined }) => {
    const time = createFakeTime();
    return { time, watch: startStopwatch(time.clock, { serviceNow: () => service.now }) };
  };
  it("semantics 1.7: counts on the service's clock where that is ahead", async () => {
    const service = { now: 1_000_000 };
    const { time, watch } = setUp(service);
    await time.advance(5);
    service.now += 60_000;
    expect(watch.elapsed()).to.equal(60_000);
  });
  it('goes on where the service cannot be reached, or its clock jumps back', async () => {
    const service: { now: number | undefined } = { now: 1_000_000 };
    const { time, watch } = setUp(service);
    await time.advance(7_000);
    service.now = 500_000;
    expect(watch.elapsed()).to.equal(7_000);
    service.now = undefined;
    expect(watch.elapsed()).to.equal(7_000);
  });
  it("begins on the service's clock when that is first known", async () => {
    const service: { now: number | undefined } = { now: undefined };
    const { time, watch } = setUp(service);
    await time.advance(3_000);
    service.now = 1_000_000;
    expect(watch.elapsed()).to.equal(3_000);
    service.now += 10_000;
    expect(watch.elapsed()).to.equal(13_000);
  });
});
