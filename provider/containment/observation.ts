import type { ActionId, IsolationType, MachineAction } from '../defender/machine-action.ts';
import { HOUR } from './duration.ts';
import {
  beginPeriod,
  earliestLift,
  extendPeriod,
  extendPeriodPerhaps,
  givenUpAt,
  latestLift,
  mayHaveStartedClock,
  type Period,
  perhapsStarted,
  queueMs,
  reopenPeriod,
  resumePeriod,
} from './lease.ts';
import { isolation, type Pair } from './pair.ts';

/** States of a host that was observed (semantics 1.4). */
export type ObservedState =
  | 'released'
  | 'isolated'
  | 'expiring'
  | 'uncertain'
  | 'lapsed'
  | 'isolating'
  | 'releasing'
  | 'doubtful';

/** Every state there is; `missing` is a 404, `unknown` a failed or incomplete lookup. */
export type ContainmentState = ObservedState | 'missing' | 'unknown';

/** What the history of one machine says of one pair of actions, on the service's clock. */
export interface Observed {
  readonly pair: Pair;
  readonly state: ObservedState;
  /** The service's clock when this was observed, ms since the epoch. */
  readonly asOf: number;
  /** The period in force; undefined where the last Succeeded action released, or there is none. */
  readonly period: Period | undefined;
  /** Isolates since the last release or lapse, whatever became of them: whose containment this is. */
  readonly chain: readonly MachineAction[];
  /** Running actions, oldest first. One past the time at which MDE gives up is not running (it is doubt). */
  readonly runningIsolates: readonly MachineAction[];
  readonly runningUnisolates: readonly MachineAction[];
  /** The action that may have been carried out against what the fold says. */
  readonly doubt: MachineAction | undefined;
  /** The last Succeeded unisolate, where nothing Succeeded after it. */
  readonly lastRelease: MachineAction | undefined;
  readonly isolationType: IsolationType | undefined;
  /** All isolates and unisolates, oldest request first. */
  readonly history: readonly MachineAction[];
}

export type Observation =
  | Observed
  | { readonly state: 'missing'; readonly asOf: number }
  | { readonly state: 'unknown'; readonly reason: string };

export function isObserved(observation: Observation): observation is Observed {
  return observation.state !== 'missing' && observation.state !== 'unknown';
}

/** Why nothing may be decided about a host, for people. */
export function unobservedReason(observation: Exclude<Observation, Observed>): string {
  return observation.state === 'missing'
    ? 'Defender knows no machine with this id (404)'
    : // Sentences go on after it.
      `its containment could not be observed: ${observation.reason.replace(/\.$/, '')}`;
}

/** What state remembers of the period in force, so that a windowed history folds exactly (semantics 1.3). */
export interface RememberedPeriod {
  /** The isolate that began it; its request is the earliest moment at which the lease's clock can have started. */
  readonly actionId: ActionId;
  readonly latestStart: number;
  /** Where the clock may have started before that request (another isolate may have been carried out before it). */
  readonly earliestStart?: number | undefined;
}

export interface FoldOptions {
  /** The service's clock. */
  readonly now: number;
  readonly renewBeforeMs: number;
  readonly renewalRestartsLease: boolean;
  /** Default: isolation. */
  readonly pair?: Pair | undefined;
  readonly remembered?: RememberedPeriod | undefined;
}

/** MDE's three days, and a margin for its own bookkeeping. */
const stuckMarginMs = 6 * HOUR;

/**
 * Folds a machine's isolates and unisolates to what holds now. A pure function of the *set* of actions: the order in
 * which pages arrived, and duplicates between them, make no difference.
 */
export function observe(actions: readonly MachineAction[], options: FoldOptions): Observed {
  const { pair = isolation } = options;
  const history = historyOf(actions, pair);
  const running = history.filter((action) => isAlive(action, options.now));
  const byCompletion = completionOrder(pair);
  const succeeded = history.filter((action) => action.status === 'Succeeded').sort(byCompletion);
  const tellsTheLease = (action: MachineAction) =>
    action.status === 'Succeeded' || (action.type === pair.apply ? mayHaveStartedClock(action) : isFinal(action));
  const { period, chainStart, lastRelease } = fold(
    history.filter(tellsTheLease).sort(byCompletion),
    options.remembered,
    pair,
  );
  const stands = period !== undefined && options.now <= latestLift(period);
  const doubt =
    (stands ? findTie(succeeded, pair) : undefined) ?? findDoubt(history, succeeded, stands, options.now, pair);
  const runningIsolates = running.filter((action) => action.type === pair.apply);
  const runningUnisolates = running.filter((action) => action.type === pair.lift);
  return {
    pair,
    state: nameState(period, runningIsolates, runningUnisolates, doubt, options),
    asOf: options.now,
    period,
    chain: chainOf(history, chainStart, lastRelease, options.now, pair),
    runningIsolates,
    runningUnisolates,
    doubt,
    lastRelease: period === undefined ? lastRelease : undefined,
    isolationType: isolationTypeOf(period),
    history,
  };
}

