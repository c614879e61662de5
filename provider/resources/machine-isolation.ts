import { parseMachineId } from '../defender/machine.ts';
import type { Claims } from '../fleet/claims.ts';
import { declaredTwice } from './machine-isolation/claim.ts';
import { create, update } from './machine-isolation/converge.ts';
import { diff } from './machine-isolation/diff.ts';
import { checkInputs } from './machine-isolation/inputs.ts';
import { importHost, refresh } from './machine-isolation/read.ts';
import { remove } from './machine-isolation/remove.ts';
import type { CheckResult, OperationContext, PropertyMap, Resource } from './resource.ts';
import type { Runtime } from './runtime.ts';

/** What MachineIsolation needs of the process; `runtime` throws where the provider is not configured. */
export interface MachineIsolationPorts {
  readonly claims: Claims;
  readonly runtime: () => Runtime;
  /** Wall clock, for what is validated offline. */
  readonly now: () => number;
}

/** `mde:index:MachineIsolation`: one host, isolated as long as it is declared. */
export function machineIsolation(ports: MachineIsolationPorts): Resource {
  return {
    token: 'mde:index:MachineIsolation',
    check: async (context, oldInputs, news) => check(context, oldInputs, news, ports),
    diff: (context, id, oldOutputs, oldInputs, news) => diff(context, id, oldOutputs, oldInputs, news, ports.runtime()),
    create: (context, inputs) => create(context, inputs, ports.runtime()),
    read: (context, id, outputs, inputs) =>
      outputs === undefined || Object.keys(outputs).length === 0
        ? importHost(context, id, ports.runtime())
        : refresh(context, id, outputs, inputs, ports.runtime()),
    update: (context, id, oldOutputs, oldInputs, news) =>
      update(context, id, oldOutputs, oldInputs, news, ports.runtime()),
    delete: (context, id, outputs, inputs) => remove(context, id, outputs, inputs, ports.runtime()),
  };
}

function check(
  context: OperationContext,
  oldInputs: PropertyMap | undefined,
  news: PropertyMap,
  ports: MachineIsolationPorts,
): CheckResult {
  const { inputs, failures } = checkInputs(oldInputs, news, ports.now());
  ports.claims.noteUnread(context.declaration.key, failures.length > 0);
  if (failures.length > 0) return { inputs, failures };
  const machineId = typeof inputs.machineId === 'string' ? parseMachineId(inputs.machineId) : undefined;
  const deviceName = typeof inputs.deviceName === 'string' ? inputs.deviceName : undefined;
  const other = ports.claims.claim(context.declaration.key, { machineId, deviceName });
  if (other === undefined) return { inputs, failures };
  const property = deviceName === undefined ? 'machineId' : 'deviceName';
  return { inputs, failures: [{ property, reason: declaredTwice(String(inputs[property]), other) }] };
}
