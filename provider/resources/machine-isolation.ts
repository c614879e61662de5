import { describeMoment, parseRfc3339 } from '../containment/duration.ts';
import { earliestLift } from '../containment/lease.ts';
import { isObserved } from '../containment/observation.ts';
import { isDefenderError } from '../defender/errors.ts';
import { type Machine, type MachineId, parseMachineId } from '../defender/machine.ts';
import type { Claims } from '../fleet/claims.ts';
import type { Outcome } from '../fleet/run-record.ts';
import { type HostRequest, hostOf } from './machine-isolation/act.ts';
import { contain, objection, planFor } from './machine-isolation/contain.ts';
import {
  type CheckedInputs,
  checkInputs,
  declaredMachineId,
  inputsDiffer,
  knownInputs,
  withDefaults,
} from './machine-isolation/inputs.ts';
import { defaultReleaseTimeoutMs, performRelease, planReleaseOf, refusalText } from './machine-isolation/release.ts';
import {
  boundElsewhere,
  describeDefenderError,
  isContained,
  lookAt,
  machineIdOf,
  resolveName,
  type Sight,
} from './machine-isolation/sight.ts';
import { liftNote, outputsOf, remember, type StateOutputs, stateOf, stateVersion } from './machine-isolation/state.ts';
import {
  type CheckResult,
  type DiffKind,
  type DiffResult,
  type OperationContext,
  PartialFailure,
  type PropertyMap,
  type ReadResult,
  type Resource,
  UserError,
  unknown,
  type Written,
} from './resource.ts';
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
  if (failures.length > 0) return { inputs, failures };
  const machineId = typeof inputs.machineId === 'string' ? parseMachineId(inputs.machineId) : undefined;
  const deviceName = typeof inputs.deviceName === 'string' ? inputs.deviceName : undefined;
  const other = ports.claims.claim(context.declaration.key, { machineId, deviceName });
  if (other === undefined) return { inputs, failures };
  const property = deviceName === undefined ? 'machineId' : 'deviceName';
  return { inputs, failures: [{ property, reason: declaredTwice(String(inputs[property]), other) }] };
}

function declaredTwice(machine: string, other: string): string {
  return `${machine} is already declared by ${nameOf(other)}; a machine has one declaration. Remove one of the two`;
}

/** The resource's name in a claim's key. */
function nameOf(key: string): string {
  return key.split('::').at(-1) ?? key;
}

/** A tenant or a state that is not ours to touch; told before any call to Defender (semantics 6.3). */
async function foreignState(state: StateOutputs, runtime: Runtime): Promise<string | undefined> {
  if (typeof state.stateVersion === 'number' && state.stateVersion > stateVersion) {
    return `this state was written by a newer pulumi-mde (state version ${state.stateVersion}, known is ${stateVersion}). Update the provider; nothing was sent`;
  }
  if (state.cloud !== undefined && state.cloud !== runtime.settings.cloud) {
    return `this host was contained in cloud ${state.cloud}, the provider is configured for ${runtime.settings.cloud}. Set mde:cloud to ${state.cloud}; nothing was sent`;
  }
  const { tenantId } = await runtime.identity();
  if (
    state.tenantId !== undefined &&
    tenantId !== undefined &&
    tenantId.toLowerCase() !== state.tenantId.toLowerCase()
  ) {
    return `this host was contained in tenant ${state.tenantId}, the token is for tenant ${tenantId}. Sign in to the first (mde:tenantId); nothing was sent`;
  }
  return undefined;
}

/** As `foreignState`, with a failed sign-in as a reason too. */
async function obstacle(state: StateOutputs, runtime: Runtime): Promise<string | undefined> {
  try {
    return await foreignState(state, runtime);
  } catch (error) {
    if (isDefenderError(error)) return describeDefenderError(error);
    throw error;
  }
}

