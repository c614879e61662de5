import { expect } from 'chai';
import fc from 'fast-check';
import { VirtualClock } from '../../simulator/clock.ts';

describe('the simulated clock', () => {
  it('stands still at speed 0 and moves when told', () => {
    const clock = new VirtualClock(1000, 0);
    expect(clock.now()).to.equal(1000);
    clock.advance(500);
    expect(clock.now()).to.equal(1500);
  });

  it('runs as many times faster as it is told, also after a change of speed', () => {
    let real = 0;
    const clock = new VirtualClock(0, 60, () => real);
    real = 1000;
    expect(clock.now()).to.equal(60_000);
    clock.setSpeed(1);
    real = 2000;
    expect(clock.now()).to.equal(61_000);
    clock.stop();
  });

  it('carries out what falls due in between in order, each at its own moment', () => {
    const clock = new VirtualClock(0, 0);
    const seen: string[] = [];
    clock.at(300, () => seen.push(`c@${clock.now()}`));
    clock.at(100, () => {
      seen.push(`a@${clock.now()}`);
      clock.at(clock.now() + 100, () => seen.push(`b@${clock.now()}`));
    });
    clock.at(999, () => seen.push('not yet'));
    clock.advance(500);
    expect(seen).to.deep.equal(['a@100', 'b@200', 'c@300']);
    expect(clock.now()).to.equal(500);
  });

  it('carries out what was due before now at once, in the order of asking', () => {
    const clock = new VirtualClock(1000, 0);
    const seen: number[] = [];
    clock.at(500, () => seen.push(1));
    clock.at(500, () => seen.push(2));
    clock.settle();
    expect(seen).to.deep.equal([1, 2]);
  });

  it('lets a scheduled event be taken back', () => {
    const clock = new VirtualClock(0, 0);
    const cancel = clock.at(10, () => expect.fail('it was taken back'));
    cancel();
    clock.advance(100);
  });

  it('keeps the order of time whatever the order of asking', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 200 }), (times) => {
        const clock = new VirtualClock(0, 0);
        const seen: number[] = [];
        for (const time of times) clock.at(time, () => seen.push(time));
        clock.advance(1000);
        expect(seen).to.deep.equal([...times].sort((left, right) => left - right));
      }),
    );
  });

  it('goes on after an event that failed', () => {
    const clock = new VirtualClock(0, 0);
    let reached = false;
    clock.at(10, () => {
      throw new Error('on purpose');
    });
    clock.at(20, () => {
      reached = true;
    });
    expect(() => clock.advance(100)).to.throw('on purpose');
    clock.advance(100);
    expect(reached).to.equal(true);
  });

  it('runs its events by itself while time runs', async () => {
    const clock = new VirtualClock(0, 100_000);
    await new Promise<void>((resolve) => {
      // The timer does not keep the process alive, so something else must.
      const alive = setInterval(() => undefined, 1000);
      clock.at(600_000, () => {
        clearInterval(alive);
        resolve();
      });
    });
    expect(clock.now()).to.be.at.least(600_000);
    clock.stop();
  });

  it('refuses a speed below nought', () => {
    expect(() => new VirtualClock(0, -1)).to.throw(RangeError, 'no speed');
  });
});
