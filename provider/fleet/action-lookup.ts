import type { Defender } from '../defender/api.ts';
import { DefenderError } from '../defender/errors.ts';
import type { ActionId, MachineAction } from '../defender/machine-action.ts';
import type { Timer } from '../defender/ports.ts';
import { GatheredLookup } from './gathered-lookup.ts';

/** Looks actions up by id, many in one call, whoever asks. */
export class ActionLookup {
  readonly #byId: GatheredLookup<ActionId, ReadonlyMap<ActionId, MachineAction>>;

  constructor(defender: Defender, timer: Timer) {
    this.#byId = new GatheredLookup(async (ids) => {
      const { items, complete } = await defender.listMachineActionsById(ids);
      if (complete) return new Map(items.map((action) => [action.id, action]));
      throw new DefenderError('the list of machine actions was not complete: its size disagrees with its count', {
        kind: 'server',
        route: 'GET machineactions',
        next: 'Run again; nothing was decided on it.',
      });
    }, timer);
  }

  /** The action; undefined where the service does not show it: it is new, or the service has forgotten it. */
  async get(id: ActionId): Promise<MachineAction | undefined> {
    return (await this.#byId.get(id)).get(id);
  }
}
