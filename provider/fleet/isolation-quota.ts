import type { MachineId } from '../defender/machine.ts';

/** Counts new isolations of a run over all resources, and stops at `maxIsolations` (semantics 8.1). */
export class IsolationQuota {
  readonly max: number;
  readonly #taken = new Set<MachineId>();

  constructor(max: number) {
    this.max = max;
  }

  /** Takes one for this machine (again and again the same one); false where none is left. */
  take(machineId: MachineId): boolean {
    if (this.#taken.has(machineId)) return true;
    if (this.#taken.size >= this.max) return false;
    this.#taken.add(machineId);
    return true;
  }
}
