import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checks } from './gate/checks.ts';
import { type MochaRun, type MochaRunOptions, runMocha } from './gate/mocha-run.ts';
import { closingLine, sum, type Totals } from './gate/totals.ts';

// The whole gate: checks, then the quick tests, then those on the real engine. The random worlds need one core and nothing
// else, so they run beside these, and are told at the end. The last line is the sum of all.

interface Run {
  readonly name: string;
  readonly files: readonly string[];
  readonly args: readonly string[];
  readonly limitMs: number;
}

const minute = 60_000;
const engineTests = 'test/engine/**/*.test.ts';
const randomWorlds = 'test/model/**/*.test.ts';
// Each file has what it needs for itself: tenants, ports, folders, an engine's home and state; and waits more than it computes.
const twoAtATime = ['--parallel', '--jobs', '2'];
const runs: readonly Run[] = [
  {
    name: 'quick tests',
    files: ['test/**/*.test.ts'],
    args: ['--ignore', engineTests, '--ignore', randomWorlds, ...twoAtATime],
    limitMs: 20 * minute,
  },
  {
    name: 'tests on the real engine',
    files: [engineTests],
    // An engine command on a busy machine takes tens of seconds, and a test runs several.
    args: ['--timeout', '300000', ...twoAtATime],
    limitMs: 45 * minute,
  },
];
const beside: Run = { name: 'random worlds', files: [randomWorlds], args: [], limitMs: 60 * minute };

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const all: Totals[] = [];

for (const check of checks) {
  const started = Date.now();
  const finding = await check.run(root);
  switch (finding.kind) {
    case 'right':
      console.log(`✔ ${check.name} (${seconds(started)})`);
      all.push({ passed: 1, failed: 0, skipped: 0 });
      break;
    case 'wrong':
      console.log(`${finding.wrong}\n✖ ${check.name} (${seconds(started)})`);
      all.push({ passed: 0, failed: 1, skipped: 0 });
      break;
    case 'skipped':
      console.log(`— ${check.name}: skipped: ${finding.because}`);
      all.push({ passed: 0, failed: 0, skipped: 1 });
      break;
  }
}

const worlds = tests(beside, { output: 'kept', inBackground: true });
for (const run of runs) {
  console.log(`\n${run.name}:`);
  tell(await tests(run));
}
console.log(`\n${beside.name}:`);
tell(await worlds);

const totals = sum(all);
if (totals.failed > 0) process.exitCode = 1;
console.log(`\n${closingLine(totals)}`);

interface Tested extends MochaRun {
  readonly name: string;
  /** How long it took. */
  readonly took: string;
}

async function tests(run: Run, options: Omit<MochaRunOptions, 'limitMs'> = {}): Promise<Tested> {
  const { name, files, args, limitMs } = run;
  const started = Date.now();
  return { ...(await runMocha(root, [...args, ...files], { ...options, limitMs })), name, took: seconds(started) };
}

function tell({ name, totals, trouble, listing, took }: Tested): void {
  if (listing !== '') console.log(listing.trim());
  if (trouble !== undefined) console.log(`${name}: ${trouble}`);
  console.log(`${totals.failed === 0 ? '✔' : '✖'} ${name} (${took})`);
  all.push(totals);
}

function seconds(started: number): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}
