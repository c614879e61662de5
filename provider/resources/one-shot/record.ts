import type { OneShotType } from '../../containment/one-shot-actions.ts';
import { isRunning } from '../../defender/machine-action.ts';
import type { Outcome } from '../../fleet/run-record.ts';
import type { Runtime } from '../runtime.ts';
import type { OneShotEnd } from './ask.ts';

/** Tells the end of the run what became of a request. */
export function note(key: string, oneShot: OneShotType, end: OneShotEnd, { record }: Pick<Runtime, 'record'>): void {
  const { machineId, machine, action } = end;
  const host = machine?.computerDnsName ?? action?.computerDnsName ?? machineId;
  record.note(key, { outcome: outcomeOf(end), oneShot, machineId, host, reason: withoutHost(end.text) });
}

function outcomeOf({ outcome, action }: OneShotEnd): Outcome {
  switch (outcome) {
    case 'done':
      return 'done';
    case 'standing':
      return 'unchanged';
    case 'waits':
      return 'not-done-yet';
    case 'failed':
      return action !== undefined && isRunning(action) ? 'not-done-yet' : 'not-done';
  }
}

/** `NOT SCANNED: pc-1 (1de9…): `, which the heading and the host say already. */
function withoutHost(text: string): string {
  return text.replace(/^NOT [A-Z ]+: (?:machine )?\S+(?: \([0-9a-f]{40}\))?: /, '');
}
