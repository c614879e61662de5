import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { ensureCached } from './cache.mjs';
import { isEngine } from './engine-parts.mjs';
import { SetupFailure } from './failure.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';

/** Where Pulumi publishes the archives, and, as files of the same release, their SHA-256 sums. */
const archiveBase = 'https://get.pulumi.com/releases/sdk';
const checksumBase = 'https://github.com/pulumi/pulumi/releases/download';

/**
 * @typedef {{ done: true } | { done: false, because: string }} Outcome
 */

/**
 * @param {string} cache
 * @param {string} version
 */
export function releaseFolder(cache, version) {
  return join(cache, `${version.slice(1)}-${process.platform}-${process.arch}-release`);
}

/**
 * Brings the official release, held against its published checksum.
 * @param {object} what
 * @param {string} what.folder
 * @param {string} what.version `v3.259.0`
 * @param {NodeJS.ProcessEnv} what.env with a PATH that finds a Node 22.18 or newer
 * @param {readonly string[]} [what.bases] folders to look in for the archive and the checksums; set by tests
 * @returns {Promise<Outcome>}
 * @throws {SetupFailure} the archive is not what was published
 */
export async function downloadRelease({ folder, version, env, bases = [archiveBase, `${checksumBase}/${version}`] }) {
  const archive = `pulumi-${version}-${process.platform}-${process.arch}.tar.gz`;
  const sums = await fetchFirst(bases, `pulumi-${version.slice(1)}-checksums.txt`, '-', env);
  if (sums === undefined) return { done: false, because: 'not reachable from here (no internet?)' };
  const expected = checksumOf(sums, archive);
  if (expected === undefined) return { done: false, because: `Pulumi publishes no ${archive}` };

  /** @type {Outcome} */
  let outcome = { done: true };
  const failed = new Error('not downloaded');
  try {
    await ensureCached({
      folder,
      isWhole: () => isEngine(join(folder, 'bin')),
      onWait: () => say('another set-up is bringing the engine; waiting for it'),
      make: async (partial) => {
        say(`downloading the Pulumi engine ${version} (about 150 MB, some minutes on a slow line, once per user)`);
        const file = join(partial, archive);
        if ((await fetchFirst(bases, archive, file, env)) === undefined) {
          outcome = { done: false, because: `${archive} could not be downloaded` };
          throw failed;
        }
        const digest = createHash('sha256');
        await pipeline(createReadStream(file), digest);
        if (digest.digest('hex') !== expected) {
          throw new SetupFailure(
            `the downloaded ${archive} does not match its published checksum, so it was thrown away. Run the command again; if it happens again, the download is being tampered with.`,
          );
        }
        await runQuietly('unpacking the engine', 'tar', ['-xzf', file, '-C', partial], { env });
        await rm(file);
        const [unpacked] = await readdir(partial);
        // The archive holds one folder, `pulumi`, with everything in it or in its `bin`.
        const inner = join(partial, unpacked ?? '');
        await rename((await readdir(inner)).includes('bin') ? join(inner, 'bin') : inner, join(partial, 'bin'));
        if (!isEngine(join(partial, 'bin'))) {
          outcome = { done: false, because: `${archive} lacks a language host` };
          throw failed;
        }
      },
    });
  } catch (error) {
    if (error !== failed) throw error;
  }
  return outcome;
}

/**
 * @param {string} sums lines of a SHA-256 sum, blanks, and a file name
 * @param {string} file
 */
export function checksumOf(sums, file) {
  for (const line of sums.split('\n')) {
    const [sum, name] = line.trim().split(/\s+\*?/);
    if (name === file && /^[0-9a-f]{64}$/.test(sum ?? '')) return sum;
  }
  return undefined;
}

/**
 * @param {readonly string[]} bases
 * @param {string} name
 * @param {string} to a file, or `-` to get the text
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} what was printed; undefined where no base gave it
 */
async function fetchFirst(bases, name, to, env) {
  const download = join(dirname(fileURLToPath(import.meta.url)), 'download.mjs');
  for (const base of bases) {
    try {
      // In a process of the newer Node, since that one's fetch obeys the usual proxy variables.
      return await runQuietly(`downloading ${name}`, 'node', [download, `${base}/${name}`, to], {
        env: { ...env, NODE_USE_ENV_PROXY: '1' },
      });
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error;
    }
  }
  return undefined;
}