async function diff(
  context: OperationContext,
  id: string,
  oldOutputs: PropertyMap,
  oldInputs: PropertyMap,
  news: PropertyMap,
  runtime: Runtime,
): Promise<DiffResult> {
  const { key } = context.declaration;
  runtime.fleet.gate.withdraw(key);
  const before = withDefaults(oldInputs);
  const state = stateOf(oldOutputs);
  const unknowns = Object.keys(news).filter((name) => news[name] === unknown);
  const detailed: Record<string, { kind: DiffKind; fromInputs: boolean }> = {};
  const changed = new Set<string>([...inputsDiffer(before, withDefaults(news)), ...unknowns]);
  for (const name of changed) {
    const kind = oldInputs[name] === undefined ? 'add' : news[name] === undefined ? 'delete' : 'update';
    detailed[name] = { kind, fromInputs: true };
  }
  const machineId = machineIdOf(id);
  const reasons: string[] = [];
  const differs = (property: string, reason: string) => {
    detailed[property] ??= { kind: 'update', fromInputs: false };
    reasons.push(reason);
  };
  const stopped = await obstacle(state, runtime);
  if (stopped !== undefined) {
    differs('state', stopped);
    return { changes: true, detailed, reasons };
  }
  const inputs = knownInputs(news);
  if ('unknowns' in inputs) {
    for (const name of ['machineId', 'deviceName'])
      if (unknowns.includes(name)) detailed[name] = { kind: 'update-replace', fromInputs: true };
    return { changes: true, detailed, reasons: [`${unknowns.join(', ')} not known yet`] };
  }
  if (changed.has('machineId') || changed.has('deviceName')) {
    const target = await meant(inputs, runtime);
    if (target !== undefined && target !== machineId) {
      if (willRelease(state, before, runtime)) runtime.fleet.gate.intend(key, machineId);
      for (const name of ['machineId', 'deviceName'] as const) {
        const entry = detailed[name];
        if (entry !== undefined)
          detailed[name] = {
            ...entry,
            kind: `${entry.kind.replace('-replace', '') as 'add' | 'delete' | 'update'}-replace`,
          };
      }
      return {
        changes: true,
        detailed,
        reasons: [`another machine is declared: ${target} is isolated first, then ${machineId} is released`],
      };
    }
  }
  const remembered = remember(state);
  const sight = await lookAt(
    {
      declaration: context.declaration,
      machineId,
      inputs,
      remembered,
      notBefore: runtime.fleet.observatory.readable(),
    },
    runtime,
  );
  noteSeen(context, state, before, sight, runtime);
  const request: HostRequest = {
    context,
    runtime,
    machineId,
    inputs,
    remembered,
    declarationChanged: changed.size > 0,
  };
  if (isDue(inputs, runtime)) {
    const plan = planReleaseOf(sight, request);
    if (plan.kind === 'release' || plan.kind === 'fail')
      differs('state', `releaseAt ${inputs.releaseAt} has passed: ${plan.reason}`);
    return { changes: Object.keys(detailed).length > 0, detailed, reasons };
  }
  const plan = planFor(sight, request);
  switch (plan.kind) {
    case 'none':
    case 'hold':
      break;
    case 'adopt':
      // A request that is still running is in sync for later runs (semantics 4.3).
      context.log.warn(`NOT CONTAINED YET: ${hostOf(sight)}: ${plan.reason}`);
      break;
    case 'keep-type':
      differs('isolationType', plan.reason);
      break;
    case 'change-type':
      runtime.fleet.gate.intend(key, machineId);
      differs('isolationType', plan.reason);
      break;
    default:
      differs('state', `${hostOf(sight)}: ${plan.reason}`);
  }
  if (inputs.takeOwnership === true && sight.ownership.kind === 'foreign') {
    differs('owned', `takeOwnership is set, and ${sight.ownership.requestor} has isolated it`);
  }
  if (inputs.deviceName !== undefined && sight.machine !== undefined) {
    const bound = await binding(sight.machine, inputs.deviceName, runtime);
    if (bound.error !== undefined) differs('deviceName', bound.error);
  }
  return {
    changes: Object.keys(detailed).length > 0,
    detailed,
    reasons,
    stables: ['machineId', 'tenantId', 'cloud', 'stateVersion'],
  };
}

async function binding(
  machine: Machine,
  name: string,
  runtime: Runtime,
): Promise<{ error?: string; warning?: string }> {
  try {
    return await boundElsewhere(machine, name, runtime);
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    return { error: `deviceName ${name} could not be looked up: ${describeDefenderError(error)}` };
  }
}

