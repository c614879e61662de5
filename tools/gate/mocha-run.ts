import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge, readTotals, type Totals } from './totals.ts';

export interface MochaRun {
  readonly totals: Totals;
  /** Why the run counts as failed beside its failed tests. */
  readonly trouble: string | undefined;
  /** What it said, where that was kept. */
  readonly listing: string;
}

export interface MochaRunOptions {
  /** The whole run; past it, it is killed with all that it started. */
  readonly limitMs: number;
  /** How long mocha may take to end after its last test, default 30 s; past that something was left open. */
  readonly lingerMs?: number;
  /** Where its listing goes; default: shown as it comes. */
  readonly output?: 'inherit' | 'ignore' | 'kept';
  /** Others go first where there are too few cores for all. */
  readonly inBackground?: boolean;
}

/** What ends each run that is under way, for several may be. */
const underWay = new Set<() => void>();

function interrupted(signal: NodeJS.Signals): void {
  for (const abandon of underWay) abandon();
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

/** Runs mocha in a process group of its own. */
export function runMocha(
  root: string,
  args: readonly string[],
  { limitMs, lingerMs = 30_000, output = 'inherit', inBackground = false }: MochaRunOptions,
): Promise<MochaRun> {
  const folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-test-'));
  const resultFile = join(folder, 'totals.json');
  const mocha = createRequire(join(root, 'package.json')).resolve('mocha/bin/mocha.js');
  return new Promise((resolve) => {
    // Mocha would colour in a pipeline too, where the listing is a file that people and machines read.
    const plain = process.stdout.isTTY ? [] : ['--no-color'];
    const stream = output === 'kept' ? 'pipe' : output;
    const child = spawn(process.execPath, [mocha, '--forbid-only', ...plain, ...args], {
      cwd: root,
      env: { ...process.env, PULUMI_MDE_TEST_RESULT: resultFile },
      stdio: ['ignore', stream, stream],
      detached: true,
    });
    if (inBackground && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    let listing = '';
    for (const each of [child.stdout, child.stderr]) {
      each?.setEncoding('utf8').on('data', (text: string) => {
        listing += text;
      });
    }
    let trouble: string | undefined;
    const killAll = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Ended in the meantime.
      }
    };
    const abandon = () => {
      killAll();
      rmSync(folder, { recursive: true, force: true });
    };
    underWay.add(abandon);
    process.on('SIGINT', interrupted);
    process.on('SIGTERM', interrupted);
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
      underWay.delete(abandon);
      process.off('SIGINT', interrupted);
      process.off('SIGTERM', interrupted);
      const counts = existsSync(resultFile) ? readTotals(readFileSync(resultFile, 'utf8')) : undefined;
      rmSync(folder, { recursive: true, force: true });
      if (counts === undefined) trouble ??= `ended without a result (exit code ${exitCode})`;
      else if (exitCode !== 0 && counts.failed === 0) trouble ??= `exit code ${exitCode} though no test failed`;
      resolve({ totals: judge(counts, exitCode), trouble, listing });
    };
    child.once('error', () => settle(null));
    child.once('close', settle);
  });
}
