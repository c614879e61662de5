import { parseArgs } from 'node:util';
import { explore } from './explore.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    length: { type: 'string', default: '40' },
    path: { type: 'string' },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const started = performance.now();
try {
  const { stories, steps, runs } = await explore({
    runs: Number(values.runs),
    seed,
    length: Number(values.length),
    path: values.path,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { user, system } = process.cpuUsage();
  const each = ((user + system) / 1000 / steps).toFixed(1);
  console.log(
    `${stories} stories, ${steps} steps, ${runs} runs of the provider, nothing broken (${seconds} s, ${each} ms of CPU a step)`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
