import tls from 'node:tls';
import { expect } from 'chai';
import { parse } from 'yaml';
import { isolation, type Pair, pairs } from '../../provider/containment/pair.ts';
import type { Defender } from '../../provider/defender/api.ts';
import { createDefender } from '../../provider/defender/client.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';
import { createProvider } from '../../provider/resources/create-provider.ts';
import type { Provider } from '../../provider/resources/provider.ts';
import { type KnownHost, knownHosts } from '../../provider/resources/quarantine/known-host.ts';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import type { ActionRecord, Control, MachineChanges } from '../../simulator/control.ts';
import { type InProcessSimulator, simulateInProcess } from '../../simulator/in-process.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/start.ts';
import type { SwitchSettings } from '../../simulator/switches.ts';
import { durationMs } from '../../simulator/time.ts';
import {
  Declaration,
  declarationOf,
  type Entry,
  type MixedProgram,
  type Program,
  type ProviderProcess,
  type Run,
  type RunOptions,
  Stack,
} from './engine.ts';
import { inProcessHttp, inProcessSignIn } from './in-process-wire.ts';
import { type PluginProcess, startPluginProcess, type Told } from './over-grpc.ts';
import { type ProcessTime, WorldTime } from './world-time.ts';

/** Neither a whole second nor a whole minute: the service's `Date` header is cut to seconds. */
const startsAt = Date.UTC(2026, 0, 5, 12, 0, 7, 640);

export interface WorldOptions extends Omit<SimulatorOptions, 'speed' | 'startAt' | 'switches'> {
  readonly switches?: Partial<SwitchSettings>;
  /** Keys of the provider's configuration, beside sign-in and addresses. */
  readonly config?: PropertyMap;
  /** All runs share one client, its connections and its token: many runs, where signing in is not what is tested. */
  readonly signInOnce?: boolean;
  /** What must hold after every run is judged by the test, which knows better who did what meanwhile. */
  readonly judgedByTest?: boolean;
  /** How far the clock of the machine that runs the provider is off, ms. */
  readonly ourClockIsOffBy?: number;
  /** The provider is driven through its plugin's protocol, over sockets or from hand to hand; absent: directly. */
  readonly protocol?: 'sockets' | 'hand to hand';
  /** Requests to the service stay in this process: no sockets, and every time of the wire is simulated. */
  readonly inProcess?: boolean;
}

/** The simulator as a world needs it, be it behind sockets or not. */
type WorldSimulator = Pick<Simulator, 'apiUrl' | 'authorityHost' | 'control' | 'credentials' | 'environment' | 'stop'>;

export interface WorldRunOptions extends RunOptions {
  readonly config?: PropertyMap;
  /** Ctrl-C after so many ms of the run. */
  readonly cancelAfter?: number;
  /** The process is killed after so many ms of the run. */
  readonly killAfter?: number;
  /** Another stack at the same tenant. */
  readonly stack?: Stack;
  /** Machines that this run may release although they stay declared. */
  readonly mayRelease?: readonly string[];
  /** The provider is configured by what state holds, as in a refresh or a destroy. */
  readonly byState?: boolean;
}

/** A tenant of the simulator, and a stack that the provider is driven over, each run in a process of its own. */
export class World {
  /** Of a world in this process, an address at which nobody listens. */
  readonly simulator: WorldSimulator;
  readonly control: Control;
  readonly stack = new Stack('containment', 'dev');
  readonly #options: WorldOptions;
  readonly #time: WorldTime;
  readonly #outOfDate = new WeakMap<PropertyMap, 'whole' | Set<string>>();
  readonly #shared = new Map<string, Defender>();
  readonly #inProcess: InProcessSimulator | undefined;
  /** The configuration of a stack's last run, as its state keeps it. */
  readonly #configured = new WeakMap<Stack, PropertyMap>();
  /** What plugins told their engine, killed ones too; only where there is a protocol. */
  readonly told: Told[] = [];
  #names = 0;

  constructor(simulator: WorldSimulator | InProcessSimulator, options: WorldOptions) {
    this.simulator = simulator;
    this.#inProcess = 'request' in simulator ? simulator : undefined;
    this.control = simulator.control;
    this.#options = options;
    const host = this.#inProcess === undefined ? new URL(simulator.apiUrl).host : undefined;
    this.#time = new WorldTime(host, (ms) => simulator.control.advance(ms));
  }

  // What is there

