import { execFile } from 'node:child_process';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';

/** Go's own installation instructions put it there, and leave PATH to the user. */
export const usualGoFolders = ['/usr/local/go/bin'];

/**
 * The environment in which `go` builds a main module of the repository.
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} goFolders where Go may lie beside PATH
 * @returns {NodeJS.ProcessEnv}
 */
export function goEnv(env, goFolders) {
  return { ...env, PATH: [env.PATH, ...goFolders].join(delimiter), CGO_ENABLED: '0', GOWORK: 'off' };
}

/**
 * Go as it will be used for the build: an older one fetches the toolchain that go.mod names, if it may and can.
 * @param {string} module the folder of a main module
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ version: string, because?: undefined } | { version?: undefined, because: string }>}
 */
export async function usableGo(module, env) {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { cwd: module, env });
    await promisify(execFile)('go', ['list', '-m'], { cwd: module, env });
    return { version: stdout.trim() };
  } catch (error) {
    const failure = /** @type {NodeJS.ErrnoException & { stderr?: string }} */ (error);
    if (failure.code === 'ENOENT') return { because: 'there is no Go on PATH or in /usr/local/go' };
    return { because: `Go on PATH cannot build it: ${(failure.stderr ?? failure.message).trim()}` };
  }
}
