import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Stage } from './stage.ts';

/**
 * What to try while the simulator stays. The environment goes into a file beside the stacks, to be read by a shell.
 * @param environment of this process, by which a new terminal's is taken to look
 */
export function whatToTryNext(stage: Stage, environment: NodeJS.ProcessEnv): readonly string[] {
  const { engine, simulator, yaml, typescript, host } = stage;
  const file = join(engine.folder, 'environment.sh');
  writeFileSync(file, shellEnvironment(engine.env, environment));
  chmodSync(file, 0o600);
  const control = (operation: string, body: object): string =>
    `curl -s ${simulator.controlUrl}/${operation} -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  const machine = host.computerDnsName;
  return [
    'The simulator stays until Ctrl-C here; then all of it is removed. In another terminal:',
    '',
    '# sign-in, state and settings of this demo, for this terminal only',
    `. ${file}`,
    '',
    '# isolate the host again (its TypeScript twin is in ../typescript)',
    `cd ${yaml.folder}`,
    `${engine.pulumi} up`,
    '',
    '# an analyst releases it, and the next preview shows it',
    control('analyst/unisolate', { machine, comment: 'false alarm' }),
    `${engine.pulumi} preview`,
    '',
    '# five days pass, and the next up renews',
    control('advance', { duration: '5d' }),
    `${engine.pulumi} up`,
    '',
    '# take another host: the new one is isolated first, then the old one is released',
    `${engine.pulumi} config set machineId ${otherHost(stage)}`,
    '',
    '# all that Defender recorded, and all that can be played: machines, faults, switches, …',
    `curl -s ${simulator.controlUrl}/actions`,
    `curl -s ${simulator.controlUrl}/`,
    '',
    `A minute here is an hour there. The stacks: ${yaml.folder} and ${typescript.folder}.`,
  ];
}

function otherHost({ simulator, host }: Stage): string {
  const other = simulator.control
    .machines()
    .find(({ id, online, osPlatform }) => id !== host.id && online && osPlatform === 'Windows11');
  return other?.id ?? host.id;
}

/** What makes a shell's environment the engine's: nothing of the user's own settings, all of the demo's. */
export function shellEnvironment(wanted: Readonly<Record<string, string>>, present: NodeJS.ProcessEnv): string {
  const gone = Object.keys(present).filter((name) => !Object.hasOwn(wanted, name));
  const changed = Object.entries(wanted).filter(([name, value]) => name !== 'PATH' && present[name] !== value);
  return [
    ...gone.map((name) => `unset ${name}`),
    ...changed.map(([name, value]) => `export ${name}=${quoted(value)}`),
    // The node of this process: a stack's host may need a newer one than the shell has.
    `export PATH=${quoted(dirname(process.execPath))}:"$PATH"`,
    '',
  ].join('\n');
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
