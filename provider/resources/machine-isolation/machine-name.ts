import type { Machine } from '../../defender/machine.ts';
import { IncompleteList } from '../../fleet/name-lookup.ts';
import { describeMachine, incompleteNames, isOldTwin, resolveName as resolveAmong } from '../../fleet/named-machine.ts';
import type { Runtime } from '../runtime.ts';

/** The machine that a whole device name means, ignoring case (semantics 6.1). Throws UserError where none or several do. */
export function resolveName(name: string, runtime: Runtime): Promise<Machine> {
  return resolveAmong(name, runtime.fleet.names);
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
    if (error instanceof IncompleteList) return { error: incompleteNames(declaredName) };
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
