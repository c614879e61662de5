import type { IsolationType, MachineAction } from '../defender/machine-action.ts';
import { DAY, describeDuration, describeMoment, HOUR, MINUTE } from './duration.ts';
import { earliestLift, endsByItself, givenUpAt, lastPossibleLift, latestLift, type Period } from './lease.ts';
import { type ManualRelease, manualRelease } from './manual-release.ts';
import { isObserved, type Observation, type Observed, unobservedReason } from './observation.ts';
import { isOurs, type Ownership, type Self } from './ownership.ts';

/** What is declared of one host, as far as its containment goes. */
export interface DeclaredContainment {
  readonly isolationType: IsolationType;
  readonly renewBeforeMs: number;
  readonly onManualRelease: 'reisolate' | 'hold';
  readonly allowTypeChange: boolean;
}

export interface PlanContext {
  readonly self: Self;
  readonly ownership: Ownership;
  readonly renewalRestartsLease: boolean;
  /** The device's sensor speaks to the service, so a queued action should not take long. */
  readonly machineIsActive: boolean;
  /** The declaration of this host differs from the one of the last successful run (or is new). */
  readonly declarationChanged: boolean;
  /** May an isolation be released and made again with another type: it is ours, or `releaseForeign`. */
  readonly mayRelease: boolean;
}

/** The least that brings a host to *isolated*, and why (semantics 4). */
export type ContainPlan =
  /** In sync. */
  | { readonly kind: 'none'; readonly reason: string }
  /** A request is under way; track it, send nothing. */
  | { readonly kind: 'adopt'; readonly action: MachineAction; readonly reason: string }
  | {
      readonly kind: 'isolate';
      readonly isolationType: IsolationType;
      readonly fresh: boolean;
      readonly reason: string;
    }
  /** Our own release is under way: cancel it, look, isolate. */
  | {
      readonly kind: 'cancel-release';
      readonly actions: readonly MachineAction[];
      readonly isolationType: IsolationType;
      readonly reason: string;
    }
  /** Somebody else's release is under way: wait, then isolate beside it. */
  | {
      readonly kind: 'outlast-release';
      readonly actions: readonly MachineAction[];
      /** Ours is under way beside it already: a second would be one too many. */
      readonly running: MachineAction | undefined;
      readonly isolationType: IsolationType;
      readonly reason: string;
    }
  /** Our renewal hangs: cancel it, look, send it once more. */
  | {
      readonly kind: 'resend';
      readonly action: MachineAction;
      readonly isolationType: IsolationType;
      readonly reason: string;
    }
  | { readonly kind: 'change-type'; readonly isolationType: IsolationType; readonly reason: string }
  /** Contained, with the other type, and not allowed to change it. */
  | { readonly kind: 'keep-type'; readonly reason: string }
  | ManualRelease
  /** Nothing may be decided. */
  | { readonly kind: 'fail'; readonly reason: string };

/** Between the lifts, one isolate in this time, and one after each moment at which it may have been lifted (semantics 2.2). */
const bridgeEveryMs = 6 * HOUR;
/** A renewal on an active device that takes longer hangs (semantics 2.3). */
const stuckAfterMs = 30 * MINUTE;

export function planContained(
  observation: Observation,
  declared: DeclaredContainment,
  context: PlanContext,
): ContainPlan {
  if (!isObserved(observation)) return { kind: 'fail', reason: unobservedReason(observation) };
  const held = manualRelease(observation, declared.onManualRelease, context);
  if (held !== undefined) return held;
  switch (observation.state) {
    case 'releasing':
      return planBesideRelease(observation, declared, context);
    case 'isolating':
      return planIsolating(observation, declared, context);
    case 'isolated':
      return typeDiffers(observation, declared)
        ? planOtherType(observation, declared, context)
        : { kind: 'none', reason: coverReason(observation, context) };
    case 'expiring':
    case 'uncertain':
      return planRenewal(observation, declared, context);
    case 'lapsed':
      return { kind: 'isolate', isolationType: declared.isolationType, fresh: true, reason: lapsedReason(observation) };
    case 'doubtful':
      return {
        kind: 'isolate',
        // What may still stand keeps its type: changing that is a decision of its own.
        isolationType: (stands(observation) ? observation.isolationType : undefined) ?? declared.isolationType,
        fresh: !stands(observation),
        reason: doubtReason(observation),
      };
    case 'released':
      return {
        kind: 'isolate',
        isolationType: declared.isolationType,
        fresh: true,
        reason: releasedReason(observation),
      };
  }
}

