import { delimiter, join } from 'node:path';
import { isEngine, isExecutable } from './setup/engine-parts.mjs';

/**
 * The folder of the `pulumi` that demo, tests and benches run, as set-up found or brought it.
 * @throws Error where set-up has not run before
 */
export function engineBin(env: NodeJS.ProcessEnv = process.env): string {
  const given = env.PULUMI_MDE_ENGINE_BIN;
  if (given !== undefined && isExecutable(join(given, 'pulumi'))) return given;
  const found = (env.PATH ?? '').split(delimiter).find((folder) => folder !== '' && isEngine(folder));
  if (found !== undefined) return found;
  throw new Error('No Pulumi engine here. Start this through set-up: node tools/setup.mjs --for test -- COMMAND');
}
