import { MINUTE } from '../../containment/duration.ts';
import { type Stopwatch, startStopwatch } from '../../fleet/stopwatch.ts';
import type { Runtime } from '../runtime.ts';

/** What was sent last is waited for so long (semantics 4.3). */
const afterLastWriteMs = 15 * MINUTE;
/** An older look is made again before a host is acted on: a long run must not decide on what held an hour ago. */
const lookHoldsMs = 10 * MINUTE;

/** The time of one operation on a set: how old its looks may be, and how long it waits. */
export class SetTime {
  readonly #runtime: Runtime;
  readonly #startedAt: number;
  readonly #sinceStart: Stopwatch;
  readonly #timeoutMs: number | undefined;
  #sinceLastWrite: Stopwatch;
  /** Hosts that may still send something. */
  #unsent: number;

  /** @param unsent hosts that may send something @param timeoutMs the operation's custom time-out */
  constructor(runtime: Runtime, unsent: number, timeoutMs: number | undefined) {
    const { clock, defender } = runtime.fleet;
    this.#runtime = runtime;
    this.#startedAt = clock.monotonic();
    this.#sinceStart = startStopwatch(clock, defender);
    this.#sinceLastWrite = this.#sinceStart;
    this.#timeoutMs = timeoutMs;
    this.#unsent = unsent;
  }

  /** Monotonic: what was looked at since then is fresh enough to decide on (semantics 1.8). */
  lookedSince(): number {
    return Math.max(this.#startedAt, this.#runtime.fleet.clock.monotonic() - lookHoldsMs);
  }

  wrote(): void {
    const { clock, defender } = this.#runtime.fleet;
    this.#sinceLastWrite = startStopwatch(clock, defender);
  }

  /** One host fewer may still send something. */
  settled(): void {
    this.#unsent -= 1;
  }

  get unsent(): number {
    return this.#unsent;
  }

  /** Monotonic: when the run's own time is over. */
  runEnds(): number {
    const { startedAt, limits } = this.#runtime.fleet;
    return startedAt + limits.maxRunTimeMs;
  }

  /** Milliseconds left to wait for what was sent. */
  remaining(): number {
    const ofRun = this.runEnds() - this.#runtime.fleet.clock.monotonic();
    if (this.#timeoutMs !== undefined) return Math.min(ofRun, this.#timeoutMs - this.#sinceStart.elapsed());
    return this.#unsent > 0 ? ofRun : Math.min(ofRun, afterLastWriteMs - this.#sinceLastWrite.elapsed());
  }
}
