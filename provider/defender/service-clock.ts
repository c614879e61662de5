import type { Clock } from './ports.ts';

/** The service's clock, told from the `Date` headers of its answers (whole seconds). */
export interface ServiceClock {
  /** Takes the `Date` header of an answer that just came; the answer is that moment in ms, or undefined. */
  observe(date: string | undefined): number | undefined;
  now(): number | undefined;
}

/** Between answers it goes on with the monotonic clock, so a host whose own clock is wrong or jumps does not matter. */
export function createServiceClock(clock: Clock): ServiceClock {
  let last: { readonly at: number; readonly seen: number } | undefined;
  return {
    observe(date) {
      const at = date === undefined ? Number.NaN : Date.parse(date);
      if (Number.isNaN(at)) return undefined;
      last = { at, seen: clock.monotonic() };
      return at;
    },
    now() {
      return last === undefined ? undefined : last.at + (clock.monotonic() - last.seen);
    },
  };
}
