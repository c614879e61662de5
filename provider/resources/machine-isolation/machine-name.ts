import { isDefenderError } from '../../defender/errors.ts';
import type { Machine } from '../../defender/machine.ts';
import { IncompleteList } from '../../fleet/name-lookup.ts';
import { UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';

import { describeDefenderError } from './sight.ts';

/** The machine that a whole device name means, ignoring case (semantics 6.1). Throws UserError where none or several do. */
export async function resolveName(name: string, runtime: Runtime): Promise<Machine> {
  let machines: readonly Machine[];
  try {
    machines = await runtime.fleet.names.find(name);
  } catch (error) {
    if (error instanceof IncompleteList) throw new UserError(incomplete(name), { cause: error });
    if (!isDefenderError(error)) throw error;
    throw new UserError(`deviceName ${name} could not be looked up: ${describeDefenderError(error)}`, { cause: error });
  }
  return machineNamed(name, machines);
}

function incomplete(name: string): string {
  return `deviceName ${name}: the list of machines was not complete; nothing was decided on it. Run again`;
}

/** The one that is meant among all machines of this name (semantics 6.1). Throws UserError where none or several are. */
function machineNamed(name: string, machines: readonly Machine[]): Machine {
  const live = machines.filter((machine) => !isOldTwin(machine));
  const [only, ...others] = live;
  if (only === undefined) {
    throw new UserError(
      machines.length === 0
        ? `deviceName: no machine is named ${name}. Give the whole name as Defender shows it, or declare the machineId`
        : `deviceName ${name}: only inactive machines that were merged into another have this name (${machines.map(describeMachine).join('; ')}). Declare the machineId`,
    );
  }
  if (others.length > 0) {
    throw new UserError(
      `deviceName ${name} is ambiguous: ${live.map(describeMachine).join('; ')}. Declare the machineId of the one that is meant`,
    );
  }
  return only;
}

/** The record that a reinstalled or renamed device leaves behind. */
export function isOldTwin(machine: Machine): boolean {
  return (
    machine.healthStatus === 'Inactive' &&
    machine.mergedIntoMachineId !== undefined &&
    machine.mergedIntoMachineId !== ''
  );
}

export function describeMachine(machine: Machine): string {
  return `${machine.id} (last seen ${machine.lastSeen ?? 'never'}, ${machine.healthStatus ?? 'health unknown'})`;
}

/**
 * Whether a host that was bound by its name is still the one of that name (semantics 6.2). Looked up only where the bound
 * machine gives cause: it no longer reports, was merged, or has another name now.
 */
export async function boundElsewhere(
  machine: Machine,
  declaredName: string,
  runtime: Runtime,
): Promise<{ error?: string; warning?: string }> {
  const renamed = machine.computerDnsName?.toLowerCase() !== declaredName.toLowerCase();
  if (!renamed && machine.healthStatus === 'Active' && !machine.mergedIntoMachineId) return {};
  let named: readonly Machine[];
  try {
    named = await runtime.fleet.names.find(declaredName);
  } catch (error) {
    // The part that is missing may hold the second machine of this name.
    if (error instanceof IncompleteList) return { error: incomplete(declaredName) };
    throw error;
  }
  const live = named.filter((each) => !isOldTwin(each));
  const others = live.filter((each) => each.id !== machine.id);
  if (others.length === 0) {
    if (!renamed) return {};
    return {
      warning: `the device is now named ${machine.computerDnsName ?? '(no name)'}; it is the same machine ${machine.id}. Declare the new name or its machineId`,
    };
  }
  return {
    error: `deviceName ${declaredName} was bound to machine ${machine.id} and now means ${others.map(describeMachine).join('; ')}. The old one was not ${runtime.pair.words.released}, the new one was not ${runtime.pair.words.applied}. Declare the machineId of the one that is meant`,
  };
}
