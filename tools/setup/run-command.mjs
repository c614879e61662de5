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
    /** @type {import('node:child_process').ChildProcess | undefined} */
    let child;
    // Before the command starts: it may be asked to end as soon as it has said its first word.
    // Ctrl-C reaches the command through the terminal; set-up only has to outlive it. The others reach set-up alone.
    process.on('SIGINT', () => {});
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child?.kill(signal));
    child = spawn(program, args, { env, stdio: 'inherit' });
    child.once('error', (error) => reject(new SetupFailure(`cannot run ${program}: ${error.message}`)));
    child.once('close', (code, signal) => {
      process.exitCode = signal === null ? (code ?? 1) : 1;
      resolve();
    });
  });
}
