import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

/** How often the holder shows that it lives, and after how long without that its lock is taken over. */
const heartbeatMs = 5_000;
const staleMs = 30_000;
const retryMs = 250;

/**
 * One at a time, across processes: the lock is a file made exclusively and touched while it is held, so that the lock
 * of a killed process is recognised (its process is gone, or the file has not been touched for half a minute).
 * @template T
 * @param {string} path
 * @param {(() => void) | undefined} onWait called once if another process holds the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, work) {
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() });
  await mkdir(dirname(path), { recursive: true });
  let said = false;
  while (!(await take(path, owner))) {
    if (await isAbandoned(path)) {
      await discard(path);
      continue;
    }
    if (!said) onWait?.();
    said = true;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  const beating = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, heartbeatMs);
  beating.unref();
  try {
    return await work();
  } finally {
    clearInterval(beating);
    if ((await readFile(path, 'utf8').catch(() => '')) === owner) await rm(path, { force: true });
  }
}

/**
 * @param {string} path
 * @param {string} owner
 */
async function take(path, owner) {
  try {
    await writeFile(path, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} path */
async function isAbandoned(path) {
  try {
    const touched = (await stat(path)).mtimeMs;
    if (Date.now() - touched > staleMs) return true;
    const owner = JSON.parse(await readFile(path, 'utf8'));
    return owner.host === hostname() && !isRunning(owner.pid);
  } catch {
    // Gone in the meantime, or being written: try again.
    return false;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} path */
async function discard(path) {
  // By rename, so that of two waiters only one removes it. What is guarded is published by a rename as well, so the
  // worst that a lost race costs is doing the work twice.
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => {});
  await rm(aside, { force: true });
}
