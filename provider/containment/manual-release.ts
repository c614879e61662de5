import type { MachineAction } from '../defender/machine-action.ts';
import { describeMoment, HOUR } from './duration.ts';
import { type Observed, windowMs } from './observation.ts';
import { isOurs, type Self } from './ownership.ts';

/** What somebody else's release by hand means for a host that is still declared. */
export type ManualRelease =
  /** It is respected. */
  | { readonly kind: 'hold'; readonly reason: string }
  /** It was released by others again and again: a person has to decide. */
  | { readonly kind: 'disputed'; readonly reason: string };

/** Within this time of an isolation of ours a foreign release counts as answer to it (semantics 7.3). */
const disputeWithinMs = 24 * HOUR;
/** Two of them are a dispute. */
const disputesAfter = 2;

/** A release by hand that is respected, or fought over, as long as the declaration stays as it was (semantics 7). */
export function manualRelease(
  observed: Observed,
  onManualRelease: 'reisolate' | 'hold',
  context: { readonly self: Self; readonly declarationChanged: boolean },
): ManualRelease | undefined {
  if (context.declarationChanged) return undefined;
  const { words } = observed.pair;
  const wanted = observed.runningUnisolates.find(
    (action) => !isOurs(action, context.self) && (asksToHold(action) || onManualRelease === 'hold'),
  );
  if (wanted !== undefined) {
    const how = asksToHold(wanted) ? 'with mde-hold' : 'and onManualRelease is hold';
    return {
      kind: 'hold',
      reason: `${wanted.requestor} is ${words.releasing} it (${wanted.id}, ${wanted.status}) ${how}; change this host's declaration (its comment will do) to keep it ${words.applied}`,
    };
  }
  const release = foreignReleaseInForce(observed, context.self);
  if (release === undefined) return undefined;
  const by = `${words.released} by ${release.requestor} at ${describeMoment(release.updatedAt)}`;
  const goOn = `change this host's declaration (its comment will do) to ${words.apply} it again`;
  if (asksToHold(release)) {
    return { kind: 'hold', reason: `${by} with mde-hold; ${goOn}` };
  }
  if (onManualRelease === 'hold') return { kind: 'hold', reason: `${by}, and onManualRelease is hold; ${goOn}` };
  const count = foreignReleasesOfOurs(observed, context.self);
  if (count >= disputesAfter) {
    return {
      kind: 'disputed',
      reason: `${by}, ${count} times now within a day of ${words.anApplication} by us, so we stop here. Settle it with them, then ${goOn}`,
    };
  }
  return undefined;
}

function asksToHold(release: MachineAction): boolean {
  return release.requestorComment.toLowerCase().includes('mde-hold');
}

/** The foreign release that nothing of ours came after, running ones not counted. */
function foreignReleaseInForce(observed: Observed, self: Self): MachineAction | undefined {
  if (observed.state !== 'released' && observed.state !== 'doubtful') return undefined;
  const release = observed.lastRelease;
  if (release === undefined || isOurs(release, self) || isLift(release, observed)) return undefined;
  const answered = observed.history.some(
    (action) => action.type === observed.pair.apply && action.createdAt > release.updatedAt && isOurs(action, self),
  );
  return answered ? undefined : release;
}

/**
 * MDE's own lift, should that leave a record: asked for by neither a person nor an app, when the lease that it ended may
 * have been over. Nobody decided it, so there is no decision to respect.
 */
function isLift(release: MachineAction, { history, pair }: Observed): boolean {
  if (release.requestSource === 'Portal' || release.requestSource === 'PublicApi') return false;
  const before = history.filter(({ status, updatedAt }) => status === 'Succeeded' && updatedAt < release.updatedAt);
  const releasedAt = before.filter(({ type }) => type === pair.lift).map(({ updatedAt }) => updatedAt);
  const since = Math.max(Number.NEGATIVE_INFINITY, ...releasedAt);
  const begun = before.filter(({ type, updatedAt }) => type === pair.apply && updatedAt > since);
  const began = Math.min(Number.POSITIVE_INFINITY, ...begun.map(({ createdAt }) => createdAt));
  return release.updatedAt >= began + pair.lease.leastMs;
}

function foreignReleasesOfOurs(observed: Observed, self: Self): number {
  const ours = observed.history.filter(
    (action) => action.type === observed.pair.apply && action.status === 'Succeeded' && isOurs(action, self),
  );
  const releases = observed.history.filter(
    (action) =>
      action.type === observed.pair.lift &&
      action.status === 'Succeeded' &&
      !isOurs(action, self) &&
      !isLift(action, observed) &&
      // An old quarrel is over; and a whole history must not tell another count than the window does.
      action.updatedAt > observed.asOf - windowMs,
  );
  // One isolation is answered by its first release only.
  return ours.filter((isolate, index) => {
    const next = ours[index + 1];
    return releases.some(
      (release) =>
        release.updatedAt >= isolate.updatedAt &&
        release.updatedAt - isolate.updatedAt <= disputeWithinMs &&
        (next === undefined || release.updatedAt < next.updatedAt),
    );
  }).length;
}
