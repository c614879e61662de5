import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ContainPlan,
  type DeclaredContainment,
  type PlanContext,
  planContained,
} from '../../provider/containment/contain-plan.ts';
import { HOUR, MINUTE } from '../../provider/containment/duration.ts';
import type { Observation, Observed } from '../../provider/containment/observation.ts';
import { ownershipOf } from '../../provider/containment/ownership.ts';
import { planReleased, type ReleaseContext } from '../../provider/containment/release-plan.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { day, ended, hour, isolate, observeAt, ours, running, self, unisolate } from './actions.ts';
import { histories, moments, toldAt } from './worlds.ts';

const declared: DeclaredContainment = {
  isolationType: 'Full',
  renewBeforeMs: 96 * HOUR,
  onManualRelease: 'reisolate',
  allowTypeChange: false,
};

function contextOf(observed: Observed, changes: Partial<PlanContext> = {}): PlanContext {
  const ownership = ownershipOf(observed, self, undefined);
  return {
    self,
    ownership,
    renewalRestartsLease: false,
    machineIsActive: true,
    declarationChanged: false,
    mayRelease: ownership.kind === 'ours',
    ...changes,
  };
}

function plan(
  now: number,
  actions: readonly MachineAction[],
  options: Partial<DeclaredContainment> & Partial<PlanContext> = {},
): ContainPlan {
  const observed = observeAt(now, actions, {
    renewBeforeMs: options.renewBeforeMs ?? declared.renewBeforeMs,
    renewalRestartsLease: options.renewalRestartsLease ?? false,
  });
  return planContained(observed, { ...declared, ...options }, contextOf(observed, options));
}

const unobserved: readonly Observation[] = [
  { state: 'missing', asOf: day(0) },
  { state: 'unknown', reason: 'the list was not complete' },
];

