import { expect } from 'chai';
import fc from 'fast-check';
import { earliestLift } from '../../provider/containment/lease.ts';
import { needsWholeHistory, type Observed, observe, windowMs } from '../../provider/containment/observation.ts';
import { defaultFold, observeAt, ours } from './actions.ts';
import { histories, moments, toldAt, trueLift, worlds } from './worlds.ts';

const runs = Number(process.env.FC_RUNS ?? 1_500);

function certainUntil(observed: Observed, renewalRestartsLease = false): number | undefined {
  if (observed.state !== 'isolated' && observed.state !== 'expiring') return undefined;
  return observed.period === undefined ? undefined : earliestLift(observed.period, renewalRestartsLease);
}

describe('the lease in every world that nobody can rule out', () => {
  it('semantics 2.1, 2.2, 2.6: what is told to be covered is isolated until then, whenever the clock starts and whatever a second isolate does', () => {
    fc.assert(
      fc.property(histories, moments, worlds, (requests, now, world) => {
        const until = certainUntil(observeAt(now, toldAt(requests, now, ours)));
        if (until === undefined) return;
        const lift = trueLift(requests, world, now);
        expect(lift, 'the host is isolated at all').to.not.equal(undefined);
        expect(lift).to.be.at.least(until);
      }),
      { numRuns: runs },
    );
  });

  it('semantics 2.1: with renewalRestartsLease it holds wherever a second isolate does restart the clock', () => {
    fc.assert(
      fc.property(histories, moments, worlds, (requests, now, world) => {
        fc.pre(world.second !== 'nothing');
        const observed = observeAt(now, toldAt(requests, now, ours), { renewalRestartsLease: true });
        const until = certainUntil(observed, true);
        if (until === undefined) return;
        expect(trueLift(requests, world, now)).to.be.at.least(until);
      }),
      { numRuns: runs },
    );
  });

  it('semantics 1.4, 2.2: what is told to be released or lapsed is not isolated in any world', () => {
    fc.assert(
      fc.property(histories, moments, worlds, (requests, now, world) => {
        const { state } = observeAt(now, toldAt(requests, now, ours));
        if (state !== 'released' && state !== 'lapsed') return;
        const lift = trueLift(requests, world, now);
        if (lift !== undefined) expect(lift).to.be.at.most(now);
      }),
      { numRuns: runs },
    );
  });

  it('semantics 1.3: a window never promises later cover than the whole history does', () => {
    fc.assert(
      fc.property(histories, moments, (requests, now) => {
        const told = toldAt(requests, now, ours);
        const since = now - windowMs;
        const windowed = observeAt(
          now,
          told.filter((each) => each.createdAt >= since),
        );
        if (needsWholeHistory(windowed, since, undefined)) return;
        const until = certainUntil(windowed);
        if (until !== undefined) expect(certainUntil(observeAt(now, told))).to.be.at.least(until);
      }),
      { numRuns: runs },
    );
  });

  it('semantics 1.3, 2.6: nor does a window with what state remembers of an earlier run', () => {
    fc.assert(
      fc.property(histories, moments, moments, worlds, (requests, one, other, world) => {
        const [before, now] = one < other ? [one, other] : [other, one];
        const earlier = observeAt(before, toldAt(requests, before, ours));
        fc.pre(earlier.period !== undefined);
        if (earlier.period === undefined) return;
        const { beganBy, earliestStart, latestStart } = earlier.period;
        const remembered = { actionId: beganBy.id, earliestStart, latestStart };
        const since = now - windowMs;
        const windowed = observe(
          toldAt(requests, now, ours).filter((each) => each.createdAt >= since),
          { ...defaultFold, now, remembered },
        );
        if (needsWholeHistory(windowed, since, remembered)) return;
        const until = certainUntil(windowed);
        if (until === undefined) return;
        expect(trueLift(requests, world, now)).to.be.at.least(until);
      }),
      { numRuns: runs },
    );
  });
});
