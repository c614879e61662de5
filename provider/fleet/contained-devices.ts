import { isolation } from '../containment/pair.ts';
import type { MachineId } from '../defender/machine.ts';
import { isRunning, type MachineAction } from '../defender/machine-action.ts';

/**
 * Devices that are not onboarded are contained by all the others, each of which has to know of each of them. Source:
 * Microsoft Learn, "Take response actions on a device", contain devices from the network.
 */
export const mostContainedDevices = 100;

/** Counts devices that are contained as `UnManagedDevice`: those that the service tells of, and those of this run. */
export class ContainedDevices {
  readonly #recent: () => Promise<ReadonlyMap<MachineId, readonly MachineAction[]>>;
  readonly #taken = new Set<MachineId>();

  /** @param recent the actions of the bulk window, by machine; older containment has ended by itself, or was renewed */
  constructor(recent: () => Promise<ReadonlyMap<MachineId, readonly MachineAction[]>>) {
    this.#recent = recent;
  }

  /**
   * Takes a place for this machine (again and again the same one). False where none is left. What this run releases still
   * counts: the next run may contain another. Throws a DefenderError where nobody can tell how many there are.
   */
  async take(machineId: MachineId): Promise<boolean> {
    const contained = new Set(this.#taken);
    for (const [id, actions] of await this.#recent()) if (isContained(actions)) contained.add(id);
    for (const id of this.#taken) contained.add(id);
    if (!contained.has(machineId) && contained.size >= mostContainedDevices) return false;
    this.#taken.add(machineId);
    return true;
  }
}

/** Errs to yes: a request that runs counts, and so does whatever was asked since the last release that succeeded. */
function isContained(actions: readonly MachineAction[]): boolean {
  const { apply, lift } = isolation;
  const releases = actions.filter(({ type, status }) => type === lift && status === 'Succeeded');
  const released = Math.max(...releases.map(({ updatedAt }) => updatedAt), Number.NEGATIVE_INFINITY);
  return actions.some(
    (action) =>
      action.type === apply &&
      action.scope === 'UnManagedDevice' &&
      (isRunning(action) || (action.status === 'Succeeded' && action.updatedAt >= released)),
  );
}
