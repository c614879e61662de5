import type { MachineId } from '../../defender/machine.ts';
import { type OperationContext, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';

export function declaredTwice(machine: string, other: string): string {
  return `${machine} is already declared by ${nameOf(other)}; a machine has one declaration. Remove one of the two`;
}

/** The resource's name in a claim's key. */
export function nameOf(key: string): string {
  return key.split('::').at(-1) ?? key;
}

export function bind(context: OperationContext, machineId: MachineId, runtime: Runtime): void {
  const other = runtime.claims.bind(context.declaration.key, machineId);
  if (other !== undefined) throw new UserError(declaredTwice(machineId, other));
}
