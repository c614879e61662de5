interface Waiting {
  readonly runs: Set<() => void>;
  readonly onAbort: () => void;
}

const waiting = new WeakMap<AbortSignal, Waiting>();

/**
 * Runs `run` once when the signal aborts, which it has not yet; the answer takes that back. However many wait for one
 * signal, it has one listener: a fleet's calls share theirs by the thousand, and to add a listener all others are looked
 * at.
 */
export function whenAborted(signal: AbortSignal, run: () => void): () => void {
  const { runs, onAbort } = waiting.get(signal) ?? listen(signal);
  // Of its own, should the same function wait twice.
  const once = () => run();
  runs.add(once);
  return () => {
    if (!runs.delete(once) || runs.size > 0) return;
    waiting.delete(signal);
    signal.removeEventListener('abort', onAbort);
  };
}

function listen(signal: AbortSignal): Waiting {
  const runs = new Set<() => void>();
  const onAbort = () => {
    waiting.delete(signal);
    for (const run of [...runs]) if (runs.delete(run)) run();
  };
  const listening = { runs, onAbort };
  waiting.set(signal, listening);
  signal.addEventListener('abort', onAbort, { once: true });
  return listening;
}
