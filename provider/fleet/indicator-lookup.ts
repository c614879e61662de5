import type { Defender, Listing } from '../defender/api.ts';
import { DefenderError } from '../defender/errors.ts';
import type { Indicator } from '../defender/indicator.ts';
import type { Clock, Timer } from '../defender/ports.ts';
import { GatheredLookup } from './gathered-lookup.ts';
import { SharedLookup } from './shared-lookup.ts';

/** From so many files on, one list of all indicators (two pages at most) is cheaper for reading than one for each. */
const listAllFrom = 40;

/** The indicators of one value. */
export interface IndicatorsOf {
  readonly found: readonly Indicator[];
  /** The service's clock, ms. */
  readonly asOf: number;
}

interface Look {
  readonly startedAt: number;
  readonly listing: Listing<Indicator>;
}

/**
 * Looks indicators up by value, many in one call, whoever asks. An answer that may be used is never older than the asker
 * allows, and a list that is not complete is an error: what is missing may be the very one (semantics 1.2).
 */
export class IndicatorLookup {
  readonly #clock: Clock;
  readonly #asked = new Set<string>();
  readonly #latest = new Map<string, Look>();
  /** Monotonic. */
  readonly #writtenAt = new Map<string, number>();
  readonly #byValue: GatheredLookup<string, Look>;
  readonly #all: SharedLookup<Look>;

  constructor(defender: Defender, clock: Clock, timer: Timer) {
    this.#clock = clock;
    const look = async (values: readonly string[] | undefined): Promise<Look> => {
      const startedAt = clock.monotonic();
      const listing = await defender.listIndicators(values);
      if (!listing.complete) throw new IncompleteIndicators();
      return { startedAt, listing };
    };
    this.#byValue = new GatheredLookup(look, timer);
    this.#all = new SharedLookup(() => look(undefined), clock, timer);
  }

  /**
   * @param atMostMs how long ago the look may have begun; 0, where the answer decides about a write: now
   * @throws DefenderError where the list failed or was not complete
   */
  async find(indicatorValue: string, atMostMs: number): Promise<IndicatorsOf> {
    const notBefore = this.#clock.monotonic() - atMostMs;
    const latest = this.#latest.get(indicatorValue);
    if (atMostMs > 0 && latest !== undefined && latest.startedAt >= notBefore)
      return indicatorsOf(indicatorValue, latest);
    this.#asked.add(indicatorValue);
    // Whoever is about to write waits for a turn anyway, and need not wait for everybody's indicators.
    const look =
      atMostMs > 0 && this.#asked.size >= listAllFrom
        ? await this.#all.get(notBefore)
        : await this.#byValue.get(indicatorValue);
    // One that was under way while something was written is no answer for whoever asks later.
    if (look.startedAt > (this.#writtenAt.get(indicatorValue) ?? Number.NEGATIVE_INFINITY))
      this.#latest.set(indicatorValue, look);
    return indicatorsOf(indicatorValue, look);
  }

  /** After a write: what was seen before it is no answer any more. */
  forget(indicatorValue: string): void {
    this.#latest.delete(indicatorValue);
    this.#writtenAt.set(indicatorValue, this.#clock.monotonic());
    this.#all.forget();
  }

  /** Every indicator of the tenant. */
  async all(): Promise<Listing<Indicator>> {
    return (await this.#all.get(this.#clock.monotonic())).listing;
  }
}

/** The list disagrees with its own count, or holds what cannot be read. */
export class IncompleteIndicators extends DefenderError {
  constructor() {
    super('the list of indicators was not complete: its size disagrees with its count, or one cannot be read', {
      kind: 'server',
      route: 'GET indicators',
      next: 'Run again; nothing was decided on it.',
    });
  }
}

function indicatorsOf(indicatorValue: string, { listing }: Look): IndicatorsOf {
  return { found: listing.items.filter((each) => each.indicatorValue === indicatorValue), asOf: listing.asOf };
}
