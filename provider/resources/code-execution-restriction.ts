import { codeRestriction } from '../containment/pair.ts';
import { asContained, asRestriction, asRestrictionInputs } from './code-execution-restriction/outputs.ts';
import { checkHost } from './machine-isolation/check.ts';
import { create, update } from './machine-isolation/converge.ts';
import { diff } from './machine-isolation/diff.ts';
import type { HostResource } from './machine-isolation/inputs.ts';
import { importHost, refresh } from './machine-isolation/read.ts';
import { remove } from './machine-isolation/remove.ts';
import type { MachineIsolationPorts } from './machine-isolation.ts';
import { PartialFailure, type PropertyMap, type ReadResult, type Resource, type Written } from './resource.ts';
import { codeExecutionRestrictionInputNames } from './schema-types.ts';

const restriction: HostResource = {
  name: 'CodeExecutionRestriction',
  inputNames: codeExecutionRestrictionInputNames,
  pair: codeRestriction,
};

/**
 * `mde:index:CodeExecutionRestriction`: one host, on which only programs signed by Microsoft run as long as it is declared.
 * The rules are those of a MachineIsolation, over the other pair of actions; what state calls otherwise is translated here.
 *
 * @param ports of the restriction's pair: a host may be isolated by another declaration
 */
export function codeExecutionRestriction(ports: MachineIsolationPorts): Resource {
  return {
    token: 'mde:index:CodeExecutionRestriction',
    check: async (context, oldInputs, news) => checkHost(context, oldInputs, news, ports, restriction),
    diff: (context, id, oldOutputs, oldInputs, news) =>
      diff(context, id, asContained(oldOutputs), oldInputs, news, ports.runtime()),
    create: (context, inputs) => written(create(context, inputs, ports.runtime())),
    read: async (context, id, outputs, inputs) =>
      outputs === undefined || Object.keys(outputs).length === 0
        ? read(await importHost(context, id, ports.runtime()), asRestrictionInputs)
        : read(await refresh(context, id, asContained(outputs), inputs, ports.runtime())),
    update: (context, id, oldOutputs, oldInputs, news) =>
      written(update(context, id, asContained(oldOutputs), oldInputs, news, ports.runtime())),
    delete: (context, id, outputs, inputs) => remove(context, id, asContained(outputs), inputs, ports.runtime()),
  };
}

async function written(work: Promise<Written>): Promise<Written> {
  try {
    const { id, outputs } = await work;
    return { id, outputs: asRestriction(outputs) };
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw error;
    throw new PartialFailure(error.id, asRestriction(error.outputs), error.reasons);
  }
}

function read({ found, unhealthy }: ReadResult, inputsOf = (inputs: PropertyMap) => inputs): ReadResult {
  if (found === undefined) return { found, unhealthy };
  const { id, outputs, inputs } = found;
  return { found: { id, outputs: asRestriction(outputs), inputs: inputsOf(inputs) }, unhealthy };
}
