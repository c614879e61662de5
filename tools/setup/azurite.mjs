import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ensureCached } from './cache.mjs';
import { SetupFailure } from './failure.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';

/**
 * Azurite's blob service, in the release locked in tools/azurite, brought once per user.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} context
 * @returns {Promise<{ program: string, because?: undefined } | { program?: undefined, because: string }>} a script for
 *   Node; why there is none, where it is not to be had
 */
export async function ensureAzurite({ root, env }) {
  const locked = join(root, 'tools', 'azurite');
  const digest = createHash('sha256')
    .update(readFileSync(join(locked, 'package-lock.json')))
    .digest('hex');
  const folder = join(cacheFolder(env), 'azurite', digest.slice(0, 12));
  const program = join(folder, 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js');
  try {
    await ensureCached({
      folder,
      isWhole: () => existsSync(program),
      onWait: () => say('another set-up is bringing Azurite; waiting for it'),
      make: async (partial) => {
        say('bringing Azurite from npm (190 MB, about half a minute, once per user)');
        for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(locked, file), join(partial, file));
        await runQuietly(
          'bringing Azurite',
          'npm',
          ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
          { cwd: partial, env },
        );
      },
    });
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    return { because: 'Azurite could not be brought from npm' };
  }
  return { program };
}
