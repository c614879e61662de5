import type { MachineIsolationPorts } from './machine-isolation.ts';
import { carryOut } from './quarantine/carry-out.ts';
import { check } from './quarantine/check.ts';
import { declaredSet } from './quarantine/declared-set.ts';
import { diffSet } from './quarantine/diff.ts';
import { filesOf } from './quarantine/files.ts';
import { knownHosts } from './quarantine/known-host.ts';
import { guardrailsOf, runtimesOfSet } from './quarantine/own-guardrails.ts';
import { previewSet } from './quarantine/preview.ts';
import { importSet, refreshSet, setId } from './quarantine/read.ts';
import { removeSet } from './quarantine/remove.ts';
import type { SetRuntimes } from './quarantine/restrictions.ts';
import { type OperationContext, type PropertyMap, type Resource, UserError, type Written } from './resource.ts';

/**
 * `mde:index:Quarantine`: many hosts in one resource, isolated as long as its manifest declares them. Each host is treated
 * as a MachineIsolation would treat it (and a CodeExecutionRestriction, where it is to be restricted); what the set adds is
 * that all are looked at, judged and followed together.
 *
 * @param restrictions of the restriction's pair
 */
export function quarantine(ports: MachineIsolationPorts, restrictions: MachineIsolationPorts): Resource {
  const runtimes = (): SetRuntimes => ({ isolation: ports.runtime(), restriction: restrictions.runtime() });
  return {
    token: 'mde:index:Quarantine',
    check: (context, oldInputs, news) =>
      check(context, oldInputs, news, { ...ports, restrictionClaims: restrictions.claims }),
    diff: (context, _id, oldOutputs, oldInputs, news) => diffSet(context, oldOutputs, oldInputs, news, runtimes()),
    create: (context, inputs) => bringAbout(context, inputs, undefined, runtimes()),
    read: (context, id, outputs, inputs) =>
      outputs === undefined || Object.keys(outputs).length === 0
        ? importSet(context, id, ports.runtime())
        : refreshSet(context, id, outputs, inputs, runtimes()),
    update: (context, _id, oldOutputs, _oldInputs, news) => bringAbout(context, news, oldOutputs, runtimes()),
    delete: (context, _id, outputs, inputs) => removeSet(context, outputs, inputs, runtimes()),
  };
}

/** One path for create and update; `before` are the outputs of state. */
async function bringAbout(
  context: OperationContext,
  inputs: PropertyMap,
  before: PropertyMap | undefined,
  shared: SetRuntimes,
): Promise<Written> {
  const declared = await declaredSet(inputs);
  if (declared === undefined) {
    if (context.preview) return { id: setId(context), outputs: {} };
    throw new UserError('the hosts are not known, though nothing is unknown outside a preview; nothing was sent');
  }
  const files = filesOf(inputs, declared);
  const guardrails = guardrailsOf(inputs);
  const emptied = declared.size === 0 && knownHosts(before ?? {}).hosts.length > 0;
  const runtimes = runtimesOfSet(context, guardrails, emptied, shared);
  return context.preview
    ? previewSet(context, declared, files, before, runtimes)
    : carryOut(context, declared, files, before, runtimes);
}
