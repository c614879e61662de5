import type { MachineAction } from '../defender/machine-action.ts';
import { describeMoment } from './duration.ts';
import { earliestLift, endsByItself, latestLift, type Period } from './lease.ts';
import { isObserved, type Observation, type Observed, unobservedReason } from './observation.ts';
import { isOurs, type Ownership, type Self } from './ownership.ts';
import { stateWord } from './pair.ts';

/** What is needed to bring a host to *released*, and why (semantics 5). */
export type ReleasePlan =
  /** Nothing is sent, and the host may leave the state. */
  | { readonly kind: 'gone'; readonly reason: string }
  /** Left contained on purpose; the host may leave the state, with this warning. */
  | { readonly kind: 'leave'; readonly reason: string }
  | {
      readonly kind: 'release';
      readonly cancel: readonly MachineAction[];
      readonly adopt: MachineAction | undefined;
      readonly reason: string;
    }
  /** Nothing is sent, and the host stays in state. */
  | { readonly kind: 'fail'; readonly reason: string };

export interface ReleaseContext {
  readonly self: Self;
  /** Without running isolates of others: those are told apart here. */
  readonly ownership: Ownership;
  readonly renewalRestartsLease: boolean;
  readonly retain: boolean;
  readonly releaseForeign: boolean;
}

export function planReleased(observation: Observation, context: ReleaseContext): ReleasePlan {
  if (observation.state === 'missing')
    return { kind: 'gone', reason: 'Defender no longer knows this machine; nothing was sent' };
  if (!isObserved(observation)) {
    return {
      kind: 'fail',
      reason: `${unobservedReason(observation)}. Nothing was sent, the host stays in state; run again`,
    };
  }
  const { words } = observation.pair;
  const state = stateWord(observation.pair, observation.state);
  if (observation.state === 'released') return { kind: 'gone', reason: `it is not ${words.applied}; nothing was sent` };
  if (observation.state === 'lapsed' && wasSentRelease(observation)) {
    return {
      kind: 'gone',
      reason: `its ${words.application} has lapsed, and ${words.aRelease} was sent after that; nothing was sent`,
    };
  }
  if (context.retain)
    return {
      kind: 'leave',
      reason: `onDelete is retain: it is left as it is (${state}). ${liftReason(observation.period, context)}`,
    };
  const cancel = observation.runningIsolates.filter((action) => isOurs(action, context.self));
  const foreignRunning = observation.runningIsolates.find((action) => !cancel.includes(action));
  if (context.ownership.kind === 'foreign' && !context.releaseForeign) {
    return {
      kind: 'leave',
      reason: `the ${words.application} is not ours: ${whoBegan(context.ownership, context.self)}. It is left ${words.applied}. ${liftReason(observation.period, context)} Set releaseForeign: true to ${words.release} it all the same`,
    };
  }
  if (foreignRunning !== undefined) {
    return {
      // A host in which nothing is ours may leave the state; one that a request of ours still waits for may not.
      kind: context.ownership.kind === 'none' && cancel.length === 0 ? 'leave' : 'fail',
      reason: `${foreignRunning.requestor} has requested ${words.anApplication} that is still ${foreignRunning.status} (${foreignRunning.id}); it is not ours to cancel. Nothing was ${words.released}`,
    };
  }
  return {
    kind: 'release',
    cancel,
    adopt: observation.runningUnisolates[0],
    reason: `it is ${state} by a request of ours`,
  };
}

function whoBegan(ownership: Extract<Ownership, { kind: 'foreign' }>, self: Self): string {
  const { action, requestor } = ownership;
  const when = describeMoment(action.createdAt);
  return isOurs(action, self)
    ? `${requestor} began it before our renewal ${action.id} of ${when}`
    : `${requestor} requested ${action.id} at ${when}`;
}

/** One release is sent to what has lapsed (semantics 5.3), however it ends: the service may fail what releases nothing. */
function wasSentRelease({ pair, history, period }: Observed): boolean {
  return (
    period !== undefined && history.some((action) => action.type === pair.lift && action.createdAt > latestLift(period))
  );
}

export function liftReason(period: Period | undefined, context: { readonly renewalRestartsLease: boolean }): string {
  if (period === undefined) return '';
  if (!endsByItself(period)) return 'It stands until somebody lifts it.';
  return `MDE lifts it by itself between ${describeMoment(earliestLift(period, context.renewalRestartsLease))} and ${describeMoment(latestLift(period))}.`;
}
