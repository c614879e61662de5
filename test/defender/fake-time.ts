import type { Clock, Timer } from '../../provider/defender/ports.ts';

/** A clock that only `advance` moves, and timers that fire as it passes them. */
export interface FakeTime {
  readonly clock: Clock;
  readonly timer: Timer;
  /** Moves on by `ms`, firing timers in order and letting what they resolve run. */
  advance(ms: number): Promise<void>;
  /** Timers that have not fired. */
  pending(): number;
}

export function createFakeTime(wall = Date.UTC(2026, 0, 5, 12)): FakeTime {
  let elapsed = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    clock: { wall: () => wall + elapsed, monotonic: () => elapsed },
    timer: {
      after(ms, run) {
        const entry = { at: elapsed + ms, run };
        timers.add(entry);
        return () => timers.delete(entry);
      },
    },
    async advance(ms) {
      const until = elapsed + ms;
      for (;;) {
        await settle();
        const next = [...timers].filter((entry) => entry.at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers.delete(next);
        elapsed = Math.max(elapsed, next.at);
        next.run();
      }
      elapsed = until;
      await settle();
    },
    pending: () => timers.size,
  };
}

/** A clock that jumps over every wait at once, and what was waited for, in ms. */
export function createHurriedTime(): { readonly clock: Clock; readonly timer: Timer; readonly waits: number[] } {
  let skipped = 0;
  const waits: number[] = [];
  return {
    waits,
    clock: { wall: () => Date.now() + skipped, monotonic: () => performance.now() + skipped },
    timer: {
      after(ms, run) {
        waits.push(ms);
        const handle = setImmediate(() => {
          skipped += ms;
          run();
        });
        return () => clearImmediate(handle);
      },
    },
  };
}

/** Lets promise chains that need no I/O run to their end. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
