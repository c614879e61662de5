import type { ContainPlan } from '../../containment/contain-plan.ts';
import { describeMoment } from '../../containment/duration.ts';
import { earliestLift, endsByItself } from '../../containment/lease.ts';
import { isObserved } from '../../containment/observation.ts';
import type { Pair } from '../../containment/pair.ts';
import type { MachineId } from '../../defender/machine.ts';
import { roleOf } from '../../defender/response-actions.ts';
import type { DeclaredFile } from '../file-quarantine/declared-file.ts';
import type { HostRequest } from '../machine-isolation/act.ts';
import { checkBinding } from '../machine-isolation/binding.ts';
import { isDueNow } from '../machine-isolation/converge.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { planFor } from '../machine-isolation/plan-for.ts';
import { previewConverge } from '../machine-isolation/preview.ts';
import { planReleaseOf, refusalText } from '../machine-isolation/release.ts';
import { namesakeOf, settleNames } from '../machine-isolation/remove.ts';
import { lookAt, type Sight } from '../machine-isolation/sight.ts';
import { remember, stateVersion, withRestrictions } from '../machine-isolation/state.ts';
import { type OperationContext, type PropertyMap, UserError, type Written } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { WantedHost } from './contain-all.ts';
import type { DeclaredHost } from './declared-host.ts';
import { type Entry, entryOf, requestOf } from './entry.ts';
import { previewFiles } from './files.ts';
import { hostContext } from './host-context.ts';
import { type KnownHost, knownHosts } from './known-host.ts';
import { mistakenForGone } from './mistaken-for-gone.ts';
import { warnOfOtherName } from './other-name.ts';
import { pair } from './pairing.ts';
import { setId } from './read.ts';
import { type Restrictions, restrictionsOf, type SetRuntimes } from './restrictions.ts';
import { byReason, capped, distinct, type HostFailure, Told } from './told.ts';
import { eachOf } from './turns.ts';

/** What a run would do to hosts, in the order in which it is told: what frees a host first. */
const headings = {
  release: ({ words }) => words.release,
  held: ({ words }) => `${words.release}, but for releases: hold`,
  'change-type': () => 'release and isolate again',
  isolate: ({ words }) => words.apply,
  renew: ({ name, words }) => (name === 'isolation' ? 'renew' : `${words.apply} again`),
  wait: ({ name, words }) => (name === 'isolation' ? 'wait for' : `wait for the ${words.application} of`),
  leave: ({ name, words }) => (name === 'isolation' ? 'leave as it is' : `leave the ${words.application} as it is`),
  forget: ({ name, words }) => (name === 'isolation' ? 'forget' : `forget the ${words.application} of`),
} as const satisfies Readonly<Record<string, (pair: Pair) => string>>;

type Heading = keyof typeof headings;

/** What would be done about one pair of actions. */
interface Part {
  readonly pair: Pair;
  readonly plans: ReadonlyMap<Heading, readonly string[]>;
  readonly failures: readonly HostFailure[];
  /** Until when hosts are covered that are contained now, ms. */
  readonly covers: readonly number[];
  /** Declared hosts, by key, to which nothing would be done. */
  readonly unchanged: ReadonlySet<string>;
  readonly missingRole: string | undefined;
}

/** Says host by host what would be done and why; what would be refused fails it, so that a pull request fails on it. */
export async function previewSet(
  context: OperationContext,
  declared: ReadonlyMap<string, DeclaredHost>,
  files: ReadonlyMap<string, DeclaredFile>,
  before: PropertyMap | undefined,
  { isolation, restriction }: SetRuntimes,
): Promise<Written> {
  const { facts, hosts } = knownHosts(before ?? {});
  const stopped = await obstacle(facts, isolation);
  if (stopped !== undefined) throw new UserError(stopped);
  const pairing = pair(declared, hosts);
  const { standing, added, removed } = pairing;
  const told = new Told();
  const wanted: WantedHost[] = [...standing, ...added.map((host) => ({ host, known: undefined }))];
  const restrictions = restrictionsOf(pairing);
  const [isolated, restricted] = await Promise.all([
    previewPart(context, { wanted, removed }, declared.values(), told, isolation),
    previewPart(context, restrictions, declared.values(), told, restriction),
  ]);
  const parts = [isolated, restricted];
  const restricts = new Set(restrictions.wanted.map(({ host }) => host.key));
  const lifts = new Set(restrictions.removed.map(({ key }) => key));
  const isUnchanged = (key: string) => !lifts.has(key) && (!restricts.has(key) || restricted.unchanged.has(key));
  const unchanged = [...isolated.unchanged].filter(isUnchanged).length;
  const quarantined = await previewFiles(context, files, before ?? {}, told, isolation);
  const failures = [...distinct(parts.flatMap((part) => part.failures)), ...quarantined.failures];
  context.log.info(text(parts, { unchanged, total: declared.size, failed: failures.length }));
  told.warn(context.log);
  if (failures.length > 0) throw new UserError(byReason(failures).join('\n'));
  const { tenantId } = await isolation.identity();
  const nothing = parts.every(({ plans }) => plans.size === 0) && !quarantined.changes && before !== undefined;
  const known: PropertyMap = { tenantId, cloud: isolation.settings.cloud };
  if (nothing) return { id: setId(context), outputs: { ...before, ...known } };
  const version = restricts.size > 0 ? withRestrictions : stateVersion;
  // What is lifted may stay, and with it the newer shape.
  const isCertain = lifts.size === 0;
  return { id: setId(context), outputs: isCertain ? { ...known, stateVersion: version } : known };
}