/** The machine that changed inputs name; undefined where a lookup failed (the operation itself will say so). */
async function meant(inputs: CheckedInputs, runtime: Runtime): Promise<MachineId | undefined> {
  const declared = declaredMachineId(inputs);
  if (declared !== undefined || inputs.deviceName === undefined) return declared;
  try {
    return (await resolveName(inputs.deviceName, runtime)).id;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function willRelease(
  state: Pick<StateOutputs, 'owned'> & { readonly state?: string | undefined },
  inputs: CheckedInputs,
  runtime: Runtime,
): boolean {
  if (runtime.settings.holdReleases || inputs.onDelete === 'retain') return false;
  if (state.state === 'released' || state.state === 'missing') return false;
  return state.owned === true || inputs.releaseForeign === true || inputs.takeOwnership === true;
}

/** For the guardrails: what this run may come to release, and what was contained before it. */
function noteSeen(
  context: OperationContext,
  state: StateOutputs,
  inputs: CheckedInputs,
  sight: Sight,
  runtime: Runtime,
): void {
  const owned = sight.ownership.kind === 'ours' || (!isObserved(sight.observation) && state.owned === true);
  const seenState = isObserved(sight.observation) ? sight.observation.state : state.state;
  runtime.fleet.gate.noteSeen(context.declaration.key, {
    machineId: sight.machineId,
    contained: isContained(sight.observation),
    releasable: willRelease({ owned, state: seenState }, inputs, runtime),
  });
  if (!runtime.predecessors.has(sight.machineId)) runtime.predecessors.set(sight.machineId, remember(state));
}

function isDue(inputs: CheckedInputs, runtime: Runtime): boolean {
  const moment = inputs.releaseAt === undefined ? undefined : parseRfc3339(inputs.releaseAt);
  return moment !== undefined && moment <= (runtime.fleet.defender.serviceNow() ?? runtime.fleet.clock.wall());
}

async function create(context: OperationContext, given: PropertyMap, runtime: Runtime): Promise<Written> {
  const inputs = knownInputs(given);
  if ('unknowns' in inputs) return { id: '', outputs: withoutUnknowns(given) };
  const stopped = await obstacle({}, runtime);
  if (stopped !== undefined) throw new UserError(stopped);
  const machine = inputs.deviceName === undefined ? undefined : await resolveName(inputs.deviceName, runtime);
  const machineId = machine?.id ?? machineIdOf(inputs.machineId ?? '');
  bind(context, machineId, runtime);
  const remembered = runtime.predecessors.get(machineId);
  return converge({ context, runtime, machineId, inputs, remembered, declarationChanged: true }, undefined);
}

function bind(context: OperationContext, machineId: MachineId, runtime: Runtime): void {
  const other = runtime.claims.bind(context.declaration.key, machineId);
  if (other !== undefined) throw new UserError(declaredTwice(machineId, other));
}

async function update(
  context: OperationContext,
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
  const declarationChanged = inputsDiffer(withDefaults(oldInputs), inputs).length > 0;
  const request: HostRequest = { context, runtime, machineId, inputs, remembered: remember(state), declarationChanged };
  return isDue(inputs, runtime) ? releaseDue(request, state) : converge(request, state);
}

function withoutUnknowns(map: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== unknown && value !== undefined));
}

/** Brings the host to isolated, or says in preview what would be done. */
async function converge(request: HostRequest, state: StateOutputs | undefined): Promise<Written> {
  const { context, runtime, machineId, inputs } = request;
  if (inputs.deviceName !== undefined && state !== undefined) await checkBinding(request, inputs.deviceName);
  if (context.preview) return previewConverge(request, state);
  const result = await contain(request);
  const { sight } = result;
  const { tenantId } = await runtime.identity();
  const took = inputs.takeOwnership === true && (sight.ownership.kind === 'foreign' || state?.takenAt !== undefined);
  const now = isObserved(sight.observation) ? sight.observation.asOf : undefined;
  const takenAt = took
    ? sight.ownership.kind === 'foreign'
      ? now
      : request.remembered?.takenAt
    : request.remembered?.takenAt;
  const outputs = outputsOf(inputs, {
    ...sight,
    ownership: took ? { kind: 'ours' } : sight.ownership,
    tenantId: tenantId ?? state?.tenantId ?? '',
    cloud: runtime.settings.cloud,
    renewalRestartsLease: runtime.settings.renewalRestartsLease,
    takenAt,
    note: result.note,
    before: state,
  });
  const outcome: Outcome = result.failures.length > 0 ? 'not-contained' : (result.wrote ?? 'unchanged');
  record(request, sight, outcome, result.failures[0] ?? result.note ?? '');
  if (result.failures.length === 0) {
    say(context, sight, runtime, result.wrote);
    return { id: machineId, outputs };
  }
  // A host that was only looked at, and not by an earlier run of this declaration, has nothing that state must keep.
  if (state === undefined && result.wrote === undefined && !isUnderWay(sight))
    throw new UserError(result.failures.join('\n'));
  throw new PartialFailure(machineId, outputs, result.failures);
}

