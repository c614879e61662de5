import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import packageManifest from '../package.json' with { type: 'json' };
import { describeDuration } from '../provider/containment/duration.ts';
import { readFileText } from '../provider/defender/file-text.ts';
import { type DefenderEvent, systemPorts } from '../provider/defender/ports.ts';
import type { CliPorts, Terminal } from './ports.ts';
import { mostBytesOfFile } from './read-text.ts';

/** From this long on, a wait for the rate limit is told. */
const longWaitMs = 5_000;

/** The process's own streams, clock and network. Ctrl-C (or SIGTERM) ends what is under way in good order; twice, at once. */
export function systemCliPorts(): CliPorts {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130);
      stop.abort();
    });
  }
  // Whoever reads us may have read enough, such as `head`: what is under way goes on, and ends with its own exit code.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const ports = { ...systemPorts(), onEvent: tellWaits };
  return {
    terminal: processTerminal(),
    env: process.env,
    clock: ports.clock,
    timer: ports.timer,
    signal: stop.signal,
    readFile: (path) => readFileText(path, { mostBytes: mostBytesOfFile, pipes: true }),
    connect: async (settings) => {
      // With all that it loads; `validate` and `--help` go without.
      const { createDefender } = await import('../provider/defender/client.ts');
      return createDefender({ ...settings, version: packageManifest.version }, ports);
    },
    newRunId: () => randomBytes(4).toString('hex'),
  };
}

function tellWaits(event: DefenderEvent): void {
  if (event.kind !== 'throttled' || event.waitMs < longWaitMs) return;
  process.stderr.write(`waiting ${describeDuration(event.waitMs)} for the rate limit of Defender's API\n`);
}

function processTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outColours: process.env.NO_COLOR === undefined && process.stdout.isTTY === true && process.stdout.hasColors(),
    interactive: process.stdin.isTTY === true,
    ask,
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // While a line is read, the terminal gives Ctrl-C to the reader.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    return await Promise.race([lines.question(question, { signal }), ended]);
  } catch {
    return undefined;
  } finally {
    lines.close();
  }
}
