import { DefenderError } from './errors.ts';
import type { Clock, Timer } from './ports.ts';
import type { RateLimits, SettingProblem } from './settings.ts';
import { whenAborted } from './when-aborted.ts';

/** At most `calls` under way at some time in any `periodMs`. */
export interface RateWindow {
  readonly calls: number;
  readonly periodMs: number;
}

const minute = 60_000;
const hour = 3_600_000;

const shortestWindowMs = 100;

/** After a 429 the pace is halved, at most to a quarter, and doubles again after each five quiet minutes of the service. */
const recoverMinutes = 5;
const lowestPace = 1 / 4;

/** Node runs a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The windows that a share of the service's documented limits leaves us. */
export function rateWindows(limits: RateLimits | undefined): readonly RateWindow[] {
  const share = limits?.share ?? 0.9;
  const part = (calls: number) => Math.max(1, Math.floor(calls * share));
  return [
    { calls: part(limits?.perMinute ?? 100), periodMs: limits?.minuteLength ?? minute },
    { calls: part(limits?.perHour ?? 1500), periodMs: limits?.hourLength ?? hour },
  ];
}

export function rateLimitProblems(limits: RateLimits | undefined): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  for (const name of ['perMinute', 'perHour'] as const) {
    const calls = limits?.[name];
    if (calls !== undefined && !(Number.isInteger(calls) && calls >= 1)) {
      problems.push({ property: `rateLimits.${name}`, reason: 'it must be a whole number of calls, 1 or more' });
    }
  }
  const share = limits?.share;
  if (share !== undefined && !(share > 0 && share <= 1)) {
    problems.push({ property: 'rateLimits.share', reason: 'it must be above 0 and at most 1, such as 0.9' });
  }
  // A longer window than the service's would only be a slower one; that is what `share` is for.
  const between = (ms: number | undefined, most: number) => ms === undefined || (ms >= shortestWindowMs && ms <= most);
  const { minuteLength, hourLength } = limits ?? {};
  if (!between(minuteLength, minute)) {
    problems.push({ property: 'rateLimits.minuteLength', reason: 'it must be from 100ms to 60s' });
  }
  if (!between(hourLength, hour)) {
    problems.push({ property: 'rateLimits.hourLength', reason: 'it must be from 100ms to 60m' });
  } else if (hourLength !== undefined && hourLength < (minuteLength ?? minute)) {
    problems.push({
      property: 'rateLimits.hourLength',
      reason: 'it must not be shorter than minuteLength (default 60s)',
    });
  }
  return problems;
}

/**
 * When the next call may start: when the call that is `calls` back leaves each window. The service counts a call when it
 * arrives, some time between its start and its end, so it leaves the window a period after its *end*; one that is under
 * way cannot leave it.
 * @param ends of earlier calls, ascending
 * @param underWay calls that have not ended
 * @param pace in (0, 1]: the part of each window's calls in force
 * @returns infinity where a call has to end first
 */
export function earliestStart(
  ends: readonly number[],
  windows: readonly RateWindow[],
  now: number,
  pace = 1,
  underWay = 0,
): number {
  let earliest = now;
  for (const { calls, periodMs } of windows) {
    const allowed = Math.max(1, Math.floor(calls * pace)) - underWay;
    if (allowed <= 0) return Number.POSITIVE_INFINITY;
    const oldest = ends.at(-allowed);
    if (ends.length >= allowed && oldest !== undefined) earliest = Math.max(earliest, oldest + periodMs);
  }
  return earliest;
}

/** Lowered since `at`; full again after some quiet. */
export interface Pace {
  readonly factor: number;
  readonly at: number;
}

export const fullPace: Pace = { factor: 1, at: Number.NEGATIVE_INFINITY };

/** @param minuteMs the length of the shorter window */
export function paceNow(pace: Pace, now: number, minuteMs = minute): number {
  if (pace.factor >= 1) return 1;
  return Math.min(1, pace.factor * 2 ** Math.floor((now - pace.at) / (recoverMinutes * minuteMs)));
}

