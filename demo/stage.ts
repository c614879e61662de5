import { basename, join } from 'node:path';
import type { MachineTruth } from '../simulator/control.ts';
import { type Simulator, startSimulator } from '../simulator/start.ts';
import { type EngineEnv, makeEngineEnv } from '../tools/engine-env.ts';
import type { Screen } from './screen.ts';
import { SimulatorRecord } from './simulator-record.ts';
import { TypeScriptStack, YamlStack } from './stack.ts';

/** Simulated seconds per real one: what takes a host a minute takes the demo a second. */
const speed = 60;

const machines = 25;

/** A laptop of the simulator's fleet, the one that Pulumi.yaml names too. */
const hostName = 'ber-laptop-0004.contoso.com';

/** A command of the engine ended badly; its output is on the screen. */
export class EngineFailed extends Error {
  constructor(words: readonly string[], code: number | null) {
    super(`\`${words.join(' ')}\` ended with ${code === null ? 'a signal' : `exit code ${code}`}`);
    this.name = 'EngineFailed';
  }
}

/** All that the story needs: a simulated Defender, the real engine, and two stacks. */
export class Stage {
  readonly screen: Screen;
  readonly simulator: Simulator;
  readonly engine: EngineEnv;
  readonly record: SimulatorRecord;
  readonly yaml: YamlStack;
  readonly typescript: TypeScriptStack;
  readonly #signal: AbortSignal;

  /**
   * @param root the repository, with `dist/` built
   * @param signal stops the story, once the command that runs has ended
   */
  static async set(root: string, screen: Screen, signal: AbortSignal): Promise<Stage> {
    // Microsoft does not say whether a renewal restarts the seven days. Here it does, and the stack is told so.
    const simulator = await startSimulator({ speed, machines, switches: { secondIsolateRestartsLease: true } });
    try {
      return new Stage(root, screen, simulator, signal);
    } catch (error) {
      await simulator.stop();
      throw error;
    }
  }

  private constructor(root: string, screen: Screen, simulator: Simulator, signal: AbortSignal) {
    this.screen = screen;
    this.simulator = simulator;
    this.#signal = signal;
    this.record = new SimulatorRecord(simulator, hostName);
    this.engine = makeEngineEnv(simulator.environment());
    try {
      this.yaml = new YamlStack(root, join(this.engine.folder, 'yaml'));
      this.typescript = new TypeScriptStack(root, join(this.engine.folder, 'typescript'));
    } catch (error) {
      this.engine.remove();
      throw error;
    }
  }

  /** The host as it really is. */
  get host(): MachineTruth {
    return this.simulator.control.machine(hostName);
  }

  /**
   * Runs `pulumi` and shows it.
   * @throws EngineFailed
   */
  async pulumi(folder: string, ...args: readonly string[]): Promise<void> {
    this.#signal.throwIfAborted();
    const words = ['pulumi', ...args];
    this.screen.command(basename(folder), words);
    // The signal is not handed on: Ctrl-C on a terminal reaches the command too, and a second one would make it leave
    // its language host behind. Each takes seconds.
    const run = await this.engine.run([...args, '--color', 'never'], { cwd: folder });
    this.#signal.throwIfAborted();
    if (run.code !== 0) {
      this.screen.wholeOutput(run.stdout + run.stderr);
      throw new EngineFailed(words, run.code);
    }
    this.screen.output(run.stdout + run.stderr);
  }

  /** Ends the simulator and removes everything that the demo made. */
  async end(): Promise<void> {
    this.engine.remove();
    await this.simulator.stop();
  }
}