  /** An active, onboarded client, unless told otherwise; answers its id. */
  host(changes: MachineChanges = {}): string {
    this.#names += 1;
    return this.control.addMachine({ computerDnsName: `pc-${this.#names}.contoso.com`, ...changes }).id;
  }

  /** Some hosts, each declared under its own name by a program of the same order. */
  hosts(count: number): { readonly ids: readonly string[]; readonly program: Program } {
    const ids = Array.from({ length: count }, () => this.host());
    const program = Object.fromEntries(
      ids.map((machineId, index) => [`pc${index + 1}`, { machineId, comment: 'INC-1' }]),
    );
    return { ids, program };
  }

  isolated(id: string): boolean {
    return this.control.machine(id).isolation.isolated;
  }

  restricted(id: string): boolean {
    return this.control.machine(id).codeRestricted;
  }

  /** Requests of a type, whoever made them, in the order of submission. */
  requests(type: Pair['apply'] | Pair['lift'], id?: string): readonly ActionRecord[] {
    return this.control.actions(id === undefined ? {} : { machine: id }).filter((action) => action.type === type);
  }

  /** Those that came over the API. */
  ours(type: Pair['apply'] | Pair['lift'], id?: string): readonly ActionRecord[] {
    return this.requests(type, id).filter((action) => action.origin.via === 'api');
  }

  /** POSTs and DELETEs that arrived, cancellations too, whatever became of them. */
  writes(): number {
    const routes = Object.entries(this.control.statistics().byRoute);
    return routes.reduce((sum, [route, count]) => (/^(?:POST|DELETE) /.test(route) ? sum + count : sum), 0);
  }

  /** Hosts of a set, as state holds them, by key. */
  held(name = 'q', stack = this.stack): Readonly<Record<string, KnownHost>> {
    const { hosts, unreadable } = knownHosts(this.outputs(name, stack));
    expect(unreadable, 'lines that cannot be read').to.deep.equal([]);
    return Object.fromEntries(hosts.map((host) => [host.key, host]));
  }

  /** Outputs of a declared host, as state holds them. */
  outputs(name = 'pc', stack = this.stack): PropertyMap {
    const entry = stack.entry(name);
    if (entry === undefined) throw new Error(`${name} is not in state`);
    return entry.outputs;
  }

  /** The service's time. */
  now(): number {
    return this.control.now().getTime();
  }

  // Runs