describe('planContained', () => {
  const rows: readonly [string, number, readonly MachineAction[], ContainPlan['kind'], object?][] = [
    ['isolated, same type', hour(1), [isolate(hour(0))], 'none'],
    ['isolated, type unknown', hour(1), [isolate(hour(0), { scope: null })], 'none'],
    ['isolating', hour(1), [isolate(hour(0), running)], 'adopt'],
    [
      'releasing, ours',
      hour(2),
      [isolate(hour(0), ours), unisolate(hour(1), { ...ours, ...running })],
      'cancel-release',
    ],
    ['releasing, foreign', hour(2), [isolate(hour(0), ours), unisolate(hour(1), running)], 'outlast-release'],
    ['expiring', day(3), [isolate(day(0))], 'isolate', { fresh: false }],
    ['uncertain', day(7), [isolate(day(0))], 'isolate', { fresh: false }],
    ['lapsed', day(9), [isolate(day(0))], 'isolate', { fresh: true }],
    [
      'doubtful, may have been released',
      hour(3),
      [isolate(hour(0)), unisolate(hour(1), ended('Failed', hour(2)))],
      'isolate',
      { fresh: false },
    ],
    [
      'doubtful, may have been isolated',
      hour(3),
      [isolate(hour(1), ended('TimeOut', hour(2)))],
      'isolate',
      { fresh: true },
    ],
    ['released', hour(3), [isolate(hour(0)), unisolate(hour(1))], 'isolate', { fresh: true }],
    ['never isolated', hour(3), [], 'isolate', { fresh: true, isolationType: 'Full' }],
    ['isolated, other type', hour(1), [isolate(hour(0), { scope: 'Selective' })], 'keep-type'],
  ];
  for (const [title, now, actions, kind, more] of rows) {
    it(`semantics 4: ${title}: ${kind}`, () => {
      expect(plan(now, actions)).to.deep.include({ kind, ...more });
    });
  }
  for (const observation of unobserved) {
    it(`semantics 1.4, 4: ${observation.state}: an error for this host, no write`, () => {
      const anyContext = contextOf(observeAt(day(0), []), { mayRelease: true, declarationChanged: true });
      expect(planContained(observation, { ...declared, allowTypeChange: true }, anyContext).kind).to.equal('fail');
    });
  }

  describe('another type', () => {
    const selective = [isolate(hour(0), { ...ours, scope: 'Selective' })];
    it('semantics 4: is changed where allowTypeChange is given and it is ours to release', () => {
      expect(plan(hour(1), selective, { allowTypeChange: true })).to.include({
        kind: 'change-type',
        isolationType: 'Full',
      });
    });
    it('semantics 3.2, 4: is kept where the isolation is not ours', () => {
      const theirs = [isolate(hour(0), { scope: 'Selective' })];
      expect(plan(hour(1), theirs, { allowTypeChange: true }).kind).to.equal('keep-type');
    });
    it('semantics 4: is renewed as it is, and never changed in a lease that may have lifted', () => {
      for (const days of [3, 7.5])
        expect(
          plan(day(days), [isolate(day(0), { ...ours, scope: 'Selective' })], { allowTypeChange: true }),
        ).to.include({
          kind: 'isolate',
          isolationType: 'Selective',
        });
    });
    it('semantics 1.5, 4: is kept by the one isolate that ends a doubt, for the old isolation may stand', () => {
      const doubtful = [...selective, unisolate(hour(1), ended('Cancelled', hour(2)))];
      expect(plan(hour(3), doubtful)).to.include({ kind: 'isolate', isolationType: 'Selective' });
    });
  });

  describe('renewal', () => {
    it('semantics 2.2: is sent once', () => {
      const renewed = [isolate(day(0)), isolate(day(3))];
      expect(plan(day(3) + HOUR, renewed).kind).to.equal('none');
      expect(plan(day(6.9), renewed).kind).to.equal('none');
    });
    it('semantics 2.2: is sent again after one that failed', () => {
      const failed = [isolate(day(0)), isolate(day(3), { ...ours, ...ended('Failed', day(3)) })];
      expect(plan(day(3) + HOUR, failed).kind).to.equal('isolate');
    });
    it('semantics 2.2: a first isolate is no renewal of itself, however long renewBefore is', () => {
      const first = [isolate(day(0), { updatedAt: day(0) + MINUTE })];
      expect(plan(hour(1), first, { renewBeforeMs: 168 * HOUR }).kind, 'just isolated').to.equal('none');
      expect(plan(hour(7), first, { renewBeforeMs: 168 * HOUR }).kind).to.equal('isolate');
      expect(plan(hour(30), [...first, isolate(hour(7))], { renewBeforeMs: 168 * HOUR }).kind).to.equal('none');
    });
    it('semantics 2.1, 2.2: where it restarts the lease, the next expiry is renewed again', () => {
      const renewed = [isolate(day(0)), isolate(day(3))];
      expect(plan(day(5), renewed, { renewalRestartsLease: true }).kind).to.equal('none');
      expect(plan(day(6), renewed, { renewalRestartsLease: true }).kind).to.equal('isolate');
      const early = { renewalRestartsLease: true, renewBeforeMs: 168 * HOUR };
      expect(plan(day(4), renewed, early).kind).to.equal('isolate');
    });
    it('semantics 2.2: between the lifts it is isolated again every six hours at most', () => {
      const again = day(7) + HOUR;
      const bridged = [isolate(day(0)), isolate(again)];
      expect(plan(again + 6 * HOUR - 1, bridged).kind).to.equal('none');
      expect(plan(again + 6 * HOUR, bridged).kind).to.equal('isolate');
    });
    it('semantics 2.2: an isolate that was sent before it may have been lifted is no answer to that', () => {
      const took = 20 * MINUTE;
      const began = isolate(day(0), { updatedAt: day(0) + took });
      const byHand = isolate(day(7) - HOUR);
      expect(plan(day(7) - 1, [began, isolate(day(3)), byHand]).kind, 'before').to.equal('none');
      expect(plan(day(7) + MINUTE, [began, isolate(day(3)), byHand]), 'seven days from the request').to.include({
        kind: 'isolate',
        fresh: false,
      });
      const early = isolate(day(7) + MINUTE);
      expect(plan(day(7) + took - 1, [began, early]).kind).to.equal('none');
      expect(plan(day(7) + took + 1, [began, early]).kind, 'and from the completion').to.equal('isolate');
      expect(plan(day(7) + 2 * HOUR, [began, early, isolate(day(7) + took + 1)]).kind).to.equal('none');
    });
    it('semantics 2.3: one that runs is adopted, never sent beside', () => {
      expect(plan(day(3) + HOUR, [isolate(day(0)), isolate(day(3), running)]).kind).to.equal('adopt');
    });
    const hanging = isolate(day(3), { ...ours, ...running });
    it('semantics 2.3: one of ours that is not final after 30 minutes on an active host is sent once more', () => {
      const actions = [isolate(day(0)), hanging];
      expect(plan(day(3) + 30 * MINUTE - 1, actions).kind).to.equal('adopt');
      expect(plan(day(3) + 30 * MINUTE, actions)).to.include({ kind: 'resend', action: hanging });
      expect(plan(day(3) + 30 * MINUTE, actions, { machineIsActive: false }).kind, 'an absent host').to.equal('adopt');
    });
    it('semantics 2.3: only once', () => {
      const cancelled = isolate(day(3) - HOUR, { ...ours, ...ended('Cancelled', day(3)) });
      expect(plan(day(3) + HOUR, [isolate(day(0)), cancelled, hanging]).kind).to.equal('adopt');
    });
    it("semantics 2.3: nobody else's is cancelled, nor a first isolation", () => {
      expect(plan(day(3) + HOUR, [isolate(day(0)), isolate(day(3), running)]).kind).to.equal('adopt');
      expect(plan(day(3) + HOUR, [hanging]).kind).to.equal('adopt');
    });
  });

  describe('beside a release', () => {
    const mine = unisolate(hour(1), { ...ours, ...running });
    const theirs = unisolate(hour(1), running);
    it('semantics 4: ours is cancelled first where both run: it would undo what outlasts theirs', () => {
      expect(plan(hour(2), [isolate(hour(0), ours), mine, theirs])).to.deep.include({
        kind: 'cancel-release',
        actions: [mine],
      });
    });
    it('semantics 4: only theirs is waited for', () => {
      expect(plan(hour(2), [isolate(hour(0), ours), theirs])).to.deep.include({ actions: [theirs] });
    });
  });

  describe('releases by others', () => {
    const hold = { requestorComment: 'false alarm, MDE-Hold please' };
    const released = (changes = {}) => [isolate(hour(0), ours), unisolate(hour(30), changes)];
    it('semantics 7.1: are undone by default', () => {
      expect(plan(hour(31), released())).to.include({ kind: 'isolate', fresh: true });
    });
    it('semantics 7.1: are respected with onManualRelease: hold, until the declaration changes', () => {
      expect(plan(hour(31), released(), { onManualRelease: 'hold' }).kind).to.equal('hold');
      expect(plan(hour(31), released(), { onManualRelease: 'hold', declarationChanged: true }).kind).to.equal(
        'isolate',
      );
    });
    it('semantics 7.2: are respected with mde-hold in their comment, until the declaration changes', () => {
      expect(plan(hour(31), released(hold)).kind).to.equal('hold');
      expect(plan(hour(31), released(hold), { declarationChanged: true }).kind).to.equal('isolate');
    });
    it('semantics 7.2: also while they still run', () => {
      expect(plan(hour(31), released({ ...hold, ...running })).kind).to.equal('hold');
      expect(plan(hour(31), released(running), { onManualRelease: 'hold' }).kind).to.equal('hold');
      expect(plan(hour(31), released({ ...hold, ...running }), { declarationChanged: true }).kind).to.equal(
        'outlast-release',
      );
    });
    it('semantics 7.2: mde-hold in a release of our own holds nothing', () => {
      const mine = { ...ours, requestorComment: `${ours.requestorComment} mde-hold` };
      expect(plan(hour(31), released(mine)).kind).to.equal('isolate');
    });
    it('semantics 7.2: what we isolated after it, for a changed declaration, is kept up', () => {
      const again = [...released(hold), isolate(hour(32), { ...ours, ...ended('Failed', hour(33)) })];
      expect(plan(hour(34), again).kind).to.equal('isolate');
    });
    it('semantics 1.5, 7.2: one that failed released nobody, and holds nothing', () => {
      expect(plan(hour(34), released({ ...hold, ...ended('Failed', hour(31)) })).kind).to.equal('isolate');
    });

    const fought = (...releases: number[]) =>
      releases.flatMap((at) => [isolate(hour(at - 2), ours), unisolate(hour(at))]);
    it('semantics 7.3: after two within a day of isolations by us we stop', () => {
      expect(plan(hour(5), fought(4)).kind).to.equal('isolate');
      expect(plan(hour(9), fought(4, 8)).kind).to.equal('disputed');
      expect(plan(hour(9), fought(4, 8), { declarationChanged: true }).kind).to.equal('isolate');
    });
    it('semantics 7.3: not after ones that came later than a day, nor by ourselves, nor long ago', () => {
      const slow = [isolate(hour(0), ours), unisolate(hour(30)), isolate(hour(31), ours), unisolate(hour(60))];
      expect(plan(hour(61), slow).kind).to.equal('isolate');
      const self = [2, 6].flatMap((at) => [isolate(hour(at), ours), unisolate(hour(at + 1), ours)]);
      expect(plan(hour(9), [...self, isolate(hour(8), ours), unisolate(hour(8.5))]).kind).to.equal('isolate');
      const old = [...fought(4, 8), isolate(day(29), ours), unisolate(day(29.5))];
      expect(plan(day(30), old).kind, 'a quarrel of last month').to.equal('isolate');
    });
  });

  it('semantics 4: a host in sync is left alone: whenever the state is isolated and of the type declared, nothing is planned', () => {
    fc.assert(
      fc.property(histories, moments, (requests, now) => {
        const observed = observeAt(now, toldAt(requests, now, ours));
        fc.pre(observed.state === 'isolated');
        expect(planContained(observed, declared, contextOf(observed)).kind).to.equal('none');
      }),
    );
  });
  it('semantics 4, 2.2: what an isolate would end is planned no second time once it Succeeded', () => {
    fc.assert(
      fc.property(histories, moments, (requests, now) => {
        const told = toldAt(requests, now, ours);
        const first = plan(now, told);
        fc.pre(first.kind === 'isolate');
        const second = plan(now + 2 * MINUTE, [...told, isolate(now + 1, { ...ours, scope: null })]);
        expect(second.kind).to.be.oneOf(['none', 'adopt', 'keep-type', 'resend']);
      }),
    );
  });
});

