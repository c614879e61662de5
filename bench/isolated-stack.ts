import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markedComment } from '../provider/containment/mark.ts';
import { parseMachineId } from '../provider/defender/machine.ts';
import { type Simulator, startSimulator } from '../simulator/start.ts';
import { type EngineEnv, type EngineRun, makeEngineEnv } from '../tools/engine-env.ts';

const project = 'bench';
const stack = 'dev';
const type = 'mde:index:MachineIsolation';
const reason = 'INC-4711';

/** Machines of the tenant that the stack does not declare. */
const bystanders = 500;

interface Host {
  readonly machineId: string;
  readonly deviceName: string;
  readonly resourceName: string;
  readonly actionId: string;
}

/** A resource as `pulumi stack export` shows it. */
interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Why the engine holds it for unhealthy: a lookup that failed leaves it as it was and says so here. */
  readonly initErrors?: readonly string[];
}

interface State {
  readonly deployment: { readonly resources: StateResource[] };
}

/**
 * A YAML stack of the real engine that holds many isolated hosts, and the simulated tenant that they are isolated in.
 * The engine needs minutes to write a thousand resources one after the other, so one host is taken into state by
 * `pulumi up`, and its record is multiplied.
 */
export class IsolatedStack {
  readonly simulator: Simulator;
  readonly #engine: EngineEnv;
  readonly #folder: string;
  readonly #root: string;
  readonly #signal: AbortSignal;

  /**
   * @param root the repository, with `dist/` built
   * @throws Error with the engine's output, where a command of it fails
   */
  static async make(root: string, size: number, signal: AbortSignal): Promise<IsolatedStack> {
    // Time stands still: nothing that state tells can change between two looks.
    const simulator = await startSimulator({ speed: 0 });
    // With a seed of their own, since one seed gives one sequence of ids.
    simulator.control.seed({ count: bystanders, seed: 4711 });
    const made = new IsolatedStack(root, simulator, signal);
    try {
      await made.#fill(size);
      return made;
    } catch (error) {
      await made.end();
      throw error;
    }
  }

  private constructor(root: string, simulator: Simulator, signal: AbortSignal) {
    this.simulator = simulator;
    this.#root = root;
    this.#signal = signal;
    this.#engine = makeEngineEnv(simulator.environment());
    this.#folder = join(this.#engine.folder, 'stack');
    mkdirSync(this.#folder);
  }

  /** @throws Error with the engine's output, where the exit code is not 0 */
  async pulumi(...args: readonly string[]): Promise<EngineRun> {
    this.#signal.throwIfAborted();
    const run = await this.#engine.run([...args, '--non-interactive', '--stack', stack], {
      cwd: this.#folder,
      signal: this.#signal,
    });
    this.#signal.throwIfAborted();
    if (run.code !== 0) {
      throw new Error(`pulumi ${args.join(' ')} ended with ${run.code}:\n${lastLines(run.stdout + run.stderr)}`);
    }
    return run;
  }

  /**
   * Every host is in state, healthy and isolated.
   * @throws Error that tells how many are not, and why the first of them is not
   */
  async mustBeIntact(size: number): Promise<void> {
    const isolations = (await this.#export()).deployment.resources.filter((resource) => resource.type === type);
    if (isolations.length !== size) throw new Error(`state holds ${isolations.length} resources in place of ${size}`);
    const ill = isolations.filter(({ outputs, initErrors = [] }) => outputs?.state !== 'isolated' || initErrors.length);
    const [first] = ill;
    if (first === undefined) return;
    const why = first.initErrors?.join('; ') ?? `state ${first.outputs?.state}`;
    throw new Error(`${ill.length} of ${size} hosts were not observed as isolated, such as ${first.urn}: ${why}`);
  }

  async end(): Promise<void> {
    this.#engine.remove();
    await this.simulator.stop();
  }

  async #fill(size: number): Promise<void> {
    const hosts = Array.from({ length: size }, (_, index) => this.#isolatedHost(index));
    const [first, ...others] = hosts;
    if (first === undefined) throw new RangeError('a stack without a host');
    this.#declare([first]);
    await this.pulumi('stack', 'init');
    await this.pulumi('up', '--yes', '--skip-preview');
    const state = await this.#export();
    const { resources } = state.deployment;
    const taken = resources.find((resource) => resource.type === type);
    if (taken?.outputs?.actionId !== first.actionId || taken.outputs.owned !== true) {
      throw new Error(`the first host was not taken over as it stands: ${JSON.stringify(taken?.outputs)}`);
    }
    resources.push(...others.map((host) => copyFor(taken, first, host)));
    const file = join(this.#engine.folder, 'state.json');
    writeFileSync(file, JSON.stringify(state));
    await this.pulumi('stack', 'import', '--file', file);
    this.#declare(hosts);
  }

  async #export(): Promise<State> {
    return JSON.parse((await this.pulumi('stack', 'export')).stdout) as State;
  }

  /** A host that this stack has isolated, as far as the service can tell. */
  #isolatedHost(index: number): Host {
    const { control } = this.simulator;
    const resourceName = `host-${String(index).padStart(5, '0')}`;
    const deviceName = `${resourceName}.contoso.com`;
    const { id } = control.addMachine({ computerDnsName: deviceName });
    const machineId = parseMachineId(id);
    if (machineId === undefined) throw new Error(`the simulator made a machine with an odd id: ${id}`);
    const action = control.isolate(id, {
      // An app shows by its name.
      by: 'pulumi-mde',
      requestSource: 'PublicApi',
      comment: markedComment({ project, stack, name: resourceName, machineId }, reason),
      latencySeconds: 0,
    });
    return { machineId, deviceName, resourceName, actionId: action.id };
  }

  #declare(hosts: readonly Host[]): void {
    const resources = hosts.map(({ resourceName, machineId }) => [
      resourceName,
      { type, properties: { machineId, comment: reason } },
    ]);
    const program = {
      name: project,
      runtime: 'yaml',
      plugins: { providers: [{ name: 'mde', path: join(this.#root, 'dist/plugin') }] },
      config: { 'mde:apiUrl': { value: this.simulator.apiUrl } },
      resources: Object.fromEntries(resources),
    };
    writeFileSync(join(this.#folder, 'Pulumi.yaml'), JSON.stringify(program));
  }
}

/** The record of one host as that of another: whatever names the one names the other, wherever it stands. */
function copyFor(resource: StateResource, from: Host, to: Host): StateResource {
  const names = [
    [from.machineId, to.machineId],
    [from.actionId, to.actionId],
    // The device's name holds the resource's.
    [from.resourceName, to.resourceName],
  ] as const;
  const text = names.reduce((json, [old, now]) => json.replaceAll(old, now), JSON.stringify(resource));
  return JSON.parse(text) as StateResource;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-40).join('\n');
}
