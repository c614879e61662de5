import type { SwitchSettings } from './switches.ts';

/** How many calls an app of a tenant may make to one route. */
export interface RateLimits {
  readonly perMinute: number;
  readonly perHour: number;
}

export const documentedLimits: RateLimits = { perMinute: 100, perHour: 1500 };

export type Admission =
  | { readonly kind: 'admitted' }
  | {
      readonly kind: 'refused';
      readonly maximum: number;
      /** `00:01:00` or `01:00:00`, as the service words it. */
      readonly window: string;
      /** Until a call is free, on the simulated clock; at least 1. */
      readonly waitSeconds: number;
    };

const windows = [
  { limit: 'perMinute', ms: 60_000, text: '00:01:00' },
  { limit: 'perHour', ms: 3_600_000, text: '01:00:00' },
] as const;

const longestWindowMs = 3_600_000;

/** Counts calls per key (route, app and tenant) in a minute and an hour, on the clock that it is given. */
export class Throttle {
  limits: RateLimits = documentedLimits;
  readonly #calls = new Map<string, number[]>();

  admit(key: string, now: number, settings: SwitchSettings): Admission {
    const calls = this.#recent(key, now);
    for (const { limit, ms, text } of windows) {
      const maximum = this.limits[limit];
      const windowStart = settings.throttleWindow === 'fixed' ? Math.floor(now / ms) * ms : now - ms;
      const counted = calls.length - firstAfter(calls, windowStart, settings.throttleWindow === 'fixed');
      if (counted < maximum) continue;
      const freeAt =
        settings.throttleWindow === 'fixed' ? windowStart + ms : (calls[calls.length - maximum] ?? now) + ms;
      if (settings.throttleCountsRejected) calls.push(now);
      return { kind: 'refused', maximum, window: text, waitSeconds: Math.max(1, Math.ceil((freeAt - now) / 1000)) };
    }
    calls.push(now);
    return { kind: 'admitted' };
  }

  reset(): void {
    this.#calls.clear();
  }

  #recent(key: string, now: number): number[] {
    const calls = this.#calls.get(key) ?? [];
    const stale = firstAfter(calls, now - longestWindowMs, false);
    if (stale > 1000) calls.splice(0, stale);
    this.#calls.set(key, calls);
    return calls;
  }
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
