import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import { markedComment } from '../provider/containment/mark.ts';
import { parseMachineId } from '../provider/defender/machine.ts';
import { type Simulator, startSimulator } from '../simulator/start.ts';
import { documentedLimits } from '../simulator/throttle.ts';
import { type EngineEnv, type EngineRun, makeEngineEnv } from '../tools/engine-env.ts';
import { MemoryWatch, type Peaks } from './process-memory.ts';

const project = 'bench';
const stack = 'dev';
const resource = 'fleet';
const reason = 'INC-4711';

/** Machines of the tenant that nobody declares. */
const bystanders = 500;

/** Seconds from a request to its end, as the simulator has it where it is not told otherwise. */
export const documentedLatencySeconds = 66;

export interface QuarantineStackOptions {
  readonly root: string;
  readonly hosts: number;
  /** How much shorter the service's rate windows are than they really are; the product is told so by `rateLimits`. */
  readonly factor: number;
  readonly signal: AbortSignal;
  /** Declares each host as a MachineIsolation of its own, in place of one Quarantine. */
  readonly asResources?: boolean;
}

interface State {
  readonly deployment: {
    readonly resources: readonly {
      readonly type: string;
      readonly inputs?: Readonly<Record<string, unknown>>;
      readonly outputs?: Readonly<Record<string, unknown>>;
    }[];
  };
}

/** A run of the engine, with the peaks of its processes' memory. */
export interface MeasuredRun extends EngineRun, Peaks {
  /** From the start of the command to its end. */
  readonly seconds: number;
}

/** A YAML stack of the real engine that declares many hosts, and the simulated tenant, with its limits on. */
export class QuarantineStack {
  readonly simulator: Simulator;
  readonly machineIds: readonly string[];
  readonly #engine: EngineEnv;
  readonly #folder: string;
  readonly #options: QuarantineStackOptions;

  static async make(options: QuarantineStackOptions): Promise<QuarantineStack> {
    const { factor } = options;
    const { minuteMs, hourMs } = documentedLimits;
    const simulator = await startSimulator({
      limits: { minuteMs: minuteMs / factor, hourMs: hourMs / factor },
      latencySeconds: { Isolate: documentedLatencySeconds / factor },
    });
    simulator.control.seed({ count: bystanders, seed: 4711 });
    const made = new QuarantineStack(options, simulator);
    try {
      await made.pulumi('stack', 'init');
      return made;
    } catch (error) {
      await made.end();
      throw error;
    }
  }

  private constructor(options: QuarantineStackOptions, simulator: Simulator) {
    this.simulator = simulator;
    this.#options = options;
    this.#engine = makeEngineEnv(simulator.environment());
    this.#folder = join(this.#engine.folder, 'stack');
    mkdirSync(this.#folder);
    this.machineIds = Array.from(
      { length: options.hosts },
      (_, index) => simulator.control.addMachine({ computerDnsName: nameOf(index) }).id,
    );
    this.#declare();
  }

  /** All hosts are isolated already, by requests of this stack, as far as the service can tell. */
  isolateAll(): void {
    for (const id of this.machineIds) {
      const machineId = parseMachineId(id);
      if (machineId === undefined) throw new Error(`the simulator made a machine with an odd id: ${id}`);
      this.simulator.control.isolate(id, {
        // An app shows by its name.
        by: 'pulumi-mde',
        requestSource: 'PublicApi',
        comment: markedComment({ project, stack, name: resource, machineId }, reason),
        latencySeconds: 0,
      });
    }
  }

  isolated(): number {
    const { control } = this.simulator;
    return this.machineIds.filter((id) => control.machine(id).isolation.isolated).length;
  }

  /** What the plugin was told and told of the whole set, as the protocol carries it; bytes. */
  async messageBytes(): Promise<{ readonly inputs: number; readonly outputs: number }> {
    const exported = JSON.parse((await this.pulumi('stack', 'export')).stdout) as State;
    const set = exported.deployment.resources.find(({ type }) => type === 'mde:index:Quarantine');
    const size = (map: Readonly<Record<string, unknown>> = {}) =>
      structs.Struct.fromJavaScript(map as Parameters<typeof structs.Struct.fromJavaScript>[0]).serializeBinary()
        .length;
    return { inputs: size(set?.inputs), outputs: size(set?.outputs) };
  }

  /** The stack's state, as its backend keeps it. */
  stateBytes(): number {
    return statSync(join(this.#engine.folder, 'state', '.pulumi', 'stacks', project, `${stack}.json`)).size;
  }

  /** @throws Error with the engine's output, where the exit code is not 0 */
  async pulumi(...args: readonly string[]): Promise<MeasuredRun> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const memory = new MemoryWatch(pathToFileURL(join(this.#engine.folder, 'state')).href);
    const started = performance.now();
    try {
      const run = await this.#engine.run([...args, '--non-interactive', '--stack', stack], {
        cwd: this.#folder,
        signal,
        timeoutMs: 60 * 60_000,
      });
      signal.throwIfAborted();
      const seconds = (performance.now() - started) / 1000;
      if (run.code !== 0) {
        const lines = (run.stdout + run.stderr).trim().split('\n').slice(-40).join('\n');
        throw new Error(`pulumi ${args.join(' ')} ended with ${run.code}:\n${lines}`);
      }
      return { ...run, ...memory.end(), seconds };
    } finally {
      memory.end();
    }
  }

  async end(): Promise<void> {
    this.#engine.remove();
    await this.simulator.stop();
  }

  #declare(): void {
    const { root, hosts, factor, asResources } = this.#options;
    const names = Array.from({ length: hosts }, (_, index) => nameOf(index));
    const manifest = ['version: 1', `comment: ${reason}`, 'hosts:', ...names.map((name) => `  - deviceName: ${name}`)];
    writeFileSync(join(this.#folder, 'quarantine.yaml'), `${manifest.join('\n')}\n`);
    const resources =
      asResources === true
        ? Object.fromEntries(
            names.map((deviceName) => [
              deviceName,
              { type: 'mde:index:MachineIsolation', properties: { deviceName, comment: reason } },
            ]),
          )
        : {
            [resource]: {
              type: 'mde:index:Quarantine',
              properties: { manifest: { 'fn::readFile': './quarantine.yaml' } },
            },
          };
    const limits = { share: 1, minuteLength: `${60_000 / factor}ms`, hourLength: `${3_600_000 / factor}ms` };
    const program = {
      name: project,
      runtime: 'yaml',
      plugins: { providers: [{ name: 'mde', path: join(root, 'dist/plugin') }] },
      config: {
        'mde:apiUrl': { value: this.simulator.apiUrl },
        'mde:rateLimits': { value: limits },
        'mde:guardrails': { value: { maxIsolations: hosts } },
      },
      resources,
    };
    writeFileSync(join(this.#folder, 'Pulumi.yaml'), JSON.stringify(program));
  }
}

function nameOf(index: number): string {
  return `host-${String(index).padStart(5, '0')}.contoso.com`;
}
