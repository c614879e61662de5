import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ensureCached } from './cache.mjs';
import { SetupFailure } from './failure.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';

/**
 * Packages from npm that only some tests need, in the releases locked in a folder of their own below tools, brought
 * once per user.
 * @param {object} what
 * @param {string} what.name the folder below tools, and of the cache
 * @param {string} what.title what people know it by
 * @param {string} what.takes `190 MB, about half a minute`
 * @param {string} what.holds a file that is there once it is whole, from its node_modules
 * @param {{ root: string, env: NodeJS.ProcessEnv }} context
 * @returns {Promise<{ packages: string, because?: undefined } | { packages?: undefined, because: string }>} their
 *   node_modules; why there are none, where they are not to be had
 */
export async function ensureLockedPackages({ name, title, takes, holds }, { root, env }) {
  const locked = join(root, 'tools', name);
  const digest = createHash('sha256')
    .update(readFileSync(join(locked, 'package-lock.json')))
    .digest('hex');
  const folder = join(cacheFolder(env), name, digest.slice(0, 12));
  const packages = join(folder, 'node_modules');
  try {
    await ensureCached({
      folder,
      isWhole: () => existsSync(join(packages, holds)),
      onWait: () => say(`another set-up is bringing ${title}; waiting for it`),
      make: async (partial) => {
        say(`bringing ${title} from npm (${takes}, once per user)`);
        for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(locked, file), join(partial, file));
        await runQuietly(
          `bringing ${title}`,
          'npm',
          ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
          { cwd: partial, env },
        );
      },
    });
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    return { because: `${title} could not be brought from npm` };
  }
  return { packages };
}
