import { describeMoment } from '../../containment/duration.ts';
import { givenUpAt } from '../../containment/lease.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import type { Tracked } from '../../fleet/tracker.ts';
import { hostOf } from './act.ts';
import { describeDefenderError, type Sight } from './sight.ts';

/** Why a host is not contained after its request was followed, for people. */
export function unfinished(sight: Sight, tracked: Tracked): string {
  return tracked.ended === 'final' ? notIsolated(sight, tracked.action) : notYet(sight, tracked);
}

function notIsolated(sight: Sight, action: MachineAction): string {
  const by = action.cancellationRequestor === null ? '' : ` by ${action.cancellationRequestor}`;
  return `NOT CONTAINED: ${hostOf(sight)}: the isolation request ${action.id} ended ${action.status}${by}. The next run sends it again; the device's page in the Defender portal may say why`;
}

function notYet(sight: Sight, tracked: Tracked): string {
  const { action } = tracked;
  const why =
    tracked.ended === 'aborted'
      ? 'the run was cancelled'
      : tracked.ended === 'lookup-failed' && isDefenderError(tracked.error)
        ? `it could not be followed any further: ${describeDefenderError(tracked.error)}`
        : 'the time-out of this operation is over';
  return `NOT CONTAINED YET: ${hostOf(sight)}: the isolation request ${action.id} of ${action.requestor} is ${action.status}; ${why}. It is kept in state, and MDE tries until ${describeMoment(givenUpAt(action))}. Run again to see what became of it`;
}
