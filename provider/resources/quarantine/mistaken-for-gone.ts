import type { Rival } from '../../fleet/claims.ts';
import { slipIn } from '../machine-isolation/name-of-id.ts';
import { machineIdOf } from '../machine-isolation/sight.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';
import type { KnownHost } from './known-host.ts';
import { eachOf } from './turns.ts';

/**
 * Hosts that are declared no more only because their name stands beside another machine id now, which is not named so: a
 * slip of the hand, that must free nobody. Answers why each is not released.
 *
 * @param declared hosts of this set, those too whose machines it knows: the slip may be the id of one of them
 */
export async function mistakenForGone(
  removed: readonly KnownHost[],
  declared: Iterable<DeclaredHost>,
  runtime: Runtime,
): Promise<ReadonlyMap<KnownHost, string>> {
  const mistaken = new Map<KnownHost, string>();
  if (removed.length === 0) return mistaken;
  const here = new Map<string, Rival>();
  for (const { inputs } of declared) {
    const { machineId, deviceName } = inputs;
    if (machineId !== undefined && deviceName !== undefined)
      here.set(deviceName.toLowerCase(), { machineId: machineIdOf(machineId), deviceName });
  }
  await eachOf(removed, async (known) => {
    const names = [known.state.deviceName, known.declared.inputs.deviceName];
    const own = names.flatMap((name) => here.get(name?.toLowerCase() ?? '') ?? []);
    const reason = await slipIn([...own, ...runtime.claims.rivals(known.machineId, names)], known.machineId, runtime);
    if (reason !== undefined) mistaken.set(known, reason);
  });
  return mistaken;
}