  async up(program: MixedProgram, options: WorldRunOptions = {}): Promise<Run> {
    const stack = options.stack ?? this.stack;
    const allowed = pairs.flatMap((pair) => {
      const declared = new DeclaredMachines(program, this.#names > 0 ? this.control : undefined, pair);
      return stack.entries.flatMap((entry) => declared.leaving(entry)).map((id) => `${pair.lift} ${id}`);
    });
    for (const id of options.mayRelease ?? []) allowed.push(...pairs.map(({ lift }) => `${lift} ${id}`));
    const run = this.#run(options, (process) => stack.up(process, program, options)).finally(() => {
      // After Ctrl-C nothing is looked at any more: what is kept is what was known before.
      if (options.cancelAfter !== undefined) for (const entry of stack.entries) this.#distrust(entry);
    });
    return this.#judged(stack, allowed, run);
  }

  /** Reads only, or the test fails. */
  async preview(program: MixedProgram, options: WorldRunOptions = {}): Promise<Run> {
    const stack = options.stack ?? this.stack;
    return this.#silent(this.#run(options, (process) => stack.preview(process, program, options)));
  }

  async refresh(options: WorldRunOptions = {}): Promise<Run> {
    return this.#silent(
      this.#run({ ...options, byState: true }, (process) => (options.stack ?? this.stack).refresh(process)),
    );
  }

  async destroy(options: WorldRunOptions = {}): Promise<Run> {
    const stack = options.stack ?? this.stack;
    const ids = stack.entries.flatMap((entry) => hostsOf(entry).map(({ id }) => id));
    const allowed = ids.flatMap((id) => pairs.map(({ lift }) => `${lift} ${id}`));
    return this.#judged(
      stack,
      allowed,
      this.#run({ ...options, byState: true }, (process) => stack.destroy(process, options)),
    );
  }

  async import(name: string, id: string, options: WorldRunOptions & { type?: string } = {}): Promise<PropertyMap> {
    const stack = options.stack ?? this.stack;
    return this.#silent(this.#run(options, (process) => stack.import(process, name, id, options.type)));
  }

  /** What a check makes of a resource's inputs; it must not refuse them. */
  async checked({ type, inputs }: Declaration): Promise<PropertyMap> {
    return this.#run({}, async ({ provider }) => {
      const resource = provider.resources.get(type);
      if (resource === undefined) throw new Error(`there is no ${type}`);
      const log = { info: () => {}, warn: () => {}, status: () => {}, done: () => {} };
      const declaration = { project: 'containment', stack: 'dev', type, name: 'q', key: 'q' };
      const context = { declaration, preview: true, timeoutMs: undefined, signal: new AbortController().signal, log };
      const checked = await resource.check(context, undefined, inputs);
      expect(checked.failures).to.deep.equal([]);
      return checked.inputs;
    });
  }

  /** An `up` that succeeds and changes nothing. */
  async settled(program: MixedProgram, options: WorldRunOptions = {}): Promise<Run> {
    const before = this.writes();
    const run = await this.up(program, options);
    expect(run.failures, 'failures').to.deep.equal({});
    expect(
      Object.values(run.steps).filter((step) => step !== 'same'),
      'steps',
    ).to.deep.equal([]);
    expect(this.writes() - before, 'writes').to.equal(0);
    return run;
  }

  /** Runs something else than the provider, such as a command, in a process of its own; it is handed that process's time. */
  async drive<T>(work: (time: ProcessTime) => Promise<T>): Promise<T> {
    const time = this.#time.process(startsAt + (this.#options.ourClockIsOffBy ?? 0));
    try {
      return await this.#time.during(work(time));
    } finally {
      time.end();
    }
  }

  // Time

  /** Lets time pass between runs, hour by hour: state must never claim cover that is not there. */
  pass(duration: number | string): void {
    const hour = 3_600_000;
    for (let left = durationMs(duration); left > 0; left -= hour) {
      this.#time.pass(Math.min(hour, left));
      if (this.#options.judgedByTest !== true) this.#noFalseClaims(this.stack);
    }
  }

  /** Does something so long after now, also in the middle of a run. */
  after(duration: number | string, run: () => void): void {
    this.#time.after(durationMs(duration), run);
  }

  /** Does something once, just before the next request of this kind is sent: `POST isolate`, `GET machineactions`. */
  before(call: string, run: () => void): void {
    const [method, route = ''] = call.split(' ');
    this.#time.before((each) => each.startsWith(`${method} `) && pathOf(each).endsWith(`/${route}`), run);
  }

  /** What state claims of a host is out of date until it is read again: somebody else acted, or a release failed. */
  outOfDate(...ids: readonly string[]): void {
    for (const entry of this.stack.entries) this.#distrust(entry, ids);
  }

  #distrust({ outputs }: Entry, ids?: readonly string[]): void {
    const before = this.#outOfDate.get(outputs) ?? new Set<string>();
    this.#outOfDate.set(outputs, ids === undefined || before === 'whole' ? 'whole' : new Set([...before, ...ids]));
  }

  async end(): Promise<void> {
    for (const defender of this.#shared.values()) defender.close();
    this.#time.end();
    await this.simulator.stop();
  }

  async #run<T>(options: WorldRunOptions, work: (process: ProviderProcess) => Promise<T>): Promise<T> {
    const { simulator } = this;
    const time = this.#time.process(startsAt + (this.#options.ourClockIsOffBy ?? 0));
    const cancel = new AbortController();
    let killed = false;
    const connect = (settings: DefenderSettings) => {
      const client = this.#options.signInOnce === true ? this.#sharedClient(settings) : this.#client(settings, time);
      return mortal(client, () => killed);
    };
    const core = createProvider(connect, time);
    const config = {
      ...simulator.credentials,
      apiUrl: simulator.apiUrl,
      authorityHost: simulator.authorityHost,
      ...this.#options.config,
      ...options.config,
    };
    const plugin = await this.#plugin(core, time, config, options);
    if (plugin === undefined) core.configure(config);
    const provider = plugin?.provider ?? core;
    const died = new Promise<never>((_, reject) => {
      if (options.killAfter === undefined) return;
      this.#time.after(options.killAfter, () => {
        killed = true;
        time.end();
        reject(new Killed());
      });
    });
    if (options.cancelAfter !== undefined) {
      this.#time.after(options.cancelAfter, () => {
        cancel.abort();
        provider.stop('cancelled');
      });
    }
    const running = work({
      provider,
      cancelled: cancel.signal,
      killed: () => killed,
      ...(plugin === undefined ? {} : { finish: () => finished(plugin) }),
    });
    running.catch(() => {});
    try {
      return await this.#time.during(Promise.race([running, died]));
    } finally {
      time.end();
      provider.close();
      plugin?.end();
      this.told.push(...(plugin?.told ?? []));
    }
  }

  /** A refresh or a destroy is configured by what state holds, and is told the configuration of now beside it. */
  async #plugin(
    core: Provider,
    time: ProcessTime,
    config: PropertyMap,
    options: WorldRunOptions,
  ): Promise<PluginProcess | undefined> {
    const { protocol } = this.#options;
    if (protocol === undefined) return undefined;
    const stack = options.stack ?? this.stack;
    const current = textsOf(config);
    const given = options.byState === true ? (this.#configured.get(stack) ?? current) : current;
    if (options.byState !== true) this.#configured.set(stack, current);
    const hold = () => this.#time.hold();
    return startPluginProcess(core, { time, hold, sockets: protocol === 'sockets', config: given, current });
  }

  #client(settings: DefenderSettings, time: ProcessTime): Defender {
    const simulated = this.#inProcess;
    if (simulated !== undefined) {
      const deadline = time.timer;
      const ports = { ...systemPorts(), env: {}, random: () => 0.5, clock: time.clock, timer: time.timer, deadline };
      const http = inProcessHttp(simulated, this.#time, deadline);
      return createDefender(settings, ports, { http, tokens: inProcessSignIn(simulated, this.#time, settings, ports) });
    }
    // Tokens live by the real time, which is the sign-in library's.
    const clock = { monotonic: time.clock.monotonic, wall: () => Date.now() };
    return createDefender(settings, { ...systemPorts(), env: {}, random: () => 0.5, clock, timer: time.timer });
  }

  #sharedClient(settings: DefenderSettings): Defender {
    const key = JSON.stringify(settings);
    const client = this.#shared.get(key) ?? this.#client(settings, this.#time.process(startsAt));
    this.#shared.set(key, client);
    return { ...client, close: () => {} };
  }

  /** A run must write nothing. */
  async #silent<T>(run: Promise<T>): Promise<T> {
    const before = this.writes();
    const result = await run;
    expect(this.writes(), 'I4: writes of a run that only looks').to.equal(before);
    return result;
  }

  /**
   * What must hold after every run, whatever happened in it (design 8).
   *
   * @param mayRelease lifting requests that the program asks for, as `Unisolate <machine id>`
   */
  async #judged(stack: Stack, mayRelease: readonly string[], run: Promise<Run>): Promise<Run> {
    if (this.#options.judgedByTest === true) return run;
    const before = new Set(this.control.actions().map((action) => action.id));
    try {
      const ended = await run;
      // A delete that failed keeps the state as it was: the engine saves nothing of it. What could not be looked at any
      // more keeps what was known last, and its run says so.
      for (const entry of stack.entries) {
        const unseen = (ended.failures[entry.name] ?? '').split('\n').filter((line) => line.includes('FOR CERTAIN'));
        const ids = hostsOf(entry).flatMap(({ id }) => (unseen.some((line) => line.includes(id)) ? [id] : []));
        if (ids.length > 0) this.#distrust(entry, ids);
        if (entry.doomed || ended.steps[entry.name] === 'delete') this.#distrust(entry);
      }
      return ended;
    } catch (error) {
      // Of a process that was killed nothing is saved.
      for (const entry of stack.entries) this.#distrust(entry);
      throw error;
    } finally {
      const made = this.control.actions().filter((action) => action.origin.via === 'api' && !before.has(action.id));
      for (const { type, machineId } of made) {
        if (pairs.some(({ lift }) => lift === type))
          expect(mayRelease, 'a release nobody asked for').to.include(`${type} ${machineId}`);
      }
      this.#neverTwoAtOnce();
      this.#noFalseClaims(stack);
    }
  }

  #neverTwoAtOnce(): void {
    const byMachine = new Map<string, ActionRecord[]>();
    for (const action of this.control.actions()) {
      if (action.origin.via !== 'api' || !pairs.some((each) => each.apply === action.type || each.lift === action.type))
        continue;
      const key = `${action.type} ${action.machineId}`;
      const before = byMachine.get(key);
      if (before === undefined) byMachine.set(key, [action]);
      else before.push(action);
    }
    for (const requests of byMachine.values()) {
      for (const [index, later] of requests.entries()) {
        for (const earlier of requests.slice(0, index)) {
          const ended = earlier.history.find(({ status }) => !['Pending', 'InProgress'].includes(status));
          expect(
            ended !== undefined && ended.at <= later.creationDateTimeUtc,
            `${later.type} ${later.id} was sent while ${earlier.id} was running`,
          ).to.equal(true);
        }
      }
    }
  }

  #noFalseClaims(stack: Stack): void {
    const machines = new Map(this.control.machines().map((machine) => [machine.id, machine]));
    for (const entry of stack.entries) {
      const doubtful = this.#outOfDate.get(entry.outputs);
      if (doubtful === 'whole') continue;
      for (const { id, coveredUntil } of hostsOf(entry)) {
        if (coveredUntil === undefined || Date.parse(coveredUntil) <= this.now() || doubtful?.has(id)) continue;
        const isIsolated = machines.get(id)?.isolation.isolated;
        if (isIsolated === undefined) continue;
        expect(isIsolated, `${id} of ${entry.name} is said to be covered until ${coveredUntil}`).to.equal(true);
      }
    }
  }
}

