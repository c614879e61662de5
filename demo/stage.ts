import { execFile, spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import type { MachineTruth } from '../simulator/control.ts';
import { type Simulator, startSimulator } from '../simulator/start.ts';
import { type EngineEnv, makeEngineEnv } from '../tools/engine-env.ts';
import { FleetStack } from './fleet-stack.ts';
import { cutPower } from './process-tree.ts';
import type { Screen } from './screen.ts';
import { SimulatorRecord } from './simulator-record.ts';
import { TypeScriptStack, YamlStack } from './stack.ts';

/** Simulated seconds per real one: what takes a host a minute takes the demo a second. */
const speed = 60;

const machines = 25;

/** A laptop of the simulator's fleet, the one that Pulumi.yaml names too. */
const hostName = 'ber-laptop-0004.contoso.com';

/** A command ended otherwise than it should; its output is on the screen. */
export class CommandFailed extends Error {
  constructor(words: readonly string[], code: number | null) {
    super(`\`${words.join(' ')}\` ended with ${code === null ? 'a signal' : `exit code ${code}`}`);
    this.name = 'CommandFailed';
  }
}

/** How often the moment is looked for at which the power is cut, ms. */
const watchEveryMs = 5;

/** All that the story needs: a simulated Defender, the real engine, and two stacks. */
export class Stage {
  readonly screen: Screen;
  readonly simulator: Simulator;
  readonly engine: EngineEnv;
  readonly record: SimulatorRecord;
  readonly yaml: YamlStack;
  readonly typescript: TypeScriptStack;
  readonly fleet: FleetStack;
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
      this.fleet = new FleetStack(root, join(this.engine.folder, 'fleet'));
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
   * @throws CommandFailed
   */
  async pulumi(folder: string, ...args: readonly string[]): Promise<void> {
    const { code, text } = await this.#pulumi(folder, args);
    if (code !== 0) {
      this.screen.wholeOutput(text);
      throw new CommandFailed(['pulumi', ...args], code);
    }
    this.screen.output(text);
  }

  /**
   * Runs `pulumi`, which must end with an error, and shows it. The answer: what it printed.
   * @throws CommandFailed where it ends well
   */
  async refused(folder: string, ...args: readonly string[]): Promise<string> {
    const { code, text } = await this.#pulumi(folder, args);
    this.screen.output(text);
    if (code !== 1) throw new CommandFailed(['pulumi', ...args], code);
    return text;
  }

  /**
   * Runs `pulumi` until it is time, then kills the engine and its plugins, as a power cut would.
   * @throws CommandFailed where it ended before
   */
  async cutOff(isTime: () => boolean, folder: string, ...args: readonly string[]): Promise<void> {
    let watch: NodeJS.Timeout | undefined;
    const onStart = (pid: number) => {
      watch = setInterval(() => {
        if (!isTime()) return;
        clearInterval(watch);
        cutPower(pid);
      }, watchEveryMs);
    };
    try {
      const { code, text } = await this.#pulumi(folder, args, onStart);
      if (code === null) return;
      this.screen.wholeOutput(text);
      throw new CommandFailed(['pulumi', ...args], code);
    } finally {
      clearInterval(watch);
    }
  }

  /**
   * Runs `pulumi-mde` and shows the first lines of each kind.
   * @param expected the exit code that it must end with
   * @throws CommandFailed
   */
  async commandLine(expected: number, folder: string, ...args: readonly string[]): Promise<void> {
    this.#signal.throwIfAborted();
    const words = ['pulumi-mde', ...args];
    this.screen.command(basename(folder), words);
    const { code, text } = await this.#run(join(this.fleet.bin, 'pulumi-mde'), args, folder);
    this.#signal.throwIfAborted();
    if (code !== expected) {
      this.screen.wholeOutput(text);
      throw new CommandFailed(words, code);
    }
    this.screen.table(text);
  }

  /**
   * Runs `git` and shows it.
   * @throws CommandFailed
   */
  git(folder: string, ...args: readonly string[]): void {
    this.#signal.throwIfAborted();
    const words = ['git', ...args];
    this.screen.command(basename(folder), words);
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: folder, env: this.#gitEnv(), encoding: 'utf8' });
    if (status !== 0) {
      this.screen.wholeOutput(stdout + stderr);
      throw new CommandFailed(words, status);
    }
    if (stdout !== '') this.screen.excerpt(stdout.trimEnd().split('\n'));
  }

  async #pulumi(
    folder: string,
    args: readonly string[],
    onStart?: (pid: number) => void,
  ): Promise<{ readonly code: number | null; readonly text: string }> {
    this.#signal.throwIfAborted();
    this.screen.command(basename(folder), ['pulumi', ...args]);
    // The signal is not handed on: Ctrl-C on a terminal reaches the command too, and a second one would make it leave
    // its language host behind. Each takes seconds.
    const { code, stdout, stderr } = await this.engine.run([...args, '--color', 'never'], {
      cwd: folder,
      ...(onStart && { onStart }),
    });
    this.#signal.throwIfAborted();
    return { code, text: stdout + stderr };
  }

  /** Not at once and to the end: the simulator that the command calls runs in this process. */
  #run(
    program: string,
    args: readonly string[],
    cwd: string,
  ): Promise<{ readonly code: number | null; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const child = execFile(program, args, { cwd, env: this.engine.env }, (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, text: stdout + stderr });
      });
      child.once('error', reject);
    });
  }

  /** Nothing of the user's own settings: no identity, no hooks, no signing. */
  #gitEnv(): NodeJS.ProcessEnv {
    const nobody = { NAME: 'demo', EMAIL: 'demo@contoso.com' };
    const identity = Object.entries(nobody).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]);
    const own = Object.entries(this.engine.env).filter(([name]) => !name.startsWith('GIT_'));
    return Object.fromEntries([...own, ...identity, ['GIT_CONFIG_GLOBAL', '/dev/null'], ['GIT_CONFIG_NOSYSTEM', '1']]);
  }

  /** Ends the simulator and removes everything that the demo made. */
  async end(): Promise<void> {
    this.engine.remove();
    await this.simulator.stop();
  }
}