/** Isolates and unisolates, each once (the newest telling of it), oldest request first. */
function historyOf(actions: readonly MachineAction[], pair: Pair): MachineAction[] {
  const byId = new Map<string, MachineAction>();
  for (const action of actions) {
    if (action.type !== pair.apply && action.type !== pair.lift) continue;
    const known = byId.get(action.id);
    if (known === undefined || isNewerTelling(action, known)) byId.set(action.id, action);
  }
  return [...byId.values()].sort((a, b) => a.createdAt - b.createdAt || compareIds(a, b));
}

/**
 * Pages are read one after the other, so one action may be told twice. A final telling is right, then the later update;
 * where both are equal, the one that tells more, so that the answer does not depend on which came first.
 */
function isNewerTelling(action: MachineAction, known: MachineAction): boolean {
  const [a, b] = [action, known].map((each) => [
    isFinal(each) ? 1 : 0,
    each.updatedAt,
    each.status,
    each.scope ?? '',
    JSON.stringify(each),
  ]) as [(number | string)[], (number | string)[]];
  const at = a.findIndex((value, index) => value !== b[index]);
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0);
}

function compareIds(a: MachineAction, b: MachineAction): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/**
 * Completion order is not submission order (semantics 1.1). Of one instant, a release goes first: then the isolate that
 * may have come before it still counts, for the lease and for whose containment it is.
 */
function completionOrder({ lift }: Pair): (a: MachineAction, b: MachineAction) => number {
  const releasesFirst = (action: MachineAction) => (action.type === lift ? 0 : 1);
  return (a, b) =>
    a.updatedAt - b.updatedAt || releasesFirst(a) - releasesFirst(b) || a.createdAt - b.createdAt || compareIds(a, b);
}

/** A release that completed in the same instant as the last isolate: either may have come last. */
function findTie(succeeded: readonly MachineAction[], pair: Pair): MachineAction | undefined {
  const last = succeeded.at(-1);
  if (last?.type !== pair.apply) return undefined;
  return succeeded.find((action) => action.type === pair.lift && action.updatedAt === last.updatedAt);
}

function isAlive(action: MachineAction, now: number): boolean {
  return (action.status === 'Pending' || action.status === 'InProgress') && now <= givenUpAt(action) + stuckMarginMs;
}

interface Folded {
  readonly period: Period | undefined;
  /** The first isolate since the last release or lapse. */
  readonly chainStart: MachineAction | undefined;
  readonly lastRelease: MachineAction | undefined;
}

/** Folds what Succeeded, and what may have been carried out all the same, in order of completion. */
function fold(actions: readonly MachineAction[], remembered: RememberedPeriod | undefined, pair: Pair): Folded {
  let period: Period | undefined;
  let chainStart: MachineAction | undefined;
  let lastRelease: MachineAction | undefined;
  /** Isolates of no period that may have been carried out. */
  let perhaps: MachineAction[] = [];
  for (const action of actions) {
    const lapsed = period !== undefined && action.createdAt > latestLift(period);
    if (action.type === pair.lift && action.status !== 'Succeeded') {
      if (period !== undefined) period = reopenPeriod(period, action);
    } else if (action.type === pair.lift) {
      period = undefined;
      chainStart = undefined;
      perhaps = [];
      lastRelease = action;
    } else if (action.status !== 'Succeeded') {
      if (period === undefined || lapsed) perhaps.push(action);
      else period = extendPeriodPerhaps(period, action);
    } else if (remembered !== undefined && action.id === remembered.actionId) {
      // What lay before it belongs to earlier periods, of which the window may show only a part. Whose containment it
      // is does not begin anew, though: a renewal of ours takes nothing over.
      const before = period === undefined ? [] : perhapsStarted(period);
      const start = { earliest: remembered.earliestStart, latest: remembered.latestStart };
      period = resumePeriod(action, start, [...before, ...perhaps], pair.lease);
      if (lapsed) chainStart = action;
      chainStart ??= action;
      perhaps = [];
    } else if (period === undefined || lapsed) {
      period = beginPeriod(action, perhaps, pair.lease);
      chainStart = action;
      perhaps = [];
    } else {
      ({ period } = extendPeriod(perhaps.reduce(extendPeriodPerhaps, period), action));
      perhaps = [];
    }
    // Of one instant: the release may have come last.
    if (period !== undefined && lastRelease?.updatedAt === action.updatedAt) period = reopenPeriod(period, lastRelease);
  }
  return { period, chainStart, lastRelease };
}

