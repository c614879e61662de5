import { spawn } from 'node:child_process';
import { SetupFailure } from './failure.mjs';
import { duration, say } from './say.mjs';

const progressEveryMs = 30_000;
const headLines = 15;
const tailLines = 25;

/**
 * Runs a command whose output matters only when it fails: a line of progress every 30 s, the end of the output on failure.
 * @param {string} what what is going on, for the progress lines: `building the engine`
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} what the command printed on stdout
 * @throws {SetupFailure} with the end of the output
 */
export function runQuietly(what, command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let all = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      all += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      all += text;
    });
    const ticking = setInterval(
      () => say(`… still ${what}, ${duration(Date.now() - started)} so far`),
      progressEveryMs,
    );
    // Killed politely, set-up takes the step with it: nothing goes on building in the background.
    const stop = () => {
      child.kill('SIGTERM');
      process.exit(143);
    };
    process.once('SIGTERM', stop);
    process.once('SIGHUP', stop);
    const settle = () => {
      clearInterval(ticking);
      process.removeListener('SIGTERM', stop);
      process.removeListener('SIGHUP', stop);
    };
    child.once('error', (error) => {
      settle();
      reject(new SetupFailure(`cannot run ${command}: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      settle();
      if (code === 0) return resolve(out);
      const end = signal === null ? `exit code ${code}` : signal;
      reject(new SetupFailure(`${what} failed (${[command, ...args].join(' ')}: ${end})\n${excerpt(all)}`));
    });
  });
}

/**
 * The cause stands near the start of some tools' output and near the end of others'.
 * @param {string} output
 */
function excerpt(output) {
  const lines = output.trimEnd().split('\n');
  if (lines.length <= headLines + tailLines) return lines.join('\n');
  return [...lines.slice(0, headLines), '…', ...lines.slice(-tailLines)].join('\n');
}
