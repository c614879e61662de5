import type { Defender } from '../defender/api.ts';
import { isDefenderError } from '../defender/errors.ts';
import { type ActionId, isRunning, type MachineAction } from '../defender/machine-action.ts';
import { type Clock, pause, type Timer } from '../defender/ports.ts';
import { whenAborted } from '../defender/when-aborted.ts';
import { startStopwatch } from './stopwatch.ts';

export interface Tracked {
  readonly action: MachineAction;
  /** `final`: it cannot change any more. Otherwise why tracking ended while it still ran, as far as is known. */
  readonly ended: 'final' | 'time' | 'aborted' | 'lookup-failed';
  readonly error?: unknown;
}

/** Until when an action is followed, on the service's clock or as the caller decides: it is asked after each poll. */
export type TrackOptions = {
  readonly signal: AbortSignal;
  readonly onChange?: (action: MachineAction) => void;
} & (
  | { readonly timeoutMs: number; readonly isTimeUp?: never }
  | { readonly isTimeUp: () => boolean; readonly timeoutMs?: never }
);

interface Followed {
  latest: MachineAction;
  readonly done: (tracked: Tracked) => void;
  readonly isTimeUp: () => boolean;
  readonly onChange: ((action: MachineAction) => void) | undefined;
}

const fastestMs = 1_000;
const slowestMs = 10_000;
const slowdown = 1.5;
/** What is left over of a fleet when nothing has moved for this long is mostly offline: a slower look is enough. */
const stillAfterMs = 3 * 60_000;
const slowestOfFleetMs = 30_000;
/** Of a fleet's results, hundreds at a time are seen as well as each one; only the last few are looked for every second. */
const fleetMsPerAction = 50;
const fastestOfLargestFleetMs = 5_000;
/** Nor does a pause make the wait for an action longer by more than this part. */
const partOfWait = 1 / 20;

/** One call of the poll answers for about so many actions. */
const actionsPerCall = 140;
/** While more is to come, a call of the poll waits for so many new actions (0.011 calls a host), or so much time. */
const newPerCall = 90;
const expectingMsPerCall = 60_000;
const longestExpectingMs = 5 * 60_000;

/**
 * Follows running actions to their end, all of them with one call: often while results arrive, slower when nothing moves.
 * While somebody has more to send, results are not urgent: then the pace goes by how many actions there are, so that a
 * fleet's reads stay a small share of its writes.
 */
export class Tracker {
  readonly #defender: Defender;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #followed = new Set<Followed>();
  #everyMs = fastestMs;
  #polling = false;
  /** When the next poll is due, and when the last one began; monotonic. */
  #dueAt = 0;
  #polledAt = Number.NEGATIVE_INFINITY;
  /** The last new action, change or end. */
  #movedAt = 0;
  #newSincePoll = 0;
  /** From request to end, of the action that ended last. */
  #lastTookMs = Number.POSITIVE_INFINITY;
  #expecting = 0;
  /** Somebody expected more since the tracker last had nothing to do. */
  #isFleet = false;
  /** Ends the pause under way. */
  #wake: AbortController | undefined;

  constructor(defender: Defender, clock: Clock, timer: Timer) {
    this.#defender = defender;
    this.#clock = clock;
    this.#timer = timer;
  }

