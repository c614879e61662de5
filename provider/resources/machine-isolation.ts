import type { Claims } from '../fleet/claims.ts';
import { checkHost } from './machine-isolation/check.ts';
import { create, update } from './machine-isolation/converge.ts';
import { diff } from './machine-isolation/diff.ts';
import { isolationResource } from './machine-isolation/inputs.ts';
import { importHost, refresh } from './machine-isolation/read.ts';
import { remove } from './machine-isolation/remove.ts';
import type { Resource } from './resource.ts';
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
    check: async (context, oldInputs, news) => checkHost(context, oldInputs, news, ports, isolationResource),
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
