import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../../tools/build.ts';
import { type FaultRow, type Outcome, runRow } from './row.ts';
import { rows } from './rows.ts';
import { progress, table } from './table.ts';

const help = `Usage: npm run test:faults -- [--only TEXT] [--on plugin|engine] [--short] [--json]

Runs the fault matrix: each row lets one thing go wrong, looks at what a person is told and at what was written, and
whether one run converges afterwards. Progress goes to standard error, the table to standard output.

Options:
  --only TEXT   the rows whose fault holds TEXT, in upper or lower case; may be given more than once
  --on WHAT     the rows on the plugin alone, or on the real engine
  --short       as in npm test: fewer rows, fewer moments
  --json        one JSON object a row instead of the table
  --help        this

Exit code: 0, 1 where something broke, 2 for a wrong argument.
`;

/** @returns the exit code */
async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    console.error(`${options}\nSee npm run test:faults -- --help.`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const { only = [], on, short, json } = options;
  const chosen = rows.filter(
    (row) =>
      (on === undefined || row.on === on) &&
      (!short || row.short) &&
      (only.length === 0 || only.some((text) => row.fault.toLowerCase().includes(text.toLowerCase()))),
  );
  if (chosen.length === 0) {
    console.error('there is no such row; all are:');
    for (const row of rows) console.error(`  ${row.on}: ${row.fault}`);
    return 2;
  }
  await build(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  const outcomes: Outcome[] = [];
  const runNext = async (waiting: FaultRow[]): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      const outcome = await runRow(row, short ? 'short' : 'whole');
      outcomes.push(outcome);
      console.error(progress(outcome));
      if (json) console.log(JSON.stringify(asData(outcome)));
    }
  };
  // Those on the plugin mostly wait for a process to start, and have no moments to hit: two at once.
  const onPlugin = chosen.filter((row) => row.on === 'plugin');
  await Promise.all([runNext(onPlugin), runNext(onPlugin)]);
  await runNext(chosen.filter((row) => row.on === 'engine'));
  outcomes.sort((one, other) => chosen.indexOf(one.row) - chosen.indexOf(other.row));
  if (!json) console.log(`\n${table(outcomes, { width: process.stdout.columns ?? 160 })}`);
  const broken = outcomes.filter(({ held }) => !held).length;
  console.error(`\n${outcomes.length - broken} held, ${broken} broke`);
  return broken === 0 ? 0 : 1;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        on: { type: 'string' },
        short: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.on !== undefined && values.on !== 'plugin' && values.on !== 'engine') return '--on is plugin or engine';
    return values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function asData({ row, held, seen, ms }: Outcome) {
  return { fault: row.fault, on: row.on, expected: row.expected, held, seen, ms: Math.round(ms) };
}

process.exitCode = await main();
