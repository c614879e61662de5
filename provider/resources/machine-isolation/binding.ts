import { isDefenderError } from '../../defender/errors.ts';
import type { Machine, MachineId } from '../../defender/machine.ts';
import { UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { HostRequest } from './act.ts';
import { type CheckedInputs, declaredMachineId } from './inputs.ts';
import { boundElsewhere, resolveName } from './machine-name.ts';
import { describeDefenderError } from './sight.ts';

export async function binding(
  machine: Machine,
  name: string,
  runtime: Runtime,
): Promise<{ error?: string; warning?: string }> {
  try {
    return await boundElsewhere(machine, name, runtime);
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    return { error: `deviceName ${name} could not be looked up: ${describeDefenderError(error)}` };
  }
}

/** The machine that changed inputs name; undefined where a lookup failed (the operation itself will say so). */
export async function meant(inputs: CheckedInputs, runtime: Runtime): Promise<MachineId | undefined> {
  const declared = declaredMachineId(inputs);
  if (declared !== undefined || inputs.deviceName === undefined) return declared;
  try {
    return (await resolveName(inputs.deviceName, runtime)).id;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

export async function checkBinding(request: HostRequest, deviceName: string): Promise<void> {
  const { runtime, machineId, context } = request;
  // Not the old host under a name that nobody bears: whoever is meant by it is not contained.
  if (request.namedAnew === true) await resolveName(deviceName, runtime);
  const machine = await runtime.fleet.observatory
    .machine(machineId, runtime.fleet.observatory.readable())
    .catch((error: unknown) => {
      if (isDefenderError(error)) return undefined;
      throw error;
    });
  if (machine === undefined) return;
  const bound = await binding(machine, deviceName, runtime);
  if (bound.error !== undefined) throw new UserError(bound.error);
  if (bound.warning !== undefined) context.log.warn(bound.warning);
}
