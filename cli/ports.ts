import type { Defender } from '../provider/defender/api.ts';
import type { Clock, Timer } from '../provider/defender/ports.ts';
import type { DefenderSettings } from '../provider/defender/settings.ts';

/** Where a command talks to its user. */
export interface Terminal {
  /** Standard output: what was asked for. */
  out(text: string): void;
  /** Standard error: progress, questions, errors. */
  err(text: string): void;
  /** Whether standard output may be coloured. */
  readonly outColours: boolean;
  /** A person sits at standard input and can answer. */
  readonly interactive: boolean;
  /** The line that is typed in answer; undefined where the input ends or the signal aborts first. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
}

/** Everything impure that a command uses. */
export interface CliPorts {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly timer: Timer;
  /** Ended by Ctrl-C: nothing is sent any more. */
  readonly signal: AbortSignal;
  /** The text of a file. Rejects as node:fs and `readFileText` do. */
  readFile(path: string): Promise<string>;
  /** Calls nobody. Rejects with a DefenderError where the settings cannot work. */
  connect(settings: DefenderSettings): Promise<Defender>;
  /** Eight hex digits that no other run has. */
  newRunId(): string;
}

/** Ends a command with a message for people: what is wrong and what to do next, in a line or two. */
export class CliError extends Error {}