/** Whether an isolation may still hold: there is one, and it has not lapsed for certain. */
function stands({ period, asOf }: Observed): boolean {
  return period !== undefined && asOf <= latestLift(period);
}

function releasedReason(observed: Observed): string {
  const { lastRelease } = observed;
  const { words } = observed.pair;
  return lastRelease === undefined
    ? `it is not ${words.applied}`
    : `it was ${words.released} by ${lastRelease.requestor} at ${describeMoment(lastRelease.updatedAt)}`;
}

function lapsedReason(observed: Observed): string {
  return observed.period === undefined
    ? 'its isolation has lapsed'
    : `MDE has lifted its isolation by ${describeMoment(latestLift(observed.period))} at the latest`;
}

function doubtReason({ doubt, pair }: Observed): string {
  return doubt === undefined
    ? `it is not certain that it is ${pair.words.applied}`
    : `the ${doubt.type} request ${doubt.id} of ${doubt.requestor} ended ${doubt.status} and may have been carried out`;
}

function coverReason(observed: Observed, context: PlanContext): string {
  return observed.period === undefined || !endsByItself(observed.period)
    ? observed.pair.words.applied
    : `isolated, for certain until ${describeMoment(earliestLift(observed.period, context.renewalRestartsLease))}`;
}

function typeDiffers(observed: Observed, declared: DeclaredContainment): boolean {
  return observed.isolationType !== undefined && observed.isolationType !== declared.isolationType;
}

function planOtherType(observed: Observed, declared: DeclaredContainment, context: PlanContext): ContainPlan {
  const difference = `it is isolated as ${observed.isolationType}, declared is ${declared.isolationType}`;
  if (!declared.allowTypeChange) {
    return {
      kind: 'keep-type',
      reason: `${difference}; changing the type releases the host for a moment, so it stays as it is. Set allowTypeChange: true to allow that, or declare isolationType: ${observed.isolationType}`,
    };
  }
  if (!context.mayRelease) {
    return {
      kind: 'keep-type',
      reason: `${difference}; the isolation is not ours to release (${ownerName(context.ownership)}), so it stays as it is. Set takeOwnership: true to make it ours`,
    };
  }
  return {
    kind: 'change-type',
    isolationType: declared.isolationType,
    reason: `${difference}, and allowTypeChange is set`,
  };
}

function ownerName(ownership: Ownership): string {
  return ownership.kind === 'foreign' ? `isolated by ${ownership.requestor}` : 'its owner is not known';
}

function planIsolating(observed: Observed, declared: DeclaredContainment, context: PlanContext): ContainPlan {
  const stuck =
    observed.period === undefined
      ? overtakenRenewal(observed, declared, context)
      : stuckRenewal(observed, declared, context);
  if (stuck !== undefined) return stuck;
  const action = observed.runningIsolates[0];
  if (action === undefined)
    return { kind: 'fail', reason: `no running ${observed.pair.words.application} was found where one was expected` };
  return { kind: 'adopt', action, reason: runningReason(action, observed) };
}

function runningReason(action: MachineAction, { pair }: Observed): string {
  return `the ${pair.words.application} that ${action.requestor} requested at ${describeMoment(action.createdAt)} is still ${action.status}; MDE gives it up at ${describeMoment(givenUpAt(action))}`;
}

function planRenewal(observed: Observed, declared: DeclaredContainment, context: PlanContext): ContainPlan {
  const stuck = stuckRenewal(observed, declared, context);
  if (stuck !== undefined) return stuck;
  const running = observed.runningIsolates[0];
  if (running !== undefined) return { kind: 'adopt', action: running, reason: runningReason(running, observed) };
  const { period } = observed;
  if (period === undefined) return { kind: 'fail', reason: 'no lease was found where one was expected' };
  // A renewal repeats the type in force: changing it is a decision of its own, and here the host must stay contained.
  const isolationType = observed.isolationType ?? declared.isolationType;
  const lift = earliestLift(period, context.renewalRestartsLease);
  const newest = Math.max(...period.isolates.map((isolate) => isolate.createdAt));
  if (observed.state === 'expiring') {
    if (wasRenewed(period, lift, declared, context) || observed.asOf - newest < bridgeEveryMs) {
      return typeDiffers(observed, declared)
        ? planOtherType(observed, declared, context)
        : { kind: 'none', reason: `renewed; ${coverReason(observed, context)}` };
    }
    return {
      kind: 'isolate',
      isolationType,
      fresh: false,
      reason: `its isolation is certain only until ${describeMoment(lift)} (in ${describeDuration(lift - observed.asOf)})`,
    };
  }
  const lifted = lastPossibleLift(period, observed.asOf);
  const outlastsLifts = lifted === undefined || newest >= lifted;
  if (outlastsLifts && observed.asOf - newest < bridgeEveryMs) {
    return {
      kind: 'none',
      reason: `MDE may have lifted its isolation since ${describeMoment(lift)}; it was isolated again at ${describeMoment(newest)}, next at ${describeMoment(newest + bridgeEveryMs)}`,
    };
  }
  return {
    kind: 'isolate',
    isolationType,
    fresh: false,
    reason: `MDE may have lifted its isolation since ${describeMoment(lift)}`,
  };
}

