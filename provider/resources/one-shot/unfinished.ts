import { describeMoment } from '../../containment/duration.ts';
import { givenUpAt } from '../../containment/lease.ts';
import type { OneShotAction } from '../../containment/one-shot-actions.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import type { Tracked } from '../../fleet/tracker.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';

/** It still runs at the end of its time, for people. */
export function notYet({ DONE, request }: OneShotAction, host: string, { action, ended, error }: Tracked): string {
  const why =
    ended === 'aborted'
      ? 'the run was cancelled'
      : ended === 'lookup-failed' && isDefenderError(error)
        ? `it could not be followed any further: ${describeDefenderError(error)}`
        : 'the time-out of this operation is over';
  return `NOT ${DONE} YET: ${host}: ${request} ${action.id} of ${action.requestor} is ${action.status}; ${why}. It is kept in state, and MDE tries until ${describeMoment(givenUpAt(action))}. Run again to see what became of it`;
}

/** It ended without success. */
export function notDone(words: OneShotAction, host: string, action: MachineAction): string {
  return `NOT ${words.DONE}: ${host}: ${words.request} ${action.id} ended ${whyEnded(words, action)}. The next run asks again`;
}

export function whyEnded({ needs }: OneShotAction, action: MachineAction): string {
  switch (action.status) {
    case 'Cancelled': {
      const by = action.cancellationRequestor ?? 'somebody';
      const why = action.cancellationComment ? `: ${action.cancellationComment}` : '';
      return `Cancelled by ${by}${why}`;
    }
    case 'TimeOut':
      return 'TimeOut: the device did not take it within three days. See in the Defender portal whether it still reports';
    default:
      return `${action.status}. ${needs}`;
  }
}

/** It is under way, and this run does not wait for it. */
export function left({ DONE }: OneShotAction, host: string, reason: string): string {
  return `NOT ${DONE} YET: ${host}: ${reason}; this run does not wait for it`;
}
