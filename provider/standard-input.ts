import { fstatSync } from 'node:fs';

/**
 * Calls `ended` when whoever holds the other end of standard input has closed it, or has ended. Where nobody holds it
 * (a file, a terminal, /dev/null), never. Keeps nothing alive. Returns what ends the waiting.
 */
export function whenInputEnds(ended: () => void): () => void {
  if (!isHeldByAnother()) return () => undefined;
  const events = ['end', 'close', 'error'] as const;
  for (const event of events) process.stdin.on(event, ended);
  process.stdin.resume();
  // Typed for a file or terminal; a pipe has it too.
  (process.stdin as { unref?: () => void }).unref?.();
  return () => {
    for (const event of events) process.stdin.off(event, ended);
    process.stdin.pause();
  };
}

function isHeldByAnother(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isSocket();
  } catch {
    return false;
  }
}
