import { parseArgs } from 'node:util';
import { type Simulator, type SimulatorOptions, startSimulator } from './start.ts';
import { durationMs } from './time.ts';

/** What a command that starts the simulator was told. */
interface SimulatorCommand {
  readonly help: boolean;
  readonly json: boolean;
  readonly options: SimulatorOptions;
}

/** @param command what a person types to start it, such as `npm run simulator --` */
function simulatorHelp(command: string): string {
  return `Usage: ${command} [options]

Starts a Microsoft Defender for Endpoint of your own on this machine's loopback, and runs until Ctrl-C.

Options:
  --machines N      machines in the made-up fleet (default 25)
  --seed N          the same seed gives the same fleet (default 1)
  --speed N         simulated seconds per real second; 0: time stands still until moved (default 1)
  --port N          port of sign-in and API (default: any free one)
  --control-port N  port of the control (default: any free one)
  --per-minute N    calls a minute, per route and app (default 100)
  --per-hour N      calls an hour (default 1500)
  --minute-length D how long that minute is in simulated time, such as 3s (default 60s); a stack that is to
                    keep to it sets mde:rateLimits alike
  --hour-length D   how long that hour is (default 60m)
  --json            print addresses and environment as one JSON object
  --help            print this

Examples:
  ${command}
  ${command} --machines 200 --speed 60
  ${command} --speed 0 --json
`;
}

const optionNames = {
  machines: { type: 'string', default: '25' },
  seed: { type: 'string', default: '1' },
  speed: { type: 'string', default: '1' },
  port: { type: 'string', default: '0' },
  'control-port': { type: 'string', default: '0' },
  'per-minute': { type: 'string', default: '100' },
  'per-hour': { type: 'string', default: '1500' },
  'minute-length': { type: 'string', default: '60s' },
  'hour-length': { type: 'string', default: '60m' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

class UsageError extends Error {}

/** What the arguments say. @throws UsageError, or node:util's TypeError */
function readSimulatorCommand(args: readonly string[]): SimulatorCommand {
  const { values } = parseArgs({ args: [...args], options: optionNames });
  return {
    help: values.help,
    json: values.json,
    options: {
      machines: wholeNumber('--machines', values.machines),
      seed: wholeNumber('--seed', values.seed),
      speed: positive('--speed', values.speed),
      port: wholeNumber('--port', values.port, 65_535),
      controlPort: wholeNumber('--control-port', values['control-port'], 65_535),
      limits: {
        perMinute: wholeNumber('--per-minute', values['per-minute'], 1_000_000, 1),
        perHour: wholeNumber('--per-hour', values['per-hour'], 1_000_000, 1),
        minuteMs: length('--minute-length', values['minute-length']),
        hourMs: length('--hour-length', values['hour-length']),
      },
    },
  };
}

interface SimulatorOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Starts the simulator as the arguments say, and prints what a client needs. Answers the exit code: 0 once `ended`
 * resolves, 2 for arguments that make no sense, 1 where it could not start.
 */
export async function runSimulator(
  command: string,
  args: readonly string[],
  output: SimulatorOutput,
  ended: () => Promise<void>,
): Promise<number> {
  try {
    const { help, json, options } = readSimulatorCommand(args);
    if (help) {
      output.out(simulatorHelp(command));
      return 0;
    }
    const simulator = await startSimulator(options);
    // Before the greeting, so that whoever reads it may already end us.
    const end = ended();
    output.out(json ? `${JSON.stringify(description(simulator))}\n` : greeting(simulator));
    await end;
    await simulator.stop();
    return 0;
  } catch (error) {
    output.err(`${reason(error)}\n`);
    return isUsageError(error) ? 2 : 1;
  }
}

function description({ apiUrl, authorityHost, controlUrl, caPath, environment }: Simulator): object {
  return { apiUrl, authorityHost, controlUrl, caPath, environment: environment() };
}

function greeting(simulator: Simulator): string {
  const exports = Object.entries(simulator.environment()).map(([name, value]) => `export ${name}=${value}`);
  return [
    `Defender for Endpoint, simulated, with ${simulator.control.machines().length} machines`,
    '',
    `  sign-in and API  ${simulator.apiUrl}`,
    `  control          ${simulator.controlUrl}  (GET / lists what it does)`,
    '',
    'Paste this where the client runs; the secret is good for this simulator alone:',
    '',
    ...exports,
    '',
    'And in the stack that is to use it, once:',
    '',
    'pulumi config set mde:apiUrl "$MDE_API_URL"',
    '',
    'For example, move time on by a week:',
    '',
    `curl -s ${simulator.controlUrl}/advance -H 'Content-Type: application/json' -d '{"duration":"7d"}'`,
    '',
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}

function isUsageError(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function wholeNumber(option: string, text: string, most = 1_000_000, least = 0): number {
  if (!/^\d+$/.test(text) || Number(text) > most || Number(text) < least) {
    throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not "${text}"`);
  }
  return Number(text);
}

/** Milliseconds. */
function length(option: string, text: string): number {
  let ms = 0;
  try {
    ms = durationMs(text);
  } catch {
    // Told below, with the option.
  }
  if (ms <= 0) throw new UsageError(`${option} takes a duration such as 3s or 1m30s, not "${text}"`);
  return ms;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new UsageError(`${option} takes a number of at least 0, not "${text}"`);
  }
  return value;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'the simulator could not start';
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return 'the port is taken; choose another with --port or --control-port, or leave them out';
  if (code === 'EACCES') return 'this port may not be used; choose one above 1023';
  return `${error.message}\nSee --help.`;
}
