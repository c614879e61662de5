import type { Clock } from '../defender/ports.ts';

/**
 * When the engine last declared something. It does so one resource after the other, and looks at each (reads, checks and
 * compares it) before it goes on to the next: so while one is looked at, however long that takes, more may follow
 * (semantics 6.4).
 */
export class Registrations {
  readonly #clock: Clock;
  #underWay = 0;
  #lastAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something was declared just now. */
  heard(): void {
    this.#lastAt = this.#clock.monotonic();
  }

  /** A resource is looked at; never fails for a reason of its own. */
  async during<T>(look: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await look();
    } finally {
      this.#underWay -= 1;
      this.heard();
    }
  }

  /** Milliseconds since the last one; infinite where there was none. */
  quietFor(): number {
    if (this.#underWay > 0) return 0;
    return this.#lastAt === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonic() - this.#lastAt;
  }
}
