import { describeMoment } from '../../provider/containment/duration.ts';
import { isMarked } from '../../provider/containment/mark.ts';
import { isObserved, type Observation, unobservedReason } from '../../provider/containment/observation.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';

/** What breaking the glass means for one host. */
export type GlassPlan =
  /** Cancel these isolates, then send a release; or follow the one that runs already. */
  | { readonly kind: 'release'; readonly cancel: readonly MachineAction[]; readonly adopt: MachineAction | undefined }
  /** Nothing is sent: it is not isolated. */
  | { readonly kind: 'free'; readonly reason: string }
  /** Nothing is sent, and it is not released for certain. */
  | { readonly kind: 'leave'; readonly reason: string };

/**
 * A person decides here, so ownership does not matter: what is isolated is released, whoever isolated it. An isolation
 * that another has requested and that still waits is not undone: it would come after the release (semantics 5.1).
 */
export function planGlass(observation: Observation): GlassPlan {
  if (!isObserved(observation)) return { kind: 'leave', reason: `${unobservedReason(observation)}. Nothing is sent` };
  const cancel = observation.runningIsolates.filter(isMarked);
  const foreign = observation.runningIsolates.filter((action) => !isMarked(action));
  if (foreign.length > 0) {
    const told = foreign.map(
      ({ id, requestor, status, createdAt }) =>
        `${id} of ${requestor} (${status}, requested ${describeMoment(createdAt)})`,
    );
    return {
      kind: 'leave',
      reason: `an isolation of another is queued and would isolate it again: ${told.join('; ')}. Nothing is sent; cancel it in the Defender portal or settle it with them, then run again`,
    };
  }
  if (observation.state === 'released') return { kind: 'free', reason: 'it is not isolated; nothing is sent' };
  return { kind: 'release', cancel, adopt: observation.runningUnisolates[0] };
}
