import { oneShotActions } from '../../containment/one-shot-actions.ts';
import { rateWindows } from '../../defender/throttle.ts';
import { signalOf } from '../machine-isolation/act.ts';
import { paceOf } from '../quarantine/progress.ts';
import { SetTime } from '../quarantine/set-time.ts';
import { unexpected } from '../quarantine/told.ts';
import { inTurn } from '../quarantine/turns.ts';
import type { OperationContext } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { WaitFor } from '../schema-types.ts';
import { askOnce, hostOf, type OneShot, type OneShotEnd } from './ask.ts';

/** Requests that are begun at a time, until they only wait; twice what the client has under way on a route. */
const width = 32;

/**
 * Asks many machines, side by side, at the pace that the limits allow; all are observed and followed together. What one of
 * them meets never holds up another. The ends are in the order of the requests.
 *
 * @param standing how many of the declaration's machines need nothing, for the progress
 */
export async function askAll(
  shots: readonly OneShot[],
  standing: number,
  context: OperationContext,
  waitFor: WaitFor,
  runtime: Runtime,
): Promise<readonly OneShotEnd[]> {
  const [first] = shots;
  if (first === undefined) return [];
  const time = new SetTime(runtime, shots.length, context.timeoutMs);
  const { done } = oneShotActions[first.ask.type];
  const total = standing + shots.length;
  let finished = standing;
  let failed = 0;
  const tell = () => {
    const left = paceOf(time.unsent, rateWindows(runtime.settings.defender.rateLimits));
    const parts = [`${finished}/${total} ${done}`, ...(failed > 0 ? [`${failed} failed`] : []), ...left];
    context.log.status(parts.join(', '));
  };
  const ends = new Map<OneShot, OneShotEnd>();
  const noMore = runtime.fleet.tracker.expectMore();
  const settled = () => {
    time.settled();
    if (time.unsent <= 0) noMore();
  };
  try {
    await inTurn(shots, width, async (shot, waits) => {
      let isOpen = true;
      const settle = () => {
        if (isOpen) settled();
        isOpen = false;
      };
      const end = await carryOut(shot, {
        runtime,
        time,
        waitFor,
        signal: signalOf({ context, runtime }),
        status: (text) => (shots.length === 1 ? context.log.status(text) : undefined),
        waits() {
          waits();
          settle();
        },
      });
      settle();
      ends.set(shot, end);
      if (end.outcome === 'failed') failed += 1;
      else if (end.outcome !== 'waits') finished += 1;
      if (total > 1) tell();
    });
  } finally {
    noMore();
  }
  return shots.flatMap((shot) => ends.get(shot) ?? []);
}

/** A fault of ours with one machine must not lose what was done to the others. */
async function carryOut(shot: OneShot, way: Parameters<typeof askOnce>[1]): Promise<OneShotEnd> {
  try {
    return await askOnce(shot, way);
  } catch (error) {
    const { machineId } = shot;
    const { DONE } = oneShotActions[shot.ask.type];
    const text = `NOT ${DONE}: ${hostOf(machineId, undefined)}: ${unexpected(error)}`;
    return { machineId, machine: undefined, action: undefined, outcome: 'failed', text };
  }
}
