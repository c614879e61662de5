import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Simulator, startSimulator } from '../../../simulator/start.ts';
import { type EngineEnv, type EngineRun, makeEngineEnv } from '../../../tools/engine-env.ts';
import { type StateResource, shown } from '../world.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What the classes register, as state names it. */
const dynamicTypes = {
  isolations: 'pulumi-nodejs:dynamic/mde:MachineIsolation',
  quarantines: 'pulumi-nodejs:dynamic/mde:Quarantine',
} as const;

/** A simulated Defender and an engine of its own; stacks lie in the engine's folder. */
export interface Scene {
  readonly simulator: Simulator;
  readonly engine: EngineEnv;
  end(): Promise<void>;
}

/** Simulated seconds per real one: an action is done before the first look at it. */
const speed = 120;

export async function makeScene(): Promise<Scene> {
  const simulator = await startSimulator({ speed });
  const { NODE_EXTRA_CA_CERTS = '' } = simulator.environment();
  // Everything else is told by the stack's configuration, as its owner would.
  const engine = makeEngineEnv({ NODE_EXTRA_CA_CERTS });
  return {
    simulator,
    engine,
    async end() {
      engine.remove();
      await simulator.stop();
    },
  };
}

/** A TypeScript stack in a folder of its own. */
export class TypeScriptStack {
  readonly folder: string;
  readonly #scene: Scene;

  constructor(scene: Scene, folder: string) {
    this.#scene = scene;
    this.folder = folder;
  }

  /** Makes the stack, and tells it where to sign in and by what. */
  async init(config: Readonly<Record<string, string>> = {}): Promise<void> {
    const { apiUrl, authorityHost, credentials } = this.#scene.simulator;
    const { clientSecret, ...known } = credentials;
    const plain = Object.entries({ apiUrl, authorityHost, ...known }).map(([key, value]) => `mde:${key}=${value}`);
    const own = Object.entries(config).map(([key, value]) => `${key}=${value}`);
    await this.#must(['stack', 'init', 'dev']);
    await this.#must([
      ...['config', 'set-all', '--stack', 'dev', '--secret', `mde:clientSecret=${clientSecret}`],
      ...[...plain, ...own].flatMap((pair) => ['--plaintext', pair]),
    ]);
  }

  pulumi(...args: string[]): Promise<EngineRun> {
    return this.#scene.engine.run([...args, '--non-interactive', '--stack', 'dev'], { cwd: this.folder });
  }

  /** Straight away, as after a merge. */
  up(...args: string[]): Promise<EngineRun> {
    return this.pulumi('up', '--yes', '--skip-preview', ...args);
  }

  preview(...args: string[]): Promise<EngineRun> {
    return this.pulumi('preview', ...args);
  }

  destroy(...args: string[]): Promise<EngineRun> {
    return this.pulumi('destroy', '--yes', '--skip-preview', ...args);
  }

  /** State as the engine keeps it, secrets encrypted. */
  async stateText(): Promise<string> {
    return (await this.#must(['stack', 'export', '--stack', 'dev'])).stdout;
  }

  /** The stack's MachineIsolations, as state has them. */
  isolations(): Promise<readonly StateResource[]> {
    return this.#inState('isolations');
  }

  /** The stack's Quarantines, as state has them. */
  quarantines(): Promise<readonly StateResource[]> {
    return this.#inState('quarantines');
  }

  async #inState(kind: keyof typeof dynamicTypes): Promise<readonly StateResource[]> {
    const { deployment } = JSON.parse(await this.stateText()) as { deployment: { resources?: StateResource[] } };
    return (deployment.resources ?? []).filter(({ type }) => type === dynamicTypes[kind]);
  }

  async #must(args: readonly string[]): Promise<EngineRun> {
    const run = await this.#scene.engine.run([...args, '--non-interactive'], { cwd: this.folder });
    if (run.code !== 0) throw new Error(`pulumi ${args[0]} failed:\n${shown(run)}`);
    return run;
  }
}

/** A copy of an example of the repository as it is, in which the package is linked as in the repository. */
export function exampleStack(scene: Scene, example = 'typescript'): TypeScriptStack {
  const folder = join(scene.engine.folder, 'example');
  // What its owner made of it there, stacks and packages, stays there.
  const left = /^(node_modules|Pulumi\..+\.yaml)$/;
  cpSync(join(root, 'examples', example), folder, { recursive: true, filter: (path) => !left.test(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return new TypeScriptStack(scene, folder);
}

/** One declaration of a program: its arguments, and the engine's options. */
export interface Declared {
  readonly args: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A stack whose program is written anew with `declare`. */
export class WrittenStack extends TypeScriptStack {
  static make(scene: Scene, name: string): WrittenStack {
    const folder = join(scene.engine.folder, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'Pulumi.yaml'), JSON.stringify({ name, runtime: 'nodejs' }));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, main: 'index.ts' }));
    cpSync(join(root, 'examples/typescript/tsconfig.json'), join(folder, 'tsconfig.json'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const stack = new WrittenStack(scene, folder);
    stack.declare({});
    return stack;
  }

  /** @param resources by resource name */
  declare(resources: Readonly<Record<string, Declared>>): void {
    const lines = Object.entries(resources).map(([name, { args, options = {} }]) => {
      return `new MachineIsolation(${[name, args, options].map((each) => JSON.stringify(each)).join(', ')});`;
    });
    const program = ["import { MachineIsolation } from 'pulumi-mde';", ...lines, ''];
    writeFileSync(join(this.folder, 'index.ts'), program.join('\n'));
  }
}
