import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Simulator } from '../simulator/start.ts';
import { CallFailed, type PluginUnderTest, startPlugin } from '../test/plugin/fake-engine.ts';
import { secret } from '../test/plugin/structs.ts';

type Properties = Readonly<Record<string, unknown>>;

/** What state holds of the set. */
interface State {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** Why the last operation did not reach its end. */
  readonly initErrors: readonly string[];
}

/** Memory of the plugin's process once all garbage is collected, bytes. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

const type = 'mde:index:Quarantine';
const name = 'fleet';
const script = fileURLToPath(new URL('./fast-plugin.ts', import.meta.url));
/** Nothing that the process is asked for takes so long, however busy the machine; ms. */
const patienceMs = 60_000;

/**
 * A stack of one Quarantine over the real plugin, in a process of its own whose clock runs as fast as the simulator's, and
 * driven over gRPC in the engine's order: read, check, diff, create or update. State is kept from run to run, and so is the
 * process, until it is ended.
 */
export class FastStack {
  readonly #simulator: Simulator;
  readonly #speed: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-bench-'));
  #plugin: PluginUnderTest | undefined;
  #state: State | undefined;

  /** @param speed simulated seconds per real one, while a run goes on */
  constructor(simulator: Simulator, speed: number) {
    this.#simulator = simulator;
    this.#speed = speed;
  }

  /** `pulumi up`. The answer: why it ended with a failure; empty where it did not. */
  up(manifest: string): Promise<readonly string[]> {
    return this.#run(manifest, false);
  }

  preview(manifest: string): Promise<readonly string[]> {
    return this.#run(manifest, true);
  }

  /** The process is gone at once, with all that it knew; what it did not answer yet is in no state. */
  async kill(): Promise<void> {
    await this.#plugin?.dispose();
    this.#plugin = undefined;
  }

  async memory(): Promise<Memory> {
    const plugin = this.#plugin;
    const file = join(this.#folder, 'memory');
    if (plugin === undefined) throw new Error('no run has started the plugin yet');
    rmSync(file, { force: true });
    plugin.child.kill('SIGUSR2');
    for (let waited = 0; waited < patienceMs; waited += 5) {
      await pause(5);
      if (statSync(file, { throwIfNoEntry: false }) !== undefined)
        return JSON.parse(readFileSync(file, 'utf8')) as Memory;
    }
    throw new Error('the plugin did not tell its memory');
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(manifest: string, preview: boolean): Promise<readonly string[]> {
    const { control } = this.#simulator;
    control.setSpeed(this.#speed);
    try {
      return await this.#carryOut(await this.#configured(), manifest, preview);
    } catch (error) {
      if (error instanceof CallFailed) return [error.message];
      throw error;
    } finally {
      control.setSpeed(0);
    }
  }

  async #carryOut(plugin: PluginUnderTest, manifest: string, preview: boolean): Promise<readonly string[]> {
    const before = await this.#refreshed(plugin);
    if (!preview) this.#state = before;
    const { inputs, failures } = await plugin.check(name, { manifest }, before?.inputs);
    if (failures.length > 0) return failures.map(({ reason }) => reason);
    const { id = '', outputs = {}, inputs: oldInputs = {}, initErrors = [] } = before ?? {};
    if (before !== undefined) {
      const diff = await plugin.diff(name, id, outputs, oldInputs, inputs);
      if (diff.changes === 'none' && initErrors.length === 0) return [];
    }
    try {
      const after =
        before === undefined
          ? await plugin.create(name, inputs, { preview })
          : { id, ...(await plugin.update(name, id, outputs, oldInputs, inputs, { preview })) };
      if (!preview) this.#state = { id: after.id, inputs, outputs: after.properties, initErrors: [] };
      return [];
    } catch (error) {
      const known = error instanceof CallFailed ? this.#leftBehind() : undefined;
      if (known === undefined) throw error;
      // What failed keeps the old inputs, so that the difference comes again.
      if (!preview) this.#state = { ...known, inputs: before === undefined ? inputs : oldInputs };
      return known.initErrors;
    }
  }

  /** State as a read before the run finds it; a host that cannot be seen leaves what was known. */
  async #refreshed(plugin: PluginUnderTest): Promise<State | undefined> {
    const state = this.#state;
    if (state === undefined) return undefined;
    const { properties: outputs = state.outputs, inputs = state.inputs } = await plugin.read(name, state.id, state);
    await plugin.diff(name, state.id, outputs, inputs, inputs);
    return { id: state.id, outputs, inputs, initErrors: this.#leftBehind()?.initErrors ?? [] };
  }

  /** What the plugin knew when an operation failed. */
  #leftBehind(): Omit<State, 'inputs'> | undefined {
    const file = join(this.#folder, 'left-behind');
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
    const { id, outputs, reasons } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly id: string;
      readonly outputs: Properties;
      readonly reasons: readonly string[];
    };
    rmSync(file);
    return { id, outputs, initErrors: reasons };
  }

  /** Each run has a sign-in, a view of the fleet and limits of its own, though the process may be an old one. */
  async #configured(): Promise<PluginUnderTest> {
    const simulator = this.#simulator;
    const timeFile = join(this.#folder, 'time');
    writeFileSync(timeFile, String(simulator.control.now().getTime()));
    this.#plugin ??= await startPlugin({
      script,
      type,
      env: {
        NODE_EXTRA_CA_CERTS: simulator.caPath,
        BENCH_SPEED: String(this.#speed),
        BENCH_TIME_FILE: timeFile,
        BENCH_MEMORY_FILE: join(this.#folder, 'memory'),
        BENCH_LEFT_BEHIND_FILE: join(this.#folder, 'left-behind'),
      },
    });
    const { clientSecret, ...known } = simulator.credentials;
    const plugin = this.#plugin;
    plugin.engine.logs.length = 0;
    await plugin.configure({
      ...known,
      clientSecret: secret(clientSecret),
      apiUrl: simulator.apiUrl,
      authorityHost: simulator.authorityHost,
      guardrails: { maxIsolations: 100_000 },
      // What the processes themselves take weighs more where time is short.
      maxRunTime: '10h',
    });
    return plugin;
  }
}
