import type { MachineAction } from '../defender/machine-action.ts';
import { DAY } from './duration.ts';

/** MDE lifts an isolation by itself after this long (semantics 2.1). */
export const leaseMs = 7 * DAY;
/** The lease and one day to spare: past it no isolation can still hold. */
export const leaseAtMostMs = 8 * DAY;
/** An action for an offline device is retried for this long, then given up. */
export const queueMs = 3 * DAY;

/** How long what was applied holds by itself, ms. */
export interface LeaseTerms {
  /** It is lifted no earlier than so long after its clock may have started. */
  readonly leastMs: number;
  /** No later than so long after that. */
  readonly mostMs: number;
}

/** An isolation: nobody knows to the minute when its seven days began. */
export const sevenDays: LeaseTerms = { leastMs: leaseMs, mostMs: leaseAtMostMs };
/** What stands until somebody lifts it. */
export const untilLifted: LeaseTerms = { leastMs: Number.POSITIVE_INFINITY, mostMs: Number.POSITIVE_INFINITY };

/** An isolate that may have started the clock that runs now, and when that clock would have started. */
interface Start {
  readonly by: MachineAction;
  readonly earliest: number;
  readonly latest: number;
}

/**
 * A stretch of unbroken containment under one seven-day clock.
 *
 * Nobody knows whether that clock starts at the request or its completion, nor whether a second isolate restarts it, so
 * a period holds every isolate that may have started it.
 */
export interface Period {
  readonly terms: LeaseTerms;
  /** The Succeeded isolate that began it; of several that may have, the one requested first. */
  readonly beganBy: MachineAction;
  readonly starts: readonly Start[];
  /** The earliest and the latest of `starts`, ms. */
  readonly earliestStart: number;
  readonly latestStart: number;
  /** Succeeded isolates of this period in order of completion; never empty. */
  readonly isolates: readonly MachineAction[];
  /** Isolates that ended `Cancelled` or `Failed` and may have been carried out all the same. */
  readonly perhaps: readonly MachineAction[];
  /** A release may have been carried out since the last Succeeded isolate; then the next one may start the clock. */
  readonly perhapsReleased: boolean;
}

/**
 * Whether an unsuccessful isolate (or whatever applies containment) may have started the lease's clock: a device is known to have carried out a request
 * that shows as `Cancelled`. One that timed out is doubt as well (semantics 1.5), but no device ever answered it, so it
 * does not date the lease of the isolate that follows.
 */
export function mayHaveStartedClock(action: MachineAction): boolean {
  return action.status === 'Cancelled' || action.status === 'Failed';
}

/** @param perhaps isolates since the last release that may have been carried out, and so hold the host already. */
export function beginPeriod(
  isolate: MachineAction,
  perhaps: readonly MachineAction[] = [],
  terms: LeaseTerms = sevenDays,
): Period {
  const holding = perhaps.filter((each) => mayRunAt(each.updatedAt, isolate, terms));
  return withStarts([isolate, ...holding].map(startOf), {
    terms,
    beganBy: isolate,
    isolates: [isolate],
    perhaps: holding,
    perhapsReleased: false,
  });
}

/** As `beginPeriod`, with what is remembered of the clock's start, of which a window may show only a part. */
export function resumePeriod(
  isolate: MachineAction,
  start: { readonly earliest: number | undefined; readonly latest: number },
  perhaps: readonly MachineAction[],
  terms: LeaseTerms = sevenDays,
): Period {
  const begun = beginPeriod(isolate, perhaps, terms);
  const earliest = Math.min(begun.earliestStart, start.earliest ?? Number.POSITIVE_INFINITY);
  const latest = Math.max(begun.latestStart, start.latest);
  return withStarts([{ by: isolate, earliest, latest }], begun);
}

/** Covered for certain until then. */
export function earliestLift(period: Period, renewalRestartsLease: boolean): number {
  if (!renewalRestartsLease) return period.earliestStart + period.terms.leastMs;
  // Completion order is not submission order: the clock is set by the isolate that was carried out last.
  const last = Math.max(...completions(period.isolates));
  const setters = [...period.isolates, ...period.perhaps].filter((each) => each.updatedAt >= last);
  return Math.min(...setters.map((each) => each.createdAt)) + period.terms.leastMs;
}

/** Lifted for certain after then. */
export function latestLift(period: Period): number {
  return Math.max(period.latestStart, ...completions([...period.isolates, ...period.perhaps])) + period.terms.mostMs;
}

/**
 * The last moment up to `now` at which seven days of a clock that may run were over, counted from its request and from its
 * completion; undefined before the first. What was requested before such a moment may have been carried out while the
 * isolation still stood, and have changed nothing.
 */