const quarantineType = 'mde:index:Quarantine';

/** A Quarantine, as a program declares it. */
export function quarantine(inputs: PropertyMap): Declaration {
  return new Declaration(quarantineType, inputs);
}

/** The machines of a resource's state, and until when it claims each to be covered. */
function hostsOf(entry: Entry): readonly { readonly id: string; readonly coveredUntil: string | undefined }[] {
  if (entry.type === quarantineType) {
    return knownHosts(entry.outputs).hosts.map(({ machineId, state }) => ({
      id: machineId,
      coveredUntil: state.coveredUntil,
    }));
  }
  const { coveredUntil } = entry.outputs;
  return [{ id: entry.id, coveredUntil: typeof coveredUntil === 'string' ? coveredUntil : undefined }];
}

const restrictionType = 'mde:index:CodeExecutionRestriction';

/** A CodeExecutionRestriction, as a program declares it. */
export function restriction(machineId: string, more: PropertyMap = {}): Declaration {
  return new Declaration(restrictionType, { machineId, comment: 'INC-2', ...more });
}

/** What a program declares of one pair of actions, by whatever it names machines. */
class DeclaredMachines {
  readonly #program: MixedProgram;
  readonly #control: Control | undefined;
  readonly #pair: Pair;
  readonly #ids = new Set<string>();
  readonly #namesInSets = new Set<string>();
  #nameOf: ReadonlyMap<string, string> | undefined;