/** Something of ours may have been sent, or runs. */
function isUnderWay(sight: Sight): boolean {
  return !isObserved(sight.observation) || sight.observation.state !== 'released';
}

async function checkBinding(request: HostRequest, deviceName: string): Promise<void> {
  const { runtime, machineId, context } = request;
  const machine = await runtime.fleet.observatory
    .machine(machineId, runtime.fleet.observatory.readable())
    .catch((error: unknown) => {
      if (isDefenderError(error)) return undefined;
      throw error;
    });
  if (machine === undefined) return;
  const bound = await binding(machine, deviceName, runtime);
  if (bound.error !== undefined) throw new UserError(bound.error);
  if (bound.warning !== undefined) context.log.warn(bound.warning);
}

async function previewConverge(request: HostRequest, state: StateOutputs | undefined): Promise<Written> {
  const { context, runtime, machineId, inputs } = request;
  const sight = await lookAt(
    { ...request, declaration: context.declaration, notBefore: runtime.fleet.observatory.readable() },
    runtime,
  );
  const plan = planFor(sight, request);
  const { tenantId } = await runtime.identity();
  const known: PropertyMap = {
    ...(inputs as unknown as PropertyMap),
    machineId,
    deviceName: sight.machine?.computerDnsName,
    tenantId,
    cloud: runtime.settings.cloud,
    stateVersion,
    osPlatform: sight.machine?.osPlatform,
    healthStatus: sight.machine?.healthStatus,
  };
  const unchanged = () => ({
    id: machineId,
    outputs: outputsOf(inputs, {
      ...sight,
      tenantId: tenantId ?? '',
      cloud: runtime.settings.cloud,
      renewalRestartsLease: runtime.settings.renewalRestartsLease,
      takenAt: request.remembered?.takenAt,
      note: undefined,
      before: state,
    }),
  });
  switch (plan.kind) {
    case 'fail':
    case 'disputed':
      throw new UserError(`${hostOf(sight)}: ${plan.reason}`);
    case 'none':
      context.log.info(`${hostOf(sight)}: nothing would be sent: ${plan.reason}`);
      return unchanged();
    case 'hold':
    case 'keep-type':
      context.log.warn(`${hostOf(sight)}: ${plan.reason}`);
      return unchanged();
    case 'adopt':
      context.log.info(`${hostOf(sight)}: would wait: ${plan.reason}`);
      break;
    case 'change-type': {
      const verdict = runtime.fleet.gate.preview(machineId);
      if (!verdict.allowed) throw new UserError(refusalText(verdict));
      context.log.info(`would release ${hostOf(sight)} and isolate it again (${plan.isolationType}): ${plan.reason}`);
      break;
    }
    case 'cancel-release':
    case 'outlast-release':
    case 'resend':
    case 'isolate': {
      const fresh = plan.kind === 'isolate' && plan.fresh;
      const refused = fresh && sight.machine !== undefined ? objection(sight.machine, request) : undefined;
      if (refused !== undefined) throw new UserError(`${hostOf(sight)}: ${refused}`);
      if (fresh && !runtime.fleet.quota.take(machineId)) {
        throw new UserError(
          `${hostOf(sight)}: more than ${runtime.fleet.quota.max} new isolations in one run (guardrails.maxIsolations)`,
        );
      }
      context.log.info(`would isolate ${hostOf(sight)} (${plan.isolationType}): ${plan.reason}`);
      await noteMissingRole(request);
    }
  }
  if (sight.machine?.mergedIntoMachineId)
    context.log.warn(
      `${hostOf(sight)} was merged into machine ${sight.machine.mergedIntoMachineId}: the device was reinstalled or renamed. Is that one meant?`,
    );
  return { id: machineId, outputs: known };
}

