import { expect } from 'chai';
import { DAY, HOUR } from '../../provider/containment/duration.ts';
import { earliestLift, givenUpAt, latestLift, type Period } from '../../provider/containment/lease.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { day, ended, hour, isolate, observeAt, unisolate } from './actions.ts';

function periodAt(now: number, ...actions: MachineAction[]): Period {
  const { period } = observeAt(now, actions);
  if (period === undefined) throw new Error('there is no period');
  return period;
}

/** `[earliest, latest]` lift in days after the epoch. */
function liftsIn(period: Period, renewalRestartsLease = false): readonly [number, number] {
  return [(earliestLift(period, renewalRestartsLease) - day(0)) / DAY, (latestLift(period) - day(0)) / DAY];
}

const at = (created: number, completed = created) => isolate(day(created), { updatedAt: day(completed) });

describe('a lease', () => {
  it('semantics 2.1: lifts no earlier than seven days after the request, no later than eight after its completion', () => {
    expect(liftsIn(periodAt(day(3), at(0, 2)))).to.deep.equal([7, 10]);
  });
  it('semantics 2.1: a renewal moves the latest lift only', () => {
    expect(liftsIn(periodAt(day(5), at(0), at(3, 4)))).to.deep.equal([7, 12]);
  });
  it('semantics 2.1: with renewalRestartsLease the newest isolate sets the earliest lift', () => {
    expect(liftsIn(periodAt(day(5), at(0), at(3, 4)), true)).to.deep.equal([10, 12]);
  });
  it('semantics 2.1: with renewalRestartsLease the newest is the one carried out last, not the one requested last', () => {
    expect(liftsIn(periodAt(day(5), at(2, 2), at(1, 4)), true)).to.deep.equal([8, 12]);
  });
  it('semantics 2.1: an older request that completes later may have set the clock back to itself', () => {
    expect(liftsIn(periodAt(day(5), at(2, 2), at(1, 4)))).to.deep.equal([8, 12]);
  });
  it('semantics 2.2: an isolate requested after the latest lift begins a new period', () => {
    const period = periodAt(day(9), at(0), at(8.5));
    expect(liftsIn(period)).to.deep.equal([15.5, 16.5]);
    expect(period.isolates).to.have.length(1);
  });
  it('semantics 2.1: a release ends a period, and the next isolate begins one', () => {
    expect(liftsIn(periodAt(day(5), at(0), unisolate(day(1)), at(4)))).to.deep.equal([11, 12]);
  });

  it('semantics 2.6: isolates between the lifts promise nothing, for the old clock may still have run', () => {
    expect(liftsIn(periodAt(day(8), at(0), at(7.5), at(8)))).to.deep.equal([7, 16]);
  });
  it('semantics 2.6: the first one requested after the latest lift of the old clock makes cover certain again, from the earliest that may have started the new one', () => {
    const period = periodAt(day(9), at(0), at(3), at(7.5), at(8.1));
    expect(liftsIn(period)).to.deep.equal([14.5, 16.1]);
    expect(period.beganBy.createdAt).to.equal(day(7.5));
  });
  it('semantics 2.6: an isolate that was queued before the earliest lift and completed after it may have started the new clock', () => {
    expect(liftsIn(periodAt(day(9), at(0), at(5, 7.2), at(8.1)))).to.deep.equal([12, 16.1]);
  });
  it('semantics 2.6: one whose own clock has run out by then is not the one that counts', () => {
    expect(liftsIn(periodAt(day(16), at(0), at(4.5, 7.2), at(7.3), at(15.25)))).to.deep.equal([14.3, 23.25]);
  });

  it('semantics 1.5, 2.1: an isolate that shows as Cancelled may have started the clock of the next', () => {
    const cancelled = isolate(day(0), ended('Cancelled', day(0.5)));
    expect(liftsIn(periodAt(day(2), cancelled, at(1)))).to.deep.equal([7, 9]);
  });
  it('semantics 1.5, 2.1: one that timed out was answered by no device, and does not date the next', () => {
    const gone = isolate(day(0), ended('TimeOut', day(3)));
    expect(liftsIn(periodAt(day(5), gone, at(4)))).to.deep.equal([11, 12]);
  });
  it('semantics 1.5, 2.6: after a release that may have been carried out, the next isolate may have started the clock', () => {
    const failed = unisolate(day(1), ended('Failed', day(1)));
    const period = periodAt(day(9), at(0), failed, at(1.5), at(8.2));
    expect(liftsIn(period)[0], 'the clock of the second isolate may run until day 9.5').to.equal(8.5);
  });

  it('semantics 1.5, 2.6: so may one that completed while that release was under way', () => {
    const failed = unisolate(day(1), ended('Failed', day(3)));
    expect(liftsIn(periodAt(day(9), at(0), failed, at(1.5, 2), at(8.2)))[0]).to.equal(8.5);
  });

  it('semantics 1.3, 2.6: what state remembers of the start is kept, also where the window no longer shows it', () => {
    const began = at(7.5);
    const remembered = { actionId: began.id, earliestStart: day(7), latestStart: day(8.1) };
    const { period } = observeAt(day(9), [began, at(8.4)], { remembered });
    expect(period?.earliestStart).to.equal(day(7));
    expect(period?.latestStart).to.equal(day(8.1));
  });

  it('semantics 2.3: MDE gives a request up after three days', () => {
    expect(givenUpAt(isolate(hour(0)))).to.equal(hour(72));
  });
  it('semantics 2.2: renewBefore says when a lease is expiring', () => {
    const states = [5, 6, 7].map((days) => observeAt(day(days), [at(0)], { renewBeforeMs: 24 * HOUR }).state);
    expect(states).to.deep.equal(['isolated', 'expiring', 'uncertain']);
  });
});
