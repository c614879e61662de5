import { parseRfc3339 } from '../../containment/duration.ts';
import { oneShotActions } from '../../containment/one-shot-actions.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { MachineId } from '../../defender/machine.ts';
import { isRunning } from '../../defender/machine-action.ts';
import { roleOf } from '../../defender/response-actions.ts';
import { resolveName } from '../machine-isolation/machine-name.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { describeDefenderError, machineIdOf } from '../machine-isolation/sight.ts';
import { stateVersion } from '../machine-isolation/state.ts';
import {
  type OperationContext,
  PartialFailure,
  type PropertyMap,
  UserError,
  unknown,
  type Written,
} from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { hostOf, type OneShot } from './ask.ts';
import { askAll } from './ask-all.ts';
import { elsewhere } from './binding.ts';
import { forecast } from './forecast.ts';
import { note } from './record.ts';
import type { SingleSpec } from './single.ts';
import { unknownsOf, waitForOf } from './single-inputs.ts';
import {
  idOf,
  knownRequest,
  machineOfState,
  outputsOf,
  redeclared,
  resultsKept,
  type SingleState,
  stateOf,
} from './single-state.ts';

/** How long one machine is waited for, by default (semantics 4.3). */
const defaultTimeoutMs = 20 * 60_000;

/** What state holds of the resource. */
export interface Before {
  readonly id: string;
  readonly outputs: PropertyMap;
}

/** In state's words, for a sign-in to another tenant. */
export const wasAsked = 'this was asked for';

/** One path for create and update: sends what is missing, and nothing where it was done. */
export async function bringAbout(
  spec: SingleSpec,
  context: OperationContext,
  inputs: PropertyMap,
  before: Before | undefined,
  runtime: Runtime,
): Promise<Written> {
  const state = stateOf(before?.outputs ?? {});
  const shot = await shotFor(spec, context, inputs, before, runtime);
  if (before !== undefined && shot.known?.status === 'Succeeded') {
    const isFetched = spec.results?.names.every((name) => before.outputs[name] !== undefined) ?? true;
    const results = isFetched ? undefined : await spec.results?.fetch(shot.known.actionId, context, runtime);
    return { id: before.id, outputs: { ...redeclared(spec, before.outputs, inputs), ...results } };
  }
  const timeoutMs = context.timeoutMs ?? defaultTimeoutMs;
  const [end] = await askAll([shot], 0, { ...context, timeoutMs }, waitForOf(inputs), runtime);
  if (end === undefined) throw new Error('a request came to no end');
  note(context.declaration.key, shot.ask.type, end, runtime);
  if (end.outcome === 'waits') context.log.warn(end.text);
  else if (end.outcome === 'standing' && end.text !== '') context.log.info(end.text);
  const { action } = end;
  if (action === undefined) {
    // The service does not show what state knows, so state stays as it is.
    if (before !== undefined && end.outcome !== 'failed')
      return { id: before.id, outputs: redeclared(spec, before.outputs, inputs) };
    if (before !== undefined) throw new PartialFailure(before.id, before.outputs, [end.text]);
    throw new UserError(end.text);
  }
  const isDone = action.status === 'Succeeded';
  const results = isDone ? await spec.results?.fetch(action.id, context, runtime) : undefined;
  const outputs = await outputsOf(
    spec,
    inputs,
    action,
    {
      deviceName: end.machine?.computerDnsName,
      note: end.outcome === 'waits' ? end.text : undefined,
      results: results ?? resultsKept(spec, before?.outputs ?? {}, action),
    },
    runtime,
    state,
  );
  const id = before?.id ?? idOf(action);
  if (end.outcome === 'failed') throw new PartialFailure(id, outputs, [end.text]);
  if (end.outcome === 'done') {
    context.log.done(`${oneShotActions[spec.type].summary}: ${hostOf(end.machineId, end.machine)}`);
  }
  return { id, outputs };
}

/** The machine is told by the declaration, or by what state has bound it to. Throws UserError. */
async function shotFor(
  spec: SingleSpec,
  context: OperationContext,
  inputs: PropertyMap,
  before: Before | undefined,
  runtime: Runtime,
): Promise<OneShot> {
  const { declaration } = context;
  const state = stateOf(before?.outputs ?? {});
  const known = before === undefined ? undefined : knownRequest(state);
  let machineId: MachineId;
  try {
    const stopped = await obstacle(state, runtime, wasAsked);
    if (stopped !== undefined) throw new UserError(stopped);
    machineId = before === undefined ? await declaredMachine(inputs, runtime) : machineOfState(state, before.id);
    if (before !== undefined && typeof inputs.deviceName === 'string' && mayBeSentAgain(state)) {
      const reason = await elsewhere(machineId, inputs.deviceName, runtime);
      if (reason !== undefined) throw new PartialFailure(before.id, before.outputs, [reason]);
    }
  } catch (error) {
    if (error instanceof UserError && !context.preview) {
      const host = String(inputs.deviceName ?? inputs.machineId ?? declaration.name);
      const entry = { oneShot: spec.type, machineId: undefined, host, reason: error.message };
      runtime.record.note(declaration.key, { outcome: 'not-done', ...entry });
    }
    throw error;
  }
  const ask = spec.ask(inputs);
  const { project, stack, name } = declaration;
  return {
    ask,
    machineId,
    source: {
      project,
      stack,
      name,
      machineId,
      ownerKey: runtime.settings.ownerKey,
      asked: JSON.stringify([ask, ...triggersOf(inputs)]),
    },
    comment: String(inputs.comment ?? ''),
    known,
    replacesUntil: before === undefined ? runtime.oneShots.replaced.get(declaration.key) : undefined,
  };
}

