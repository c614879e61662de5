import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ensureCached } from './cache.mjs';
import { isExecutable } from './engine-parts.mjs';
import { goEnv, usableGo, usualGoFolders } from './go.mjs';
import { runQuietly } from './run-quietly.mjs';
import { duration, say } from './say.mjs';

/**
 * The linter of GitHub workflows, built once per user from the Go modules pinned in tools/actionlint.
 * @param {object} context
 * @param {string} context.root
 * @param {NodeJS.ProcessEnv} context.env
 * @param {readonly string[]} [context.goFolders] where Go may lie beside PATH
 * @returns {Promise<{ program: string, because?: undefined } | { program?: undefined, because: string }>} why there is
 *   none, where the machine has no Go
 * @throws {import('./failure.mjs').SetupFailure} the build itself failed
 */
export async function ensureActionlint({ root, env, goFolders = usualGoFolders }) {
  const module = join(root, 'tools', 'actionlint');
  const folder = join(cacheFolder(env), 'actionlint', buildKey(module));
  const program = join(folder, 'actionlint');
  if (isExecutable(program)) return { program };
  const buildEnv = goEnv(env, goFolders);
  const go = await usableGo(module, buildEnv);
  if (go.because !== undefined) return { because: go.because };
  await ensureCached({
    folder,
    isWhole: () => isExecutable(program),
    onWait: () => say('another set-up is building actionlint; waiting for it'),
    make: async (partial) => {
      const started = Date.now();
      say(`building actionlint from its Go modules with ${go.version} (about half a minute, once per user)`);
      await runQuietly(
        'building actionlint',
        'go',
        ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', `${partial}/`, 'tool'],
        { cwd: module, env: buildEnv },
      );
      say(`actionlint built in ${duration(Date.now() - started)}`);
    },
  });
  return { program };
}

/** @param {string} module */
function buildKey(module) {
  const digest = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) digest.update(readFileSync(join(module, file)));
  return `${process.platform}-${process.arch}-${digest.digest('hex').slice(0, 12)}`;
}
