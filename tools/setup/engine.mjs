import { join } from 'node:path';
import { cacheFolder } from './cache.mjs';
import { buildEngine } from './engine-build.mjs';
import { engineOnPath } from './engine-on-path.mjs';
import { isEngine } from './engine-parts.mjs';
import { buildKey, pinnedVersions } from './engine-pins.mjs';
import { downloadRelease, releaseFolder } from './engine-release.mjs';
import { SetupFailure } from './failure.mjs';
import { say } from './say.mjs';

/**
 * The folder with `pulumi` and what it needs to run YAML and TypeScript stacks: the machine's own, else one brought
 * earlier, else the official release, else built from the pinned Go modules.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} context `env` with a PATH that finds a Node 22.18 or newer
 * @returns {Promise<{ bin: string, onPath: boolean }>}
 */
export async function ensureEngine({ root, env }) {
  // Started by another set-up, which has looked already.
  const given = env.PULUMI_MDE_ENGINE_BIN;
  if (given !== undefined && isEngine(given)) return { bin: given, onPath: false };

  const own = await engineOnPath(env);
  if (own.bin !== undefined) return { bin: own.bin, onPath: true };

  const { pulumi } = pinnedVersions(root);
  const cache = join(cacheFolder(env), 'engine');
  const released = releaseFolder(cache, pulumi);
  const built = join(cache, buildKey(root));
  for (const folder of [released, built]) {
    if (isEngine(join(folder, 'bin'))) return { bin: join(folder, 'bin'), onPath: false };
  }

  say(`the Pulumi engine: ${own.because}; looking for the official release`);
  const download = await downloadRelease({ folder: released, version: pulumi, env });
  if (download.done) return { bin: join(released, 'bin'), onPath: false };
  say(`the official release: ${download.because}; building it from source instead`);

  const build = await buildEngine({ root, folder: built, env });
  if (build.done) return { bin: join(built, 'bin'), onPath: false };
  throw new SetupFailure(
    `there is no Pulumi engine, and none could be brought:\n  - on PATH: ${own.because}\n  - official release: ${download.because}\n  - from source: ${build.because}\nInstall Pulumi (https://www.pulumi.com/docs/install/), or Go (https://go.dev/dl/), and run the command again.`,
  );
}