  /** Says that more actions are going to be tracked; the answer takes it back, and then results are looked for quickly. */
  expectMore(): () => void {
    this.#expecting += 1;
    this.#isFleet = true;
    let expected = true;
    return () => {
      if (!expected) return;
      expected = false;
      this.#expecting -= 1;
      if (this.#expecting > 0) return;
      this.#movedAt = this.#clock.monotonic();
      this.#everyMs = this.#fastestMs();
      this.#pollBy(this.#movedAt + this.#everyMs);
    };
  }

  /** Resolves when `action` is final, its time is up, the signal aborts, or it can no longer be looked up. Never throws. */
  track(action: MachineAction, options: TrackOptions): Promise<Tracked> {
    if (!isRunning(action)) return Promise.resolve({ action, ended: 'final' });
    const { signal } = options;
    if (signal.aborted) return Promise.resolve({ action, ended: 'aborted' });
    return new Promise((resolve) => {
      const followed: Followed = {
        latest: action,
        onChange: options.onChange,
        isTimeUp: options.isTimeUp ?? this.#timeout(options.timeoutMs),
        done: (tracked) => {
          this.#followed.delete(followed);
          unlisten();
          if (this.#followed.size === 0) this.#wake?.abort();
          resolve(tracked);
        },
      };
      this.#followed.add(followed);
      const unlisten = whenAborted(signal, () => followed.done({ action: followed.latest, ended: 'aborted' }));
      this.#noteNew();
      if (!this.#polling) void this.#poll();
    });
  }

  #timeout(timeoutMs: number): () => boolean {
    const stopwatch = startStopwatch(this.#clock, this.#defender);
    return () => stopwatch.elapsed() >= timeoutMs;
  }

  #noteNew(): void {
    const now = this.#clock.monotonic();
    this.#movedAt = now;
    this.#newSincePoll += 1;
    if (!this.#polling) {
      this.#everyMs = this.#fastestMs();
      this.#dueAt = now + this.#pauseMs();
    } else if (this.#expecting === 0) {
      this.#everyMs = this.#fastestMs();
      // A poll that is due sooner is left alone, else a steady stream would put off every poll.
      this.#pollBy(now + this.#everyMs);
    } else if (this.#hasEnoughNew()) {
      this.#pollBy(Math.max(now, this.#polledAt + fastestMs));
    }
  }

  #hasEnoughNew(): boolean {
    return this.#newSincePoll >= newPerCall * this.#callsPerPoll();
  }

  #callsPerPoll(): number {
    return Math.ceil(this.#followed.size / actionsPerCall);
  }

  #fastestMs(): number {
    if (!this.#isFleet) return fastestMs;
    const paceMs = Math.min(fleetMsPerAction * this.#followed.size, this.#lastTookMs * partOfWait);
    return Math.min(fastestOfLargestFleetMs, Math.max(fastestMs, paceMs));
  }

  #pauseMs(): number {
    if (this.#expecting === 0) return this.#everyMs;
    if (this.#hasEnoughNew()) return fastestMs;
    return Math.min(longestExpectingMs, expectingMsPerCall * this.#callsPerPoll());
  }

  #pollBy(at: number): void {
    if (at >= this.#dueAt) return;
    this.#dueAt = at;
    this.#wake?.abort();
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#followed.size > 0) {
      const now = this.#clock.monotonic();
      if (this.#dueAt > now) {
        this.#wake = new AbortController();
        await pause(this.#timer, this.#dueAt - now, this.#wake.signal);
        this.#wake = undefined;
        continue;
      }
      this.#polledAt = now;
      this.#newSincePoll = 0;
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#slowDown(now);
      await this.#lookUp([...this.#followed]);
      this.#dueAt = this.#clock.monotonic() + this.#pauseMs();
    }
    this.#polling = false;
    if (this.#expecting === 0) this.#isFleet = false;
  }

  #slowDown(now: number): void {
    const isStill = this.#isFleet && now - this.#movedAt >= stillAfterMs;
    this.#everyMs = Math.min(isStill ? slowestOfFleetMs : slowestMs, this.#everyMs * slowdown);
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
    let anyEnded = false;
    for (const each of followed) {
      if (!this.#followed.has(each)) continue;
      // A new action may take seconds to appear: its absence says nothing.
      const action = found.get(each.latest.id);
      const changed = action !== undefined && action.status !== each.latest.status;
      if (action !== undefined) each.latest = action;
      if (changed) {
        this.#movedAt = this.#clock.monotonic();
        tell(each);
      }
      if (!isRunning(each.latest)) {
        anyEnded = true;
        this.#lastTookMs = each.latest.updatedAt - each.latest.createdAt;
        each.done({ action: each.latest, ended: 'final' });
      } else if (failure !== undefined && willNotMend(failure)) {
        each.done({ action: each.latest, ended: 'lookup-failed', error: failure });
      } else if (isTimeUp(each)) {
        each.done(
          failure === undefined
            ? { action: each.latest, ended: 'time' }
            : { action: each.latest, ended: 'lookup-failed', error: failure },
        );
      }
    }
    if (anyEnded) this.#everyMs = this.#fastestMs();
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

/** A caller that cannot say is not waited for without end. */
function isTimeUp(followed: Followed): boolean {
  try {
    return followed.isTimeUp();
  } catch {
    return true;
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
