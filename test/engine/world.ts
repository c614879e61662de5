import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ActionRecord } from '../../simulator/control.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/start.ts';
import { type EngineEnv, type EngineRun, makeEngineEnv } from '../../tools/engine-env.ts';
import { type EngineProcess, startEngine } from './engine-process.ts';

/** The built plugin's folder, as a stack names it. */
export const pluginFolder = fileURLToPath(new URL('../../dist/plugin', import.meta.url));

/** One resource of a YAML stack, a MachineIsolation unless told otherwise: its properties, and options of the engine. */
export interface Declared {
  readonly type?: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A resource as `pulumi stack export` shows it. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
  [key: string]: unknown;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** A stack of the real engine with the real plugin, and a simulated Defender. */
export interface World {
  readonly simulator: Simulator;
  readonly control: Simulator['control'];
  readonly engine: EngineEnv;
  /** The stack's folder. */
  readonly folder: string;
  /** Writes Pulumi.yaml. `config` holds keys of the provider, without `mde:`. */
  declare(resources: Readonly<Record<string, Declared>>, config?: Readonly<Record<string, unknown>>): void;
  /** Runs a command on the stack. */
  pulumi(args: readonly string[], options?: RunOptions): Promise<EngineRun>;
  /** The same without waiting for its end, so that something can happen meanwhile. */
  start(args: readonly string[]): EngineProcess;
  /** `pulumi up` straight away, as after a merge. */
  up(...args: string[]): Promise<EngineRun>;
  preview(...args: string[]): Promise<EngineRun>;
  refresh(...args: string[]): Promise<EngineRun>;
  destroy(...args: string[]): Promise<EngineRun>;
  /** The stack's MachineIsolations: outputs by resource name. */
  state(): Promise<Record<string, Record<string, unknown>>>;
  /** The stack's state as text. */
  exportState(): Promise<string>;
  /** Changes the stack's state by hand: `change` edits the list of its resources. */
  editState(change: (resources: StateResource[]) => StateResource[]): Promise<void>;
  /** Isolate requests of a machine, or of all of them, in the order of submission. */
  isolates(machine?: string): readonly ActionRecord[];
  unisolates(machine?: string): readonly ActionRecord[];
  /** Requests of the provider that write, whatever became of them. */
  writes(): number;
  isIsolated(machine: string): boolean;
  end(): Promise<void>;
}

/** Simulated seconds per real one: an action is done before the first look at it. */
const speed = 120;

export interface WorldOptions extends SimulatorOptions {
  /** Added to the engine's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const simulator = await startSimulator({ speed, ...options });
  try {
    return await worldOf(simulator, options);
  } catch (error) {
    // What nobody was given nobody would stop.
    await simulator.stop();
    throw error;
  }
}

async function worldOf(simulator: Simulator, options: WorldOptions): Promise<World> {
  const { control } = simulator;
  const engine = makeEngineEnv({ ...simulator.environment(), ...options.env });
  const folder = join(engine.folder, 'stack');
  mkdirSync(folder);
  const onStack = (args: readonly string[]) => [...args, '--non-interactive', '--stack', 'dev'];
  const pulumi: World['pulumi'] = (args, runOptions = {}) => engine.run(onStack(args), { cwd: folder, ...runOptions });
  const world: World = {
    simulator,
    control,
    engine,
    folder,
    pulumi,
    start: (args) => startEngine(engine, onStack(args), folder),
    up: (...args) => pulumi(['up', '--yes', '--skip-preview', ...args]),
    preview: (...args) => pulumi(['preview', ...args]),
    refresh: (...args) => pulumi(['refresh', '--yes', '--skip-preview', ...args]),
    destroy: (...args) => pulumi(['destroy', '--yes', '--skip-preview', ...args]),
    declare(resources, config = {}) {
      const program = {
        name: 'containment',
        runtime: 'yaml',
        plugins: { providers: [{ name: 'mde', path: pluginFolder }] },
        config: Object.fromEntries(
          Object.entries({ apiUrl: simulator.apiUrl, ...config }).map(([key, value]) => [`mde:${key}`, { value }]),
        ),
        resources: Object.fromEntries(
          Object.entries(resources).map(([name, declared]) => [
            name,
            { type: 'mde:index:MachineIsolation', ...declared },
          ]),
        ),
      };
      // JSON is YAML.
      writeFileSync(join(folder, 'Pulumi.yaml'), JSON.stringify(program, null, 2));
    },
    async state() {
      const resources = resourcesIn(await world.exportState());
      const isolations = resources.filter((each) => each.type === 'mde:index:MachineIsolation');
      return Object.fromEntries(isolations.map((each) => [nameOf(each.urn), each.outputs ?? {}]));
    },
    async exportState() {
      const exported = await pulumi(['stack', 'export']);
      if (exported.code !== 0) throw new Error(`stack export failed:\n${shown(exported)}`);
      return exported.stdout;
    },
    async editState(change) {
      const state = JSON.parse(await world.exportState());
      state.deployment.resources = change(state.deployment.resources ?? []);
      const file = join(engine.folder, 'state.json');
      writeFileSync(file, JSON.stringify(state));
      const imported = await pulumi(['stack', 'import', '--file', file]);
      if (imported.code !== 0) throw new Error(`stack import failed:\n${shown(imported)}`);
    },
    isolates: (machine) => actionsOf(control, 'Isolate', machine),
    unisolates: (machine) => actionsOf(control, 'Unisolate', machine),
    writes() {
      const routes = Object.entries(control.statistics().byRoute);
      return routes.reduce((sum, [route, count]) => (route.startsWith('POST ') ? sum + count : sum), 0);
    },
    isIsolated: (machine) => control.machine(machine).isolation.isolated,
    async end() {
      engine.remove();
      await simulator.stop();
    },
  };
  world.declare({});
  const init = await engine.run(['stack', 'init', 'dev', '--non-interactive'], { cwd: folder });
  if (init.code !== 0) throw new Error(`stack init failed:\n${shown(init)}`);
  return world;
}

function actionsOf(control: Simulator['control'], type: string, machine: string | undefined): readonly ActionRecord[] {
  const id = machine === undefined ? {} : { machine: control.machine(machine).id };
  return control.actions(id).filter((action) => action.type === type);
}

function resourcesIn(state: string): readonly StateResource[] {
  const { deployment } = JSON.parse(state) as { deployment: { resources?: StateResource[] } };
  return deployment.resources ?? [];
}

export function nameOf(urn: string): string {
  return urn.split('::').at(-1) ?? '';
}

/** What a person sees of a run. */
export function shown(run: EngineRun): string {
  return `${run.stdout}\n${run.stderr}`;
}
