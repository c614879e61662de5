import { execFile } from 'node:child_process';

/** How one npm command ended. */
export interface NpmRun {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs npm to its end, as from a terminal in `cwd`: under `npm run` the settings of that run are in the environment, such
 * as the project's folder. Never throws because of an exit code.
 */
export function npm(cwd: string, args: readonly string[]): Promise<NpmRun> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const options = { cwd, env: Object.fromEntries(inherited), maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    const child = execFile('npm', [...args, '--loglevel=error'], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : child.exitCode, stdout, stderr: stderr || (error?.message ?? '') }),
    );
  });
}
