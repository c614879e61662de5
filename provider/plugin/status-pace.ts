import { readFileSync, readlinkSync } from 'node:fs';

/**
 * How far apart progress lines are, in milliseconds. On a terminal each replaces the one before; elsewhere each is a
 * line of its own in somebody's log. The engine does not say which it is, so its standard output is looked at, where
 * the system shows it (Linux); otherwise a middle way is taken.
 */
export const statusPace = { terminal: 1_000, unsure: 10_000, log: 30_000 } as const;

/** What can be seen of the engine's process. */
export interface EngineProcess {
  /** Where its standard output goes (`/dev/pts/3`, `pipe:[123]`); undefined: cannot be seen. */
  output(): string | undefined;
  /** Its command line; undefined: cannot be seen. */
  commandLine(): readonly string[] | undefined;
}

/** The process with this id, by Linux's /proc. */
export function engineProcess(pid: number): EngineProcess {
  return {
    output: () => attempt(() => readlinkSync(`/proc/${pid}/fd/1`)),
    commandLine: () => attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')),
  };
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** @param environment the plugin's, which it has from the engine */
export function choosePace(engine: EngineProcess, environment: Readonly<Record<string, string | undefined>>): number {
  const output = engine.output();
  if (output === undefined) return statusPace.unsure;
  if (!/^\/dev\/(pts\/|tty|console)/.test(output) || environment.TERM === 'dumb') return statusPace.log;
  // The engine draws no live display in a pipeline's environment, nor where it was told so.
  if (environment.CI || engine.commandLine()?.some((word) => /^--(non-interactive|json)\b/.test(word))) {
    return statusPace.log;
  }
  return statusPace.terminal;
}
