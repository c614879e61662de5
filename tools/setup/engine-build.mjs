import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureCached } from './cache.mjs';
import { isEngine } from './engine-parts.mjs';
import { engineModules, pinnedVersions } from './engine-pins.mjs';
import { SetupFailure } from './failure.mjs';
import { goEnv, usableGo, usualGoFolders } from './go.mjs';
import { runQuietly } from './run-quietly.mjs';
import { duration, say } from './say.mjs';

/**
 * Builds the engine from the Go modules pinned in tools/engine.
 * @param {object} context
 * @param {string} context.root
 * @param {string} context.folder
 * @param {NodeJS.ProcessEnv} context.env
 * @param {readonly string[]} [context.goFolders] where Go may lie beside PATH
 * @returns {Promise<import('./engine-release.mjs').Outcome>}
 * @throws {SetupFailure} the build itself failed
 */
export async function buildEngine({ root, folder, env, goFolders = usualGoFolders }) {
  const buildEnv = goEnv(env, goFolders);
  const go = await usableGo(join(root, 'tools', 'engine', 'pulumi'), buildEnv);
  if (go.because !== undefined) return { done: false, because: go.because };
  const versions = pinnedVersions(root);
  const stamps = {
    'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': versions.pulumi,
    'github.com/pulumi/pulumi-yaml/pkg/version.Version': versions.yaml,
  };
  const stamped = Object.entries(stamps).map(([variable, version]) => `-X ${variable}=${version}`);
  await ensureCached({
    folder,
    isWhole: () => isEngine(join(folder, 'bin')),
    onWait: () => say('another set-up is building the engine; waiting for it'),
    make: async (partial) => {
      const started = Date.now();
      say(
        `building the Pulumi engine ${versions.pulumi} from its Go modules with ${go.version} (about ten minutes, 2 GB of memory, once per user)`,
      );
      const bin = join(partial, 'bin');
      await mkdir(bin);
      for (const module of engineModules) {
        await runQuietly(
          `building the engine (${module})`,
          'go',
          [
            'build',
            '-trimpath',
            '-buildvcs=false',
            '-ldflags',
            ['-s -w', ...stamped].join(' '),
            '-o',
            `${bin}/`,
            'tool',
          ],
          { cwd: join(root, 'tools', 'engine', module), env: buildEnv },
        );
      }
      // The host of dynamic providers is a small script in the npm package; the engine looks for it beside itself.
      const host = join(bin, 'pulumi-resource-pulumi-nodejs');
      await copyFile(join(root, 'node_modules', '@pulumi', 'pulumi', 'pulumi-resource-pulumi-nodejs'), host);
      await chmod(host, 0o755);
      if (!isEngine(bin)) throw new SetupFailure(`the build of the engine left something out of ${bin}.`);
      say(`engine built in ${duration(Date.now() - started)}`);
    },
  });
  return { done: true };
}
