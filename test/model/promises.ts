import { pairs } from '../../provider/containment/pair.ts';
import type { ActionRecord, MachineTruth } from '../../simulator/control.ts';
import type { Run } from '../resources/engine.ts';
import { Broken } from './broken.ts';
import type { HostDeclaration } from './declarations.ts';
import { judgeFiles } from './files.ts';
import { judgeRenewals } from './renewals.ts';
import { judgeRestrictions } from './restrictions.ts';
import type { Step } from './steps.ts';
import { isRunning, type StateHost, type Tenant } from './tenant.ts';
import { isBlind } from './troubles.ts';

/** A run that may write, and how the world stood before it. */
export interface Deed {
  readonly step: Extract<Step, { do: 'up' | 'destroy' }>;
  readonly startedAt: number;
  readonly truth: ReadonlyMap<string, MachineTruth>;
  readonly held: readonly StateHost[];
  /** Actions that were there before. */
  readonly known: ReadonlySet<string>;
  /** What the program declares. */
  readonly hosts: readonly { readonly resource: string; readonly host: HostDeclaration }[];
  readonly writes: number;
}

/** What must hold of a run, by the simulator's own record. */
export function judgeRun(tenant: Tenant, deed: Deed, run: Run | undefined): void {
  const made = tenant.world.control.actions().filter((action) => !deed.known.has(action.id));
  const ours = made.filter((action) => action.origin.via === 'api');
  const released = ours.filter((action) => action.type === 'Unisolate');
  for (const release of released) judgeRelease(tenant, deed, release);
  judgeLimits(tenant, deed, released);
  for (const isolate of ours) if (isolate.type === 'Isolate') judgeIsolate(tenant, deed, isolate);
  for (const id of deed.truth.keys()) judgeOneAtATime(tenant, id);
  judgeForeignKept(tenant);
  judgeBlind(tenant, deed);
  judgeRecord(tenant);
  if (run !== undefined) {
    judgeRefused(tenant, deed, run, made);
    judgeAccount(tenant, deed, run, made);
    judgeRenewals(tenant, deed, run);
  }
  judgeFiles(tenant, deed, made);
  judgeRestrictions(tenant, deed, run, made);
}

function judgeRelease(tenant: Tenant, deed: Deed, release: ActionRecord): void {
  const id = release.machineId;
  const name = tenant.name(id);
  const { step, hosts, held } = deed;
  const meant = hosts.filter((each) => means(each, id, deed) !== 'no');
  const isDue = meant.some(({ host }) => isDueBy(host, release.creationDateTimeUtc));
  const retyped = meant.some(({ host }) => host.options.allowTypeChange === true);
  if (meant.length > 0 && !isDue && !retyped) throw new Broken(`I1: ${name} is released though it is declared`);
  if (meant.length === 0 && !held.some((each) => each.id === id))
    throw new Broken(`I1: ${name} is released, which this stack does not hold`);
  if (step.limits === 'hold' && !isDue) throw new Broken(`I1: ${name} is released under hold`);
  if (tenant.taken.has(id)) return;
  const isolation = deed.truth.get(id)?.isolation;
  const beganBy =
    isolation?.isolated === true
      ? tenant.world.control.actions().find((action) => action.id === isolation.actionId)
      : undefined;
  if (beganBy !== undefined && !isOfStack(beganBy, step.stack))
    throw new Broken(`I1: ${name} is released, and ${beganBy.requestor} had isolated it`);
  const before = tenant.applied[step.stack].get(id);
  if (meant.length === 0 && before?.options.onDelete === 'retain')
    throw new Broken(`I1: ${name} is released, and was to be retained`);
}

function judgeLimits(tenant: Tenant, deed: Deed, released: readonly ActionRecord[]): void {
  const { step, hosts, held } = deed;
  const ids = new Set(
    released
      .filter(({ machineId, creationDateTimeUtc }) =>
        hosts.every((each) => means(each, machineId, deed) === 'no' || !isDueBy(each.host, creationDateTimeUtc)),
      )
      .map((action) => action.machineId),
  );
  if (step.limits === 'override') return;
  if (step.limits === 'default') {
    const contained = new Set([...held.map(({ id }) => id), ...hosts.map(({ host }) => host.machine)]).size;
    const limit = Math.min(5, Math.max(1, Math.floor(contained / 5)));
    if (ids.size > limit) throw new Broken(`I1: ${ids.size} are released, the limit is ${limit} of ${contained}`);
  }
  for (const { name, kind, maxReleases } of tenant.declarations.declared(step.stack)) {
    // A resource of one host has no limit of its own.
    if (kind === 'single' || maxReleases === undefined || step.do === 'destroy') continue;
    const theirs = held.filter(({ resource, id }) => resource === name && ids.has(id)).length;
    if (theirs > maxReleases) throw new Broken(`I1: ${name} releases ${theirs}, its own limit is ${maxReleases}`);
  }
}

