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