/** A pull request may run with a read-only sign-in: here it is a note, in `up` the service's refusal is an error. */
async function noteMissingRole(request: HostRequest): Promise<void> {
  const { roles } = await request.runtime.identity();
  if (roles.length > 0 && !roles.includes('Machine.Isolate')) {
    request.context.log.info('this sign-in lacks the role Machine.Isolate, so it can preview but not isolate');
  }
}

function say(context: OperationContext, sight: Sight, runtime: Runtime, wrote: string | undefined): void {
  const { observation } = sight;
  if (!isObserved(observation) || observation.period === undefined || wrote === undefined) return;
  const until = describeMoment(earliestLift(observation.period, runtime.settings.renewalRestartsLease));
  const whose =
    sight.ownership.kind === 'foreign'
      ? `; ${sight.ownership.requestor} began it, so it stays when this resource is deleted`
      : '';
  context.log.info(
    `${wrote} ${hostOf(sight)}; containment is certain until ${until} unless a run renews it before${whose}`,
  );
}

function record(request: HostRequest, sight: Sight, outcome: Outcome, reason: string): void {
  const { observation } = sight;
  const period = isObserved(observation) && isContained(observation) ? observation.period : undefined;
  request.runtime.record.note(request.context.declaration.key, {
    outcome,
    machineId: sight.machineId,
    host: sight.machine?.computerDnsName ?? sight.machineId,
    reason,
    coveredUntil:
      period === undefined ? undefined : earliestLift(period, request.runtime.settings.renewalRestartsLease),
  });
}

/** `releaseAt` has passed: releases the host, a few a run, also under `hold` (semantics 8.7). */
async function releaseDue(request: HostRequest, state: StateOutputs): Promise<Written> {
  const { context, runtime, machineId, inputs } = request;
  const look = (notBefore: number) => lookAt({ ...request, declaration: context.declaration, notBefore }, runtime);
  const written = async (sight: Sight, note: string | undefined): Promise<Written> => ({
    id: machineId,
    outputs: outputsOf(inputs, {
      ...sight,
      tenantId: (await runtime.identity()).tenantId ?? state.tenantId ?? '',
      cloud: runtime.settings.cloud,
      renewalRestartsLease: runtime.settings.renewalRestartsLease,
      takenAt: request.remembered?.takenAt,
      note,
      before: state,
    }),
  });
  const sight = await look(context.preview ? runtime.fleet.observatory.readable() : runtime.fleet.clock.monotonic());
  const plan = planReleaseOf(sight, request);
  switch (plan.kind) {
    case 'fail':
      throw new UserError(`${hostOf(sight)}: ${plan.reason}`);
    case 'gone':
      record(request, sight, 'unchanged', plan.reason);
      return written(sight, undefined);
    case 'leave':
      context.log.warn(`${hostOf(sight)}: releaseAt has passed: ${plan.reason}`);
      record(request, sight, 'left', plan.reason);
      return written(sight, plan.reason);
    case 'release':
      break;
  }
  if (context.preview) {
    context.log.info(`would release ${hostOf(sight)}: releaseAt ${inputs.releaseAt} has passed`);
    return { id: machineId, outputs: { ...(inputs as unknown as PropertyMap), machineId } };
  }
  const { dueReleases, limits } = runtime.fleet;
  if (dueReleases.size >= limits.maxReleases && !dueReleases.has(machineId)) {
    const reason = `releaseAt has passed, but this run has released ${dueReleases.size} due hosts already (maxReleases); the next run goes on`;
    context.log.warn(`${hostOf(sight)}: ${reason}`);
    record(request, sight, 'refused', reason);
    return written(sight, reason);
  }
  dueReleases.add(machineId);
  const failure = await performRelease(
    { ...request, remainingMs: context.timeoutMs ?? defaultReleaseTimeoutMs },
    sight,
    { adopt: plan.adopt, watch: true },
  );
  const after = context.signal.aborted ? sight : await look(runtime.fleet.clock.monotonic());
  record(
    request,
    after,
    failure === undefined ? 'released' : 'not-released',
    failure ?? `releaseAt ${inputs.releaseAt}`,
  );
  const result = await written(after, failure);
  if (failure !== undefined) throw new PartialFailure(machineId, result.outputs, [failure]);
  context.log.info(`released ${hostOf(after)}: releaseAt ${inputs.releaseAt} has passed`);
  return result;
}

