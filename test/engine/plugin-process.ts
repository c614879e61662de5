import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineEnv } from '../../tools/engine-env.ts';

/** Process ids of the plugins, or of what else shows `command`, that serve the stacks of this world's engine. */
export function pluginsOf(
  world: { readonly engine: Pick<EngineEnv, 'folder'> },
  command = 'pulumi-resource-mde',
): readonly number[] {
  // Its engine's home is in the environment of every process that this world starts.
  const home = `PULUMI_HOME=${join(world.engine.folder, 'home')}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => told(pid, 'cmdline').includes(command) && told(pid, 'environ').includes(home))
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