  constructor(program: MixedProgram, control: Control | undefined, pair: Pair) {
    this.#program = program;
    this.#control = control;
    this.#pair = pair;
    for (const { type, inputs } of Object.values(program).map(declarationOf)) {
      if (!this.#isAbout(type)) continue;
      for (const host of type === quarantineType ? hostsIn(inputs) : [inputs]) {
        const { machineId, deviceName } = host;
        const restricts = (host.restrictCodeExecution ?? inputs.restrictCodeExecution) === true;
        if (type === quarantineType && pair !== isolation && !restricts) continue;
        if (typeof machineId === 'string') this.#ids.add(machineId.toLowerCase());
        else if (typeof deviceName === 'string' && type === quarantineType)
          this.#namesInSets.add(deviceName.toLowerCase());
      }
    }
  }

  /** Machines of this resource that may be released, since nothing declares them any more. */
  leaving(entry: Entry): readonly string[] {
    if (!this.#isAbout(entry.type)) return [];
    if (entry.doomed) return hostsOf(entry).map(({ id }) => id);
    if (entry.type !== quarantineType) return this.#declares(entry) ? [] : [entry.id];
    return knownHosts(entry.outputs).hosts.flatMap(({ key, machineId }) =>
      this.#names(machineId) || this.#namesInSets.has(key) ? [] : [machineId],
    );
  }

  #isAbout(type: string): boolean {
    return type === quarantineType || (type === restrictionType) === (this.#pair !== isolation);
  }

  #names(id: string): boolean {
    this.#nameOf ??= new Map(this.#control?.machines().map((each) => [each.id, each.computerDnsName.toLowerCase()]));
    const name = this.#nameOf.get(id);
    return this.#ids.has(id) || (name !== undefined && this.#namesInSets.has(name));
  }

  #declares(entry: Entry): boolean {
    if (this.#names(entry.id)) return true;
    const declared = this.#program[entry.name];
    if (declared === undefined || declared instanceof Declaration || this.#control === undefined) return false;
    return typeof declared.deviceName === 'string' && entry.inputs.deviceName === declared.deviceName;
  }
}

/** Hosts that a set declares: inline, as lines of state, or in a manifest. */
function hostsIn({ hosts, manifest }: PropertyMap): readonly PropertyMap[] {
  const { hosts: written, restrictCodeExecution } = (
    typeof manifest === 'string' ? (parse(manifest) ?? {}) : { hosts }
  ) as { hosts?: unknown; restrictCodeExecution?: boolean };
  const given = written;
  const defaults = restrictCodeExecution === undefined ? {} : { restrictCodeExecution };
  if (Array.isArray(given)) return given.map((host: PropertyMap) => ({ ...defaults, ...host }));
  return Object.keys(given ?? {}).map((key) => (/^[0-9a-f]{40}$/.test(key) ? { machineId: key } : { deviceName: key }));
}

function pathOf(call: string): string {
  return call.slice(call.indexOf(' ') + 1).split('?')[0] ?? '';
}

/** As the engine writes configuration. */
function textsOf(config: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
}

async function finished(plugin: PluginProcess): Promise<readonly string[]> {
  await plugin.cancel();
  return plugin.summary();
}

class Killed extends Error {}

/** A run that came to its end before it could be killed. */
export class NotKilled extends Error {}

/** A killed run ends with this; throws what it ended with instead. */
export async function killed(run: Promise<unknown>): Promise<void> {
  try {
    await run;
  } catch (error) {
    if (error instanceof Killed) return;
    throw error;
  }
  throw new NotKilled('the run came to its end before it was killed');
}

/** After its process was killed, a client answers nobody. */
function mortal(defender: Defender, isDead: () => boolean): Defender {
  return new Proxy(defender, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== 'function' || key === 'serviceNow' || key === 'close') return value;
      return (...args: unknown[]) => {
        const never = new Promise(() => {});
        if (isDead()) return never;
        return (value as (...args: unknown[]) => Promise<unknown>)(...args).then(
          (answer) => (isDead() ? never : answer),
          (error: unknown) => (isDead() ? never : Promise.reject(error)),
        );
      };
    },
  });
}

