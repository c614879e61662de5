import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge, readTotals, type Totals } from './totals.ts';

export interface MochaRun {
  readonly totals: Totals;
  /** Why the run counts as failed beside its failed tests. */
  readonly trouble: string | undefined;
}

export interface MochaRunOptions {
  /** The whole run; past it, it is killed with all that it started. */
  readonly limitMs: number;
  /** How long mocha may take to end after its last test, default 30 s; past that something was left open. */
  readonly lingerMs?: number;
  /** Where its listing goes; default: shown as it comes. */
  readonly output?: 'inherit' | 'ignore';
}

/** Runs mocha in a process group of its own. */
export function runMocha(
  root: string,
  args: readonly string[],
  { limitMs, lingerMs = 30_000, output = 'inherit' }: MochaRunOptions,
): Promise<MochaRun> {
  const folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-test-'));
  const resultFile = join(folder, 'totals.json');
  const mocha = createRequire(join(root, 'package.json')).resolve('mocha/bin/mocha.js');
  return new Promise((resolve) => {
    // Mocha would colour in a pipeline too, where the listing is a file that people and machines read.
    const plain = process.stdout.isTTY ? [] : ['--no-color'];
    const child = spawn(process.execPath, [mocha, '--forbid-only', ...plain, ...args], {
      cwd: root,
      env: { ...process.env, PULUMI_MDE_TEST_RESULT: resultFile },
      stdio: ['ignore', output, output],
      detached: true,
    });
    let trouble: string | undefined;
    const killAll = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Ended in the meantime.
      }
    };
    const interrupted = (signal: NodeJS.Signals) => {
      killAll();
      rmSync(folder, { recursive: true, force: true });
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    process.once('SIGINT', interrupted);
    process.once('SIGTERM', interrupted);
    const started = Date.now();
    let ended: number | undefined;
    const watching = setInterval(() => {
      const now = Date.now();
      if (ended === undefined && existsSync(resultFile)) ended = now;
      if (ended !== undefined && now - ended > lingerMs) {
        trouble = `still running ${lingerMs / 1000} s after the last test: a test left something open`;
      } else if (now - started > limitMs) {
        trouble = `not done after ${limitMs / 60_000} min`;
      }
      if (trouble !== undefined) killAll();
    }, 250);
    const settle = (exitCode: number | null) => {
      clearInterval(watching);
      process.removeListener('SIGINT', interrupted);
      process.removeListener('SIGTERM', interrupted);
      const counts = existsSync(resultFile) ? readTotals(readFileSync(resultFile, 'utf8')) : undefined;
      rmSync(folder, { recursive: true, force: true });
      if (counts === undefined) trouble ??= `ended without a result (exit code ${exitCode})`;
      else if (exitCode !== 0 && counts.failed === 0) trouble ??= `exit code ${exitCode} though no test failed`;
      resolve({ totals: judge(counts, exitCode), trouble });
    };
    child.once('error', () => settle(null));
    child.once('close', settle);
  });
}
