import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MachineTruth } from '../simulator/control.ts';
import type { Stage } from './stage.ts';

/**
 * What to try while the simulator stays. The environment goes into a file beside the stacks, to be read by a shell.
 * @param environment of this process, by which a new terminal's is taken to look
 */
export function whatToTryNext(stage: Stage, environment: NodeJS.ProcessEnv): readonly string[] {
  const { engine, simulator, yaml, typescript, fleet, host } = stage;
  const file = join(engine.folder, 'environment.sh');
  writeFileSync(file, shellEnvironment(engine.env, environment));
  chmodSync(file, 0o600);
  const control = (operation: string, body: object): string =>
    `curl -s ${simulator.controlUrl}/${operation} -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  const other = otherHost(stage);
  return [
    'The simulator stays until Ctrl-C here; then all of it is removed. In another terminal:',
    '',
    '# sign-in, state and settings of this demo, for that terminal only',
    `. ${file}`,
    '',
    `# declare another host, ${other.computerDnsName}, and isolate it`,
    `cd ${yaml.folder}`,
    `${engine.pulumi} config set machineId ${other.id}`,
    `${engine.pulumi} up`,
    '',
    '# an analyst releases it; the next preview shows that, and the next up repairs it',
    control('analyst/unisolate', { machine: other.id, comment: 'false alarm', latencySeconds: 0 }),
    `${engine.pulumi} preview`,
    `${engine.pulumi} up`,
    '',
    '# five days pass; the next up renews',
    control('advance', { duration: '5d' }),
    `${engine.pulumi} up`,
    '',
    '# declare the first host again: it is isolated first, then the other one is released',
    `${engine.pulumi} config set machineId ${host.id}`,
    `${engine.pulumi} up`,
    '',
    '# break glass: release the fleet without pulumi and its state; it lists the hosts and asks for their count',
    `cd ${fleet.folder}`,
    'node_modules/.bin/pulumi-mde status quarantine.yaml --stack quarantine/dev/fleet',
    'node_modules/.bin/pulumi-mde release --mark dev/fleet --comment "INC-4712 over"',
    '',
    '# every request that Defender recorded; and all that can be played: analysts, time, faults, switches',
    `curl -s ${simulator.controlUrl}/actions`,
    `curl -s ${simulator.controlUrl}/`,
    '',
    `A real minute is a simulated hour. The TypeScript stack is in ${typescript.folder}.`,
  ];
}

function otherHost({ simulator, host }: Stage): MachineTruth {
  const other = simulator.control
    .machines()
    .find(({ id, online, osPlatform }) => id !== host.id && online && osPlatform === 'Windows11');
  return other ?? host;
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
