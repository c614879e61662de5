import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { engineParts, isExecutable } from './engine-parts.mjs';

/** The oldest engine that the product is meant for. */
const floor = [3, 190];

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ bin: string } | { bin: undefined, because: string }>} the folder of the `pulumi` on PATH, if it
 *   is new enough and all its parts are found where it looks for them
 */
export async function engineOnPath(env) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const bin = folders.find((folder) => isExecutable(join(folder, 'pulumi')));
  if (bin === undefined) return { bin: undefined, because: 'no pulumi on PATH' };
  const pulumi = join(bin, 'pulumi');
  // The engine looks on PATH and beside its own executable, links followed.
  const places = [...folders, dirname(realpathSync(pulumi))];
  const missing = engineParts.filter((part) => !places.some((place) => isExecutable(join(place, part))));
  if (missing.length > 0)
    return { bin: undefined, because: `${pulumi} is there, but without ${missing.join(' and ')}` };
  const version = await versionOf(pulumi, env);
  if (version === undefined) return { bin: undefined, because: `${pulumi} does not tell its version` };
  if (!isNewEnough(version)) {
    return { bin: undefined, because: `${pulumi} is ${version}; ${floor.join('.')} or newer is needed` };
  }
  return { bin };
}

/**
 * @param {string} version `v3.190.0`
 * @returns {boolean}
 */
export function isNewEnough(version) {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  const [floorMajor = 0, floorMinor = 0] = floor;
  return Number(major) > floorMajor || (Number(major) === floorMajor && Number(minor) >= floorMinor);
}

/**
 * @param {string} pulumi
 * @param {NodeJS.ProcessEnv} env
 */
async function versionOf(pulumi, env) {
  // The engine writes logs and caches into its home; asking for the version leaves the user's alone.
  const home = mkdtempSync(join(tmpdir(), 'pulumi-mde-version-'));
  try {
    const options = { env: { ...env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: '1' }, timeout: 20_000 };
    const { stdout } = await promisify(execFile)(pulumi, ['version'], options);
    return /^v?\d+\.\d+\.\S+/m.exec(stdout)?.[0];
  } catch {
    return undefined;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
