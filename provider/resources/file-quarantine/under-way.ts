import { isDefenderError } from '../../defender/errors.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import { eachOf } from '../quarantine/turns.ts';
import type { Runtime } from '../runtime.ts';
import { isUnderWay, type KnownMachine, requestOf } from './known-machine.ts';

export interface Followed {
  readonly machine: KnownMachine;
  /** Why it could not be looked at. */
  readonly unseen: string | undefined;
}

/** What has become of requests that were under way; what is final stays so, and needs no call. Throws nothing of Defender's. */
export function lookAtUnderWay(machines: Iterable<KnownMachine>, runtime: Runtime): Promise<readonly Followed[]> {
  return eachOf([...machines], async (machine) => {
    if (!isUnderWay(machine.request)) return { machine, unseen: undefined };
    try {
      const action = await runtime.oneShots.actions.get(machine.request.actionId);
      // A new one may not show yet, and an old one may be forgotten: neither says anything new.
      const isIts = action?.machineId === machine.machineId;
      return { machine: isIts ? { ...machine, request: requestOf(action) } : machine, unseen: undefined };
    } catch (error) {
      if (!isDefenderError(error)) throw error;
      return { machine, unseen: describeDefenderError(error) };
    }
  });
}
