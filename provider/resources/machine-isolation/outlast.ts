import { isObserved } from '../../containment/observation.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import { type HostRequest, hostOf, signalOf } from './act.ts';
import type { Sight } from './sight.ts';

/** Whether an isolation that was requested after these releases has succeeded already. */
export function isIsolatedSince(releases: readonly MachineAction[], { observation }: Sight): boolean {
  if (!isObserved(observation)) return false;
  return observation.history.some(
    (action) =>
      action.type === observation.pair.apply &&
      action.status === 'Succeeded' &&
      releases.every((release) => action.createdAt > release.createdAt),
  );
}

/** Follows the releases of others to their end; answers why not, where that is not reached. */
export async function outlast(
  releases: readonly MachineAction[],
  sight: Sight,
  request: HostRequest,
  deadline: () => number,
  followed: Map<string, MachineAction>,
): Promise<string | undefined> {
  const { context, runtime } = request;
  const { words } = runtime.pair;
  for (const action of releases) {
    context.log.status(
      `${words.applied} beside ${words.theRelease} ${action.id} of ${action.requestor}, which still runs`,
    );
    const tracked = await runtime.fleet.tracker.track(action, {
      timeoutMs: Math.max(0, deadline()),
      signal: signalOf(request),
    });
    followed.set(action.id, tracked.action);
    if (tracked.ended === 'final') continue;
    return `NOT ${words.CONTAINED} FOR CERTAIN: ${hostOf(sight)}: it was ${words.applied}, and the ${words.theRelease} ${action.id} of ${action.requestor} is still ${tracked.action.status}. It is not ours to cancel; settle it with them, then run again`;
  }
  return undefined;
}