export function lastPossibleLift({ starts, terms }: Period, now: number): number | undefined {
  const lifts = starts.flatMap(({ earliest, latest }) => [earliest + terms.leastMs, latest + terms.leastMs]);
  const over = lifts.filter((lift) => lift <= now);
  return over.length === 0 ? undefined : Math.max(...over);
}

/** Whether it ends by itself; else both lifts are infinite, and nothing can be said of when. */
export function endsByItself({ terms }: Period): boolean {
  return Number.isFinite(terms.mostMs);
}

/**
 * The period after one more Succeeded isolate (in order of completion).
 *
 * - Requested after the latest lift: the old period had lapsed, a new one begins.
 * - Otherwise it lies in the period. Where renewals do not restart the clock it changes nothing while the clock is sure
 *   to run; once the earliest lift is over it may have started the clock anew. And a clock whose latest lift was over
 *   when it was requested is not the one that runs now: some isolate since then has started that. So after isolates on
 *   both sides of a lift, cover is certain again, seven days from the earliest request that may have started the clock
 *   (semantics 2.6).
 */
export function extendPeriod(period: Period, isolate: MachineAction): { period: Period; lapsedBefore: boolean } {
  if (isolate.createdAt > latestLift(period))
    return { period: beginPeriod(isolate, [], period.terms), lapsedBefore: true };
  const starts = withCandidate(period, isolate).filter((start) => mayRunAt(start.latest, isolate, period.terms));
  const succeeded = starts.filter((start) => start.by.status === 'Succeeded').map((start) => start.by);
  const beganBy = succeeded.includes(period.beganBy)
    ? period.beganBy
    : succeeded.reduce((first, each) => (each.createdAt < first.createdAt ? each : first), isolate);
  const mayMatter = (each: MachineAction) => mayRunAt(each.updatedAt, isolate, period.terms);
  return {
    lapsedBefore: false,
    period: withStarts(starts, {
      terms: period.terms,
      beganBy,
      isolates: [...period.isolates.filter(mayMatter), isolate],
      perhaps: period.perhaps.filter(mayMatter),
      perhapsReleased: false,
    }),
  };
}

/** The period after one more isolate that may have been carried out. */
export function extendPeriodPerhaps(period: Period, isolate: MachineAction): Period {
  return withStarts(withCandidate(period, isolate), { ...period, perhaps: [...period.perhaps, isolate] });
}

/**
 * The period after a release that may have been carried out, at any time from its request to its end. If it was, the
 * clock was started by an isolate that came after that.
 */
export function reopenPeriod(period: Period, release: MachineAction): Period {
  const known = new Set(period.starts.map((start) => start.by.id));
  const since = [...period.isolates, ...period.perhaps].filter(
    (each) => each.updatedAt >= release.createdAt && !known.has(each.id),
  );
  return withStarts([...period.starts, ...since.map(startOf)], { ...period, perhapsReleased: true });
}

/** Isolates of this period that may have been carried out once its first clock may have run out. */
export function perhapsStarted(period: Period): MachineAction[] {
  return period.perhaps.filter((each) => period.starts.some((start) => start.by.id === each.id));
}

function startOf(isolate: MachineAction): Start {
  return {
    by: isolate,
    earliest: Math.min(isolate.createdAt, isolate.updatedAt),
    latest: Math.max(isolate.createdAt, isolate.updatedAt),
  };
}

/** `isolate` may have started a clock where none was sure to run; one requested earlier may have set it back. */
function withCandidate(period: Period, isolate: MachineAction): readonly Start[] {
  const mayStart =
    period.perhapsReleased ||
    isolate.updatedAt >= period.earliestStart + period.terms.leastMs ||
    isolate.createdAt < period.earliestStart;
  return mayStart ? [...period.starts, startOf(isolate)] : period.starts;
}

/** Whether a clock that started at `latest` or before may still have run when `isolate` was requested. */
function mayRunAt(latest: number, isolate: MachineAction, terms: LeaseTerms): boolean {
  return latest + terms.mostMs >= isolate.createdAt;
}

function withStarts(starts: readonly Start[], rest: Omit<Period, 'starts' | 'earliestStart' | 'latestStart'>): Period {
  return {
    ...rest,
    starts,
    earliestStart: Math.min(...starts.map((start) => start.earliest)),
    latestStart: Math.max(...starts.map((start) => start.latest)),
  };
}

function completions(isolates: readonly MachineAction[]): number[] {
  return isolates.map((isolate) => isolate.updatedAt);
}

/** When MDE gives up an action for a device that stays away. */
export function givenUpAt(action: MachineAction): number {
  return action.createdAt + queueMs;
}
