import type { MachineId } from '../../defender/machine.ts';
import { setOf } from '../../fleet/release-gate.ts';
import { type OperationContext, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';

export function declaredTwice(machine: string, other: string): string {
  return `${machine} is already declared by ${nameOf(other)}; a machine has one declaration. Remove one of the two`;
}

/** The resource's name in a claim's key, and the host where the resource has many. */
export function nameOf(key: string): string {
  const set = setOf(key);
  const name = set.split('::').at(-1) ?? key;
  return set === key ? name : `${name} (${key.slice(set.length + 1)})`;
}

export function bind(context: OperationContext, machineId: MachineId, runtime: Runtime): void {
  const other = runtime.claims.bind(context.declaration.key, machineId);
  if (other !== undefined) throw new UserError(declaredTwice(machineId, other));
}