function judgeIsolate(tenant: Tenant, deed: Deed, isolate: ActionRecord): void {
  const id = isolate.machineId;
  const name = tenant.name(id);
  const before = deed.truth.get(id);
  const isHeld = deed.held.some((each) => each.id === id);
  const declared = deed.hosts.filter((each) => means(each, id, deed) === 'surely');
  const last = lastDone(tenant, id, deed.startedAt);
  // One that shows as failed may not have been carried out, for all that a run can know.
  const wasReleased = last?.type === 'Unisolate' && last.status === 'Succeeded';
  if (declared.length === 0 && !isHeld) throw new Broken(`I2: ${name} is isolated, and nobody declares it`);
  if (declared.length === 0 && wasReleased && before?.isolation.isolated !== true)
    throw new Broken(`I2: ${name} is isolated, and is declared no more, and was released`);
  const allowed = declared.some(({ host }) => host.options.allowProtected === true);
  if (isProtected(before) && !allowed && before?.isolation.isolated !== true && !isLeased(tenant, id))
    throw new Broken(`I2: ${name} is isolated, and is protected`);
  const release = lastDone(tenant, id, deed.startedAt);
  const version = tenant.versions.get(id);
  if (
    release?.type === 'Unisolate' &&
    // One that shows as failed is in doubt, and so is what it wished.
    release.status === 'Succeeded' &&
    release.requestorComment.includes('mde-hold') &&
    holds.get(release.id)?.version === version &&
    holds.get(release.id)?.applied === true &&
    isHeld &&
    before?.isolation.isolated === false
  )
    throw new Broken(`I2: ${name} is isolated against mde-hold`);
}

/** Releases that ask for respect: the declaration's version that they met, and whether a run had carried that out. */
const holds = new Map<string, { readonly version: number | undefined; readonly applied: boolean }>();

export function isProtected(machine: MachineTruth | undefined): boolean {
  const { deviceValue, machineTags } = machine?.body ?? {};
  return deviceValue === 'High' || (Array.isArray(machineTags) && machineTags.includes('mde-protected'));
}

/** A machine that MDE lifted by itself is not released by anybody. */
function isLeased(tenant: Tenant, id: string): boolean {
  return tenant.world.requests('Isolate', id).some(({ executedAt }) => executedAt !== undefined);
}

function judgeOneAtATime(tenant: Tenant, id: string): void {
  for (const type of pairs.flatMap(({ apply, lift }) => [apply, lift])) {
    const requests = tenant.world.ours(type, id);
    for (const [index, later] of requests.entries()) {
      for (const earlier of requests.slice(0, index)) {
        const ended = earlier.history.find(({ status }) => !['Pending', 'InProgress'].includes(status));
        if (ended === undefined || ended.at > later.creationDateTimeUtc)
          throw new Broken(`I3: ${type} of ${tenant.name(id)} is sent twice, and the first is still running`);
      }
    }
  }
}

function judgeForeignKept(tenant: Tenant): void {
  for (const action of tenant.world.control.actions()) {
    if (action.cancellationRequestor === null || action.origin.via === 'api' || tenant.taken.has(action.machineId))
      continue;
    if (action.cancellationRequestor !== 'analyst@contoso.com')
      throw new Broken(
        `I1: ${action.type} of ${tenant.name(action.machineId)} by ${action.requestor} is cancelled by us`,
      );
  }
}

function judgeBlind(tenant: Tenant, deed: Deed): void {
  if (deed.step.troubles.some(isBlind) && tenant.world.writes() > deed.writes)
    throw new Broken('I8: a run that sees nothing of what was asked writes');
}

/** A resource whose check failed is not touched by that run. */
function judgeRefused(tenant: Tenant, { step }: Deed, run: Run, made: readonly ActionRecord[]): void {
  const names = new Set(Object.keys(run.refused).map((each) => each.split('.')[0] ?? each));
  for (const name of names) {
    const sent = made.find((action) => action.origin.via === 'api' && isOfResource(action, step.stack, name));
    if (sent !== undefined)
      throw new Broken(`I4: ${sent.type} of ${tenant.name(sent.machineId)} is sent for ${name}, whose check failed`);
  }
}

/** What state names as asked is on record, of that machine. */
function judgeRecord(tenant: Tenant): void {
  const byId = new Map(tenant.world.control.actions().map((action) => [action.id, action]));
  for (const stack of [0, 1] as const) {
    for (const { id, resource, actionId } of tenant.stateHosts(stack)) {
      if (actionId === undefined) continue;
      const action = byId.get(actionId);
      if (action === undefined || action.machineId !== id)
        throw new Broken(`I6: the state of ${resource} names an action of ${tenant.name(id)} that is not on record`);
    }
  }
}

