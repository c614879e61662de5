import { spawn } from 'node:child_process';

/** How a script ended, and all that it printed. */
export interface ScriptRun {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a file as GitHub does under `shell: bash`, and as Azure Pipelines does without its first three flags. */
export function runBash(
  file: string,
  flags: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string>> },
): Promise<ScriptRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', [...flags, file], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (text: string) => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
