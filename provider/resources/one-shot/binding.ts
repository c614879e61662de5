import { isDefenderError } from '../../defender/errors.ts';
import type { MachineId } from '../../defender/machine.ts';
import { resolveName } from '../machine-isolation/machine-name.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import { UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';

/**
 * Why nothing is sent to a machine that was bound by its name: the name means another one now, or it cannot be told
 * (semantics 6.2). Undefined where it still means this one, or nobody bears it any more: then it is the same, renamed.
 */
export async function elsewhere(bound: MachineId, deviceName: string, runtime: Runtime): Promise<string | undefined> {
  try {
    const { observatory } = runtime.fleet;
    const machine = await observatory.machine(bound, observatory.readableRecord());
    if (machine?.computerDnsName?.toLowerCase() === deviceName.toLowerCase() && machine.healthStatus === 'Active')
      return undefined;
    const named = await runtime.fleet.names.find(deviceName);
    if (named.length === 0) return undefined;
    const { id } = await resolveName(deviceName, runtime);
    if (id === bound) return undefined;
    return `deviceName ${deviceName} was bound to machine ${bound} and now means machine ${id}. Nothing was sent to either. Declare the machineId of the one that is meant`;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    if (isDefenderError(error))
      return `deviceName ${deviceName} could not be looked up: ${describeDefenderError(error)} Nothing was sent`;
    throw error;
  }
}
