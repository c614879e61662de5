import { declaredReason } from '../../containment/mark.ts';
import { isDefenderError } from '../../defender/errors.ts';
import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import { isRunning, type MachineAction } from '../../defender/machine-action.ts';
import { judgeSha1 } from '../../manifest/file-rules.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import { hostOf } from '../one-shot/ask.ts';
import { wasAsked } from '../one-shot/single-act.ts';
import { byReason, type HostFailure } from '../quarantine/told.ts';
import { eachOf } from '../quarantine/turns.ts';
import { type OperationContext, type PropertyMap, type ReadResult, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { type KnownMachine, knownMachines, requestOf } from './known-machine.ts';
import { originOf, outputsOf, unreadableFailures } from './operations.ts';
import { lookAtUnderWay } from './under-way.ts';

/** What has become of the requests; those that cannot be observed keep their last known status, the others are told. */
export async function refreshFile(
  context: OperationContext,
  id: string,
  outputs: PropertyMap,
  inputs: PropertyMap | undefined,
  runtime: Runtime,
): Promise<ReadResult> {
  const { name } = context.declaration;
  const stopped = await obstacle(originOf(outputs), runtime, wasAsked);
  if (stopped !== undefined)
    return { found: { id, outputs, inputs: inputs ?? {} }, unhealthy: [`${name}: ${stopped}`] };
  const { machines, unreadable } = knownMachines(outputs.machines);
  const seen = await lookAtUnderWay(machines.values(), runtime);
  const failures: HostFailure[] = [
    ...seen.flatMap(({ machine, unseen }) =>
      unseen === undefined
        ? []
        : [
            {
              host: machine.machineId,
              reason: `its request could not be observed, so its last known status is kept: ${unseen}`,
            },
          ],
    ),
    ...unreadableFailures(unreadable),
  ];
  const found = await outputsOf(
    outputs,
    seen.map(({ machine }) => machine),
    unreadable,
    outputs,
    runtime,
  );
  return { found: { id, outputs: found, inputs: inputs ?? {} }, unhealthy: byReason(failures) };
}

/** `pulumi import` by `SHA1/MACHINEID,MACHINEID…`: the newest request of each that has succeeded, or runs. */
export async function importFile(context: OperationContext, given: string, runtime: Runtime): Promise<ReadResult> {
  const stopped = await obstacle({}, runtime, wasAsked);
  if (stopped !== undefined) throw new UserError(stopped);
  const { sha1, machineIds } = parseImport(given);
  const failures: HostFailure[] = [];
  const actions = await eachOf(machineIds, async (machineId) => {
    try {
      const action = await newest(sha1, machineId, runtime);
      if (action !== undefined) return action;
      const reason = `Defender knows no quarantine of file ${sha1} there that has succeeded or runs. Declare it and run pulumi up to ask for one`;
      failures.push({ host: machineId, reason: `${hostOf(machineId, undefined)}: ${reason}` });
    } catch (error) {
      if (!isDefenderError(error)) throw error;
      failures.push({ host: machineId, reason: `it could not be observed: ${describeDefenderError(error)}` });
    }
    return undefined;
  });
  if (failures.length > 0) throw new UserError(`nothing was imported:\n${byReason(failures).join('\n')}`);
  const found = actions.filter((action) => action !== undefined);
  const machines = found.map(
    (action): KnownMachine => ({
      machineId: action.machineId,
      request: requestOf(action),
      deviceName: action.computerDnsName ?? undefined,
      declaredAs: undefined,
    }),
  );
  const last = found.reduce((a, b) => (b.createdAt > a.createdAt ? b : a));
  const reason = declaredReason(last.requestorComment, runtime.settings.commentPrefix);
  const inputs: PropertyMap = {
    sha1,
    machineIds,
    comment: reason === '' ? 'imported' : reason,
    waitFor: 'Succeeded',
  };
  context.log.info(`${machines.length === 1 ? '1 request is' : `${machines.length} requests are`} taken over`);
  const outputs = await outputsOf(inputs, machines, new Map(), undefined, runtime);
  return { found: { id: sha1, outputs, inputs }, unhealthy: [] };
}

function parseImport(given: string): { readonly sha1: string; readonly machineIds: readonly MachineId[] } {
  const [hash = '', list = '', ...more] = given.trim().split('/');
  const ids = [...new Set(list.split(/[\s,]+/).filter((each) => each !== ''))];
  const machineIds = ids.flatMap((each) => parseMachineId(each) ?? []);
  const judged = judgeSha1(hash);
  if (!('value' in judged) || ids.length === 0 || machineIds.length < ids.length || more.length > 0) {
    const wrong = 'value' in judged ? '' : ` ${judged.problem}.`;
    throw new UserError(
      `"${given.slice(0, 200)}":${wrong} A FileQuarantine is imported by SHA1/MACHINEID,MACHINEID…: 40 hex digits each`,
    );
  }
  return { sha1: judged.value, machineIds: [...new Set(machineIds)] };
}

async function newest(sha1: string, machineId: MachineId, runtime: Runtime): Promise<MachineAction | undefined> {
  const { actions } = await runtime.oneShots.observatory('StopAndQuarantineFile').whole(machineId);
  return [...actions]
    .sort((a, b) => a.createdAt - b.createdAt)
    .findLast((action) => action.sha1 === sha1 && (isRunning(action) || action.status === 'Succeeded'));
}