function mayBeSentAgain({ status }: SingleState): boolean {
  return status !== 'Succeeded' && status !== 'Pending' && status !== 'InProgress';
}

async function declaredMachine(inputs: PropertyMap, runtime: Runtime): Promise<MachineId> {
  const { deviceName, machineId } = inputs;
  return typeof deviceName === 'string' ? (await resolveName(deviceName, runtime)).id : machineIdOf(String(machineId));
}

function triggersOf({ triggers }: PropertyMap): readonly (readonly [string, unknown])[] {
  if (typeof triggers !== 'object' || triggers === null) return [];
  return Object.entries(triggers).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Reads only: says what would be asked, or why it would fail. */
export async function preview(
  spec: SingleSpec,
  context: OperationContext,
  inputs: PropertyMap,
  before: Before | undefined,
  runtime: Runtime,
): Promise<Written> {
  const id = before?.id ?? '';
  const unknowns = unknownsOf(inputs);
  if (unknowns.length > 0) {
    const kept = Object.entries({ ...before?.outputs, ...inputs }).filter(
      ([name, value]) => value !== unknown && !unknowns.includes(name),
    );
    return { id, outputs: Object.fromEntries(kept) };
  }
  const shot = await shotFor(spec, context, inputs, before, runtime);
  const known = shot.known?.status;
  if (known === 'Succeeded' || known === 'Pending' || known === 'InProgress')
    return { id, outputs: redeclared(spec, before?.outputs ?? {}, inputs) };
  const told = await forecast(shot, runtime);
  if (told.kind === 'fails') throw new UserError(`${hostOf(shot.machineId, told.machine)}: ${told.reason}`);
  const { verb } = oneShotActions[spec.type];
  const host = hostOf(shot.machineId, told.machine);
  context.log.info(
    told.kind === 'asks' ? `would ${verb} ${host}: ${told.reason}` : `${host}: nothing would be sent: ${told.reason}`,
  );
  if (told.kind === 'asks') await noteMissingRole(shot.ask.type, context, runtime);
  const { tenantId } = await runtime.identity();
  const { deviceName: _declared, ...declared } = inputs;
  return {
    id,
    outputs: { ...declared, machineId: shot.machineId, tenantId, cloud: runtime.settings.cloud, stateVersion },
  };
}

/** A pull request may run with a read-only sign-in: here it is a note, in `up` the service's refusal is an error. */
export async function noteMissingRole(
  type: OneShot['ask']['type'],
  context: OperationContext,
  runtime: Runtime,
): Promise<void> {
  const { roles } = await runtime.identity();
  const role = roleOf(type);
  if (roles.length > 0 && !roles.includes(role))
    context.log.info(`this sign-in lacks the role ${role}, so it can preview but not ${oneShotActions[type].verb}`);
}

/** Nothing can be undone, so nothing is sent. */
export async function remove(
  spec: SingleSpec,
  context: OperationContext,
  outputs: PropertyMap,
  runtime: Runtime,
): Promise<void> {
  const state = stateOf(outputs);
  const stopped = await obstacle(state, runtime, wasAsked);
  if (stopped !== undefined) throw new UserError(stopped);
  const known = knownRequest(state);
  if (known?.status !== 'Pending' && known?.status !== 'InProgress') return;
  let status: string = known.status;
  try {
    const action = await runtime.oneShots.actions.get(known.actionId);
    if (action !== undefined && !isRunning(action)) return;
    status = action?.status ?? status;
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    context.log.warn(describeDefenderError(error));
  }
  const { request } = oneShotActions[spec.type];
  context.log.warn(
    `${request} ${known.actionId} was ${status} when it was seen last, and Defender goes on with it; it can be cancelled in the Defender portal`,
  );
}

/** When what state holds was requested, ms: the declaration that replaces this one does not take it for its own. */
export function noteReplaced(context: OperationContext, state: SingleState, runtime: Runtime): void {
  const at = typeof state.requestedAt === 'string' ? parseRfc3339(state.requestedAt) : undefined;
  // State keeps whole seconds.
  if (at !== undefined) runtime.oneShots.replaced.set(context.declaration.key, at + 999);
}
