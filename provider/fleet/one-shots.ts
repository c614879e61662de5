import type { OneShotType } from '../containment/one-shot-actions.ts';
import { ActionLookup } from './action-lookup.ts';
import type { Fleet } from './fleet.ts';
import { Observatory } from './observatory.ts';

/** What a process knows of actions that are done once: their histories, and which declarations it replaces. */
export class OneShots {
  /** Actions by id. */
  readonly actions: ActionLookup;
  /** By a declaration's key: what was requested until then (ms) is of the declaration that it replaces. */
  readonly replaced = new Map<string, number>();
  readonly #fleet: Pick<Fleet, 'defender' | 'clock' | 'timer'>;
  readonly #observatories = new Map<OneShotType, Observatory>();

  constructor(fleet: Pick<Fleet, 'defender' | 'clock' | 'timer'>) {
    this.#fleet = fleet;
    this.actions = new ActionLookup(fleet.defender, fleet.timer);
  }

  /** Observes the actions of one type: a list of the recent ones answers for all machines. */
  observatory(type: OneShotType): Observatory {
    const known = this.#observatories.get(type);
    if (known !== undefined) return known;
    const { defender, clock, timer } = this.#fleet;
    const made = new Observatory(defender, clock, timer, undefined, [type]);
    this.#observatories.set(type, made);
    return made;
  }
}
