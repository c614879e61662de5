import { expect } from 'chai';
import fc from 'fast-check';
import { planContained } from '../../provider/containment/contain-plan.ts';
import { DAY, HOUR } from '../../provider/containment/duration.ts';
import { earliestLift, latestLift } from '../../provider/containment/lease.ts';
import {
  needsWholeHistory,
  type Observed,
  type ObservedState,
  observe,
  windowMs,
} from '../../provider/containment/observation.ts';
import { ownershipOf } from '../../provider/containment/ownership.ts';
import { codeRestriction, isolation, pairs, stateWord } from '../../provider/containment/pair.ts';
import { planReleased } from '../../provider/containment/release-plan.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { action, day, defaultFold, ended, hour, ours, running, self } from './actions.ts';
import { histories, moments, type Request, toldAt } from './worlds.ts';

const runs = Number(process.env.FC_RUNS ?? 1_500);

/** The same history, of the other pair. */
function retyped(actions: readonly MachineAction[]): MachineAction[] {
  return actions.map((each) => ({
    ...each,
    type: each.type === isolation.apply ? codeRestriction.apply : codeRestriction.lift,
    scope: null,
  }));
}

const restrict = (at: number, changes: Partial<MachineAction> = {}) =>
  retyped([action('Isolate', at, changes)])[0] as MachineAction;
const unrestrict = (at: number, changes: Partial<MachineAction> = {}) =>
  retyped([action('Unisolate', at, changes)])[0] as MachineAction;

function seen(now: number, actions: readonly MachineAction[]): Observed {
  return observe(actions, { ...defaultFold, now, pair: codeRestriction });
}

/** Whether the host is restricted after everything that ended by `now`. */
function reallyStands(requests: readonly Request[], now: number): boolean {
  return (
    requests
      .filter((request) => request.doneAt !== undefined && request.updatedAt <= now)
      .sort((a, b) => (a.doneAt ?? 0) - (b.doneAt ?? 0) || a.order - b.order)
      .at(-1)?.type === 'Isolate'
  );
}

