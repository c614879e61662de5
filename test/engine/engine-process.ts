import { spawn } from 'node:child_process';
import type { EngineEnv, EngineRun } from '../../tools/engine-env.ts';

/** A command of the engine under way. */
export interface EngineProcess {
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** How it ended. */
  readonly ended: Promise<EngineRun>;
}

/** Starts `pulumi`; the caller sees to it that it ends. */
export function startEngine(engine: EngineEnv, args: readonly string[], cwd: string): EngineProcess {
  const child = spawn(engine.pulumi, args, { cwd, env: engine.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  if (child.pid === undefined) throw new Error('pulumi could not be started');
  return {
    pid: child.pid,
    output: () => stdout + stderr,
    kill: (signal) => void child.kill(signal),
    // `exit`, not `close`: a plugin that outlives the engine may hold the pipes.
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => setImmediate(() => resolve({ code, stdout, stderr })));
    }),
  };
}
