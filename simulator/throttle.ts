import type { SwitchSettings } from './switches.ts';

/** How many calls an app of a tenant may make to one route. */
export interface RateLimits {
  readonly perMinute: number;
  readonly perHour: number;
  /** How long the two windows are, ms of simulated time. Shorter ones compress time for a client that is set up alike. */
  readonly minuteMs: number;
  readonly hourMs: number;
}

export const documentedLimits: RateLimits = { perMinute: 100, perHour: 1500, minuteMs: 60_000, hourMs: 3_600_000 };

/** `limits` with every name and value checked. Throws a RangeError that says what would be right. */
export function checkedLimits(limits: Readonly<Record<string, unknown>>): Partial<RateLimits> {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(documentedLimits, name)) {
      throw new RangeError(`there is no limit "${name}"; there are ${Object.keys(documentedLimits).join(', ')}`);
    }
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      throw new RangeError(`limit "${name}" takes a number above 0`);
    }
  }
  return limits as Partial<RateLimits>;
}

export type Admission =
  | { readonly kind: 'admitted' }
  | {
      readonly kind: 'refused';
      readonly maximum: number;
      /** `00:01:00` or `01:00:00`, as the service words it; other lengths in the same way. */
      readonly window: string;
      /** Until a call is free, on the simulated clock; at least 1. */
      readonly waitSeconds: number;
    };

/** What a route may take of the limits, where that is less than all: of 100 a minute and 1,500 an hour, 2 and 120. */
export interface LimitShare {
  readonly perMinute: number;
  readonly perHour: number;
}

const windows = [
  { limit: 'perMinute', length: 'minuteMs' },
  { limit: 'perHour', length: 'hourMs' },
] as const;

/** Counts calls per key (route, app and tenant) in a minute and an hour, on the clock that it is given. */
export class Throttle {
  limits: RateLimits = documentedLimits;
  readonly #calls = new Map<string, number[]>();

  admit(key: string, now: number, settings: SwitchSettings, share?: LimitShare): Admission {
    const calls = this.#recent(key, now);
    for (const { limit, length } of windows) {
      const maximum = Math.max(1, Math.floor(this.limits[limit] * (share?.[limit] ?? 1)));
      const ms = this.limits[length];
      const windowStart = settings.throttleWindow === 'fixed' ? Math.floor(now / ms) * ms : now - ms;
      const counted = calls.length - firstAfter(calls, windowStart, settings.throttleWindow === 'fixed');
      if (counted < maximum) continue;
      const freeAt =
        settings.throttleWindow === 'fixed' ? windowStart + ms : (calls[calls.length - maximum] ?? now) + ms;
      if (settings.throttleCountsRejected) calls.push(now);
      return {
        kind: 'refused',
        maximum,
        window: timeSpan(ms),
        waitSeconds: Math.max(1, Math.ceil((freeAt - now) / 1000)),
      };
    }
    calls.push(now);
    return { kind: 'admitted' };
  }

  reset(): void {
    this.#calls.clear();
  }

  #recent(key: string, now: number): number[] {
    const calls = this.#calls.get(key) ?? [];
    const stale = firstAfter(calls, now - Math.max(this.limits.minuteMs, this.limits.hourMs), false);
    if (stale > 1000) calls.splice(0, stale);
    this.#calls.set(key, calls);
    return calls;
  }
}

/** `hh:mm:ss`, with seven fractional digits where they are not nought. */
function timeSpan(ms: number): string {
  const two = (count: number) => String(Math.floor(count)).padStart(2, '0');
  const fraction = Math.round((ms % 1000) * 10_000);
  const whole = `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
  return fraction === 0 ? whole : `${whole}.${String(fraction).padStart(7, '0')}`;
}

/** The index of the first call after `time` (or at it, where `inclusive`). */
function firstAfter(calls: readonly number[], time: number, inclusive: boolean): number {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const call = calls[middle] ?? 0;
    if (call > time || (inclusive && call === time)) high = middle;
    else low = middle + 1;
  }
  return low;
}
