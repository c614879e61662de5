import { whenInputEnds } from './standard-input.ts';

/** What tells whether the engine that started this process still lives. */
export interface EngineSigns {
  /** The parent's process id now. It changes when the parent is gone (not on Windows). */
  parentId(): number;
  /** Whether the engine's own service can be reached; undefined: there is none to reach. */
  reachable(): boolean | undefined;
  /** Calls `ended` when the other end of standard input is closed. Returns what ends the waiting. */
  onInputEnd(ended: () => void): () => void;
}

/** The signs that this process has. */
export function processSigns(reachable: EngineSigns['reachable'] = () => undefined): EngineSigns {
  return { parentId: () => process.ppid, reachable, onInputEnd: whenInputEnds };
}

/** How often to look, in milliseconds. */
const lookEveryMs = 500;

/**
 * So many looks in a row without a connection mean that the engine is gone. Counted in looks, not in time, so that a
 * busy moment of this process does not pass for an end of the other.
 */
export const missesAllowed = 5;

/** A decision a look: is the engine gone? */
export function engineWatcher(signs: Pick<EngineSigns, 'parentId' | 'reachable'>): () => boolean {
  const parent = signs.parentId();
  let misses = 0;
  return () => {
    misses = signs.reachable() === false ? misses + 1 : 0;
    return signs.parentId() !== parent || misses > missesAllowed;
  };
}

/**
 * Says once that the engine is gone, however it ended. The parent alone would not do: where a shell stands between the
 * engine and this process it survives the engine, whose end of standard input and whose sockets close in any case.
 * Keeps nothing alive. Returns what ends the watch.
 */
export function watchEngine(signs: EngineSigns, onGone: () => void): () => void {
  let over = false;
  const isGone = engineWatcher(signs);
  const timer = setInterval(() => {
    if (isGone()) tell();
  }, lookEveryMs);
  timer.unref();
  const stopListening = signs.onInputEnd(tell);

  function tell(): void {
    if (over) return;
    stop();
    onGone();
  }

  function stop(): void {
    over = true;
    clearInterval(timer);
    stopListening();
  }
  return stop;
}