/**
 * A final action that did not succeed, newer than the last Succeeded one, and against what holds: it may have been
 * carried out all the same (semantics 1.5). An isolate in doubt is none once MDE would have lifted it anyway.
 */
function findDoubt(
  history: readonly MachineAction[],
  succeeded: readonly MachineAction[],
  stands: boolean,
  now: number,
  pair: Pair,
): MachineAction | undefined {
  const against = stands ? pair.lift : pair.apply;
  const lastSucceededAt = succeeded.at(-1)?.updatedAt ?? Number.NEGATIVE_INFINITY;
  return history.findLast((action) => {
    if (action.type !== against || action.status === 'Succeeded' || isAlive(action, now)) return false;
    if (endedAt(action) < lastSucceededAt) return false;
    return stands || now <= endedAt(action) + pair.lease.mostMs;
  });
}

/** When an action became final, or, where it never did, when MDE gave it up. */
function endedAt(action: MachineAction): number {
  return isFinal(action) ? action.updatedAt : Math.max(action.updatedAt, givenUpAt(action));
}

function isFinal(action: MachineAction): boolean {
  return action.status !== 'Pending' && action.status !== 'InProgress';
}

function nameState(
  period: Period | undefined,
  runningIsolates: readonly MachineAction[],
  runningUnisolates: readonly MachineAction[],
  doubt: MachineAction | undefined,
  options: FoldOptions,
): ObservedState {
  if (runningUnisolates.length > 0) return 'releasing';
  const isolating = runningIsolates.length > 0;
  if (doubt !== undefined) return isolating ? 'isolating' : 'doubtful';
  if (period === undefined) return isolating ? 'isolating' : 'released';
  const lift = earliestLift(period, options.renewalRestartsLease);
  if (options.now < lift - options.renewBeforeMs) return 'isolated';
  if (options.now < lift) return 'expiring';
  if (options.now <= latestLift(period)) return 'uncertain';
  return isolating ? 'isolating' : 'lapsed';
}

function isolationTypeOf(period: Period | undefined): IsolationType | undefined {
  const scope = period?.isolates.findLast((isolate) => isolate.scope !== null)?.scope;
  return scope === 'Full' || scope === 'Selective' || scope === 'UnManagedDevice' ? scope : undefined;
}

/**
 * The isolates that belong to the containment in force or under way: those that ended or still run after it began.
 * Unsuccessful ones count too, since each is somebody's wish that this host be contained.
 */
function chainOf(
  history: readonly MachineAction[],
  chainStart: MachineAction | undefined,
  lastRelease: MachineAction | undefined,
  now: number,
  pair: Pair,
): MachineAction[] {
  const isolates = history.filter((action) => action.type === pair.apply);
  if (chainStart !== undefined) {
    return isolates.filter(
      (action) => action.id === chainStart.id || endedAt(action) >= chainStart.createdAt || isAlive(action, now),
    );
  }
  const since = lastRelease?.updatedAt ?? Number.NEGATIVE_INFINITY;
  return isolates.filter(
    (action) => isAlive(action, now) || (endedAt(action) >= since && now <= endedAt(action) + pair.lease.mostMs),
  );
}

/** How far back the bulk window reaches (semantics 1.3). */
export const windowMs = 12 * 24 * HOUR;

/**
 * Whether a windowed history leaves something open; then the machine is asked singly, without a time filter.
 *
 * What the window does not show was requested before it began, so it ended within three days of that (and the service's
 * own bookkeeping), and held for eight days more at most. Hence a sure start of the period in force is an isolate that
 * was requested later than all of that, or one behind a release that completed when nothing unseen could follow it, or
 * one that state remembers and that completed then.
 *
 * @param knownToState state holds this host; then an empty window is no answer (semantics 1.3).
 */
export function needsWholeHistory(
  observed: Observed,
  windowStart: number,
  remembered: RememberedPeriod | undefined,
  knownToState = remembered !== undefined,
): boolean {
  const unseenEndedBy = windowStart + queueMs + stuckMarginMs;
  const { pair, period, chain, history } = observed;
  const releasedSince = history.some(
    (action) => action.type === pair.lift && action.status === 'Succeeded' && action.updatedAt > unseenEndedBy,
  );
  // What stands until it is lifted may be older than any window; only a release tells that nothing older stands.
  if (!Number.isFinite(pair.lease.mostMs)) return !releasedSince;
  if (history.length === 0) return knownToState;
  if (remembered !== undefined) {
    const began = history.find((action) => action.id === remembered.actionId);
    return began === undefined || began.updatedAt <= unseenEndedBy;
  }
  const first = chain[0];
  if (period === undefined || first === undefined) return false;
  if (first.createdAt > unseenEndedBy + pair.lease.mostMs) return false;
  return !releasedSince;
}
