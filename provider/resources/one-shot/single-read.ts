import { declaredReason } from '../../containment/mark.ts';
import { isDefenderError } from '../../defender/errors.ts';
import { parseMachineId } from '../../defender/machine.ts';
import { isRunning, type MachineAction } from '../../defender/machine-action.ts';
import { parseActionId } from '../../defender/machine-actions.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import { type OperationContext, type PropertyMap, type ReadResult, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { SingleSpec } from './single.ts';
import { noteReplaced, wasAsked } from './single-act.ts';
import { idOf, knownRequest, outputsOf, resultsKept, stateOf } from './single-state.ts';

/** What has become of the request; what is final stays so, and needs no call. */
export async function refreshSingle(
  spec: SingleSpec,
  context: OperationContext,
  id: string,
  outputs: PropertyMap,
  inputs: PropertyMap | undefined,
  runtime: Runtime,
): Promise<ReadResult> {
  const state = stateOf(outputs);
  const keep = (unhealthy: readonly string[] = []): ReadResult => ({
    found: { id, outputs, inputs: inputs ?? {} },
    unhealthy: unhealthy.map((reason) => `${context.declaration.name}: ${reason}`),
  });
  const stopped = await obstacle(state, runtime, wasAsked);
  if (stopped !== undefined) return keep([stopped]);
  noteReplaced(context, state, runtime);
  const known = knownRequest(state);
  if (known === undefined) return keep(['state holds no request that can be read. The next run asks again']);
  const isFinal = known.status !== 'Pending' && known.status !== 'InProgress';
  if (isFinal && (spec.results === undefined || known.status !== 'Succeeded')) return keep();
  let action: MachineAction | undefined;
  try {
    action = await runtime.oneShots.actions.get(known.actionId);
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    return keep([
      `request ${known.actionId} could not be observed, so its last known status (${known.status}) is kept: ${describeDefenderError(error)}`,
    ]);
  }
  // A new one may not show yet, and an old one may be forgotten: neither says anything new.
  if (action === undefined) return keep();
  const results = action.status === 'Succeeded' ? await spec.results?.fetch(action.id, context, runtime) : undefined;
  const declared = inputs !== undefined && Object.keys(inputs).length > 0 ? inputs : outputs;
  const found = await outputsOf(
    spec,
    declared,
    action,
    {
      deviceName: state.deviceName,
      note: isRunning(action) ? state.note : undefined,
      results: results ?? resultsKept(spec, outputs, action),
    },
    runtime,
    state,
  );
  return { found: { id, outputs: found, inputs: inputs ?? {} }, unhealthy: [] };
}

/** `pulumi import` by `MACHINEID/ACTIONID`: one that has succeeded, or runs. */
export async function importSingle(
  spec: SingleSpec,
  context: OperationContext,
  given: string,
  runtime: Runtime,
): Promise<ReadResult> {
  const stopped = await obstacle({}, runtime, wasAsked);
  if (stopped !== undefined) throw new UserError(stopped);
  const [machine = '', request = '', ...more] = given.trim().split('/');
  const machineId = parseMachineId(machine);
  const actionId = parseActionId(request);
  if (machineId === undefined || actionId === undefined || more.length > 0) {
    throw new UserError(
      `"${given}": ${spec.name} is imported by MACHINEID/ACTIONID: the machine's 40 hex digits, and the GUID of the machine action as Defender's action center and API tell it`,
    );
  }
  let action: MachineAction | undefined;
  try {
    action = await runtime.oneShots.actions.get(actionId);
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    throw new UserError(`action ${actionId} could not be observed: ${describeDefenderError(error)}`, { cause: error });
  }
  if (action === undefined) return { found: undefined, unhealthy: [] };
  if (action.machineId !== machineId || action.type !== spec.type) {
    throw new UserError(
      `action ${actionId} is ${action.type} of machine ${action.machineId}, and no ${spec.type} of machine ${machineId}; nothing was imported`,
    );
  }
  if (!isRunning(action) && action.status !== 'Succeeded')
    throw new UserError(
      `action ${actionId} ended ${action.status}, so there is nothing to import. Declare the resource and run pulumi up to ask again`,
    );
  const reason = declaredReason(action.requestorComment, runtime.settings.commentPrefix);
  const comment = reason === '' ? 'imported' : reason;
  const inputs: PropertyMap = { machineId, comment, waitFor: 'Succeeded', ...spec.optionsOf(action) };
  const results = action.status === 'Succeeded' ? await spec.results?.fetch(action.id, context, runtime) : undefined;
  const outputs = await outputsOf(
    spec,
    inputs,
    action,
    { deviceName: undefined, ...(results === undefined ? {} : { results }) },
    runtime,
  );
  return { found: { id: idOf(action), outputs, inputs }, unhealthy: [] };
}