async function previewPart(
  context: OperationContext,
  { wanted, removed }: Restrictions,
  declared: Iterable<DeclaredHost>,
  told: Told,
  runtime: Runtime,
): Promise<Part> {
  const plans = new Map<Heading, string[]>();
  const failures: HostFailure[] = [];
  const covers: number[] = [];
  const unchanged = new Set<string>();
  const plan = (heading: Heading, line: string) => {
    const lines = plans.get(heading);
    if (lines === undefined) plans.set(heading, [line]);
    else lines.push(line);
  };
  const note = ({ observation }: Sight) => {
    if (!isObserved(observation) || observation.period === undefined || !endsByItself(observation.period)) return;
    if (['isolated', 'expiring'].includes(observation.state))
      covers.push(earliestLift(observation.period, runtime.settings.renewalRestartsLease));
  };

  const mistaken = await mistakenForGone(removed, declared, runtime);
  const unsettled = removed.length === 0 ? undefined : await settleClaims(context, runtime);
  const releases = await eachOf(removed, async (known) => {
    const reason = mistaken.get(known) ?? unsettled;
    return reason === undefined ? previewRemoval(context, known, told, runtime) : { kind: 'fail' as const, reason };
  });
  for (const [index, known] of removed.entries()) {
    const release = releases[index];
    if (release === undefined) continue;
    if (release.kind === 'fail') failures.push({ host: known.key, reason: release.reason });
    else plan(release.kind, `${known.key}: ${release.reason}`);
  }
  const released = removed.filter((_, index) => releases[index]?.kind === 'release');
  const refusal = refusedReleases(
    released.map(({ machineId }) => machineId),
    runtime,
  );
  if (refusal !== undefined) failures.push(...released.map(({ key }) => ({ host: key, reason: refusal })));

  const previews = await eachOf(wanted, async ({ host, known, boundTo }) => {
    try {
      const own = hostContext(context, host.key, told.log);
      const entry = await entryOf(host, known, own, runtime, boundTo);
      return { host, ...(await previewHost(entry, requestOf(entry, own, runtime))) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { host, failure: error.message };
    }
  });
  for (const preview of previews) {
    const { host } = preview;
    if ('failure' in preview) failures.push({ host: host.key, reason: preview.failure });
    else {
      note(preview.sight);
      if (preview.heading === undefined) unchanged.add(host.key);
      else plan(preview.heading, `${host.key}: ${preview.reason}`);
    }
  }
  return { pair: runtime.pair, plans, failures, covers, unchanged, missingRole: await missingRole(plans, runtime) };
}

async function previewHost(
  { host, known, machineId, isBound }: Entry,
  request: HostRequest,
): Promise<{ readonly sight: Sight; readonly heading: Heading | undefined; readonly reason: string }> {
  const { context, runtime, inputs } = request;
  if (host.inputs.machineId !== undefined) await warnOfOtherName(host, machineId, context.log, runtime);
  if (isBound && inputs.deviceName !== undefined && inputs.machineId === undefined)
    await checkBinding(request, inputs.deviceName);
  const { observatory } = runtime.fleet;
  const looked = { notBefore: observatory.readable(), recordNotBefore: observatory.readableRecord() };
  const sight = await lookAt({ ...request, declaration: context.declaration, ...looked }, runtime);
  if (known !== undefined && (await isDueNow(request))) {
    const due = planReleaseOf(sight, request);
    if (due.kind === 'fail') throw new UserError(due.reason);
    const reason = `releaseAt ${inputs.releaseAt} has passed: ${due.reason}`;
    const { dueReleases, limits } = runtime.fleet;
    if (due.kind === 'release') {
      if (dueReleases.size >= limits.maxReleases && !dueReleases.has(machineId))
        return { sight, heading: 'leave', reason: `${reason}; a later run releases it (maxReleases)` };
      dueReleases.add(machineId);
    }
    return { sight, heading: due.kind === 'gone' ? undefined : due.kind, reason };
  }
  const plan = planFor(sight, request);
  // Judges what forbids it, too.
  await previewConverge(request, known?.state);
  return { sight, heading: headingOf(plan, sight), reason: plan.reason };
}

function headingOf(plan: ContainPlan, { observation }: Sight): Heading | undefined {
  switch (plan.kind) {
    case 'none':
    case 'fail':
    case 'disputed':
      return undefined;
    case 'adopt':
      return 'wait';
    case 'hold':
    case 'keep-type':
      return 'leave';
    case 'change-type':
      return 'change-type';
    case 'isolate':
    case 'resend':
    case 'cancel-release':
    case 'outlast-release':
      return observation.state === 'expiring' ? 'renew' : 'isolate';
  }
}

/**
 * As the run itself does: another resource's claim may still arrive, and what each name means is to be known. Answers why
 * nothing would be released.
 */
async function settleClaims(context: OperationContext, runtime: Runtime): Promise<string | undefined> {
  if (runtime.settings.holdReleases) return undefined;
  if (!(await runtime.fleet.gate.quiet(context.signal)))
    return `not ${runtime.pair.words.released}: the preview was cancelled`;
  return settleNames(context.declaration.key, runtime);
}

async function previewRemoval(
  context: OperationContext,
  { key, machineId, state, declared }: KnownHost,
  told: Told,
  runtime: Runtime,
): Promise<{ readonly kind: 'release' | 'held' | 'leave' | 'forget' | 'fail'; readonly reason: string }> {
  const { words } = runtime.pair;
  const own = hostContext(context, key, told.log);
  const heir = runtime.claims.claimedByOther(own.declaration.key, { machineId, deviceName: state.deviceName });
  if (heir !== undefined)
    return { kind: 'forget', reason: `another resource declares it now; it stays ${words.applied}` };
  const namesake = namesakeOf(own.declaration.key, machineId, state.deviceName, runtime);
  if (namesake !== undefined) return { kind: 'fail', reason: namesake };
  const remembered = remember(state);
  const { inputs } = declared;
  const notBefore = runtime.fleet.observatory.readable();
  const sight = await lookAt({ declaration: own.declaration, machineId, inputs, remembered, notBefore }, runtime);
  const plan = planReleaseOf(sight, { inputs, runtime, remembered });
  switch (plan.kind) {
    case 'gone':
      return { kind: 'forget', reason: plan.reason };
    case 'release':
      if (runtime.settings.holdReleases)
        return { kind: 'held', reason: `declared no more; it stays ${words.applied} and in state` };
      runtime.fleet.gate.intend(own.declaration.key, machineId);
      return { kind: 'release', reason: `declared no more; ${plan.reason}` };
    default:
      return { kind: plan.kind, reason: plan.reason };
  }
}

function refusedReleases(machineIds: readonly MachineId[], runtime: Runtime): string | undefined {
  if (machineIds.length === 0) return undefined;
  const verdict = runtime.fleet.gate.preview(...machineIds);
  return verdict.allowed ? undefined : refusalText(verdict, runtime.pair, true);
}

/** A pull request may run with a read-only sign-in: here it is a note, in `up` the service's refusal is an error. */
async function missingRole(plans: ReadonlyMap<Heading, unknown>, runtime: Runtime): Promise<string | undefined> {
  if (![...plans.keys()].some((each) => ['release', 'change-type', 'isolate', 'renew'].includes(each)))
    return undefined;
  const { roles } = await runtime.identity();
  const { apply, words } = runtime.pair;
  const role = roleOf(apply);
  if (roles.length === 0 || roles.includes(role)) return undefined;
  return `this sign-in lacks the role ${role}, so it can preview but not ${words.apply} or ${words.release}`;
}

function text(
  parts: readonly Part[],
  counts: { readonly unchanged: number; readonly total: number; readonly failed: number },
): string {
  const told = (Object.keys(headings) as Heading[]).flatMap((heading) =>
    parts.flatMap(({ pair, plans }) => {
      const lines = plans.get(heading);
      return lines === undefined ? [] : [{ title: headings[heading](pair), lines }];
    }),
  );
  const first = told.map(({ title, lines }) => `${title} ${lines.length}`);
  if (counts.failed > 0) first.push(`refused ${counts.failed}`);
  first.push(`unchanged ${counts.unchanged} of ${counts.total}`);
  const lines = told.flatMap(({ title, lines: hosts }) => [
    `${title}${hosts.length === 1 ? '' : ` (${hosts.length})`}:`,
    ...hosts.map((line) => `  ${line}`),
  ]);
  const end = parts.flatMap(({ missingRole }) => (missingRole === undefined ? [] : [missingRole]));
  const covers = parts.flatMap((part) => part.covers);
  if (covers.length > 0) {
    const until = describeMoment(covers.reduce((a, b) => Math.min(a, b)));
    const hosts = covers.length === 1 ? '1 host' : `${covers.length} hosts`;
    end.push(`of those contained now, ${hosts}, containment is certain until ${until} unless a run renews it before`);
  }
  return [first.join(', '), ...capped(lines), ...end].join('\n');
}
