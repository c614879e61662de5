import { describeMoment } from '../../containment/duration.ts';
import { givenUpAt } from '../../containment/lease.ts';
import type { Pair, PairWords } from '../../containment/pair.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import type { Tracked } from '../../fleet/tracker.ts';
import { hostOf } from './act.ts';
import { describeDefenderError, type Sight } from './sight.ts';

/** Why a host is not contained after its request was followed, for people. */
export function unfinished(sight: Sight, tracked: Tracked, { words }: Pair): string {
  return tracked.ended === 'final' ? notIsolated(sight, tracked.action, words) : notYet(sight, tracked, words);
}

function notIsolated(sight: Sight, action: MachineAction, words: PairWords): string {
  const by = action.cancellationRequestor === null ? '' : ` by ${action.cancellationRequestor}`;
  return `NOT ${words.CONTAINED}: ${hostOf(sight)}: the ${words.application} request ${action.id} ended ${action.status}${by}. The next run sends it again; the device's page in the Defender portal may say why${words.needs === undefined ? '' : `. ${words.needs}`}`;
}

function notYet(sight: Sight, tracked: Tracked, words: PairWords): string {
  const { action } = tracked;
  const why =
    tracked.ended === 'aborted'
      ? 'the run was cancelled'
      : tracked.ended === 'lookup-failed' && isDefenderError(tracked.error)
        ? `it could not be followed any further: ${describeDefenderError(tracked.error)}`
        : 'the time-out of this operation is over';
  return `NOT ${words.CONTAINED} YET: ${hostOf(sight)}: the ${words.application} request ${action.id} of ${action.requestor} is ${action.status}; ${why}. It is kept in state, and MDE tries until ${describeMoment(givenUpAt(action))}. Run again to see what became of it`;
}
