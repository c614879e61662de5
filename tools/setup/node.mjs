import { copyFileSync, existsSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder, ensureCached } from './cache.mjs';
import { isExecutable } from './engine-parts.mjs';
import { SetupFailure } from './failure.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';

/**
 * Whether this Node release runs TypeScript files as they are: since 22.18 in the 22 line, 23.6 in the 23 line.
 * https://nodejs.org/api/typescript.html#type-stripping
 * @param {string} version `22.18.0`, with or without a leading v
 * @returns {boolean}
 */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/**
 * The bin folder of a Node that runs the project's TypeScript: the running one's, or the locked release from npm.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} context
 * @returns {Promise<string>}
 */
export async function ensureNode({ root, env }) {
  if (runsTypeScript(process.versions.node)) return dirname(process.execPath);
  const locked = join(root, 'tools', 'node');
  /** @type {Record<string, string>} */
  const releases = JSON.parse(readFileSync(join(locked, 'package.json'), 'utf8')).optionalDependencies;
  const name = `node-${process.platform}-${process.arch}`;
  const version = releases[name];
  if (version === undefined) {
    throw new SetupFailure(
      `this is Node ${process.versions.node}; 22.18 or newer is needed, and set-up brings it only for Linux on x64 and arm64 (this is ${process.platform} on ${process.arch}). Install Node 24 (https://nodejs.org) and run the command again.`,
    );
  }
  const folder = join(cacheFolder(env), 'node', version);
  const bin = join(folder, 'bin');
  await ensureCached({
    folder,
    isWhole: () => existsSync(join(bin, 'node')),
    onWait: () => say(`another set-up is bringing Node ${version}; waiting for it`),
    make: async (partial) => {
      say(
        `this is Node ${process.versions.node}, too old; bringing Node ${version} from npm (190 MB, about a minute, once per user)`,
      );
      const workplace = `${partial}/download`;
      await mkdir(workplace);
      for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(locked, file), join(workplace, file));
      // npm holds the package against the lock's integrity. The package is its own release; it needs no install script.
      await runQuietly(
        `bringing Node ${version}`,
        'npm',
        ['ci', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'],
        { cwd: workplace, env },
      );
      const brought = join(workplace, 'node_modules', name);
      const reported = await runQuietly(`trying Node ${version}`, join(brought, 'bin', 'node'), ['--version'], { env });
      if (reported.trim() !== `v${version}`) {
        throw new SetupFailure(`the package ${name} holds Node ${reported.trim()}, not ${version}.`);
      }
      for (const entry of ['bin', 'LICENSE', 'package.json']) await rename(join(brought, entry), join(partial, entry));
      await rm(workplace, { recursive: true });
    },
  });
  return bin;
}

/**
 * Makes `node` mean this Node. PATH stays as it is where it does so already: what else lies in the folder of an
 * installed Node must not come before what the user put first.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} bin
 * @returns {NodeJS.ProcessEnv}
 */
export function withNode(env, bin) {
  const found = (env.PATH ?? '').split(delimiter).find((folder) => folder !== '' && isExecutable(join(folder, 'node')));
  const same = found !== undefined && realpathSync(join(found, 'node')) === realpathSync(join(bin, 'node'));
  return same ? env : firstOnPath(env, bin);
}

/**
 * Puts a folder first on PATH.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} folder
 * @returns {NodeJS.ProcessEnv}
 */
export function firstOnPath(env, folder) {
  const rest = (env.PATH ?? '').split(delimiter).filter((entry) => entry !== '' && entry !== folder);
  return { ...env, PATH: [folder, ...rest].join(delimiter) };
}
