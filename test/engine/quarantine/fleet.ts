import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Declared, makeWorld, nameOf, type StateResource, type World, type WorldOptions } from '../world.ts';

type Values = Readonly<Record<string, unknown>>;

/** One host as a manifest says it; text is its device name. */
export type Host = string | Values;

/** A world with a fleet of machines, whose stack declares them in manifests. */
export interface Fleet extends World {
  /** Adds machines `pc-00.contoso.com`, …; answers their names. */
  addHosts(count: number, prefix?: string, more?: Values): readonly string[];
  /** Writes a manifest beside Pulumi.yaml, with `INC-4711` as the default reason; answers its text. */
  write(hosts: readonly Host[], top?: Values, file?: string): string;
  /** What state keeps of the stack's Quarantines, by resource name. */
  sets(): Promise<Readonly<Record<string, SetState>>>;
  /** Requests that were sent, oldest first: `Isolate pc-00`. */
  requests(from?: number): readonly string[];
}

export interface SetState {
  readonly id: string;
  /** How far state says that each host has come: `isolated`. */
  readonly states: Readonly<Record<string, string>>;
  /** The whole line of each host. */
  readonly lines: Readonly<Record<string, string>>;
  readonly outputs: Values;
  readonly initErrors: readonly string[];
}

export async function makeFleet(options: WorldOptions = {}): Promise<Fleet> {
  const world = await makeWorld(options);
  return {
    ...world,
    addHosts: (count, prefix = 'pc', more = {}) =>
      Array.from({ length: count }, (_, at) => {
        const computerDnsName = `${prefix}-${String(at).padStart(2, '0')}.contoso.com`;
        return world.control.addMachine({ computerDnsName, ...more }).computerDnsName;
      }),
    write(hosts, top = {}, file = 'quarantine.yaml') {
      const text = stringify({ version: 1, comment: 'INC-4711', ...top, hosts: hosts.map(declared) });
      writeFileSync(join(world.folder, file), text);
      return text;
    },
    sets: async () => setsIn(await world.exportState()),
    requests: (from = 0) =>
      world.control
        .actions()
        .slice(from)
        .map(({ type, computerDnsName }) => `${type} ${computerDnsName?.replace('.contoso.com', '')}`),
  };
}

function declared(host: Host): Values {
  return typeof host === 'string' ? { deviceName: host } : host;
}

export function setsIn(state: string): Readonly<Record<string, SetState>> {
  const { deployment } = JSON.parse(state) as { deployment: { resources?: StateResource[] } };
  const sets = (deployment.resources ?? []).filter(({ type }) => /\bmde:(index:)?Quarantine$/.test(type));
  return Object.fromEntries(
    sets.map(({ urn, id = '', outputs = {}, initErrors = [] }) => {
      const lines = outputs.hosts as Readonly<Record<string, string>>;
      const states = Object.entries(lines).map(([host, line]) => [host, line.split(',', 1)[0] ?? '']);
      return [nameOf(urn), { id, outputs, lines, states: Object.fromEntries(states), initErrors }];
    }),
  );
}

/** A Quarantine that reads the manifest beside Pulumi.yaml. */
export function fromManifest(file = 'quarantine.yaml', more: Values = {}): Declared {
  return { type: 'mde:index:Quarantine', properties: { manifest: { 'fn::readFile': `./${file}` }, ...more } };
}

/** A Quarantine that declares its hosts in the stack itself. */
export function inline(hosts: readonly Host[], more: Values = {}): Declared {
  return { type: 'mde:index:Quarantine', properties: { comment: 'INC-4711', hosts: hosts.map(declared), ...more } };
}

/** `pc-00` of `pc-00.contoso.com`. */
export function short(host: string): string {
  return host.replace('.contoso.com', '');
}

/** Each host with the same word, as `states` holds them. */
export function all(hosts: readonly string[], word: string): Readonly<Record<string, string>> {
  return Object.fromEntries(hosts.map((host) => [host, word]));
}
