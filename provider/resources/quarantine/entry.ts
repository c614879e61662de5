import type { MachineId } from '../../defender/machine.ts';
import type { HostRequest } from '../machine-isolation/act.ts';
import type { HostContext } from '../machine-isolation/among.ts';
import { bind } from '../machine-isolation/claim.ts';
import { machineOf } from '../machine-isolation/converge.ts';
import { nameOfId } from '../machine-isolation/name-of-id.ts';
import { machineIdOf } from '../machine-isolation/sight.ts';
import { remember } from '../machine-isolation/state.ts';
import { UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';
import { declarationChanges, type KnownHost } from './known-host.ts';

/** A declared host, and the machine that it means. */
export interface Entry {
  readonly host: DeclaredHost;
  readonly known: KnownHost | undefined;
  readonly machineId: MachineId;
  /** An earlier run has bound it to this machine (semantics 6.1). */
  readonly isBound: boolean;
}

/**
 * Tells which machine a declared host means, and claims it. Throws UserError.
 *
 * @param boundTo the machine, where that is known already
 */
export async function entryOf(
  host: DeclaredHost,
  known: KnownHost | undefined,
  context: HostContext,
  runtime: Runtime,
  boundTo = known?.machineId,
): Promise<Entry> {
  if (boundTo !== undefined) {
    bind(context, boundTo, runtime);
    return { host, known, machineId: boundTo, isBound: true };
  }
  const { machineId, deviceName } = host.inputs;
  if (machineId === undefined || deviceName === undefined)
    return { host, known, machineId: await machineOf(context, host.inputs, runtime), isBound: false };
  const id = machineIdOf(machineId);
  bind(context, id, runtime);
  const named = await nameOfId(id, deviceName, runtime);
  // A machine that is gone is told of where it is looked at.
  if (named.kind === 'disagrees') throw new UserError(named.reason);
  return { host, known, machineId: id, isBound: false };
}

export function requestOf({ host, known, machineId }: Entry, context: HostContext, runtime: Runtime): HostRequest {
  return {
    context,
    runtime,
    machineId,
    inputs: host.inputs,
    remembered: known === undefined ? runtime.predecessors.get(machineId) : remember(known.state),
    declarationChanged: known === undefined || declarationChanges(known, host),
  };
}
