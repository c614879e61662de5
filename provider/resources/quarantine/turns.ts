/**
 * Begins the work on each item in order, at most `width` at a time before it waits or ends: so a host that waits for its
 * device never holds up the next, and ten thousand hosts are not all begun at once.
 *
 * @param work is given what it calls when it only waits from now on; it must not reject
 */
export function inTurn<T>(
  items: readonly T[],
  width: number,
  work: (item: T, waits: () => void) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let busy = 0;
    let open = items.length;
    if (open === 0) resolve();
    const begin = () => {
      while (busy < width && next < items.length) {
        const item = items[next] as T;
        next += 1;
        busy += 1;
        let isBusy = true;
        const waits = () => {
          if (!isBusy) return;
          isBusy = false;
          busy -= 1;
          // Not within the work that called: a long row of hosts with nothing to do would nest as deep.
          queueMicrotask(begin);
        };
        work(item, waits).then(() => {
          waits();
          open -= 1;
          if (open === 0) resolve();
        }, reject);
      }
    };
    begin();
  });
}

/** Hosts of a set that are looked at or judged at a time: what waits for the same answer costs memory, each of them. */
const atATime = 256;

/** The work on every item, in order, a few hundred at a time. Rejects where one of them does. */
export async function eachOf<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array<R>(items.length);
  const indexes = items.map((_, index) => index);
  await inTurn(indexes, atATime, async (index) => {
    results[index] = await work(items[index] as T, index);
  });
  return results;
}
