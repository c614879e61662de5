import type { MachineId } from '../defender/machine.ts';

/**
 * What tells a deletion that comes before its replacement from one that comes after it (semantics 6.4: replacement never
 * deletes first). The engine says neither which of the two it is, nor that `deleteBeforeReplace` is set somewhere.
 */
export class Replacements {
  readonly #held = new Map<string, Set<MachineId>>();
  readonly #awaited = new Set<string>();

  /** The declaration's own resource has this machine: state says so, or this run has seen to it. */
  noteHeld(key: string, machineId: MachineId): void {
    this.#awaited.delete(key);
    const held = this.#held.get(key);
    if (held === undefined) this.#held.set(key, new Set([machineId]));
    else held.add(machineId);
  }

  holds(key: string, machineId: MachineId): boolean {
    return this.#held.get(key)?.has(machineId) === true;
  }

  /** The declaration was compared while what it declares depends on something that is still to be replaced. */
  noteAwaited(key: string): void {
    this.#awaited.add(key);
  }

  /** What was awaited came to be known, and was compared. */
  noteKnown(key: string): void {
    this.#awaited.delete(key);
  }

  isAwaited(key: string): boolean {
    return this.#awaited.has(key);
  }
}