/** What a run says of itself, beside what is so. */
function judgeAccount(tenant: Tenant, deed: Deed, run: Run, made: readonly ActionRecord[]): void {
  const { step, hosts } = deed;
  if (/unexpected|undefined|\bat .*\.ts:\d/.test(run.text))
    throw new Broken(`I7: what is told is not for people: ${run.text}`);
  const failed = Object.keys({ ...run.failures, ...run.refused }).length > 0;
  const state = tenant.stateHosts(step.stack);
  const truth = tenant.truth();
  for (const { id } of state) tenant.orphans.delete(`${step.stack} ${id}`);
  for (const [id, { isolation, waiting }] of truth) {
    const actions = tenant.world.control.actions({ machine: id });
    const holding =
      (isolation.isolated ? actions.find((action) => action.id === isolation.actionId) : undefined) ??
      (waiting > 0 ? actions.find((action) => action.type === 'Isolate' && isRunning(action)) : undefined);
    if (holding === undefined || !isOfStack(holding, step.stack) || state.some((each) => each.id === id)) continue;
    if (tenant.orphans.has(`${step.stack} ${id}`)) continue;
    // Forgotten by this run, not let go by an earlier one.
    const isOfRun = deed.held.some((each) => each.id === id) || made.some((action) => action.machineId === id);
    if (!isOfRun) continue;
    // It is left on purpose, or somebody else's beside ours.
    const isLeft = leftOnPurpose(tenant, deed, id, actions) || isUnknowable(holding) || isBetweenNames(run, deed, id);
    if (!isLeft)
      throw new Broken(
        `I6: ${tenant.name(id)} is contained by ${step.stack === 0 ? 'dev' : 'prod'}, and no state knows it`,
      );
    tenant.orphans.add(`${step.stack} ${id}`);
  }
  if (failed) {
    for (const { host } of hosts) tenant.applied[step.stack].delete(host.machine);
    return;
  }
  if (step.ending.kind === 'cancelled') return;
  if (step.do === 'destroy' && state.length > 0)
    throw new Broken('I6: a destroy without failures leaves hosts in state');
  if (step.do === 'destroy') return;
  for (const { host } of hosts) tenant.applied[step.stack].set(host.machine, host);
  for (const each of hosts) {
    const ids = [...truth.keys()].filter((id) => means(each, id, deed) === 'surely');
    // One that is due for release and gone is as it should be.
    if (ids.length === 0 && isDueBy(each.host, new Date(tenant.world.now()).toISOString())) continue;
    if (ids.length === 0) throw new Broken(`I6: success, and nobody is meant by ${JSON.stringify(each.host)}`);
    for (const id of ids) judgeSuccess(tenant, deed, run, id, each.host, made);
  }
}

function judgeSuccess(
  tenant: Tenant,
  deed: Deed,
  run: Run,
  id: string,
  host: HostDeclaration,
  made: readonly ActionRecord[],
): void {
  const machine = tenant.truth().get(id);
  if (machine === undefined || machine.isolation.isolated) return;
  if (isDueBy(host, new Date(tenant.world.now()).toISOString())) return;
  const told = [id, machine.computerDnsName.toLowerCase()];
  const text = `${run.warnings.join('\n')}\n${run.summary}`.toLowerCase();
  const isTold = told.some((each) => text.includes(each)) || tenant.hidesHosts(text);
  const isDisturbed = made.some((action) => action.machineId === id && action.origin.via !== 'api');
  const isCancelled = tenant.world
    .requests('Isolate', id)
    .some(({ cancellationDateTimeUtc }) => Date.parse(cancellationDateTimeUtc ?? '') >= deed.startedAt);
  const others = tenant.world.requests('Unisolate', id).some((action) => {
    return action.origin.via !== 'api' && Date.parse(action.executedAt ?? '') >= deed.startedAt;
  });
  if (!isTold && !isDisturbed && !isCancelled && !others)
    throw new Broken(`I6: success, and ${tenant.name(id)} is not contained, and no word of it`);
}

function leftOnPurpose(tenant: Tenant, deed: Deed, id: string, actions: readonly ActionRecord[]): boolean {
  const { step, hosts } = deed;
  const foreign = actions.some((action) => action.type === 'Isolate' && !isOfStack(action, step.stack));
  if (foreign || !deed.truth.has(id)) return true;
  if (hosts.some((each) => means(each, id, deed) !== 'no')) return false;
  return tenant.applied[step.stack].get(id)?.options.onDelete === 'retain' || tenant.retained.has(id);
}

