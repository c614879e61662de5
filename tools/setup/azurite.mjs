import { join } from 'node:path';
import { ensureLockedPackages } from './locked-packages.mjs';

const main = 'azurite/dist/src/blob/main.js';

/**
 * Azurite's blob service, in the release locked in tools/azurite.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} context
 * @returns {Promise<{ program: string, because?: undefined } | { program?: undefined, because: string }>} a script for
 *   Node; why there is none, where it is not to be had
 */
export async function ensureAzurite(context) {
  const { packages, because } = await ensureLockedPackages(
    { name: 'azurite', title: 'Azurite', takes: '190 MB, about half a minute', holds: main },
    context,
  );
  return packages === undefined ? { because } : { program: join(packages, main) };
}
