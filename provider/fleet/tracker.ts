import type { Defender } from '../defender/api.ts';
import { isDefenderError } from '../defender/errors.ts';
import { type ActionId, isRunning, type MachineAction } from '../defender/machine-action.ts';
import { type Clock, pause, type Timer } from '../defender/ports.ts';
import { startStopwatch } from './stopwatch.ts';

export interface Tracked {
  readonly action: MachineAction;
  /** `final`: it cannot change any more. Otherwise why tracking ended while it still ran, as far as is known. */
  readonly ended: 'final' | 'time' | 'aborted' | 'lookup-failed';
  readonly error?: unknown;
}

interface Followed {
  latest: MachineAction;
  readonly done: (tracked: Tracked) => void;
  readonly isTimeUp: () => boolean;
  readonly signal: AbortSignal;
  readonly onChange: ((action: MachineAction) => void) | undefined;
}

const fastestMs = 1_000;
const slowestMs = 10_000;
const slowdown = 1.5;

/** Follows running actions to their end, all of them with one call: often while results arrive, slower when nothing moves. */
export class Tracker {
  readonly #defender: Defender;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #followed = new Set<Followed>();
  #everyMs = fastestMs;
  #polling = false;
  /** The pause under way: when it ends (monotonic), and what ends it sooner. */
  #pause: { readonly until: number; readonly end: AbortController } | undefined;

  constructor(defender: Defender, clock: Clock, timer: Timer) {
    this.#defender = defender;
    this.#clock = clock;
    this.#timer = timer;
  }

  /** Resolves when `action` is final, `timeoutMs` are over, the signal aborts, or it can no longer be looked up. Never throws. */
  track(
    action: MachineAction,
    options: {
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
      readonly onChange?: (action: MachineAction) => void;
    },
  ): Promise<Tracked> {
    if (!isRunning(action)) return Promise.resolve({ action, ended: 'final' });
    const stopwatch = startStopwatch(this.#clock, this.#defender);
    return new Promise((resolve) => {
      const followed: Followed = {
        latest: action,
        signal: options.signal,
        onChange: options.onChange,
        isTimeUp: () => stopwatch.elapsed() >= options.timeoutMs,
        done: (tracked) => {
          this.#followed.delete(followed);
          options.signal.removeEventListener('abort', aborted);
          resolve(tracked);
        },
      };
      const aborted = () => followed.done({ action: followed.latest, ended: 'aborted' });
      if (options.signal.aborted) {
        aborted();
        return;
      }
      options.signal.addEventListener('abort', aborted, { once: true });
      this.#followed.add(followed);
      this.#everyMs = fastestMs;
      if (!this.#polling) void this.#poll();
      // One that comes during a long pause ends it; a short one is left alone, else a steady stream would put off every poll.
      else if ((this.#pause?.until ?? 0) - this.#clock.monotonic() > fastestMs) this.#pause?.end.abort();
    });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#followed.size > 0) {
      const current = { until: this.#clock.monotonic() + this.#everyMs, end: new AbortController() };
      this.#pause = current;
      await pause(this.#timer, this.#everyMs, current.end.signal);
      if (current.end.signal.aborted) continue;
      this.#everyMs = Math.min(slowestMs, this.#everyMs * slowdown);
      const followed = [...this.#followed];
      if (followed.length === 0) break;
      await this.#lookUp(followed);
    }
    this.#polling = false;
  }

  async #lookUp(followed: readonly Followed[]): Promise<void> {
    const ids = [...new Set(followed.map((each) => each.latest.id))];
    let found: ReadonlyMap<ActionId, MachineAction> = new Map();
    let failure: unknown;
    try {
      const listing = await this.#defender.listMachineActionsById(ids);
      found = new Map(listing.items.map((action) => [action.id, action]));
    } catch (error) {
      failure = error;
    }
    for (const each of followed) {
      if (!this.#followed.has(each)) continue;
      // A new action may take seconds to appear: its absence says nothing.
      const action = found.get(each.latest.id);
      const changed = action !== undefined && action.status !== each.latest.status;
      if (action !== undefined) each.latest = action;
      if (changed) tell(each);
      if (!isRunning(each.latest)) {
        this.#everyMs = fastestMs;
        each.done({ action: each.latest, ended: 'final' });
      } else if (failure !== undefined && willNotMend(failure)) {
        each.done({ action: each.latest, ended: 'lookup-failed', error: failure });
      } else if (each.isTimeUp()) {
        each.done(
          failure === undefined
            ? { action: each.latest, ended: 'time' }
            : { action: each.latest, ended: 'lookup-failed', error: failure },
        );
      }
    }
  }
}

/** A caller that cannot be told must not stop the poll for all the others. */
function tell(followed: Followed): void {
  try {
    followed.onChange?.(followed.latest);
  } catch {
    // It learns all the same how its action ended.
  }
}

/** Failures that the next poll would meet again. */
function willNotMend(error: unknown): boolean {
  return (
    isDefenderError(error) &&
    ['invalid-configuration', 'sign-in', 'unauthorized', 'forbidden', 'rejected', 'untrusted', 'aborted'].includes(
      error.kind,
    )
  );
}
