import { describeMoment, parseRfc3339 } from '../../containment/duration.ts';
import { earliestLift, endsByItself, latestLift } from '../../containment/lease.ts';
import { isObserved } from '../../containment/observation.ts';
import type { MachineId } from '../../defender/machine.ts';
import type { Outcome } from '../../fleet/run-record.ts';
import { PartialFailure, type PropertyMap, UserError, unknown, type Written } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { outputsFor, record } from './account.ts';
import { type HostRequest, hostOf } from './act.ts';
import type { HostContext } from './among.ts';
import { checkBinding } from './binding.ts';
import { bind } from './claim.ts';
import { contain } from './contain.ts';
import { releaseDue } from './due-release.ts';
import { type CheckedInputs, inputsDiffer, knownInputs, withDefaults } from './inputs.ts';
import { keepCover } from './keep-cover.ts';
import { resolveName } from './machine-name.ts';
import { obstacle } from './obstacle.ts';
import { previewConverge } from './preview.ts';
import { isContained, lookAt, machineIdOf, type Sight } from './sight.ts';
import { inherited, remember, type StateOutputs, stateOf } from './state.ts';

export async function create(context: HostContext, given: PropertyMap, runtime: Runtime): Promise<Written> {
  const inputs = knownInputs(given);
  if ('unknowns' in inputs) return { id: '', outputs: withoutUnknowns(given) };
  const machineId = await machineOf(context, inputs, runtime);
  const remembered = runtime.predecessors.get(machineId);
  return converge({ context, runtime, machineId, inputs, remembered, declarationChanged: true }, undefined);
}

/** The machine that a new declaration means; where it cannot be told, the end of the run says so too. */
export async function machineOf(context: HostContext, inputs: CheckedInputs, runtime: Runtime): Promise<MachineId> {
  try {
    const stopped = await obstacle({}, runtime);
    if (stopped !== undefined) throw new UserError(stopped);
    const machine = inputs.deviceName === undefined ? undefined : await resolveName(inputs.deviceName, runtime);
    const machineId = machine?.id ?? machineIdOf(inputs.machineId ?? '');
    bind(context, machineId, runtime);
    return machineId;
  } catch (error) {
    if (error instanceof UserError && !context.preview) {
      const host = inputs.deviceName ?? inputs.machineId ?? context.declaration.name;
      const reason = error.message;
      runtime.record.note(context.declaration.key, {
        outcome: 'not-contained',
        pair: runtime.pair.name,
        machineId: undefined,
        host,
        reason,
      });
    }
    throw error;
  }
}

export async function update(
  context: HostContext,
  id: string,
  oldOutputs: PropertyMap,
  oldInputs: PropertyMap,
  news: PropertyMap,
  runtime: Runtime,
): Promise<Written> {
  const state = stateOf(oldOutputs);
  const inputs = knownInputs(news);
  if ('unknowns' in inputs) return { id, outputs: withoutUnknowns({ ...oldOutputs, ...news }) };
  const stopped = await obstacle(state, runtime);
  if (stopped !== undefined) throw new UserError(stopped);
  const machineId = machineIdOf(id);
  bind(context, machineId, runtime);
  const old = withDefaults(oldInputs);
  const declarationChanged = inputsDiffer(old, inputs).length > 0;
  const { deviceName } = inputs;
  const namedAnew = deviceName !== undefined && deviceName.toLowerCase() !== old.deviceName?.toLowerCase();
  const remembered = remember(state);
  const request: HostRequest = { context, runtime, machineId, inputs, remembered, declarationChanged, namedAnew };
  // Before its releaseAt is looked at, which is that of the machine that is meant.
  if (namedAnew) await refuseElsewhere(request, deviceName, state);
  return (await isDueNow(request)) ? releaseDue(request, state) : converge(request, state);
}

export function withoutUnknowns(map: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== unknown && value !== undefined));
}

/** Whether `releaseAt` has passed on the service's clock; while that one is not known, it has not (semantics 1.7). */
export function isDue(inputs: CheckedInputs, runtime: Runtime): boolean {
  const moment = inputs.releaseAt === undefined ? undefined : parseRfc3339(inputs.releaseAt);
  const now = runtime.fleet.defender.serviceNow();
  return moment !== undefined && now !== undefined && moment <= now;
}

/** The same before any call of this process: a look tells the service's clock. */
export async function isDueNow(request: HostRequest): Promise<boolean> {
  const { context, runtime, inputs } = request;
  const { fleet } = runtime;
  if (inputs.releaseAt !== undefined && fleet.defender.serviceNow() === undefined) {
    await lookAt({ ...request, declaration: context.declaration, notBefore: fleet.observatory.readable() }, runtime);
  }
  return isDue(inputs, runtime);
}

/** Brings the host to isolated, or says in preview what would be done. */
export async function converge(request: HostRequest, state: StateOutputs | undefined): Promise<Written> {
  const { context, machineId, inputs } = request;
  if (inputs.deviceName !== undefined && state !== undefined) await refuseElsewhere(request, inputs.deviceName, state);
  if (context.preview) return previewConverge(request, state);
  const { outputs, failures, keeps } = await convergeHost(request, state);
  if (failures.length === 0) return { id: machineId, outputs };
  if (!keeps) throw new UserError(failures.join('\n'));
  throw new PartialFailure(machineId, outputs, failures);
}

