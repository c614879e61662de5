import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../tools/build.ts';
import { whatToTryNext } from './keep.ts';
import { Screen } from './screen.ts';
import { RecordDiffers } from './simulator-record.ts';
import { CommandFailed, Stage } from './stage.ts';
import { lastChapter, recordRows, tell } from './story.ts';
import { table } from './table.ts';

const help = `Usage: npm run demo [-- options]

Contains hosts of a simulated Microsoft Defender for Endpoint with the real pulumi engine. One host: isolates it, repairs
and renews the isolation, releases it, from YAML and from TypeScript. Two hundred from a manifest in Git: a run that is
killed half-way, and a pull request that would release sixty. It takes one to two minutes, calls nothing outside of this
machine, and neither reads nor changes Pulumi's and Git's settings and stacks of yours.

Options:
  --keep   leave the simulator running at the end, and print what to try next; Ctrl-C ends it
  --help   print this

Exit code: 0 where the simulator's own record agrees with what was told, 1 where it does not or a command failed,
2 for an unknown option, 130 after Ctrl-C.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    process.stderr.write(`${options}\nSee npm run demo -- --help.\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const interruption = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  // For the whole run: a second Ctrl-C must not cut the cleaning up short.
  for (const signal of signals) process.on(signal, () => interruption.abort());
  // Nobody reads any more, as in `npm run demo | head`.
  process.stdout.on('error', () => interruption.abort());
  try {
    return await demo(options.keep, interruption.signal);
  } catch (error) {
    if (interruption.signal.aborted) return 130;
    process.stderr.write(`\n${reason(error)}\n`);
    return 1;
  }
}

function readOptions(): { readonly keep: boolean; readonly help: boolean } | string {
  try {
    const options = { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    return reason(error);
  }
}

async function demo(keep: boolean, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const screen = new Screen();
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  await build(root);
  signal.throwIfAborted();
  const stage = await Stage.set(root, screen, signal);
  try {
    introduce(stage);
    const code = await play(stage);
    screen.say(`${code === 0 ? 'The record agrees with all of it' : 'Ended early'}, after ${seconds(started)}.`);
    screen.blank();
    if (keep && code === 0) {
      screen.verbatim(whatToTryNext(stage, process.env));
      await aborted(signal);
    } else if (code === 0) {
      screen.say('Next: `npm run demo -- --keep` leaves the simulator running for you to play with;');
      screen.say('examples/yaml/README.md takes the same stack to the simulator, then to your own tenant.');
    }
    return code;
  } finally {
    await stage.end();
    if (signal.aborted) process.stdout.write('\nStopped, and everything removed.\n');
  }
}

function introduce({ screen, simulator, host }: Stage): void {
  screen.say('pulumi-mde contains hosts: you declare which are isolated, and Pulumi keeps them so.');
  screen.blank();
  screen.say(
    `Defender for Endpoint is simulated here, with ${simulator.control.machines().length} machines; the pulumi engine, ` +
      'the provider, sign-in and TLS are real. What pulumi prints is shortened. Each ✓ is read from the ' +
      "simulator's own record, not from what pulumi says.",
  );
  screen.blank();
  screen.say(`The host: ${host.computerDnsName}, ${host.osPlatform}, machine id ${host.id}.`);
  screen.blank();
}

/** The answer: the exit code. */
async function play(stage: Stage): Promise<number> {
  const { screen } = stage;
  try {
    const lifts = await tell(stage);
    screen.headline(lastChapter, "Who did what: the simulator's own record.");
    screen.verbatim(table([...recordRows(stage), ...lifts], screen.width));
    screen.blank();
    screen.say('A comment begins with the mark by which pulumi-mde knows its own requests again, without any state.');
    return 0;
  } catch (error) {
    if (error instanceof RecordDiffers) {
      screen.wrong(`${error.message}.`);
      for (const difference of error.differences) screen.wrong(difference);
      screen.blank();
      screen.verbatim(table(recordRows(stage), screen.width));
      return 1;
    }
    if (error instanceof CommandFailed) {
      screen.wrong(`${error.message}.`);
      return 1;
    }
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function seconds(started: number): string {
  return `${Math.round((performance.now() - started) / 1000)} s`;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : 'that did not work';
}
