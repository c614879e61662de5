import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, ensureCached } from './cache.mjs';
import { SetupFailure } from './failure.mjs';
import { ensureGoTool } from './go-tool.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';

/**
 * Pulumi's code generator for the SDKs of other languages: `sdks SCHEMA VERSION LANGUAGE FOLDER`.
 * @param {import('./go-tool.mjs').GoToolContext} context
 * @returns {Promise<import('./go-tool.mjs').GoTool>}
 * @throws {SetupFailure} the build itself failed
 */
export async function ensureSdkGenerator(context) {
  return await ensureGoTool(
    { name: 'sdks', target: '.', sources: ['go.mod', 'go.sum', 'main.go'], takes: 'one or two minutes' },
    context,
  );
}

/**
 * What a generated Python SDK imports, in the releases locked in tools/sdks/requirements.txt, brought once per user.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} context
 * @returns {Promise<{ python: string, packages: string, because?: undefined } | { python?: undefined, because: string }>}
 *   the interpreter, and the folder that its path needs; why there is none, where it is not to be had
 */
export async function ensurePythonPackages({ root, env }) {
  const requirements = readFileSync(join(root, 'tools', 'sdks', 'requirements.txt'));
  const python = 'python3';
  let version;
  try {
    const { stdout } = await promisify(execFile)(python, ['-m', 'pip', '--version'], { env });
    version = /python (\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return { because: 'there is no Python with pip on PATH' };
  }
  const key = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(env), 'python', `${version}-${process.platform}-${process.arch}-${key}`);
  // Written last, so that it says that all of it is there.
  const whole = join(folder, 'whole');
  try {
    await ensureCached({
      folder,
      isWhole: () => existsSync(whole),
      onWait: () => say('another set-up is bringing the Python packages; waiting for it'),
      make: async (partial) => {
        say('bringing what a Python SDK imports (60 MB, about a minute, once per user)');
        await runQuietly(
          'bringing the Python packages',
          python,
          [
            ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--only-binary=:all:'],
            ...['--require-hashes', '--requirement', join(root, 'tools', 'sdks', 'requirements.txt')],
            ...['--target', partial],
          ],
          { cwd: root, env },
        );
        writeFileSync(join(partial, 'whole'), '');
      },
    });
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    return { because: `the Python packages of a generated SDK could not be brought: ${error.message}` };
  }
  return { python, packages: folder };
}
