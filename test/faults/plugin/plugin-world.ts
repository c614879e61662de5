import { fileURLToPath } from 'node:url';
import { type KnownHost, knownHosts } from '../../../provider/resources/quarantine/known-host.ts';
import type { PropertyMap } from '../../../provider/resources/resource.ts';
import type { ActionRecord } from '../../../simulator/control.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator/start.ts';
import type { RequestRecord } from '../../../simulator/statistics.ts';
import { type LoggedMessage, type PluginUnderTest, startPlugin } from '../../plugin/fake-engine.ts';
import { secret } from '../../plugin/structs.ts';
import { type Entry, type MixedProgram, type Run, type RunOptions, Stack } from '../../resources/engine.ts';
import { resourcesOf } from './plugin-provider.ts';
import { clockEnvironment, type ProcessClock } from './process-clock.ts';
import { WorldClock } from './world-clock.ts';

const script = fileURLToPath(new URL('../../../dist/plugin/pulumi-resource-mde.cjs', import.meta.url));
export const isolationType = 'mde:index:MachineIsolation';
export const setType = 'mde:index:Quarantine';

export type PluginWorldOptions = Omit<SimulatorOptions, 'speed'>;

/** What the process that a run starts is different in. */
export interface PluginRunOptions extends RunOptions {
  readonly clock?: Partial<Omit<ProcessClock, 'jumpUrl'>> | undefined;
  readonly config?: PropertyMap | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A run as a person and the service's record saw it. */
export interface SeenRun {
  readonly run: Run;
  readonly logs: readonly LoggedMessage[];
  /** All that a person could read, and what the process printed besides. */
  readonly text: string;
  /** Requests that arrived meanwhile. */
  readonly requests: readonly RequestRecord[];
  readonly writes: readonly RequestRecord[];
  /** Actions that came over the API meanwhile. */
  readonly made: readonly ActionRecord[];
  /** What state held before. */
  readonly held: readonly Entry[];
}

/** A host as state holds it, of whichever resource. */
export interface HeldHost {
  readonly resource: string;
  readonly machineId: string;
  readonly state: unknown;
  readonly actionId: unknown;
  readonly owned: unknown;
}

/** A tenant of the simulator, and a stack over the real plugin: a process of its own for every run, spoken to as the engine does. */
export class PluginWorld {
  readonly simulator: Simulator;
  readonly control: Simulator['control'];
  readonly stack = new Stack('containment', 'dev');
  readonly clock: WorldClock;
  /** Nothing of them may be told. */
  readonly secrets: string[];
  #different: PluginRunOptions = {};
  #secret: string;

  static async make(options: PluginWorldOptions = {}): Promise<PluginWorld> {
    const simulator = await startSimulator(options);
    const { control } = simulator;
    const clock = new WorldClock(
      () => control.now().getTime(),
      (ms) => control.advance(ms),
    );
    await clock.listen();
    return new PluginWorld(simulator, clock);
  }

  private constructor(simulator: Simulator, clock: WorldClock) {
    this.simulator = simulator;
    this.control = simulator.control;
    this.clock = clock;
    this.#secret = simulator.credentials.clientSecret;
    this.secrets = [this.#secret];
  }

  /** From now on every process differs in this; the answer takes it back. */
  differs(options: Pick<PluginRunOptions, 'clock' | 'config' | 'env'>): () => void {
    this.#different = options;
    return () => {
      this.#different = {};
    };
  }

  /** By which we sign in from now on. */
  useSecret(clientSecret: string): void {
    this.#secret = clientSecret;
    this.secrets.push(clientSecret);
  }

  /** The API by this name, sign-in by its number: what is wrong with the one need not be with the other. */
  get apiHost(): string {
    return new URL(this.simulator.apiUrl).host;
  }

  up(program: MixedProgram, options: PluginRunOptions = {}): Promise<SeenRun> {
    return this.#seen(options, (process) => this.stack.up(process, program, { continueOnError: true, ...options }));
  }

  preview(program: MixedProgram, options: PluginRunOptions = {}): Promise<SeenRun> {
    return this.#seen(options, (process) => this.stack.preview(process, program, options));
  }

  refresh(options: PluginRunOptions = {}): Promise<SeenRun> {
    return this.#seen(options, (process) => this.stack.refresh(process));
  }

  isIsolated(machine: string): boolean {
    return this.control.machine(machine).isolation.isolated;
  }

  /** Every host that state holds. */
  hosts(entries: readonly Entry[] = this.stack.entries): readonly HeldHost[] {
    return entries.flatMap(hostsOf);
  }

  async end(): Promise<void> {
    this.clock.end();
    await this.simulator.stop();
  }

  async #seen(
    options: PluginRunOptions,
    work: (process: Parameters<Stack['up']>[0]) => Promise<Run>,
  ): Promise<SeenRun> {
    const held = structuredClone(this.stack.entries);
    const known = new Set(this.control.actions().map(({ id }) => id));
    const before = this.control.statistics().total;
    const plugin = await this.#start(options);
    try {
      const resources = resourcesOf(plugin, [isolationType, setType]);
      const provider = { resources, summary: () => [] } as unknown as Parameters<Stack['up']>[0]['provider'];
      const run = await work({ provider, cancelled: new AbortController().signal, killed: () => false });
      await plugin.end();
      const logs = plugin.logs;
      const count = this.control.statistics().total - before;
      const requests = count === 0 ? [] : this.control.requests(count);
      return {
        run,
        logs,
        text: [run.text, ...logs.map(({ text }) => text), plugin.printed.stderr].join('\n'),
        requests,
        writes: requests.filter(({ method, route }) => method !== 'GET' && route !== 'token' && route !== 'discovery'),
        made: this.control.actions().filter(({ id, origin }) => origin.via === 'api' && !known.has(id)),
        held,
      };
    } finally {
      await plugin.dispose();
    }
  }

  async #start({ clock, config, env }: PluginRunOptions): Promise<PluginUnderTest> {
    const { simulator, control } = this;
    const { tenantId, clientId } = simulator.credentials;
    const different = this.#different;
    const ownClock = { ...clock, ...different.clock };
    const aheadMs = control.now().getTime() - Date.now() + (ownClock.aheadMs ?? 0);
    return await startPlugin({
      script,
      type: isolationType,
      env: {
        NODE_EXTRA_CA_CERTS: simulator.caPath,
        ...clockEnvironment({ ...ownClock, jumpUrl: this.clock.jumpUrl, aheadMs }),
        ...env,
        ...different.env,
      },
      config: {
        tenantId,
        clientId,
        apiUrl: simulator.apiUrl,
        authorityHost: simulator.authorityHost.replace('localhost', '127.0.0.1'),
        clientSecret: secret(this.#secret),
        guardrails: { maxReleases: 9, maxReleasePercent: 100 },
        ...config,
        ...different.config,
      },
    });
  }
}

function hostsOf({ type, name, id, outputs }: Entry): readonly HeldHost[] {
  if (type !== setType) {
    const { state, actionId, owned } = outputs;
    return [{ resource: name, machineId: id, state, actionId, owned }];
  }
  return knownHosts(outputs).hosts.map(({ machineId, state }: KnownHost) => ({
    resource: name,
    machineId,
    state: state.state,
    actionId: state.actionId,
    owned: state.owned,
  }));
}