export function lowerPace(pace: Pace, now: number, minuteMs = minute): Pace {
  return { factor: Math.max(lowestPace, paceNow(pace, now, minuteMs) / 2), at: now };
}

export interface ThrottleOptions {
  readonly windows: readonly RateWindow[];
  readonly clock: Clock;
  readonly timer: Timer;
  /** Calls of one route under way at the same time. */
  readonly maxInFlight?: number | undefined;
  readonly onWait?: ((route: string, waitMs: number) => void) | undefined;
}

export interface Turn {
  readonly priority?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Monotonic; a turn that has not come by then comes no more. */
  readonly startBy?: number | undefined;
}

export function notStarted(route: string): DefenderError {
  return new DefenderError(`${route}: its turn did not come in time, so nothing was sent`, {
    kind: 'not-started',
    route,
    next: 'Run again: the next run goes on from there.',
  });
}

/** Hands out turns, one queue a route, for the whole process. */
export interface Throttle {
  /**
   * Waits for a turn; the answer gives it back and must be called once the call has ended.
   * @throws DefenderError `aborted`, `not-started`
   */
  enter(route: string, turn?: Turn): Promise<() => void>;
  /**
   * The service refused a call with 429: nobody starts on this route for `waitMs`, and the pace is lowered for a while.
   * @param startedAt when the refused call started, monotonic; refusals of calls that were already under way
   *   when the pace was lowered are one event, not many
   */
  refused(route: string, waitMs: number, startedAt: number): void;
}

interface Waiter {
  readonly priority: number;
  readonly order: number;
  readonly startBy: number | undefined;
  readonly admit: () => void;
  /** Its `startBy` is over. */
  readonly expire: () => void;
}

interface Expiry {
  readonly waiters: Set<Waiter>;
  cancel: () => void;
}

interface Lane {
  /** When calls ended; ascending, monotonic; as many as the widest window holds. */
  readonly ends: number[];
  readonly waiting: Waiter[];
  inFlight: number;
  pausedUntil: number;
  pace: Pace;
  /** One timer for all that have to start by the same time: a run's calls mostly do. */
  readonly expiries: Map<number, Expiry>;
  /** The next look at the queue, where one is due. */
  alarm: { readonly at: number; readonly cancel: () => void } | undefined;
}

