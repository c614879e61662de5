import { describeDefenderError } from '../defender/describe-error.ts';
import { isDefenderError } from '../defender/errors.ts';
import type { Machine } from '../defender/machine.ts';
import { IncompleteList, type NameLookup } from './name-lookup.ts';
import { UserError } from './user-error.ts';

/** The machine that a whole device name means, ignoring case (semantics 6.1). Throws UserError where none or several do. */
export async function resolveName(name: string, names: NameLookup): Promise<Machine> {
  return machineNamed(name, await machinesNamed(name, names));
}

/** Every machine of this name, old twins too. Throws UserError where the lookup failed or was not complete. */
export async function machinesNamed(name: string, names: NameLookup): Promise<readonly Machine[]> {
  try {
    return await names.find(name);
  } catch (error) {
    if (error instanceof IncompleteList) throw new UserError(incompleteNames(name), { cause: error });
    if (!isDefenderError(error)) throw error;
    throw new UserError(`deviceName ${name} could not be looked up: ${describeDefenderError(error)}`, { cause: error });
  }
}

export function incompleteNames(name: string): string {
  return `deviceName ${name}: the list of machines was not complete; nothing was decided on it. Run again`;
}

/** The one that is meant among all machines of this name (semantics 6.1). Throws UserError where none or several are. */
export function machineNamed(name: string, machines: readonly Machine[]): Machine {
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
