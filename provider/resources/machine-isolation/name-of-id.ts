import { isDefenderError } from '../../defender/errors.ts';
import type { MachineId } from '../../defender/machine.ts';
import type { Rival } from '../../fleet/claims.ts';
import type { Runtime } from '../runtime.ts';
import { describeDefenderError } from './sight.ts';

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
 * Why a machine is not released whose name stands beside another machine id now, here or in another set: that one is not
 * named so, which is a slip of the hand, and must free nobody (semantics 6.2).
 */
export async function slipIn(
  rivals: readonly Rival[],
  machineId: MachineId,
  runtime: Runtime,
): Promise<string | undefined> {
  const { words } = runtime.pair;
  for (const rival of rivals) {
    if (rival.machineId === machineId || (await nameOfId(rival.machineId, rival.deviceName, runtime)).kind === 'agrees')
      continue;
    return `not ${words.released}: ${rival.deviceName} (${machineId}) is declared with the machine id ${rival.machineId} now, which is not that of a machine of this name. It stays ${words.applied} and in state; correct the id, or remove the host`;
  }
  return undefined;
}
