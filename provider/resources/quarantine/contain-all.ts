import type { MachineId } from '../../defender/machine.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import { rateWindows } from '../../defender/throttle.ts';
import { outputsFor, record } from '../machine-isolation/account.ts';
import { type HostRequest, hostOf, signalOf } from '../machine-isolation/act.ts';
import type { Among } from '../machine-isolation/among.ts';
import { type Converged, convergeHost, isDueNow, meantElsewhere } from '../machine-isolation/converge.ts';
import { releaseDue } from '../machine-isolation/due-release.ts';
import { planFor } from '../machine-isolation/plan-for.ts';
import { isContained, lookAt, type Sight } from '../machine-isolation/sight.ts';
import { inherited, outputsOf, stateOf } from '../machine-isolation/state.ts';
import { type OperationContext, type OperationLog, PartialFailure, type PropertyMap, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';
import { type Entry, entryOf, requestOf } from './entry.ts';
import { hostContext } from './host-context.ts';
import type { KnownHost } from './known-host.ts';
import { warnOfOtherName } from './other-name.ts';
import { progressText } from './progress.ts';
import { SetTime } from './set-time.ts';
import { type HostFailure, type Told, unexpected } from './told.ts';
import { eachOf, inTurn } from './turns.ts';
import { sendsNothing, urgency } from './urgency.ts';

/** Hosts that are begun at a time, until they only wait; twice what the client has under way on a route. */
const width = 32;
/** How often a set is looked at once more after it has written. */
const confirmationsAtMost = 2;

/** A host that is to be contained. */
export interface WantedHost {
  readonly host: DeclaredHost;
  readonly known: KnownHost | undefined;
  /** The machine that it means, where that is known though nothing else is. */
  readonly boundTo?: MachineId | undefined;
}

export interface AllContained {
  /** Hosts that were acted on or found in order, with their outputs in the shape of a MachineIsolation's. */
  readonly kept: readonly { readonly host: DeclaredHost; readonly outputs: PropertyMap }[];
  /** Hosts of state about which nothing new is known. */
  readonly untouched: readonly KnownHost[];
  readonly failures: readonly HostFailure[];
}

/** What became of one host. */
interface Result {
  readonly outputs: PropertyMap | undefined;
  readonly reasons: readonly string[];
  readonly did: 'isolated' | 'renewed' | undefined;
  /** A request was sent in the last pass, and succeeded: it wants one more look. */
  readonly toConfirm: boolean;
}

/** A host on its way. */
interface Traveller {
  readonly entry: Entry;
  /** A request of an earlier run for it still runs, and is left to MDE. */
  readonly left: { readonly sight: Sight; readonly reason: string } | undefined;
  readonly rank: number;
  readonly wasContained: boolean;
  readonly followed: Map<string, MachineAction>;
  result: Result | undefined;
}

/**
 * Brings all hosts of a set to isolated: looks at all of them at once, acts on the most urgent first, at the pace that the
 * limits allow, follows what was sent together, and looks at all that was written once more at the end.
 *
 * @param allSent called, once or more, when no host has a request left to send, or the work ended
 */
export async function containAll(
  context: OperationContext,
  wanted: readonly WantedHost[],
  told: Told,
  runtime: Runtime,
  allSent: () => void = () => {},
): Promise<AllContained> {
  const failures: HostFailure[] = [];
  const untouched: KnownHost[] = [];
  const kept: { host: DeclaredHost; outputs: PropertyMap }[] = [];
  const takeOver = async (host: DeclaredHost) => {
    const outputs = await takenOver(hostContext(context, host.key, told.log).declaration.key, host, runtime);
    if (outputs !== undefined) kept.push({ host, outputs });
  };
  const time = new SetTime(runtime, wanted.length, context.timeoutMs);
  const travellers: Traveller[] = [];
  await eachOf(wanted, async ({ host, known, boundTo }) => {
    try {
      const own = hostContext(context, host.key, told.log);
      const entry = await entryOf(host, known, own, runtime, boundTo);
      travellers.push(await look(entry, requestOf(entry, own, runtime), time));
    } catch (error) {
      failures.push(...asFailures(host.key, error));
      if (known !== undefined) untouched.push(known);
      else await takeOver(host);
      time.settled();
      if (known !== undefined || !(error instanceof UserError)) return;
      noteFailed(context, host, error.message, runtime);
    }
  });
  // The order of the declaration, then of urgency: what is looked up side by side comes back in any order.
  const place = new Map(wanted.map(({ host }, index) => [host.key, index]));
  const placeOf = ({ entry }: Traveller) => place.get(entry.host.key) ?? 0;
  travellers.sort((a, b) => a.rank - b.rank || placeOf(a) - placeOf(b));

  const progress = new ProgressOfSet(context.log, travellers, failures, runtime);
  const expected = runtime.fleet.tracker.expectMore();
  const noMore = () => {
    expected();
    allSent();
  };
  const settled = () => {
    time.settled();
    if (time.unsent <= 0) noMore();
  };
  try {
    await inTurn(travellers, width, (traveller, waits) =>
      travel(traveller, { context, told, runtime, time, progress, waits, settled, since: () => time.lookedSince() }),
    );
  } finally {
    noMore();
  }
  await confirm(travellers, { context, told, runtime, time, progress });

  for (const { entry, result } of travellers) {
    for (const reason of result?.reasons ?? []) failures.push({ host: entry.host.key, reason });
    if (result?.outputs !== undefined) kept.push({ host: entry.host, outputs: result.outputs });
    else if (entry.known !== undefined) untouched.push(entry.known);
    else await takeOver(entry.host);
  }
  return { kept, untouched, failures };
}

async function look(entry: Entry, request: HostRequest, time: SetTime): Promise<Traveller> {
  const { context, runtime } = request;
  const notBefore = time.lookedSince();
  const sight = await lookAt({ ...request, declaration: context.declaration, notBefore }, runtime);
  const plan = planFor(sight, request);
  const rank = urgency(plan, sight.observation, runtime.settings.renewalRestartsLease);
  const wasContained = isContained(sight.observation);
  const left = plan.kind === 'adopt' && isLeftRunning(request, entry) ? { sight, reason: plan.reason } : undefined;
  return { entry, left, rank, wasContained, followed: new Map(), result: undefined };
}

interface Way {
  readonly context: OperationContext;
  readonly told: Told;
  readonly runtime: Runtime;
  readonly time: SetTime;
  readonly progress: ProgressOfSet;
}

interface Leg extends Way {
  readonly waits: () => void;
  /** This host sends nothing any more; may be said again. */
  readonly settled: () => void;
  readonly since: () => number;
}

/** One host, from its turn to its end; never rejects. */
async function travel(traveller: Traveller, leg: Leg): Promise<void> {
  const { entry, rank, result: earlier } = traveller;
  const { context, told, runtime, time, progress } = leg;
  let isOpen = true;
  const settle = () => {
    if (isOpen) leg.settled();
    isOpen = false;
  };
  let wrote = false;
  const among: Among = {
    lookedSince: leg.since,
    recordedSince: () => time.lookedSince(),
    priority: rank,
    startBy: time.runEnds(),
    remaining: () => time.remaining(),
    wrote() {
      wrote = true;
      time.wrote();
    },
    waits() {
      leg.waits();
      settle();
      progress.waits(traveller);
    },
    did: earlier?.did,
    followed: traveller.followed,
  };
  const own = hostContext(context, entry.host.key, told.log, among);
  const before = requestOf(entry, own, runtime);
  // What this run did answers the change of the declaration: a release by hand that came after it is one to be respected.
  const request = earlier === undefined ? before : { ...before, declarationChanged: false };
  try {
    const { outputs, failures, did, keeps, isDone } = await contain(request, traveller);
    traveller.result = {
      outputs: keeps ? outputs : earlier?.outputs,
      reasons: failures,
      did,
      toConfirm: wrote && failures.length === 0 && !isDone && request.inputs.waitFor === 'Succeeded',
    };
  } catch (error) {
    const reasons = asFailures(entry.host.key, error).map(({ reason }) => reason);
    // What an earlier pass did must not be forgotten.
    const outputs = error instanceof PartialFailure ? error.outputs : earlier?.outputs;
    traveller.result = { outputs, reasons, did: earlier?.did, toConfirm: false };
  } finally {
    settle();
    progress.ended(traveller);
  }
}

type ContainedHost = Omit<Converged, 'did'> & {
  readonly did: Converged['did'];
  /** It was looked at to its end already. */
  readonly isDone?: boolean;
};

async function contain(request: HostRequest, { entry, left, result }: Traveller): Promise<ContainedHost> {
  const { host, known } = entry;
  const did = result?.did;
  if (await isDueNow(request)) {
    const { outputs } = await releaseDue(request, known?.state ?? {});
    return { outputs, failures: [], did, keeps: true, isDone: true };
  }
  const { deviceName, machineId } = host.inputs;
  await warnOfOtherName(host, entry.machineId, request.context.log, request.runtime);
  if (entry.isBound && deviceName !== undefined && machineId === undefined) {
    const elsewhere = await meantElsewhere(request, deviceName, known?.state ?? {});
    if (elsewhere !== undefined) return { ...elsewhere, did, keeps: known !== undefined, isDone: true };
  }
  if (result === undefined && left !== undefined) return { ...(await leaveRunning(request, entry, left)), did };
  const state = result?.outputs === undefined ? known?.state : stateOf(result.outputs);
  return convergeHost(request, state);
}

/**
 * A request that an earlier run has told of and that still runs is in sync for later runs (semantics 4.3): a device that is
 * away for days must not hold up each of them. One that state does not know was left by a run that was killed.
 */
function isLeftRunning(request: HostRequest, { known }: Entry): boolean {
  return known !== undefined && !request.declarationChanged && request.inputs.takeOwnership !== true;
}

async function leaveRunning(
  request: HostRequest,
  { known }: Entry,
  { sight, reason }: NonNullable<Traveller['left']>,
): Promise<Omit<ContainedHost, 'did'>> {
  const renews = sight.observation.state === 'expiring';
  const notYet = `NOT ${request.runtime.pair.words.CONTAINED} YET`;
  request.context.log.warn(`${renews ? 'NOT RENEWED YET' : notYet}: ${hostOf(sight)}: ${reason}`);
  record(request, sight, renews ? 'unchanged' : 'not-contained-yet', reason);
  const outputs = await outputsFor(request, sight, { before: known?.state });
  return { outputs, failures: [], keeps: true };
}

/** Looks at what was written once more, at all of it together; where that shows another way to go, it is gone. */
async function confirm(travellers: readonly Traveller[], way: Way): Promise<void> {
  const { runtime, context } = way;
  for (let round = 0; round < confirmationsAtMost; round += 1) {
    const written = travellers.filter(({ result }) => result?.toConfirm === true);
    if (written.length === 0 || signalOf({ context, runtime }).aborted) return;
    const since = runtime.fleet.clock.monotonic();
    await inTurn(written, width, (traveller, waits) =>
      travel(traveller, { ...way, waits, settled: () => {}, since: () => since }),
    );
  }
}

/**
 * Another resource of the run gives this host up since it is declared here: were it not kept here, whatever failed, a host
 * that is contained would be in no state at all. Undefined where no other had it.
 */
async function takenOver(key: string, host: DeclaredHost, runtime: Runtime): Promise<PropertyMap | undefined> {
  const machineId = runtime.claims.of(key)?.machineId;
  const remembered = machineId === undefined ? undefined : runtime.predecessors.get(machineId);
  if (machineId === undefined || remembered === undefined) return undefined;
  const { tenantId = '' } = await runtime.identity();
  return outputsOf(host.inputs, {
    machineId,
    machine: undefined,
    observation: { state: 'unknown', reason: 'not looked at' },
    ownership: { kind: 'none' },
    tenantId,
    cloud: runtime.settings.cloud,
    renewalRestartsLease: runtime.settings.renewalRestartsLease,
    takenAt: remembered.takenAt,
    note: undefined,
    before: inherited(remembered),
  });
}

function asFailures(host: string, error: unknown): readonly HostFailure[] {
  if (error instanceof PartialFailure) return error.reasons.map((reason) => ({ host, reason }));
  if (error instanceof UserError) return [{ host, reason: error.message }];
  // A fault of ours with one host must not lose what was done to the others.
  return [{ host, reason: unexpected(error) }];
}

/** A new host that could not even be told: the end of the run says so too. */
function noteFailed(context: OperationContext, { key }: DeclaredHost, reason: string, runtime: Runtime): void {
  runtime.record.note(hostContext(context, key, context.log).declaration.key, {
    outcome: 'not-contained',
    pair: runtime.pair.name,
    machineId: undefined,
    host: key,
    reason,
  });
}

/** Tells how far the set has come, in its row. */
class ProgressOfSet {
  readonly #log: OperationLog;
  readonly #total: number;
  readonly #unnamed: number;
  readonly #runtime: Runtime;
  /** Hosts whose request is still to be sent. */
  readonly #unsent: Set<Traveller>;
  readonly #waiting = new Set<Traveller>();
  #isolated: number;
  #failed = 0;

  constructor(log: OperationLog, travellers: readonly Traveller[], failures: readonly HostFailure[], runtime: Runtime) {
    this.#log = log;
    this.#unnamed = failures.length;
    this.#unsent = new Set(travellers.filter(({ rank, left }) => rank < sendsNothing && left === undefined));
    this.#total = travellers.length + failures.length;
    this.#isolated = travellers.filter(({ wasContained }) => wasContained).length;
    this.#runtime = runtime;
  }

  waits(traveller: Traveller): void {
    this.#unsent.delete(traveller);
    this.#waiting.add(traveller);
    this.#tell();
  }

  ended(traveller: Traveller): void {
    const { result, wasContained } = traveller;
    this.#unsent.delete(traveller);
    this.#waiting.delete(traveller);
    if ((result?.reasons.length ?? 0) > 0) this.#failed += 1;
    else if (!wasContained && result?.did !== undefined && result.toConfirm) this.#isolated += 1;
    this.#tell();
  }

  #tell(): void {
    const text = progressText(
      {
        total: this.#total,
        isolated: this.#isolated,
        failed: this.#failed + this.#unnamed,
        waiting: this.#waiting.size,
        unsent: this.#unsent.size,
        released: 0,
      },
      rateWindows(this.#runtime.settings.defender.rateLimits),
      this.#runtime.pair,
    );
    this.#log.status(text);
  }
}