const trusted = { before: undefined as string[] | undefined, ours: new Set<string>() };

function trust(caPem: string): () => void {
  trusted.before ??= tls.getCACertificates('default');
  trusted.ours.add(caPem);
  tls.setDefaultCACertificates([...trusted.ours]);
  return () => {
    trusted.ours.delete(caPem);
    if (trusted.ours.size > 0 || trusted.before === undefined) return;
    tls.setDefaultCACertificates(trusted.before);
    trusted.before = undefined;
  };
}

/** Runs `test` in a world of its own. */
export async function inWorld(options: WorldOptions, test: (world: World) => Promise<void>): Promise<void> {
  const { config, ourClockIsOffBy, signInOnce, judgedByTest, protocol, inProcess, ...simulated } = options;
  if (inProcess === true) {
    const world = new World(simulateInProcess({ ...simulated, startAt: startsAt }), options);
    try {
      await test(world);
    } finally {
      await world.end();
    }
    return;
  }
  const simulator = await startSimulator({ ...simulated, speed: 0, startAt: startsAt });
  const distrust = trust(simulator.caPem);
  const world = new World(simulator, options);
  try {
    await test(world);
  } finally {
    distrust();
    await world.end();
  }
}

/** Runs `test` once for each setting of a switch; a failure names the setting. */
export async function eachWorld(
  settings: readonly Partial<SwitchSettings>[],
  test: (world: World, settings: Partial<SwitchSettings>) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  for (const switches of settings) {
    try {
      await inWorld({ ...options, switches: { ...options.switches, ...switches } }, (world) => test(world, switches));
    } catch (error) {
      if (error instanceof Error) error.message = `with ${JSON.stringify(switches)}: ${error.message}`;
      throw error;
    }
  }
}

/** A run that reached its end. */
export function succeeds(run: Run): Run {
  expect({ ...run.refused, ...run.failures }).to.deep.equal({});
  return run;
}

/** A run that failed for these resources and no others, saying these things. */
export function fails(run: Run, told: Readonly<Record<string, string | RegExp>>): Run {
  const reasons: Readonly<Record<string, string>> = { ...run.refused, ...run.failures };
  expect(Object.keys(reasons)).to.have.members(Object.keys(told));
  for (const [name, text] of Object.entries(told))
    expect(reasons[name]).to.match(typeof text === 'string' ? literal(text) : text);
  return run;
}

function literal(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

/** One host under the name `pc`. */
export function pc(machineId: string, more: PropertyMap = {}): Program {
  return { pc: { machineId, comment: 'INC-1', ...more } };
}
