import type { EngineRun } from '../../../tools/engine-env.ts';
import { shown } from '../../engine/world.ts';
import { Broken } from '../broken.ts';

export interface Converging {
  up(...args: string[]): Promise<EngineRun>;
  /** Requests that write, so far. */
  writes(): number;
}

/**
 * One run converges, and the next finds nothing to do and writes nothing (I5). Answers what the first one told.
 *
 * @param thenEmpty false: the next one is not run
 */
export async function converges(stack: Converging, thenEmpty = true): Promise<string> {
  const once = await stack.up();
  if (once.code !== 0) throw new Broken('I5', `the next run fails:\n${shown(once)}`);
  if (!thenEmpty) return shown(once);
  const writes = stack.writes();
  const again = await stack.up('--expect-no-changes');
  if (again.code !== 0) throw new Broken('I5', `the run after it is not empty:\n${shown(again)}`);
  if (stack.writes() !== writes) throw new Broken('I5', `the run after it writes ${stack.writes() - writes} times`);
  return shown(once);
}