export function createThrottle(options: ThrottleOptions): Throttle {
  const { windows, clock, timer } = options;
  const maxInFlight = options.maxInFlight ?? 16;
  const kept = Math.max(...windows.map((window) => window.calls));
  const minuteMs = Math.min(...windows.map((window) => window.periodMs));
  const lanes = new Map<string, Lane>();
  let arrivals = 0;

  const laneOf = (route: string): Lane => {
    let lane = lanes.get(route);
    if (lane === undefined) {
      lane = {
        ends: [],
        waiting: [],
        expiries: new Map(),
        inFlight: 0,
        pausedUntil: Number.NEGATIVE_INFINITY,
        pace: fullPace,
        alarm: undefined,
      };
      lanes.set(route, lane);
    }
    return lane;
  };

  const pump = (route: string, lane: Lane): void => {
    while (lane.waiting.length > 0 && lane.inFlight < maxInFlight) {
      const now = clock.monotonic();
      const pace = paceNow(lane.pace, now, minuteMs);
      const start = Math.max(earliestStart(lane.ends, windows, now, pace, lane.inFlight), lane.pausedUntil);
      // The end of a call pumps again.
      if (start === Number.POSITIVE_INFINITY) return;
      if (start > now) {
        // The pace may recover before `start`, so a long wait is looked at again.
        const at = Math.min(start, now + recoverMinutes * minuteMs);
        if (lane.alarm?.at === at) return;
        lane.alarm?.cancel();
        const cancel = timer.after(at - now, () => {
          lane.alarm = undefined;
          pump(route, lane);
        });
        lane.alarm = { at, cancel };
        options.onWait?.(route, start - now);
        return;
      }
      const next = lane.waiting.shift();
      if (next === undefined) return;
      lane.inFlight += 1;
      next.admit();
    }
  };

  const expireAll = (lane: Lane, startBy: number): void => {
    const late = lane.expiries.get(startBy)?.waiters ?? new Set();
    lane.expiries.delete(startBy);
    const kept = lane.waiting.filter((waiter) => !late.has(waiter));
    lane.waiting.splice(0, lane.waiting.length, ...kept);
    for (const waiter of late) waiter.expire();
  };

  const noteExpiry = (lane: Lane, waiter: Waiter): void => {
    const { startBy } = waiter;
    if (startBy === undefined) return;
    const known = lane.expiries.get(startBy);
    if (known !== undefined) {
      known.waiters.add(waiter);
      return;
    }
    const expiry: Expiry = { waiters: new Set([waiter]), cancel: () => undefined };
    lane.expiries.set(startBy, expiry);
    const arm = () => {
      // A turn that comes at that very moment still counts.
      const leftMs = startBy - clock.monotonic() + 1;
      expiry.cancel = timer.after(Math.min(leftMs, longestTimerMs), () => {
        if (clock.monotonic() > startBy) expireAll(lane, startBy);
        else arm();
      });
    };
    arm();
  };

  const forgetExpiry = (lane: Lane, waiter: Waiter): void => {
    if (waiter.startBy === undefined) return;
    const expiry = lane.expiries.get(waiter.startBy);
    expiry?.waiters.delete(waiter);
    if (expiry?.waiters.size !== 0) return;
    expiry.cancel();
    lane.expiries.delete(waiter.startBy);
  };

  return {
    enter(route, turn = {}) {
      const lane = laneOf(route);
      const { signal, startBy } = turn;
      return new Promise((resolve, reject) => {
        const aborted = () => new DefenderError(`${route}: cancelled before it was sent`, { kind: 'aborted', route });
        if (signal?.aborted) {
          reject(aborted());
          return;
        }
        if (startBy !== undefined && clock.monotonic() > startBy) {
          reject(notStarted(route));
          return;
        }
        const onAbort = () => {
          const at = lane.waiting.indexOf(waiter);
          if (at >= 0) lane.waiting.splice(at, 1);
          forgetExpiry(lane, waiter);
          reject(aborted());
          pump(route, lane);
        };
        const waiter: Waiter = {
          priority: turn.priority ?? 0,
          order: arrivals++,
          startBy,
          expire() {
            unlisten?.();
            reject(notStarted(route));
          },
          admit() {
            unlisten?.();
            forgetExpiry(lane, waiter);
            let ended = false;
            resolve(() => {
              if (ended) return;
              ended = true;
              lane.inFlight -= 1;
              lane.ends.push(clock.monotonic());
              if (lane.ends.length > kept) lane.ends.shift();
              pump(route, lane);
            });
          },
        };
        const unlisten = signal === undefined ? undefined : whenAborted(signal, onAbort);
        insert(lane.waiting, waiter);
        noteExpiry(lane, waiter);
        pump(route, lane);
      });
    },
    refused(route, waitMs, startedAt) {
      const lane = laneOf(route);
      const now = clock.monotonic();
      lane.pausedUntil = Math.max(lane.pausedUntil, now + waitMs);
      if (startedAt >= lane.pace.at) lane.pace = lowerPace(lane.pace, now, minuteMs);
      pump(route, lane);
    },
  };
}

/** Keeps the queue in order of priority, then of arrival; binary, since a fleet queues thousands. */
function insert(queue: Waiter[], waiter: Waiter): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = queue[middle];
    if (
      other !== undefined &&
      (other.priority < waiter.priority || (other.priority === waiter.priority && other.order < waiter.order))
    ) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  queue.splice(low, 0, waiter);
}
