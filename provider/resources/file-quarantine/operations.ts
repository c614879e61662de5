import { type Origin, obstacle } from '../machine-isolation/obstacle.ts';
import { stateVersion } from '../machine-isolation/state.ts';
import { wasAsked } from '../one-shot/single-act.ts';
import { byReason, type HostFailure, Told } from '../quarantine/told.ts';
import { type OperationContext, PartialFailure, type PropertyMap, UserError, type Written } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { declaredFile } from './declared-file.ts';
import { type KnownMachine, knownMachines, lineOf, summaryOf } from './known-machine.ts';
import { quarantineFile, warnOfLeaving } from './quarantine-file.ts';
import { restoreCommand } from './restore.ts';

/** Where a state belongs. */
export function originOf({ tenantId, cloud, stateVersion: version }: PropertyMap) {
  // Of whatever kind they are: what cannot be read stops everything.
  return { tenantId, cloud, stateVersion: version } as Origin;
}

/** One path for create and update; `before` are the outputs of state. */
export async function carryOutFile(
  context: OperationContext,
  inputs: PropertyMap,
  before: PropertyMap | undefined,
  runtime: Runtime,
): Promise<Written> {
  const stopped = await obstacle(originOf(before ?? {}), runtime, wasAsked);
  if (stopped !== undefined) throw new UserError(stopped);
  const file = declaredFile(inputs);
  const { machines, unreadable } = knownMachines(before?.machines);
  const told = new Told();
  const end = await quarantineFile(file, machines, context.declaration.key, context, told, runtime, unreadable);
  const failures: HostFailure[] = [...end.failures, ...unreadableFailures(unreadable)];
  told.info(context.log);
  told.warn(context.log);
  const outputs = await outputsOf(inputs, end.machines, unreadable, before, runtime);
  if (failures.length === 0) {
    context.log.done(`file ${file.sha1}: ${String(outputs.summary)}`);
    return { id: file.sha1, outputs };
  }
  const reasons = byReason(failures);
  // Where nothing was asked of anybody, a new declaration leaves nothing that state must keep.
  if (before === undefined && end.machines.length === 0) throw new UserError(reasons.join('\n'));
  throw new PartialFailure(file.sha1, outputs, reasons);
}

export async function outputsOf(
  inputs: PropertyMap,
  machines: readonly KnownMachine[],
  unreadable: ReadonlyMap<string, string>,
  before: PropertyMap | undefined,
  runtime: Runtime,
): Promise<PropertyMap> {
  const { sha1, comment, machineIds, deviceNames, waitFor } = inputs;
  const { tenantId } = await runtime.identity();
  const outputs: PropertyMap = {
    sha1,
    comment,
    machineIds,
    deviceNames,
    waitFor,
    machines: Object.fromEntries([...machines.map((each) => [each.machineId, lineOf(each)] as const), ...unreadable]),
    summary: summaryOf(machines),
    restoreCommand,
    tenantId: tenantId ?? before?.tenantId ?? '',
    cloud: runtime.settings.cloud,
    stateVersion,
  };
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
}

export function unreadableFailures(unreadable: ReadonlyMap<string, string>): readonly HostFailure[] {
  return [...unreadable.keys()].map((host) => ({
    host,
    reason:
      'what the state holds of this machine is not as pulumi-mde wrote it, so it is left alone. Restore it from the stack’s history',
  }));
}

/** Nothing can be undone over the API, so nothing is sent. */
export async function removeFile(context: OperationContext, outputs: PropertyMap, runtime: Runtime): Promise<void> {
  const stopped = await obstacle(originOf(outputs), runtime, wasAsked);
  if (stopped !== undefined) throw new UserError(stopped);
  const { machines } = knownMachines(outputs.machines);
  warnOfLeaving(String(outputs.sha1), [...machines.values()], context);
}
