import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.ts';

/** Process ids of the plugins that serve this world's stack. */
export function pluginsOf(world: World): readonly number[] {
  // Its engine's home is in the environment of every process that this world starts.
  const home = `PULUMI_HOME=${join(world.engine.folder, 'home')}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => told(pid, 'cmdline').includes('pulumi-resource-mde') && told(pid, 'environ').includes(home))
    .map(Number);
}

/** Whether a process still runs; one that only waits for its parent to take notice does not. */
export function isRunning(pid: number): boolean {
  const status = told(String(pid), 'status');
  return status !== '' && !/^State:\s+Z/m.test(status);
}

/** What Linux tells of a process; empty where it has ended. */
function told(pid: string, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}
