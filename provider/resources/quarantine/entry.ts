import { isDefenderError } from '../../defender/errors.ts';
import type { MachineId } from '../../defender/machine.ts';
import type { HostRequest } from '../machine-isolation/act.ts';
import type { HostContext } from '../machine-isolation/among.ts';
import { bind } from '../machine-isolation/claim.ts';
import { machineOf } from '../machine-isolation/converge.ts';
import { describeDefenderError, machineIdOf } from '../machine-isolation/sight.ts';
import { remember } from '../machine-isolation/state.ts';
import { UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';
import type { KnownHost } from './known-host.ts';

/** A declared host, and the machine that it means. */
export interface Entry {
  readonly host: DeclaredHost;
  readonly known: KnownHost | undefined;
  readonly machineId: MachineId;
}

/** Tells which machine a declared host means, and claims it. Throws UserError. */
export async function entryOf(
  host: DeclaredHost,
  known: KnownHost | undefined,
  context: HostContext,
  runtime: Runtime,
): Promise<Entry> {
  if (known !== undefined) {
    bind(context, known.machineId, runtime);
    return { host, known, machineId: known.machineId };
  }
  const { machineId, deviceName } = host.inputs;
  if (machineId === undefined || deviceName === undefined)
    return { host, known, machineId: await machineOf(context, host.inputs, runtime) };
  const id = machineIdOf(machineId);
  bind(context, id, runtime);
  await mustBeNamed(id, deviceName, runtime);
  return { host, known, machineId: id };
}

/** With an id and a name given, the two must agree: one of them may be a slip, and the wrong host would be cut off. */
async function mustBeNamed(id: MachineId, deviceName: string, { fleet }: Runtime): Promise<void> {
  let name: string | undefined;
  try {
    const machine = await fleet.observatory.machine(id, fleet.observatory.readableRecord());
    // A machine that is gone is told of where it is looked at.
    if (machine === undefined) return;
    name = machine.computerDnsName;
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    throw new UserError(`${deviceName} could not be looked up: ${describeDefenderError(error)}`, { cause: error });
  }
  if (name?.toLowerCase() === deviceName.toLowerCase()) return;
  throw new UserError(
    `machineId ${id} is named ${name ?? '(no name)'} in Defender, declared is deviceName ${deviceName}. Nothing was sent; correct one of the two, or leave one out`,
  );
}

export function requestOf({ host, known, machineId }: Entry, context: HostContext, runtime: Runtime): HostRequest {
  return {
    context,
    runtime,
    machineId,
    inputs: host.inputs,
    remembered: known === undefined ? runtime.predecessors.get(machineId) : remember(known.state),
    declarationChanged: known?.declared.line !== host.line,
  };
}
