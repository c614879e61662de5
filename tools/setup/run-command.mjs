import { spawn } from 'node:child_process';
import { SetupFailure } from './failure.mjs';

/**
 * Runs a command in the foreground and ends as it ends.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>}
 */
export function runCommand(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: 'inherit' });
    // Ctrl-C reaches the command through the terminal; set-up only has to outlive it. The others reach set-up alone.
    process.on('SIGINT', () => {});
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
    child.once('error', (error) => reject(new SetupFailure(`cannot run ${program}: ${error.message}`)));
    child.once('close', (code, signal) => {
      process.exitCode = signal === null ? (code ?? 1) : 1;
      resolve();
    });
  });
}
