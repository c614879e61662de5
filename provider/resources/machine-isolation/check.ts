import { parseMachineId } from '../../defender/machine.ts';
import type { Claims } from '../../fleet/claims.ts';
import type { CheckResult, OperationContext, PropertyMap } from '../resource.ts';
import { declaredTwice } from './claim.ts';
import { checkInputs, type HostResource } from './inputs.ts';

/** Validates the declaration of one host offline, and claims its machine for the run (semantics 6.4). */
export function checkHost(
  context: OperationContext,
  oldInputs: PropertyMap | undefined,
  news: PropertyMap,
  { claims, now }: { readonly claims: Claims; readonly now: () => number },
  resource: HostResource,
): CheckResult {
  const { inputs, failures } = checkInputs(oldInputs, news, now(), resource);
  claims.noteUnread(context.declaration.key, failures.length > 0);
  if (failures.length > 0) return { inputs, failures };
  const machineId = typeof inputs.machineId === 'string' ? parseMachineId(inputs.machineId) : undefined;
  const deviceName = typeof inputs.deviceName === 'string' ? inputs.deviceName : undefined;
  const other = claims.claim(context.declaration.key, { machineId, deviceName });
  if (other === undefined) return { inputs, failures };
  const property = deviceName === undefined ? 'machineId' : 'deviceName';
  return { inputs, failures: [{ property, reason: declaredTwice(String(inputs[property]), other) }] };
}
