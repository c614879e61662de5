import type { MachineAction } from '../defender/machine-action.ts';
import { DAY } from './duration.ts';

/** MDE lifts an isolation by itself after this long (semantics 2.1). */
export const leaseMs = 7 * DAY;
/** The lease and one day to spare: past it no isolation can still hold. */
export const leaseAtMostMs = 8 * DAY;
/** An action for an offline device is retried for this long, then given up. */
export const queueMs = 3 * DAY;

/**
 * A stretch of unbroken containment under one seven-day clock.
 *
 * Nobody knows whether that clock starts at the request or its completion, nor whether a second isolate restarts it, so
 * a period holds the earliest and the latest moment at which it can have started.
 */
export interface Period {
  /** The Succeeded isolate that began it. */
  readonly beganBy: MachineAction;
  readonly earliestStart: number;
  readonly latestStart: number;
  /** Succeeded isolates of this period in order of completion; never empty. */
  readonly isolates: readonly MachineAction[];
}

export function beginPeriod(isolate: MachineAction): Period {
  return { beganBy: isolate, earliestStart: isolate.createdAt, latestStart: isolate.updatedAt, isolates: [isolate] };
}

/** Covered for certain until then. */
export function earliestLift(period: Period, renewalRestartsLease: boolean): number {
  if (!renewalRestartsLease) return period.earliestStart + leaseMs;
  return Math.max(...period.isolates.map((isolate) => isolate.createdAt)) + leaseMs;
}

/** Lifted for certain after then. */
export function latestLift(period: Period): number {
  return Math.max(...period.isolates.map((isolate) => isolate.updatedAt)) + leaseAtMostMs;
}

/**
 * The period after one more Succeeded isolate.
 *
 * - Requested after the latest lift: the old period had lapsed, a new one begins.
 * - Otherwise it lies in the period. Where renewals do not restart the clock it changed nothing, unless the old clock
 *   had run out by then. Once an isolate was requested after the last moment at which the old clock can have run out
 *   (`latestStart` + 8 d), whichever clock is running now was started by one of the isolates that were completed at or
 *   after the earliest lift. They form the next period; the earliest request among them is its earliest start, since a
 *   clock may start at the request (semantics 2.6).
 */
export function extendPeriod(period: Period, isolate: MachineAction): { period: Period; lapsedBefore: boolean } {
  if (isolate.createdAt > latestLift(period)) return { period: beginPeriod(isolate), lapsedBefore: true };
  const isolates = [...period.isolates, isolate];
  const afterEarliestLift = isolates
    .filter((each) => each.updatedAt >= period.earliestStart + leaseMs)
    .sort((a, b) => a.createdAt - b.createdAt);
  const first = afterEarliestLift[0];
  if (first !== undefined && isolate.createdAt > period.latestStart + leaseAtMostMs) {
    const next: Period = {
      beganBy: first,
      earliestStart: first.createdAt,
      latestStart: Math.max(...afterEarliestLift.map((each) => each.updatedAt)),
      isolates: afterEarliestLift,
    };
    return { period: next, lapsedBefore: false };
  }
  return { period: { ...period, isolates }, lapsedBefore: false };
}

/** When MDE gives up an action for a device that stays away. */
export function givenUpAt(action: MachineAction): number {
  return action.createdAt + queueMs;
}
