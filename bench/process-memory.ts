import { readdirSync, readFileSync } from 'node:fs';

/** Peak memory of processes by what they are, in MiB. */
export interface Peaks {
  readonly pluginMiB: number;
  readonly engineMiB: number;
}

const everyMs = 200;

/**
 * Watches the processes that carry this in their environment (the temporary folder of an engine), and remembers the
 * largest resident set that the kernel tells for the plugin and for the engine (`VmHWM` in /proc/PID/status).
 */
export class MemoryWatch {
  readonly #mark: string;
  readonly #peaks = { plugin: 0, engine: 0 };
  readonly #timer: NodeJS.Timeout;

  constructor(mark: string) {
    this.#mark = mark;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  end(): Peaks {
    clearInterval(this.#timer);
    return { pluginMiB: this.#peaks.plugin / 1024, engineMiB: this.#peaks.engine / 1024 };
  }

  #look(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const kind = kindOf(command);
        if (kind === undefined || !readFileSync(`/proc/${pid}/environ`, 'utf8').includes(this.#mark)) continue;
        const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        this.#peaks[kind] = Math.max(this.#peaks[kind], Number(kibibytes ?? 0));
      } catch {
        // It has ended between two of these readings.
      }
    }
  }
}

function kindOf(command: readonly string[]): 'plugin' | 'engine' | undefined {
  if (command.some((argument) => argument.endsWith('pulumi-resource-mde.cjs'))) return 'plugin';
  return command[0]?.endsWith('/pulumi') === true ? 'engine' : undefined;
}