/** Known to state: observes, and keeps the last known state where that fails (semantics 1.4). */
async function refresh(
  context: OperationContext,
  id: string,
  outputs: PropertyMap,
  inputs: PropertyMap | undefined,
  runtime: Runtime,
): Promise<ReadResult> {
  const state = stateOf(outputs);
  const declared = withDefaults(inputs !== undefined && Object.keys(inputs).length > 0 ? inputs : outputs);
  const keep = (reason: string): ReadResult => ({
    found: { id, outputs, inputs: inputs ?? {} },
    unhealthy: [`${context.declaration.name}: ${reason}`],
  });
  const stopped = await obstacle(state, runtime);
  if (stopped !== undefined) return keep(stopped);
  const machineId = machineIdOf(id);
  const remembered = remember(state);
  const sight = await lookAt(
    {
      declaration: context.declaration,
      machineId,
      inputs: declared,
      remembered,
      notBefore: runtime.fleet.observatory.readable(),
    },
    runtime,
  );
  noteSeen(context, state, declared, sight, runtime);
  const { observation } = sight;
  if (observation.state === 'unknown') {
    runtime.record.note(context.declaration.key, {
      outcome: 'failed',
      machineId,
      host: state.deviceName ?? machineId,
      reason: observation.reason,
    });
    return keep(
      `could not be observed, so its last known state (${state.state ?? 'unknown'}) is kept: ${observation.reason}`,
    );
  }
  const { tenantId } = await runtime.identity();
  record(
    { context, runtime, machineId, inputs: declared, remembered, declarationChanged: false },
    sight,
    'unchanged',
    '',
  );
  const found = outputsOf(declared, {
    ...sight,
    tenantId: tenantId ?? state.tenantId ?? '',
    cloud: runtime.settings.cloud,
    renewalRestartsLease: runtime.settings.renewalRestartsLease,
    takenAt: remembered.takenAt,
    note:
      observation.state === 'missing' ? 'Defender no longer knows this machine (404); it is kept in state' : undefined,
    before: state,
  });
  return { found: { id: machineId, outputs: found, inputs: inputs ?? {} }, unhealthy: [] };
}

/** `pulumi import`: everything from the id, and the isolation becomes ours. */
async function importHost(context: OperationContext, id: string, runtime: Runtime): Promise<ReadResult> {
  const stopped = await obstacle({}, runtime);
  if (stopped !== undefined) throw new UserError(stopped);
  const machineId = parseMachineId(id.trim()) ?? (await resolveName(id.trim(), runtime)).id;
  const inputs = withDefaults({ machineId });
  const sight = await lookAt(
    {
      declaration: context.declaration,
      machineId,
      inputs,
      remembered: undefined,
      notBefore: runtime.fleet.clock.monotonic(),
    },
    runtime,
  );
  const { observation } = sight;
  if (observation.state === 'missing') return { found: undefined, unhealthy: [] };
  if (!isObserved(observation))
    throw new UserError(`${hostOf(sight)} could not be observed, so it was not imported: ${observation.reason}`);
  if (observation.state === 'released') {
    throw new UserError(
      `${hostOf(sight)} is not isolated, so there is nothing to import. Declare it and run pulumi up to isolate it`,
    );
  }
  const comment = importedComment(sight);
  const declared: CheckedInputs = {
    ...inputs,
    comment,
    isolationType: observation.isolationType ?? inputs.isolationType,
  };
  const { tenantId } = await runtime.identity();
  const outputs = outputsOf(declared, {
    ...sight,
    ownership: { kind: 'ours' },
    tenantId: tenantId ?? '',
    cloud: runtime.settings.cloud,
    renewalRestartsLease: runtime.settings.renewalRestartsLease,
    takenAt: observation.asOf,
    note: undefined,
    before: undefined,
  });
  return { found: { id: machineId, outputs, inputs: declared as unknown as PropertyMap }, unhealthy: [] };
}

/** The declared reason in the comment of the isolation, without mark and place. */
function importedComment(sight: Sight): string {
  const told = isObserved(sight.observation) ? (sight.observation.chain[0]?.requestorComment ?? '') : '';
  const reason = told.replace(/^\[mde:[0-9a-f]{16}\] \S+\/.*?: /, '').trim();
  return reason === '' ? 'imported' : reason;
}

