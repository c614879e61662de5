import type { MachineId } from '../defender/machine.ts';

/**
 * Counts new isolations of a run over all resources, and stops at `maxIsolations` (semantics 8.1). A set of hosts may have
 * a lower one of its own beside the run's.
 */
export class IsolationQuota {
  readonly max: number;
  readonly #ofRun: IsolationQuota | undefined;
  readonly #taken = new Set<MachineId>();

  constructor(max: number, ofRun?: IsolationQuota) {
    this.max = max;
    this.#ofRun = ofRun;
  }

  /** Takes one for this machine (again and again the same one); answers the limit that leaves none, if there is one. */
  take(machineId: MachineId): { readonly limit: number; readonly ofSet: boolean } | undefined {
    if (this.#taken.has(machineId)) return undefined;
    if (this.#taken.size >= this.max) return { limit: this.max, ofSet: this.#ofRun !== undefined };
    const refused = this.#ofRun?.take(machineId);
    if (refused === undefined) this.#taken.add(machineId);
    return refused;
  }
}
