import { windowMs } from '../containment/observation.ts';
import type { Defender, Listing } from '../defender/api.ts';
import { DefenderError } from '../defender/errors.ts';
import type { Machine, MachineId } from '../defender/machine.ts';
import type { MachineAction } from '../defender/machine-action.ts';
import type { Clock, Timer } from '../defender/ports.ts';
import { GatheredLookup } from './gathered-lookup.ts';
import { MachineLookup, usableMs as recordUsableMs } from './machine-lookup.ts';
import { SharedLookup } from './shared-lookup.ts';

/** A reading may use a shared observation that began at most this long ago (semantics 1.8). */
export const readableForMs = 10_000;

/** One machine's actions of the types that are watched. */
export interface History {
  readonly actions: readonly MachineAction[];
  /** The service's clock, ms. */
  readonly asOf: number;
  /** Nothing older than this was asked for; undefined: all there is. */
  readonly since: number | undefined;
}

interface Histories {
  readonly byMachine: ReadonlyMap<MachineId, readonly MachineAction[]>;
  readonly asOf: number;
}

interface Window extends Histories {
  readonly since: number;
}

/** What tells whether a machine is isolated. */
const isolationTypes = ['Isolate', 'Unisolate'];

/** Observes hosts in bulk: one list of recent actions answers for all that ask at about the same time. */
export class Observatory {
  readonly #defender: Defender;
  readonly #clock: Clock;
  readonly #window: SharedLookup<Window>;
  /** The same without a time filter, for those that the window leaves open. */
  readonly #whole: GatheredLookup<MachineId, Histories>;
  readonly #machines: MachineLookup;
  readonly #types: readonly string[];

  /** @param types of the actions that are watched */
  constructor(
    defender: Defender,
    clock: Clock,
    timer: Timer,
    machines: MachineLookup = new MachineLookup(defender, clock, timer),
    types: readonly string[] = isolationTypes,
  ) {
    this.#defender = defender;
    this.#clock = clock;
    this.#window = new SharedLookup(() => this.#lookUpWindow(), clock, timer);
    this.#whole = new GatheredLookup((ids) => this.#lookUpWhole(ids), timer);
    this.#machines = machines;
    this.#types = types;
  }

  /** The earliest beginning that a reading may accept. */
  readable(): number {
    return this.#clock.monotonic() - readableForMs;
  }

  /** The same for a machine's record, which changes slowly and says nothing of its containment. */
  readableRecord(): number {
    return this.#clock.monotonic() - recordUsableMs;
  }

  machine(id: MachineId, notBefore: number): Promise<Machine | undefined> {
    return this.#machines.get(id, notBefore);
  }

  /** What the bulk window shows of one machine. Throws a DefenderError where the list failed or was not complete (1.2). */
  async recent(id: MachineId, notBefore: number): Promise<History> {
    const window = await this.#window.get(notBefore);
    return { actions: window.byMachine.get(id) ?? [], asOf: window.asOf, since: window.since };
  }

  /** What the bulk window shows of all machines; throws as `recent` does. */
  async recentOfAll(notBefore: number): Promise<ReadonlyMap<MachineId, readonly MachineAction[]>> {
    return (await this.#window.get(notBefore)).byMachine;
  }

  /** Every machine of which the bulk window shows an action. */
  async recentMachines(notBefore: number): Promise<readonly MachineId[]> {
    return [...(await this.#window.get(notBefore)).byMachine.keys()];
  }

  /**
   * Everything that the service still knows of one machine. Those who ask at about the same time share a list; it throws a
   * DefenderError for all of them where that failed or was not complete (1.2).
   */
  async whole(id: MachineId): Promise<History> {
    const { byMachine, asOf } = await this.#whole.get(id);
    return { actions: byMachine.get(id) ?? [], asOf, since: undefined };
  }

  async #lookUpWhole(machineIds: readonly MachineId[]): Promise<Histories> {
    const listing = complete(await this.#defender.listMachineActions({ types: this.#types, machineIds }));
    return { byMachine: grouped(listing.items), asOf: listing.asOf };
  }

  async #lookUpWindow(again = false): Promise<Window> {
    // The service's clock is known from any earlier answer; where this is the first call, our own clock may be wrong by
    // hours, so a day is added and the window is cut by the service's clock afterwards.
    const known = this.#defender.serviceNow();
    const asked = known === undefined ? this.#clock.wall() - windowMs - dayMs : known - windowMs;
    const listing = complete(await this.#defender.listMachineActions({ types: this.#types, createdSince: asked }));
    const since = Math.max(asked, listing.asOf - windowMs);
    if (listing.asOf - asked < windowMs - 60_000 && !again) {
      // Our clock runs ahead of the service's by more than a day: ask again, now that its clock is known.
      return this.#lookUpWindow(true);
    }
    return { byMachine: grouped(listing.items), asOf: listing.asOf, since };
  }
}

const dayMs = 86_400_000;

function grouped(actions: readonly MachineAction[]): ReadonlyMap<MachineId, readonly MachineAction[]> {
  const byMachine = new Map<MachineId, MachineAction[]>();
  for (const action of actions) {
    const known = byMachine.get(action.machineId);
    if (known === undefined) byMachine.set(action.machineId, [action]);
    else known.push(action);
  }
  return byMachine;
}

function complete<T>(listing: Listing<T>): Listing<T> {
  if (listing.complete) return listing;
  throw new DefenderError('the list of machine actions was not complete: its size disagrees with its count', {
    kind: 'server',
    route: 'GET machineactions',
    next: 'Run again; nothing was decided on it.',
  });
}