async function remove(
  context: OperationContext,
  id: string,
  outputs: PropertyMap,
  oldInputs: PropertyMap | undefined,
  runtime: Runtime,
): Promise<void> {
  const state = stateOf(outputs);
  const inputs = withDefaults(oldInputs !== undefined && Object.keys(oldInputs).length > 0 ? oldInputs : outputs);
  const { key } = context.declaration;
  const machineId = machineIdOf(id);
  const heir = await claimant(key, machineId, state, runtime);
  if (heir !== undefined) {
    context.log.info(
      `${state.deviceName ?? machineId} stays isolated: ${nameOf(heir)} declares it now; nothing was sent`,
    );
    return;
  }
  const stopped = await obstacle(state, runtime);
  if (stopped !== undefined) throw new UserError(`not released: ${stopped}`);
  const request: HostRequest = {
    context,
    runtime,
    machineId,
    inputs,
    remembered: remember(state),
    declarationChanged: false,
  };
  const sight = await lookAt(
    { ...request, declaration: context.declaration, notBefore: runtime.fleet.clock.monotonic() },
    runtime,
  );
  const plan = planReleaseOf(sight, request);
  switch (plan.kind) {
    case 'gone':
      record(request, sight, 'unchanged', plan.reason);
      context.log.info(`${hostOf(sight)}: ${plan.reason}`);
      return;
    case 'leave':
      record(request, sight, 'left', plan.reason);
      context.log.warn(`${hostOf(sight)}: ${plan.reason}`);
      return;
    case 'fail':
      record(request, sight, 'not-released', plan.reason);
      throw new UserError(`NOT RELEASED: ${hostOf(sight)}: ${plan.reason}`);
    case 'release':
      break;
  }
  const refusal = refusedRelease(request, sight);
  if (refusal !== undefined) {
    await renewRefused(request, sight);
    record(request, sight, 'refused', refusal);
    throw new UserError(`NOT RELEASED: ${hostOf(sight)}: ${refusal}`);
  }
  const failure = await performRelease(
    { ...request, remainingMs: context.timeoutMs ?? defaultReleaseTimeoutMs },
    sight,
    { adopt: plan.adopt, watch: true },
  );
  record(request, sight, failure === undefined ? 'released' : 'not-released', failure ?? 'no longer declared');
  if (failure !== undefined) throw new UserError(failure);
  context.log.info(`released ${hostOf(sight)}`);
}

/** Another declaration of this run (or the new incarnation of this one) that claims the machine. */
async function claimant(
  key: string,
  machineId: MachineId,
  state: StateOutputs,
  runtime: Runtime,
): Promise<string | undefined> {
  const { claims } = runtime;
  if (claims.of(key)?.machineId === machineId) return key;
  for (const open of claims.unresolved(key)) {
    // A name that cannot be resolved may mean this machine; then nothing is released.
    let resolved: Machine;
    try {
      resolved = await resolveName(open.deviceName, runtime);
    } catch (error) {
      if (error instanceof UserError) {
        throw new UserError(
          `not released: ${nameOf(open.key)} declares ${open.deviceName}, and whether that is this machine cannot be told. ${error.message}`,
        );
      }
      throw error;
    }
    claims.bind(open.key, resolved.id);
  }
  return claims.claimedByOther(key, { machineId, deviceName: state.deviceName });
}

function refusedRelease(request: HostRequest, sight: Sight): string | undefined {
  const { runtime } = request;
  if (runtime.settings.holdReleases) {
    return `releases is hold in the provider's configuration: it stays isolated and in state. ${liftNote(sight.observation, runtime.settings.renewalRestartsLease)} Run with mde:releases apply to release it`;
  }
  const verdict = runtime.fleet.gate.requestForDelete(sight.machineId);
  if (!verdict.allowed) return refusalText(verdict);
  if (verdict.staleOverride)
    request.context.log.warn(
      'mde:allowReleases does not fit the hosts that this run releases, and is ignored; they are within the limits',
    );
  return undefined;
}

/** A host whose release is refused is still declared by nobody else: it is kept contained all the same (semantics 2.5). */
async function renewRefused(request: HostRequest, sight: Sight): Promise<void> {
  const renewing = { ...request, inputs: { ...request.inputs, allowTypeChange: false }, declarationChanged: false };
  const plan = planFor(sight, renewing);
  if (plan.kind !== 'isolate' || plan.fresh) return;
  const result = await contain(renewing);
  for (const failure of result.failures) request.context.log.warn(failure);
}
