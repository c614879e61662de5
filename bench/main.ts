import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../tools/build.ts';
import { benches } from './benches.ts';
import { runBenches } from './run-benches.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const interruption = new AbortController();
// For the whole run: a second Ctrl-C must not cut the cleaning up short.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());

process.exitCode = await runBenches(process.argv.slice(2), benches, {
  root,
  signal: interruption.signal,
  print: (text) => void process.stdout.write(text),
  say: (text) => void process.stderr.write(text),
  prepare: async () => void (await build(root)),
});
