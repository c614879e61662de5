import { pause, type Timer } from '../defender/ports.ts';

/** Those who ask within this time share a call. */
const gatherMs = 20;
/** About what one filter holds. */
const keysPerCall = 100;

/** Looks many keys up with one call, whoever asks; each answer is that of the whole call, which began after the question. */
export class GatheredLookup<K, A> {
  readonly #lookup: (keys: readonly K[]) => Promise<A>;
  readonly #timer: Timer;
  #batch: { readonly keys: Set<K>; readonly answer: Promise<A> } | undefined;

  constructor(lookup: (keys: readonly K[]) => Promise<A>, timer: Timer) {
    this.#lookup = lookup;
    this.#timer = timer;
  }

  get(key: K): Promise<A> {
    let batch = this.#batch;
    if (batch === undefined || batch.keys.size >= keysPerCall) {
      const keys = new Set<K>();
      const answer = pause(this.#timer, gatherMs).then(() => {
        if (this.#batch?.keys === keys) this.#batch = undefined;
        return this.#lookup([...keys]);
      });
      // Its callers may all have gone; the failure is still theirs alone.
      answer.catch(() => undefined);
      batch = { keys, answer };
      this.#batch = batch;
    }
    batch.keys.add(key);
    return batch.answer;
  }
}
