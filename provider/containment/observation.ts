import type { ActionId, IsolationType, MachineAction } from '../defender/machine-action.ts';
import { HOUR } from './duration.ts';
import {
  beginPeriod,
  earliestLift,
  extendPeriod,
  givenUpAt,
  latestLift,
  leaseAtMostMs,
  type Period,
  queueMs,
} from './lease.ts';

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

/** What the history of one machine says, on the service's clock. */
export interface Observed {
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

/** What state remembers of the period in force, so that a windowed history folds exactly (semantics 1.3). */
export interface RememberedPeriod {
  /** The isolate that began it; its request is the earliest moment at which the lease's clock can have started. */
  readonly actionId: ActionId;
  readonly latestStart: number;
}

export interface FoldOptions {
  /** The service's clock. */
  readonly now: number;
  readonly renewBeforeMs: number;
  readonly renewalRestartsLease: boolean;
  readonly remembered?: RememberedPeriod | undefined;
}

/** MDE's three days, and a margin for its own bookkeeping. */
const stuckMarginMs = 6 * HOUR;

/**
 * Folds a machine's isolates and unisolates to what holds now. A pure function of the *set* of actions: the order in
 * which pages arrived, and duplicates between them, make no difference.
 */
export function observe(actions: readonly MachineAction[], options: FoldOptions): Observed {
  const history = historyOf(actions);
  const running = history.filter((action) => isAlive(action, options.now));
  const succeeded = history.filter((action) => action.status === 'Succeeded').sort(byCompletion);
  const { period, chainStart, lastRelease, tie } = foldSucceeded(succeeded, options.remembered);
  const doubt = tie ?? findDoubt(history, succeeded, period !== undefined, options.now);
  const runningIsolates = running.filter((action) => action.type === 'Isolate');
  const runningUnisolates = running.filter((action) => action.type === 'Unisolate');
  return {
    state: nameState(period, runningIsolates, runningUnisolates, doubt, options),
    asOf: options.now,
    period,
    chain: chainOf(history, chainStart, lastRelease, options.now),
    runningIsolates,
    runningUnisolates,
    doubt,
    lastRelease: period === undefined ? lastRelease : undefined,
    isolationType: isolationTypeOf(period),
    history,
  };
}

/** Isolates and unisolates, each once (the newest telling of it), oldest request first. */
function historyOf(actions: readonly MachineAction[]): MachineAction[] {
  const byId = new Map<string, MachineAction>();
  for (const action of actions) {
    if (action.type !== 'Isolate' && action.type !== 'Unisolate') continue;
    const known = byId.get(action.id);
    if (known === undefined || isNewerTelling(action, known)) byId.set(action.id, action);
  }
  return [...byId.values()].sort((a, b) => a.createdAt - b.createdAt || compareIds(a, b));
}

/** Pages are read one after the other, so one action may be told twice; the later update, then the final one, is right. */
function isNewerTelling(action: MachineAction, known: MachineAction): boolean {
  if (action.updatedAt !== known.updatedAt) return action.updatedAt > known.updatedAt;
  const rank = (each: MachineAction) => ['Pending', 'InProgress'].indexOf(each.status);
  return rank(action) === -1
    ? rank(known) !== -1 || action.status < known.status
    : rank(known) !== -1 && rank(action) > rank(known);
}

function compareIds(a: MachineAction, b: MachineAction): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Completion order is not submission order (semantics 1.1). */
function byCompletion(a: MachineAction, b: MachineAction): number {
  return a.updatedAt - b.updatedAt || a.createdAt - b.createdAt || compareIds(a, b);
}

function isAlive(action: MachineAction, now: number): boolean {
  return (action.status === 'Pending' || action.status === 'InProgress') && now <= givenUpAt(action) + stuckMarginMs;
}

interface Folded {
  readonly period: Period | undefined;
  /** The first isolate since the last release or lapse. */
  readonly chainStart: MachineAction | undefined;
  readonly lastRelease: MachineAction | undefined;
  /** An unisolate that completed in the same instant as the isolate that it would have undone. */
  readonly tie: MachineAction | undefined;
}

function foldSucceeded(succeeded: readonly MachineAction[], remembered: RememberedPeriod | undefined): Folded {
  let period: Period | undefined;
  let chainStart: MachineAction | undefined;
  let lastRelease: MachineAction | undefined;
  let tie: MachineAction | undefined;
  for (const [index, action] of succeeded.entries()) {
    tie = undefined;
    if (action.type === 'Unisolate') {
      period = undefined;
      chainStart = undefined;
      lastRelease = action;
    } else if (remembered !== undefined && action.id === remembered.actionId) {
      // What lay before it belongs to earlier periods, of which the window may show only a part.
      period = { ...beginPeriod(action), latestStart: Math.max(action.updatedAt, remembered.latestStart) };
      chainStart = action;
    } else if (period === undefined) {
      period = beginPeriod(action);
      chainStart = action;
    } else {
      const extended = extendPeriod(period, action);
      period = extended.period;
      if (extended.lapsedBefore) chainStart = action;
    }
    const before = succeeded[index - 1];
    if (before !== undefined && before.updatedAt === action.updatedAt && before.type !== action.type) {
      tie = before.type === 'Unisolate' ? before : action;
    }
  }
  return { period, chainStart, lastRelease, tie };
}

/**
 * A final action that did not succeed, newer than the last Succeeded one, and against what that one says: it may have
 * been carried out all the same (semantics 1.5). An isolate in doubt is none once MDE would have lifted it anyway.
 */
function findDoubt(
  history: readonly MachineAction[],
  succeeded: readonly MachineAction[],
  contained: boolean,
  now: number,
): MachineAction | undefined {
  const against = contained ? 'Unisolate' : 'Isolate';
  const lastSucceededAt = succeeded.at(-1)?.updatedAt ?? Number.NEGATIVE_INFINITY;
  return history.findLast((action) => {
    if (action.type !== against || action.status === 'Succeeded' || isAlive(action, now)) return false;
    const endedAt = isFinal(action) ? action.updatedAt : givenUpAt(action);
    if (endedAt < lastSucceededAt) return false;
    return against === 'Unisolate' || now <= endedAt + leaseAtMostMs;
  });
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
  return scope === 'Full' || scope === 'Selective' ? scope : undefined;
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
): MachineAction[] {
  const isolates = history.filter((action) => action.type === 'Isolate');
  if (chainStart !== undefined) {
    return isolates.filter(
      (action) => action.id === chainStart.id || action.updatedAt >= chainStart.createdAt || isAlive(action, now),
    );
  }
  const since = lastRelease?.updatedAt ?? Number.NEGATIVE_INFINITY;
  return isolates.filter(
    (action) => isAlive(action, now) || (action.updatedAt >= since && now <= action.updatedAt + leaseAtMostMs),
  );
}

/** How far back the bulk window reaches (semantics 1.3). */
export const windowMs = 12 * 24 * HOUR;

/**
 * Whether a windowed history leaves open when the period in force began: an isolate older than the window may have been
 * queued for three days and then held for eight, so one that was requested in the window's last day is a sure start,
 * as is one behind a release, and one that state remembers. Else the machine is asked singly, without a time filter.
 */
export function needsWholeHistory(
  observed: Observed,
  windowStart: number,
  remembered: RememberedPeriod | undefined,
): boolean {
  if (remembered !== undefined) return !observed.history.some((action) => action.id === remembered.actionId);
  const { period, chain } = observed;
  const first = chain[0];
  if (period === undefined || first === undefined || first.createdAt > windowStart + queueMs + leaseAtMostMs)
    return false;
  return !observed.history.some(
    (action) =>
      action.type === 'Unisolate' && action.status === 'Succeeded' && action.updatedAt <= period.beganBy.updatedAt,
  );
}
