import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';

/**
 * Where this user keeps what set-up brought, shared by every checkout on the machine.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function cacheFolder(env) {
  const base = env.XDG_CACHE_HOME;
  // The XDG base directory specification: a relative path there is invalid and is to be ignored.
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'pulumi-mde');
}

/**
 * Makes a cached folder once, whole or not at all: it is written beside its place and renamed into it. Two set-ups at
 * once make it once, the second waits for the first.
 * @param {object} what
 * @param {string} what.folder its place
 * @param {() => boolean} what.isWhole whether the folder holds what it should
 * @param {(folder: string) => Promise<void>} what.make fills an empty folder
 * @param {() => void} [what.onWait] called when another set-up is at work on it
 * @returns {Promise<void>}
 */
export async function ensureCached({ folder, isWhole, make, onWait }) {
  if (isWhole()) return;
  const parent = dirname(folder);
  const name = basename(folder);
  try {
    await mkdir(parent, { recursive: true });
  } catch (error) {
    throw new SetupFailure(
      `cannot write to the cache folder ${parent} (${/** @type {Error} */ (error).message}). Set XDG_CACHE_HOME to a folder that you may write to.`,
    );
  }
  await withLock(`${folder}.lock`, onWait, async () => {
    if (isWhole()) return;
    // Only the holder of the lock makes partial folders, so any that lie here were left by a killed set-up.
    for (const entry of await readdir(parent)) {
      if (entry.startsWith(`${name}.partial-`)) await rm(join(parent, entry), { recursive: true, force: true });
    }
    const partial = await mkdtemp(`${folder}.partial-`);
    try {
      await make(partial);
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
  });
}