describe('planReleased', () => {
  const release = (now: number, actions: readonly MachineAction[], changes: Partial<ReleaseContext> = {}) => {
    const observed = observeAt(now, actions);
    return planReleased(observed, contextFor(observed, changes));
  };
  function contextFor(observed: Observed, changes: Partial<ReleaseContext>): ReleaseContext {
    return {
      self,
      ownership: ownershipOf(observed, self, undefined, false),
      renewalRestartsLease: false,
      retain: false,
      releaseForeign: false,
      ...changes,
    };
  }
  const mine = isolate(hour(0), ours);

  it('semantics 5.1: ours is released', () => {
    expect(release(hour(1), [mine])).to.deep.include({ kind: 'release', cancel: [], adopt: undefined });
  });
  it('semantics 5.1: our own running isolates are cancelled first', () => {
    const queued = isolate(hour(1), { ...ours, ...running });
    expect(release(hour(2), [mine, queued])).to.deep.include({ kind: 'release', cancel: [queued] });
    expect(release(hour(2), [queued])).to.deep.include({ kind: 'release', cancel: [queued] });
  });
  it('semantics 5.1: a foreign queued isolate makes it fail with its id', () => {
    const queued = isolate(hour(1), running);
    for (const options of [{}, { releaseForeign: true }]) {
      const planned = release(hour(2), [mine, queued], options);
      expect(planned.kind).to.equal('fail');
      expect(planned.reason).to.contain(queued.id);
    }
  });
  it('semantics 5.1: also where all that is ours still waits itself', () => {
    expect(release(hour(2), [isolate(hour(0), { ...ours, ...running }), isolate(hour(1), running)]).kind).to.equal(
      'fail',
    );
  });
  it('semantics 3.3: a host that only others are isolating is left to them', () => {
    expect(release(hour(2), [isolate(hour(1), running)]).kind).to.equal('leave');
  });
  it('semantics 5.1: a release that runs is adopted, not repeated', () => {
    const runs = unisolate(hour(1), running);
    expect(release(hour(2), [mine, runs])).to.include({ kind: 'release', adopt: runs });
  });
  it('semantics 3.3: what is not ours is left isolated, with its requestor and when it lifts; releaseForeign overrides', () => {
    const foreign = isolate(hour(0), { requestor: 'soar@contoso.com' });
    const planned = release(hour(1), [foreign]);
    expect(planned.kind).to.equal('leave');
    expect(planned.reason).to.contain('soar@contoso.com').and.to.contain('2026-01-12 00:00 UTC');
    expect(release(hour(1), [foreign], { releaseForeign: true }).kind).to.equal('release');
  });
  it('semantics 3.3: a renewal of ours is not told to have begun it', () => {
    const renewal = isolate(hour(0), ours);
    const ownership = { kind: 'foreign', requestor: 'somebody else', action: renewal } as const;
    expect(release(hour(1), [renewal], { ownership }).reason).to.contain('somebody else began it before our renewal');
  });
  it('semantics 5.3: lapsed and ours: one unisolate is still sent', () => {
    expect(release(day(9), [mine]).kind).to.equal('release');
  });
  it('semantics 5.3: released: nothing is sent', () => {
    expect(release(hour(3), [mine, unisolate(hour(1))]).kind).to.equal('gone');
  });
  it('semantics 5.3: missing: nothing, and the resource may go', () => {
    expect(planReleased({ state: 'missing', asOf: day(0) }, contextFor(observeAt(0, []), {})).kind).to.equal('gone');
  });
  it('semantics 1.4: unknown: nothing, and the host stays in state', () => {
    expect(planReleased({ state: 'unknown', reason: 'no' }, contextFor(observeAt(0, []), {})).kind).to.equal('fail');
  });
  it('semantics 1.5: doubtful and ours: one unisolate; doubtful by another: left', () => {
    expect(release(hour(3), [mine, unisolate(hour(1), { ...ours, ...ended('Failed', hour(2)) })]).kind).to.equal(
      'release',
    );
    expect(release(hour(3), [isolate(hour(1), ended('Failed', hour(2)))]).kind).to.equal('leave');
  });
  it('semantics 2.4, 5.4: onDelete: retain leaves it, and says when it lifts', () => {
    const planned = release(hour(1), [mine], { retain: true, releaseForeign: true });
    expect(planned.kind).to.equal('leave');
    expect(planned.reason).to.contain('between 2026-01-12 00:00 UTC and 2026-01-13 00:01 UTC');
  });
  it('semantics 1.4, 3.3: no history, no setting and no doubt ever plans the release of what another contains, unless releaseForeign', () => {
    fc.assert(
      fc.property(histories, moments, fc.boolean(), (requests, now, retain) => {
        const observed = observeAt(now, toldAt(requests, now, ours));
        const planned = planReleased(observed, contextFor(observed, { retain }));
        if (planned.kind !== 'release') return;
        expect(retain, 'retain').to.equal(false);
        for (const action of observed.chain) expect(action.requestor, action.id).to.equal(ours.requestor);
        for (const action of planned.cancel) expect(action.requestor, action.id).to.equal(ours.requestor);
        if (observed.state !== 'releasing') expect(observed.chain, 'something of ours').to.not.be.empty;
      }),
      { numRuns: 3_000 },
    );
  });
  it('semantics 1.4: unknown and missing plan no write under any setting', () => {
    const flags = fc.record({ retain: fc.boolean(), releaseForeign: fc.boolean(), renewalRestartsLease: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom(...unobserved), histories, moments, flags, (observation, requests, now, options) => {
        const other = observeAt(now, toldAt(requests, now, ours));
        expect(planReleased(observation, contextFor(other, options)).kind).to.be.oneOf(['gone', 'fail']);
        expect(planContained(observation, declared, contextOf(other)).kind).to.equal('fail');
      }),
    );
  });
});
