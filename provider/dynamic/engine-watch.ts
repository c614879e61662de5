import { fstatSync } from 'node:fs';

/** How often the parent is looked at; with the way to the service and back it stays well below five seconds. */
const lookEveryMs = 1_000;

/**
 * Calls `gone` once when the engine that started this process has ended, however it ended. The engine holds the other
 * end of stdin, which closes with it; the parent alone would not tell, since the host is started through a shell that
 * outlives the engine. Keeps nothing alive. Returns what ends the watch.
 */
export function watchEngine(gone: () => void): () => void {
  const parent = process.ppid;
  let told = false;
  const tell = () => {
    if (told) return;
    told = true;
    stop();
    gone();
  };
  const looking = setInterval(() => {
    if (process.ppid !== parent) tell();
  }, lookEveryMs);
  looking.unref();

  const piped = stdinIsHeldByAnother();
  if (piped) {
    process.stdin.on('end', tell).on('close', tell).on('error', tell).resume();
    // Typed for a file or terminal; a pipe has it too.
    (process.stdin as { unref?: () => void }).unref?.();
  }

  function stop(): void {
    clearInterval(looking);
    if (piped) process.stdin.off('end', tell).off('close', tell).off('error', tell).pause();
  }
  return stop;
}

/** Only a pipe or socket ends with its holder; an empty file or /dev/null ends at once and says nothing. */
function stdinIsHeldByAnother(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isSocket();
  } catch {
    return false;
  }
}
