import type { OneShotType } from '../containment/one-shot-actions.ts';
import type { Pair } from '../containment/pair.ts';
import type { MachineId } from '../defender/machine.ts';

/** What became of one host in this run, worst first: the order in which the summary tells it (semantics 9). */
export type Outcome =
  | 'not-contained'
  | 'not-contained-yet'
  | 'not-released'
  | 'not-done'
  | 'not-done-yet'
  | 'failed'
  | 'refused'
  | 'held'
  | 'left'
  | 'isolated'
  | 'renewed'
  | 'released'
  | 'done'
  | 'unchanged';

export interface RunEntry {
  readonly outcome: Outcome;
  /** What the outcome is about. Default: isolation. */
  readonly pair?: Pair['name'];
  /** Of an action that is done once: which one. */
  readonly oneShot?: OneShotType;
  readonly machineId: MachineId | undefined;
  /** Device name, else machine id, else resource name. */
  readonly host: string;
  readonly reason: string;
  /** Containment is certain until then, ms; absent where it is not contained. */
  readonly coveredUntil?: number | undefined;
}

/**
 * What this run did and found. A later entry replaces an earlier one of the same declaration and machine; a declaration
 * that is replaced has two, of the machine that it isolates and of the one that it releases; so has one that isolates a host
 * and restricts it.
 */
export class RunRecord {
  readonly #entries = new Map<string, RunEntry>();

  note(key: string, entry: RunEntry): void {
    this.#entries.set(`${key}\n${entry.machineId}\n${entry.pair ?? 'isolation'}`, entry);
  }

  /** The last word on one machine of a declaration. */
  of(key: string, machineId: MachineId, pair: Pair['name']): RunEntry | undefined {
    return this.#entries.get(`${key}\n${machineId}\n${pair}`);
  }

  entries(): readonly RunEntry[] {
    return [...this.#entries.values()];
  }
}
