import { isDefenderError } from '../../defender/errors.ts';
import type { MachineId } from '../../defender/machine.ts';
import { describeDefenderError, machineIdOf } from '../machine-isolation/sight.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';
import type { KnownHost } from './known-host.ts';
import { eachOf } from './turns.ts';

/** Whether a machine bears the name that is declared beside its id. */
export type NameOfId =
  | { readonly kind: 'agrees' }
  /** Defender knows no such machine. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'disagrees'; readonly reason: string };

/** With an id and a name given, the two must agree: one of them may be a slip, and the wrong host would be cut off. */
export async function nameOfId(id: MachineId, deviceName: string, { fleet }: Runtime): Promise<NameOfId> {
  let name: string | undefined;
  try {
    const machine = await fleet.observatory.machine(id, fleet.observatory.readableRecord());
    if (machine === undefined) return { kind: 'missing' };
    name = machine.computerDnsName;
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    return { kind: 'disagrees', reason: `${deviceName} could not be looked up: ${describeDefenderError(error)}` };
  }
  if (name?.toLowerCase() === deviceName.toLowerCase()) return { kind: 'agrees' };
  return {
    kind: 'disagrees',
    reason: `machineId ${id} is named ${name ?? '(no name)'} in Defender, declared is deviceName ${deviceName}. Nothing was sent; correct one of the two, or leave one out`,
  };
}

/**
 * Hosts that are declared no more only because their name stands beside another machine id now, which is not named so: a
 * slip of the hand, that must free nobody. Answers why each is not released.
 */
export async function mistakenForGone(
  removed: readonly KnownHost[],
  added: readonly DeclaredHost[],
  runtime: Runtime,
): Promise<ReadonlyMap<KnownHost, string>> {
  const { words } = runtime.pair;
  const rivals = new Map<string, DeclaredHost>();
  for (const host of added) {
    const { machineId, deviceName } = host.inputs;
    if (machineId !== undefined && deviceName !== undefined) rivals.set(deviceName.toLowerCase(), host);
  }
  const mistaken = new Map<KnownHost, string>();
  if (rivals.size === 0) return mistaken;
  await eachOf(removed, async (known) => {
    const names = [known.state.deviceName, known.declared.inputs.deviceName];
    const rival = names.map((name) => rivals.get(name?.toLowerCase() ?? '')).find((each) => each !== undefined);
    const { machineId = '', deviceName = '' } = rival?.inputs ?? {};
    if (rival === undefined || (await nameOfId(machineIdOf(machineId), deviceName, runtime)).kind === 'agrees') return;
    const reason = `not ${words.released}: ${deviceName} (${known.machineId}) is declared with the machine id ${machineId} now, which is not that of a machine of this name. It stays ${words.applied} and in state; correct the id, or remove the host`;
    mistaken.set(known, reason);
  });
  return mistaken;
}
