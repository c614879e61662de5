import type { Timers } from '../../provider/status-line.ts';

/** Timers whose clock moves only by `advance`. */
export function heldTime(): { readonly timers: Timers; advance(milliseconds: number): void } {
  let now = 0;
  const due = new Map<() => void, number>();
  return {
    timers: {
      now: () => now,
      after(milliseconds, run) {
        due.set(run, now + milliseconds);
        return () => due.delete(run);
      },
    },
    advance(milliseconds) {
      now += milliseconds;
      for (const [run, at] of [...due]) {
        if (at <= now && due.delete(run)) run();
      }
    },
  };
}
