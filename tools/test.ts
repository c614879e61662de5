import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checks } from './gate/checks.ts';
import { runMocha } from './gate/mocha-run.ts';
import { closingLine, sum, type Totals } from './gate/totals.ts';

// The whole gate: checks, then the quick tests, then those on the real engine. The last line is the sum of all.

const minute = 60_000;
const engineTests = 'test/engine/**/*.test.ts';
const runs = [
  { name: 'quick tests', files: ['test/**/*.test.ts'], args: ['--ignore', engineTests], limitMs: 20 * minute },
  // An engine command on a busy machine takes tens of seconds, and a test runs several.
  { name: 'tests on the real engine', files: [engineTests], args: ['--timeout', '300000'], limitMs: 40 * minute },
];

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

for (const { name, files, args, limitMs } of runs) {
  if (globSync(files, { cwd: root }).length === 0) {
    console.log(`— no ${name} yet`);
    continue;
  }
  console.log(`\n${name}:`);
  const started = Date.now();
  const { totals, trouble } = await runMocha(root, [...args, ...files], { limitMs });
  if (trouble !== undefined) console.log(`${name}: ${trouble}`);
  console.log(`${totals.failed === 0 ? '✔' : '✖'} ${name} (${seconds(started)})`);
  all.push(totals);
}

const totals = sum(all);
if (totals.failed > 0) process.exitCode = 1;
console.log(`\n${closingLine(totals)}`);

function seconds(started: number): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}
