/** Timers as they are needed here, so that tests can hold the clock. */
export interface Timers {
  now(): number;
  /** Returns what takes the appointment back. */
  after(milliseconds: number, run: () => void): () => void;
}

export const realTimers: Timers = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** All in milliseconds. */
export interface Pace {
  /** Between two lines. */
  readonly paceMs: number;
  /** Before the first; default none. */
  readonly quietMs?: number;
}

/**
 * The live text of one operation: the first at once, or when the time to be quiet is over, then the newest at most once a
 * pace, and none twice in a row.
 */
export class StatusLine {
  readonly #show: (text: string) => void;
  readonly #pace: number;
  readonly #timers: Timers;
  #last: string | undefined;
  #earliest: number;
  #waiting: string | undefined;
  #takeBack: (() => void) | undefined;
  #ended = false;

  constructor(show: (text: string) => void, { paceMs, quietMs = 0 }: Pace, timers: Timers) {
    this.#show = show;
    this.#pace = paceMs;
    this.#timers = timers;
    this.#earliest = timers.now() + quietMs;
  }

  set(text: string): void {
    if (this.#ended) return;
    this.#waiting = text === this.#last ? undefined : text;
    if (this.#waiting === undefined || this.#takeBack) return;
    const wait = this.#earliest - this.#timers.now();
    if (wait <= 0) this.#flush();
    else this.#takeBack = this.#timers.after(wait, () => this.#flush());
  }

  /** The operation is over: what still waits is no longer true. */
  end(): void {
    this.#ended = true;
    this.#takeBack?.();
  }

  #flush(): void {
    this.#takeBack = undefined;
    if (this.#waiting === undefined || this.#ended) return;
    this.#last = this.#waiting;
    this.#waiting = undefined;
    this.#earliest = this.#timers.now() + this.#pace;
    this.#show(this.#last);
  }
}