/** Carried out though its record says that it was cancelled, after its release had succeeded: nothing tells. */
function isUnknowable({ status }: ActionRecord): boolean {
  return status === 'Cancelled';
}

/**
 * Not covered yet: a host that moves to a resource which declares it by its name and could not look that up in this run.
 * The one that it comes from could, and leaves it to the other, whose failure keeps nothing.
 */
function isBetweenNames(run: Run, deed: Deed, id: string): boolean {
  return deed.hosts.some(
    (each) =>
      each.host.machineId === undefined &&
      means(each, id, deed) !== 'no' &&
      /could not be looked up/.test(run.failures[each.resource] ?? ''),
  );
}

/** What state claims, at any moment: nobody is covered who is not. */
export function judgeSight(tenant: Tenant): void {
  const now = tenant.world.now();
  const truth = tenant.truth();
  for (const action of tenant.world.control.actions()) {
    if (action.type !== 'Unisolate' || action.origin.via === 'api' || holds.has(action.id)) continue;
    const id = action.machineId;
    const declared = ([0, 1] as const).some((stack) => {
      const applied = tenant.applied[stack].get(id);
      return tenant.declarations.hosts(stack).some(({ host }) => host === applied);
    });
    holds.set(action.id, { version: tenant.versions.get(id), applied: declared });
  }
  for (const stack of [0, 1] as const) {
    const readAt = tenant.readAt[stack];
    if (readAt === undefined) continue;
    for (const { id, coveredUntil } of tenant.stateHosts(stack)) {
      if (coveredUntil === undefined || coveredUntil <= now || tenant.stale.has(`${stack} ${id}`)) continue;
      const machine = truth.get(id);
      if (machine === undefined || machine.isolation.isolated) continue;
      const others = tenant.world.requests('Unisolate', id).some((action) => {
        const isOurs = isOfStack(action, stack);
        return !isOurs && Date.parse(action.executedAt ?? '') >= readAt;
      });
      if (!others)
        throw new Broken(
          `I6: ${tenant.name(id)} is said to be covered until ${new Date(coveredUntil).toISOString()}, and is not isolated`,
        );
    }
  }
}

/** Whether a declaration means a machine: by its id; by its name where it is bound to it, or bears it alone. */
export function means(
  { resource, host }: Deed['hosts'][number],
  id: string,
  { held, truth, hosts }: Deed,
): 'surely' | 'perhaps' | 'no' {
  if (host.machineId !== undefined) return host.machineId === id ? 'surely' : 'no';
  const name = host.deviceName?.toLowerCase();
  // One that is declared by its id is taken, whatever it was called before.
  const byId = new Set(hosts.map((each) => each.host.machineId));
  // A name is bound where it is declared (semantics 6.1). Whoever gives one for a host that was declared by its id means
  // the machine that bears it, be that still the same one.
  const bears = (machine: string) => truth.get(machine)?.computerDnsName.toLowerCase() === name;
  const bound = held.filter(
    (each) =>
      each.resource === resource &&
      (each.key === name || (each.deviceName === name && bears(each.id))) &&
      !byId.has(each.id),
  );
  if (bound.some((each) => each.id === id)) return 'surely';
  const bearers = [...truth.values()].filter((machine) => machine.computerDnsName.toLowerCase() === name);
  const isBearer = bearers.some((machine) => machine.id === id);
  const alive = bearers.filter(
    ({ healthStatus, body }) => !(healthStatus !== 'Active' && typeof body.mergedIntoMachineId === 'string'),
  );
  if (bound.length === 0 && alive.length === 1 && alive[0]?.id === id) return 'surely';
  return isBearer ? 'perhaps' : 'no';
}

export function isDueBy({ options }: HostDeclaration, moment: string): boolean {
  return options.releaseAt !== undefined && Date.parse(options.releaseAt) <= Date.parse(moment);
}

function lastDone(tenant: Tenant, id: string, before: number): ActionRecord | undefined {
  const done = tenant.world.control
    .actions({ machine: id })
    .filter(({ type, executedAt }) => /solate$/.test(type) && Date.parse(executedAt ?? '') < before);
  return done.sort((a, b) => Date.parse(a.executedAt ?? '') - Date.parse(b.executedAt ?? '')).at(-1);
}

const stackNames = ['dev', 'prod'] as const;

/** Whose request it is, by what stands in its comment for people. */
export function isOfStack(action: ActionRecord, stack: 0 | 1): boolean {
  return action.origin.via === 'api' && action.requestorComment.includes(`] ${stackNames[stack]}/`);
}

function isOfResource(action: ActionRecord, stack: 0 | 1, resource: string): boolean {
  return action.requestorComment.includes(`] ${stackNames[stack]}/${resource}:`);
}
