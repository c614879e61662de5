import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.mjs';
import { withLock } from './lock.mjs';
import { runQuietly } from './run-quietly.mjs';
import { duration, say } from './say.mjs';

/**
 * Brings the npm packages of the lock file, unless node_modules already holds exactly those.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} context
 * @returns {Promise<void>}
 */
export async function ensurePackages({ root, env }) {
  if (isCurrent(root)) return;
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 16);
  await withLock(
    join(cacheFolder(env), 'checkouts', `${checkout}.lock`),
    () => say('another set-up is installing the npm packages of this checkout; waiting for it'),
    async () => {
      if (isCurrent(root)) return;
      const started = Date.now();
      say('installing the npm packages of the lock file (300 MB, about a minute)');
      await runQuietly(
        'installing npm packages',
        'npm',
        [
          'ci',
          '--ignore-scripts',
          '--include=dev',
          '--include=optional',
          '--no-audit',
          '--no-fund',
          '--loglevel=error',
        ],
        // The product needs a newer Node than npm may be running on here; that Node is brought by set-up as well.
        { cwd: root, env: { ...env, npm_config_engine_strict: 'false' } },
      );
      writeFileSync(stampPath(root), lockDigest(root));
      say(`npm packages installed in ${duration(Date.now() - started)}`);
    },
  );
}

/** @param {string} root */
function isCurrent(root) {
  const stamp = stampPath(root);
  const digest = lockDigest(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return true;
  if (!matchesInstalled(root)) return false;
  writeFileSync(stamp, digest);
  return true;
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'node_modules', '.pulumi-mde-lock');
}

/** @param {string} root */
function lockDigest(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * Whether the packages, installed by hand, are those of the lock file: npm leaves a record of what it installed as the
 * last step of every install. Spares a second installation after a plain `npm ci`.
 * @param {string} root
 */
function matchesInstalled(root) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const locked = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(record);
  for (const [path, entry] of Object.entries(locked)) {
    if (!path.startsWith('node_modules/')) continue;
    const found = installed[path];
    // Optional packages of other platforms are in the lock and not on disk.
    if (found === undefined && entry.optional === true) continue;
    if (found === undefined || found.version !== entry.version || found.integrity !== entry.integrity) return false;
  }
  return Object.keys(installed).every((path) => locked[path] !== undefined);
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>}
 */
function packagesOf(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
}
