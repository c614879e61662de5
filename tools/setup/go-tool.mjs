import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ensureCached } from './cache.mjs';
import { isExecutable } from './engine-parts.mjs';
import { goEnv, usableGo, usualGoFolders } from './go.mjs';
import { runQuietly } from './run-quietly.mjs';
import { duration, say } from './say.mjs';

/**
 * @typedef {{ program: string, because?: undefined } | { program?: undefined, because: string }} GoTool why there is
 *   none, where the machine has no Go
 *
 * @typedef {object} GoToolContext
 * @property {string} root
 * @property {NodeJS.ProcessEnv} env
 * @property {readonly string[]} [goFolders] where Go may lie beside PATH
 */

/**
 * A program that is built once per user from the Go module tools/NAME.
 * @param {object} tool
 * @param {string} tool.name of the module's folder and of the program
 * @param {string} tool.target what is built: `tool`, or a package of the module
 * @param {readonly string[]} tool.sources files of the module that tell one build from another
 * @param {string} tool.takes how long it takes, for people
 * @param {GoToolContext} context
 * @returns {Promise<GoTool>}
 * @throws {import('./failure.mjs').SetupFailure} the build itself failed
 */
export async function ensureGoTool({ name, target, sources, takes }, { root, env, goFolders = usualGoFolders }) {
  const module = join(root, 'tools', name);
  const folder = join(cacheFolder(env), name, buildKey(module, sources));
  const program = join(folder, name);
  if (isExecutable(program)) return { program };
  const buildEnv = goEnv(env, goFolders);
  const go = await usableGo(module, buildEnv);
  if (go.because !== undefined) return { because: go.because };
  await ensureCached({
    folder,
    isWhole: () => isExecutable(program),
    onWait: () => say(`another set-up is building ${name}; waiting for it`),
    make: async (partial) => {
      const started = Date.now();
      say(`building ${name} from its Go modules with ${go.version} (${takes}, once per user)`);
      await runQuietly(
        `building ${name}`,
        'go',
        ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', `${partial}/`, target],
        { cwd: module, env: buildEnv },
      );
      say(`${name} built in ${duration(Date.now() - started)}`);
    },
  });
  return { program };
}

/**
 * @param {string} module
 * @param {readonly string[]} sources
 */
function buildKey(module, sources) {
  const digest = createHash('sha256');
  for (const file of sources) digest.update(readFileSync(join(module, file)));
  return `${process.platform}-${process.arch}-${digest.digest('hex').slice(0, 12)}`;
}
