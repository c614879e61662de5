import type { Defender } from '../defender/api.ts';
import type { Clock } from '../defender/ports.ts';

/** Milliseconds since it was started. */
export interface Stopwatch {
  elapsed(): number;
}

/**
 * Counts on our monotonic clock and on the service's, and takes the larger: what is waited for happens on the service's
 * clock (semantics 1.7), and that one may stand still where the service cannot be reached.
 */
export function startStopwatch(clock: Clock, defender: Pick<Defender, 'serviceNow'>): Stopwatch {
  const started = clock.monotonic();
  let serviceStarted = defender.serviceNow();
  return {
    elapsed() {
      const own = clock.monotonic() - started;
      const serviceNow = defender.serviceNow();
      if (serviceStarted === undefined) {
        serviceStarted = serviceNow === undefined ? undefined : serviceNow - own;
        return own;
      }
      return serviceNow === undefined ? own : Math.max(own, serviceNow - serviceStarted);
    },
  };
}
