import { whenAborted } from './when-aborted.ts';

/** Time as this client reads it; both in milliseconds. */
export interface Clock {
  /** Wall clock, since the epoch. May jump. */
  wall(): number;
  /** Never goes back; only differences mean anything. */
  monotonic(): number;
}

export interface Timer {
  /** Runs `run` once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** What a person may want to be told while calls wait. */
export type DefenderEvent =
  | { readonly kind: 'throttled'; readonly route: string; readonly waitMs: number }
  | { readonly kind: 'retry'; readonly route: string; readonly waitMs: number; readonly reason: string }
  | { readonly kind: 'token-renewed' };

/** Everything impure that the client uses, other than sockets and @azure/identity. */
export interface Ports {
  readonly clock: Clock;
  /** Waits: throttle, back-off. */
  readonly timer: Timer;
  /** Ends calls that take too long; apart from `timer`, so that a test can skip waits without cutting calls off. */
  readonly deadline: Timer;
  /** In [0, 1). */
  readonly random: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent?: ((event: DefenderEvent) => void) | undefined;
}

const systemTimer: Timer = {
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  },
};

/** The process's own clock, timers, randomness and environment. */
export function systemPorts(): Ports {
  return {
    clock: { wall: () => Date.now(), monotonic: () => performance.now() },
    timer: systemTimer,
    deadline: systemTimer,
    random: Math.random,
    env: process.env,
  };
}

/** Resolves after `ms`, or at once when `signal` aborts (the caller looks at the signal). */
export function pause(timer: Timer, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    let cancel = () => {};
    let unlisten: (() => void) | undefined;
    const end = () => {
      cancel();
      unlisten?.();
      resolve();
    };
    unlisten = signal === undefined ? undefined : whenAborted(signal, end);
    cancel = timer.after(ms, end);
  });
}
