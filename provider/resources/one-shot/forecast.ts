import { markOf } from '../../containment/mark.ts';
import { planOneShot } from '../../containment/one-shot.ts';
import { refusedBecause } from '../../containment/one-shot-actions.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { Machine } from '../../defender/machine.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import type { Runtime } from '../runtime.ts';
import { lookAtHistory, type OneShot } from './ask.ts';

/** What a run would do about one machine. */
export interface Forecast {
  /** `waits`: for a request that runs already. */
  readonly kind: 'asks' | 'waits' | 'nothing' | 'fails';
  readonly machine: Machine | undefined;
  readonly reason: string;
}

/** Reads only, and what others have read lately. */
export async function forecast(shot: OneShot, runtime: Runtime): Promise<Forecast> {
  const { observatory } = runtime.fleet;
  let machine: Machine | undefined;
  try {
    machine = await observatory.machine(shot.machineId, observatory.readableRecord());
    if (machine === undefined)
      return {
        kind: 'fails',
        machine,
        reason: 'Defender knows no machine with this id (404). Correct it, or take it out',
      };
    const looked = await lookAtHistory(shot, runtime, new Map(), observatory.readable());
    const { ask, source, known, replacesUntil } = shot;
    const plan = planOneShot({ ask, mark: markOf(source), known, replacesUntil, ...looked });
    if (plan.kind === 'none') return { kind: 'nothing', machine, reason: plan.reason };
    if (plan.kind !== 'send') return { kind: 'waits', machine, reason: plan.reason };
    const refused = refusedBecause(machine, ask.type);
    return refused === undefined
      ? { kind: 'asks', machine, reason: plan.reason }
      : { kind: 'fails', machine, reason: refused };
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    return { kind: 'fails', machine, reason: `it could not be observed: ${describeDefenderError(error)}` };
  }
}
