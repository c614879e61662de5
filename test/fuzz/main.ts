import { parseArgs } from 'node:util';
import { fuzz } from './target.ts';
import { targets } from './targets.ts';

// The long form: other inputs each time unless a seed is given, and as many as one asks for.

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string', multiple: true },
    path: { type: 'string' },
  },
});
const seed = Number(values.seed);
const known = targets.map(({ name }) => name);
const strangers = (values.only ?? []).filter((name) => !known.includes(name));
if (strangers.length > 0) {
  console.error(`there is no ${strangers.join(', ')}; there are ${known.join(', ')}`);
  process.exit(2);
}
console.log(`seed ${seed}`);
for (const target of targets) {
  if (values.only !== undefined && !values.only.includes(target.name)) continue;
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const runs = Math.ceil(Number(values.runs) / (target.cost ?? 1));
  try {
    const done = await fuzz(target, { runs, seed, path: values.path });
    console.log(`✔ ${target.name}: ${done} inputs (${seconds()})`);
  } catch (error) {
    console.log(`✖ ${target.name} (${seconds()})\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