async function refuseElsewhere(request: HostRequest, deviceName: string, state: StateOutputs): Promise<void> {
  const elsewhere = await meantElsewhere(request, deviceName, state);
  if (elsewhere !== undefined) throw new PartialFailure(request.machineId, elsewhere.outputs, elsewhere.failures);
}

/**
 * A name that was bound to this machine and means another now: nothing is decided, but the one that is contained stays
 * contained (semantics 6.2, 2.5). Undefined where it still means this one. Throws UserError in a preview.
 */
export async function meantElsewhere(
  request: HostRequest,
  deviceName: string,
  state: StateOutputs,
): Promise<Pick<Converged, 'outputs' | 'failures'> | undefined> {
  const { context, runtime } = request;
  try {
    await checkBinding(request, deviceName);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError) || context.preview) throw error;
    const notBefore = context.among?.lookedSince() ?? runtime.fleet.clock.monotonic();
    const sight = await lookAt({ ...request, declaration: context.declaration, notBefore }, runtime);
    const cover = await keepCover(request, sight);
    record(request, cover.sight, isContained(cover.sight.observation) ? 'left' : 'not-contained', error.message);
    const outputs = await outputsFor(request, cover.sight, { before: state });
    return { outputs, failures: [error.message, ...cover.failures] };
  }
}

/** How bringing one host to isolated ended. */
export interface Converged {
  readonly outputs: PropertyMap;
  readonly did: 'isolated' | 'renewed' | undefined;
  /** Why it did not reach its end; empty where it did. */
  readonly failures: readonly string[];
  /** State must hold the host: it or another resource's held it before, or something was sent, or holds it. */
  readonly keeps: boolean;
}

/** Brings the host to isolated and accounts for it. */
export async function convergeHost(request: HostRequest, state: StateOutputs | undefined): Promise<Converged> {
  const { context, runtime, inputs } = request;
  const result = await contain(request);
  const { sight } = result;
  const takesOver =
    inputs.takeOwnership === true && sight.ownership.kind === 'foreign' && isObserved(sight.observation);
  // A host that another resource of the run gives up is known, though not by this one's state.
  const predecessor = runtime.predecessors.get(request.machineId);
  const before = state ?? (predecessor === undefined ? undefined : inherited(predecessor));
  const outputs = await outputsFor(request, sight, {
    before,
    note: result.note,
    ...(takesOver ? { ownership: { kind: 'ours' as const }, takenAt: sight.observation.asOf } : {}),
  });
  const did = result.wrote ?? context.among?.did;
  // One that was released again meanwhile, and is left so, is held.
  const reached: Outcome = isContainedOrUnderWay(sight) ? (did ?? 'unchanged') : 'held';
  // A request that was only submitted holds nobody yet: no word of success about it (semantics 9).
  const isWaiting = did !== undefined && reached !== 'held' && !isContained(sight.observation);
  const underWay = result.attempted || isContainedOrUnderWay(sight);
  if (underWay) runtime.fleet.replacements.noteHeld(context.declaration.key, request.machineId);
  const failed: Outcome = underWay ? 'not-contained-yet' : 'not-contained';
  const outcome = result.failures.length > 0 || isWaiting ? failed : reached;
  record(request, sight, outcome, result.failures[0] ?? result.note ?? '');
  if (result.failures.length === 0) say(context, sight, runtime, result.wrote);
  // Where nothing was sent, and nothing holds the host either, a new declaration leaves nothing that state must keep.
  return { outputs, did, failures: result.failures, keeps: before !== undefined || underWay };
}

function isContainedOrUnderWay(sight: Sight): boolean {
  return ['isolated', 'expiring', 'uncertain', 'isolating', 'releasing'].includes(sight.observation.state);
}

function say(context: HostContext, sight: Sight, runtime: Runtime, wrote: string | undefined): void {
  const { observation, ownership } = sight;
  if (!isObserved(observation) || observation.period === undefined || wrote === undefined) return;
  const { period } = observation;
  const did = `${wrote === 'isolated' ? runtime.pair.words.applied : wrote} ${hostOf(sight)}`;
  if (observation.state === 'uncertain') {
    const latest = describeMoment(latestLift(period));
    context.log.info(`${did}; MDE may lift it at any time until ${latest}: run again within six hours`);
    return;
  }
  const until = endsByItself(period)
    ? `, for certain until ${describeMoment(earliestLift(period, runtime.settings.renewalRestartsLease))}`
    : '';
  if (observation.isolationType === 'UnManagedDevice' && wrote === 'isolated')
    context.log.info(`${hostOf(sight)}: up to five minutes pass until all onboarded devices keep it off`);
  if (ownership.kind === 'foreign') {
    const whose = `${ownership.requestor} began it, so it stays when this resource is deleted`;
    context.log.info(`${did}${until}; ${whose}`);
    return;
  }
  context.log.done(`${did}${until}`);
}