/** Whether this expiry was met with a renewal already. One that restarts the lease ends the expiry with it. */
function wasRenewed(period: Period, lift: number, declared: DeclaredContainment, context: PlanContext): boolean {
  if (context.renewalRestartsLease) return false;
  return period.isolates.some(
    (isolate) => isolate.id !== period.beganBy.id && isolate.createdAt >= lift - declared.renewBeforeMs,
  );
}

/**
 * A renewal of ours that was requested while the host was still isolated, hung, and did not go on when somebody released
 * the host: isolates of isolated machines are known to stay Pending, even across a release.
 */
function overtakenRenewal(
  { pair, runningIsolates, lastRelease, asOf }: Observed,
  declared: DeclaredContainment,
  context: PlanContext,
): ContainPlan | undefined {
  const action = runningIsolates.find((each) => isOurs(each, context.self));
  if (action === undefined || lastRelease === undefined || !context.machineIsActive) return undefined;
  if (action.createdAt >= lastRelease.updatedAt || asOf - lastRelease.updatedAt < stuckAfterMs) return undefined;
  return {
    kind: 'resend',
    action,
    isolationType: declared.isolationType,
    reason: `its ${pair.words.renewal} ${action.id} has not gone on since the host was ${pair.words.released} by ${lastRelease.requestor} ${describeDuration(asOf - lastRelease.updatedAt)} ago`,
  };
}

function stuckRenewal(
  observed: Observed,
  declared: DeclaredContainment,
  context: PlanContext,
): ContainPlan | undefined {
  const action = observed.runningIsolates.find((each) => isOurs(each, context.self));
  if (action === undefined || !context.machineIsActive || observed.asOf - action.createdAt < stuckAfterMs)
    return undefined;
  // Once more, not for ever: a hanging renewal of the last day that we cancelled already is not sent a third time.
  const sentTwice = observed.history.some(
    (each) =>
      each.type === observed.pair.apply &&
      each.status === 'Cancelled' &&
      isOurs(each, context.self) &&
      action.createdAt - each.createdAt < DAY,
  );
  // Where the lease may be over, the service may have refused it only for the isolation that stood then (semantics 2.2).
  const mayHaveLifted = observed.state === 'uncertain' || observed.state === 'isolating';
  if (sentTwice && !(mayHaveLifted && observed.asOf - action.createdAt >= bridgeEveryMs)) return undefined;
  return {
    kind: 'resend',
    action,
    isolationType: observed.isolationType ?? declared.isolationType,
    reason: `its ${observed.pair.words.renewal} ${action.id} has been ${action.status} for ${describeDuration(observed.asOf - action.createdAt)} on an active device`,
  };
}

function planBesideRelease(observed: Observed, declared: DeclaredContainment, context: PlanContext): ContainPlan {
  const actions = observed.runningUnisolates;
  const { isolationType } = declared;
  const { words } = observed.pair;
  const ours = actions.filter((action) => isOurs(action, context.self));
  const foreign = actions.filter((action) => !ours.includes(action));
  // Ours first, also where another's runs beside it: it would undo the isolation that outlasts theirs.
  if (ours.length > 0) {
    return {
      kind: 'cancel-release',
      actions: ours,
      isolationType,
      reason: `${words.aRelease} of ours is under way; the host is declared again`,
    };
  }
  return {
    kind: 'outlast-release',
    actions: foreign,
    running: observed.runningIsolates.find((action) => isOurs(action, context.self)),
    isolationType,
    reason: `${foreign[0]?.requestor} is ${words.releasing} it (${foreign[0]?.id})`,
  };
}
