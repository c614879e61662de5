import { expect } from 'chai';
import type { CliPorts } from '../../cli/ports.ts';
import { runCli } from '../../cli/run-cli.ts';
import { createDefender } from '../../provider/defender/client.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import type { World } from '../resources/host.ts';

export interface CliOptions {
  /** By the path that the command names. */
  readonly files?: Readonly<Record<string, string>>;
  /** A person sits at the terminal and types this; undefined: end of input. Absent: there is no terminal. */
  readonly typed?: { readonly line: string | undefined; readonly meanwhile?: () => void };
  readonly env?: Readonly<Record<string, string>>;
  readonly colours?: boolean;
  /** Ctrl-C after so many ms. */
  readonly cancelAfter?: number;
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was asked at the terminal. */
  readonly asked: readonly string[];
}

/** Runs the command line where there is no service at all. */
export async function runOffline(args: readonly string[], options: CliOptions = {}): Promise<Ran> {
  const never = () => {
    throw new Error('an offline command called the service');
  };
  return run(args, options, { clock: systemPorts().clock, timer: systemPorts().timer, connect: never });
}

/** Runs the command line in a world's time against its simulator, signed in by the usual environment. */
export async function runIn(world: World, args: readonly string[], options: CliOptions = {}): Promise<Ran> {
  const env = environmentOf(world, options);
  return world.drive(({ clock, timer }) =>
    run(
      args,
      { ...options, env },
      {
        clock,
        timer,
        connect: async (settings) =>
          createDefender(settings, {
            ...systemPorts(),
            env,
            random: () => 0.5,
            // Tokens live by the real time, which is the sign-in library's.
            clock: { monotonic: clock.monotonic, wall: () => Date.now() },
            timer,
          }),
      },
    ),
  );
}

function environmentOf(world: World, options: CliOptions): Readonly<Record<string, string>> {
  return { ...world.simulator.environment(), ...options.env };
}

async function run(
  args: readonly string[],
  options: CliOptions,
  ports: Pick<CliPorts, 'clock' | 'timer' | 'connect'>,
): Promise<Ran> {
  const told = { out: '', err: '', asked: [] as string[] };
  const cancel = new AbortController();
  if (options.cancelAfter !== undefined) ports.timer.after(options.cancelAfter, () => cancel.abort());
  let runs = 0;
  const env = options.env ?? {};
  const code = await runCli(args, {
    ...ports,
    env,
    signal: cancel.signal,
    readFile: async (path) => {
      const text = options.files?.[path];
      if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
      return text;
    },
    newRunId: () => {
      runs += 1;
      return `0000000${runs}`;
    },
    terminal: {
      out: (text) => {
        told.out += text;
      },
      err: (text) => {
        told.err += text;
      },
      outColours: options.colours === true,
      interactive: options.typed !== undefined,
      ask: async (question) => {
        told.asked.push(question);
        options.typed?.meanwhile?.();
        return options.typed?.line;
      },
    },
  });
  for (const text of [told.out, told.err]) {
    expect(text, 'a stack trace').not.to.match(/^\s+at .+:\d+:\d+/m);
    if (env.AZURE_CLIENT_SECRET) expect(text, 'a secret').not.to.contain(env.AZURE_CLIENT_SECRET);
  }
  return { code, ...told };
}

/** The rows of a table without its header: cells, trimmed. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .slice(2);
}
