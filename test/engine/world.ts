import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/start.ts';
import { type EngineEnv, type EngineRun, makeEngineEnv } from '../../tools/engine-env.ts';

/** The built plugin's folder, as a stack names it. */
export const pluginFolder = fileURLToPath(new URL('../../dist/plugin', import.meta.url));

/** One MachineIsolation of a YAML stack: its properties, and options of the engine. */
export interface Declared {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A stack of the real engine with the real plugin, and a simulated Defender. */
export interface World {
  readonly simulator: Simulator;
  readonly engine: EngineEnv;
  /** The stack's folder. */
  readonly folder: string;
  declare(resources: Readonly<Record<string, Declared>>, config?: Readonly<Record<string, unknown>>): void;
  pulumi(args: readonly string[], options?: { readonly env?: Record<string, string>; readonly signal?: AbortSignal; readonly onOutput?: (text: string) => void }): Promise<EngineRun>;
  /** The stack's state: properties by resource name. */
  state(): Promise<Record<string, Record<string, unknown>>>;
  end(): Promise<void>;
}

/** Simulated seconds per real one: waits of a minute take a second. */
const speed = 60;

export async function makeWorld(options: SimulatorOptions & { readonly env?: Record<string, string> } = {}): Promise<World> {
  const simulator = await startSimulator({ speed, ...options });
  const engine = makeEngineEnv({ ...simulator.environment(), ...options.env });
  const folder = join(engine.folder, 'stack');
  mkdirSync(folder);
  const pulumi: World['pulumi'] = (args, runOptions = {}) =>
    engine.run([...args, '--non-interactive', '--stack', 'dev'], { cwd: folder, ...runOptions });
  const world: World = {
    simulator,
    engine,
    folder,
    pulumi,
    declare(resources, config = {}) {
      const program = {
        name: 'containment',
        runtime: 'yaml',
        plugins: { providers: [{ name: 'mde', path: pluginFolder }] },
        config: Object.fromEntries(
          Object.entries({ apiUrl: simulator.apiUrl, ...config }).map(([key, value]) => [`mde:${key}`, { value }]),
        ),
        resources: Object.fromEntries(
          Object.entries(resources).map(([name, declared]) => [name, { type: 'mde:index:MachineIsolation', ...declared }]),
        ),
      };
      // JSON is YAML.
      writeFileSync(join(folder, 'Pulumi.yaml'), JSON.stringify(program, null, 2));
    },
    async state() {
      const exported = await pulumi(['stack', 'export']);
      const { deployment } = JSON.parse(exported.stdout) as {
        deployment: { resources?: { urn: string; type: string; outputs?: Record<string, unknown> }[] };
      };
      const resources = (deployment.resources ?? []).filter((each) => each.type === 'mde:index:MachineIsolation');
      return Object.fromEntries(resources.map((each) => [each.urn.split('::').at(-1) ?? '', each.outputs ?? {}]));
    },
    async end() {
      engine.remove();
      await simulator.stop();
    },
  };
  world.declare({});
  const init = await engine.run(['stack', 'init', 'dev', '--non-interactive'], { cwd: folder });
  if (init.code !== 0) throw new Error(`stack init failed:\n${init.stdout}${init.stderr}`);
  return world;
}

/** What a person sees of a run. */
export function shown(run: EngineRun): string {
  return `${run.stdout}\n${run.stderr}`;
}
