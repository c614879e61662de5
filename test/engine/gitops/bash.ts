import { spawn } from 'node:child_process';

/** How a script ended, and all that it printed. */
export interface ScriptRun {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Runs a script to its end.
 * @param options.signal kills it with all that it started when it aborts, as a machine that goes away does
 */
export function runBash(
  file: string,
  flags: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string>>; signal?: AbortSignal | undefined },
): Promise<ScriptRun> {
  return new Promise((resolve, reject) => {
    const { cwd, env, signal } = options;
    const child = spawn('bash', [...flags, file], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const kill = () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    signal?.addEventListener('abort', kill, { once: true });
    let output = '';
    const take = (text: string) => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', kill);
      resolve({ code, output });
    });
  });
}
