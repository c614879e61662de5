/** What tells whether the engine that started this process still lives. */
export interface EngineSigns {
  /** The parent's process id now. It changes when the parent is gone (not on Windows). */
  parentId(): number;
  /** Whether the engine's own service can be reached; undefined: none was ever named. */
  reachable(): boolean | undefined;
}

/** How often to look, in milliseconds. */
export const lookEveryMs = 500;

/**
 * So many looks in a row without a connection mean that the engine is gone. Counted in looks, not in time, so that a
 * busy moment of this process does not pass for an end of the other.
 */
export const missesAllowed = 5;

/**
 * A decision a look: is the engine gone? The parent alone would not do: where a shell stands between the engine and
 * this process, it survives the engine; and a killed engine's socket closes in any case.
 */
export function engineWatcher(signs: EngineSigns): () => boolean {
  const parent = signs.parentId();
  let misses = 0;
  return () => {
    misses = signs.reachable() === false ? misses + 1 : 0;
    return signs.parentId() !== parent || misses > missesAllowed;
  };
}

/** Looks until the engine is gone, then says so once. Returns what ends the watch. */
export function watchEngine(signs: EngineSigns, onGone: () => void): () => void {
  const isGone = engineWatcher(signs);
  const timer = setInterval(() => {
    if (!isGone()) return;
    clearInterval(timer);
    onGone();
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