describe('a pair without a lease', () => {
  const table: readonly (readonly [string, readonly MachineAction[], ObservedState])[] = [
    ['nothing', [], 'released'],
    ['a restriction of years ago', [restrict(day(0))], 'isolated'],
    ['one that was lifted', [restrict(day(0)), unrestrict(day(700))], 'released'],
    ['one that runs', [restrict(day(999), running)], 'isolating'],
    ['a lift that runs', [restrict(day(0)), unrestrict(day(999), running)], 'releasing'],
    [
      'a lift that may have been carried out',
      [restrict(day(0)), unrestrict(day(1), ended('Failed', day(1)))],
      'doubtful',
    ],
    ['a restriction that may have been carried out long ago', [restrict(day(0), ended('TimeOut', day(3)))], 'doubtful'],
    ['actions of the other pair', [action('Isolate', day(990)), action('Unisolate', day(991))], 'released'],
  ];
  for (const [what, actions, state] of table) {
    it(`semantics 1.9, 2.7: ${what}, after a thousand days: ${state}`, () => {
      expect(seen(day(1000), actions).state).to.equal(state);
    });
  }

  it('semantics 2.7: has no lift of its own, early or late', () => {
    const { period } = seen(day(1000), [restrict(day(0))]);
    if (period === undefined) throw new Error('it stands');
    expect([earliestLift(period, false), earliestLift(period, true), latestLift(period)]).to.deep.equal(
      Array(3).fill(Number.POSITIVE_INFINITY),
    );
  });

  it('semantics 1.9: what is told of one pair says nothing of the other', () => {
    fc.assert(
      fc.property(histories, histories, moments, (some, others, now) => {
        const isolations = toldAt(some, now, ours);
        const restrictions = retyped(toldAt(others, now, ours));
        const facts = ({ state, runningIsolates, runningUnisolates, history }: Observed) => ({
          state,
          running: [...runningIsolates, ...runningUnisolates].map(({ id }) => id),
          history: history.map(({ id }) => id),
        });
        const fold = (actions: readonly MachineAction[], pair = isolation) =>
          facts(observe(actions, { ...defaultFold, now, pair }));
        expect(fold([...isolations, ...restrictions])).to.deep.equal(fold(isolations));
        expect(fold([...restrictions, ...isolations], codeRestriction)).to.deep.equal(
          fold(restrictions, codeRestriction),
        );
      }),
      { numRuns: runs },
    );
  });

  it('semantics 1.4, 2.7: what is told to be restricted is, and what is told to be unrestricted is not, whatever failed', () => {
    fc.assert(
      fc.property(histories, moments, (requests, now) => {
        const { state } = seen(now, retyped(toldAt(requests, now, ours)));
        expect(['expiring', 'uncertain', 'lapsed']).to.not.include(state);
        if (state === 'isolated') expect(reallyStands(requests, now)).to.equal(true);
        if (state === 'released') expect(reallyStands(requests, now)).to.equal(false);
      }),
      { numRuns: runs },
    );
  });

  it('semantics 1.3: a window that is taken for enough tells what the whole history does', () => {
    fc.assert(
      fc.property(histories, moments, (requests, now) => {
        const whole = retyped(toldAt(requests, now, ours));
        const since = now - windowMs;
        const windowed = seen(
          now,
          whole.filter(({ createdAt }) => createdAt >= since),
        );
        if (needsWholeHistory(windowed, since, undefined, false)) return;
        const full = seen(now, whole);
        expect(windowed.state).to.equal(full.state);
        expect(ownershipOf(windowed, self, undefined).kind).to.equal(ownershipOf(full, self, undefined).kind);
      }),
      { numRuns: runs },
    );
  });

  it('semantics 1.3: only a lift that completed since tells that nothing older stands', () => {
    const now = day(30);
    const since = now - windowMs;
    const needs = (actions: readonly MachineAction[]) => needsWholeHistory(seen(now, actions), since, undefined, false);
    expect(needs([]), 'nothing in the window').to.equal(true);
    expect(needs([restrict(day(29))]), 'it may have begun before').to.equal(true);
    expect(needs([unrestrict(day(29))])).to.equal(false);
    expect(needs([unrestrict(since + HOUR)]), 'one that was requested before may have ended after it').to.equal(true);
    expect(needs([unrestrict(day(28)), restrict(day(29))])).to.equal(false);
  });

  it('semantics 4: what stands is let be, whenever that is asked; what was lifted is restricted again', () => {
    const plan = (now: number, actions: readonly MachineAction[]) => {
      const observed = seen(now, actions);
      return planContained(
        observed,
        { isolationType: 'Full', renewBeforeMs: 96 * HOUR, onManualRelease: 'reisolate', allowTypeChange: false },
        {
          self,
          ownership: ownershipOf(observed, self, undefined),
          renewalRestartsLease: false,
          machineIsActive: true,
          declarationChanged: false,
          mayRelease: true,
        },
      );
    };
    for (const days of [1, 5, 8, 400])
      expect(plan(day(days), [restrict(day(0), ours)])).to.deep.equal({ kind: 'none', reason: 'restricted' });
    const again = plan(day(5), [restrict(day(0), ours), unrestrict(day(4))]);
    expect(again.kind).to.equal('isolate');
    expect(again.kind === 'isolate' && again.reason).to.match(/^it was unrestricted by analyst@contoso.com at /);
  });

  it('semantics 3.3, 5: ours is lifted, however old; what is not ours is left, with no promise that it ends', () => {
    const plan = (actions: readonly MachineAction[], retain = false) => {
      const observed = seen(day(900), actions);
      const ownership = ownershipOf(observed, self, undefined);
      return planReleased(observed, { self, ownership, renewalRestartsLease: false, retain, releaseForeign: false });
    };
    expect(plan([restrict(day(0), ours)])).to.include({
      kind: 'release',
      reason: 'it is restricted by a request of ours',
    });
    const left = plan([restrict(day(0))]);
    expect(left.kind).to.equal('leave');
    for (const { reason } of [left, plan([restrict(day(0), ours)], true)])
      expect(reason)
        .to.contain('It stands until somebody lifts it.')
        .and.not.match(/isolat|releas.* it lifts|Invalid/);
  });
});

describe('pairs', () => {
  it('name each action once, and every state in words of their own', () => {
    const actions = pairs.flatMap(({ apply, lift }) => [apply, lift]);
    expect(new Set(actions).size).to.equal(actions.length);
    expect(stateWord(isolation, 'isolated')).to.equal('isolated');
    expect(stateWord(codeRestriction, 'isolated')).to.equal('restricted');
    expect(stateWord(codeRestriction, 'releasing')).to.equal('unrestricting');
    expect(stateWord(codeRestriction, 'doubtful')).to.equal('doubtful');
  });

  it('no text about a restriction speaks of isolation or release', () => {
    const { needs: _needs, states, ...words } = codeRestriction.words;
    for (const word of [...Object.values(words), ...Object.values(states)])
      expect(word.toLowerCase()).to.not.match(/isolat|release|contain/);
  });

  it('semantics 2.1: an isolation still has its seven days', () => {
    const { period } = observe([action('Isolate', hour(0))], { ...defaultFold, now: hour(2) });
    expect(period === undefined ? 0 : earliestLift(period, false)).to.equal(hour(0) + 7 * DAY);
  });
});
