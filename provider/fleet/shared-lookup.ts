import { type Clock, pause, type Timer } from '../defender/ports.ts';

interface Flight<T> {
  /** Monotonic; set when the lookup really begins. */
  startedAt: number | undefined;
  readonly answer: Promise<T>;
}

/** Callers that come within this time share the lookup that is about to start. */
const gatherMs = 20;

/**
 * One lookup for everybody who asks at about the same time. Whoever asks says how old its beginning may be; only one
 * lookup runs at a time, and a failed one is not handed to anyone who comes after the failure.
 */
export class SharedLookup<T> {
  #latest: Flight<T> | undefined;
  #next: Flight<T> | undefined;
  readonly #lookup: () => Promise<T>;
  readonly #clock: Clock;
  readonly #timer: Timer;

  constructor(lookup: () => Promise<T>, clock: Clock, timer: Timer) {
    this.#lookup = lookup;
    this.#clock = clock;
    this.#timer = timer;
  }

  /** The answer of a lookup that began at `notBefore` (monotonic) or later. */
  get(notBefore: number): Promise<T> {
    const latest = this.#latest;
    if (latest?.startedAt !== undefined && latest.startedAt >= notBefore) return latest.answer;
    this.#next ??= this.#schedule(latest);
    return this.#next.answer;
  }

  /** Forgets the last answer, if its lookup began before then (monotonic), so that its memory is free. */
  forget(startedBefore = Number.POSITIVE_INFINITY): void {
    if (this.#latest?.startedAt !== undefined && this.#latest.startedAt < startedBefore) this.#latest = undefined;
  }

  #schedule(previous: Flight<T> | undefined): Flight<T> {
    const run = async (): Promise<T> => {
      await Promise.all([pause(this.#timer, gatherMs), previous?.answer.catch(() => undefined)]);
      flight.startedAt = this.#clock.monotonic();
      this.#latest = flight;
      this.#next = undefined;
      try {
        return await this.#lookup();
      } catch (error) {
        if (this.#latest === flight) this.#latest = undefined;
        throw error;
      }
    };
    const flight: Flight<T> = { startedAt: undefined, answer: Promise.resolve().then(run) };
    // Its callers may all have gone (aborted); the failure is still theirs alone.
    flight.answer.catch(() => undefined);
    return flight;
  }
}
