import type { Defender, Listing } from '../defender/api.ts';
import type { Machine, MachineId } from '../defender/machine.ts';
import { nameKey } from '../defender/machines.ts';
import type { Clock, Timer } from '../defender/ports.ts';
import { GatheredLookup } from './gathered-lookup.ts';
import { SharedLookup } from './shared-lookup.ts';

/** From this many different machines on, one list of all of them is cheaper than asking by id. */
export const listAllFrom = 17;
/** A tenant larger than two full pages is asked by id all the same. */
const listAtMost = 20_000;
/** No reading accepts an older record: health, platform and name change slowly, and say nothing of containment. */
export const usableMs = 60_000;

/** Every machine of the tenant, as one list told them. */
export interface AllMachines {
  readonly byId: ReadonlyMap<MachineId, Machine>;
  /** By the name's key (nameKey); made when it is first asked for. */
  byName(): ReadonlyMap<string, readonly Machine[]>;
  /** Its size agrees with its count (semantics 1.2). */
  readonly complete: boolean;
}

/** Looks machines up by id, many in one call, whoever asks. */
export class MachineLookup {
  readonly #defender: Defender;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #asked = new Set<MachineId>();
  readonly #all: SharedLookup<AllMachines | undefined>;
  /** The last answer for each machine that was asked for, with the time (monotonic) at which its lookup began. */
  readonly #recent = new Map<MachineId, { readonly machine: Machine; readonly startedAt: number }>();
  readonly #byId: GatheredLookup<MachineId, Told>;
  /** The latest beginning that those who gather accept. */
  #gatheredSince = Number.NEGATIVE_INFINITY;
  #tooManyToList = false;

  constructor(defender: Defender, clock: Clock, timer: Timer) {
    this.#defender = defender;
    this.#clock = clock;
    this.#timer = timer;
    this.#byId = new GatheredLookup((ids) => this.#listById(ids), timer);
    this.#all = new SharedLookup(() => this.#listAll(), clock, timer);
  }

  /** The machine, or undefined where the service answers 404. `notBefore`: monotonic, how old the answer may be. */
  async get(id: MachineId, notBefore: number): Promise<Machine | undefined> {
    this.#asked.add(id);
    const recent = this.#recent.get(id);
    if (recent !== undefined && recent.startedAt >= notBefore) return recent.machine;
    const { machines, startedAt } = await this.#many(id, notBefore);
    // Absent from a list is not yet gone: only the machine's own 404 says so.
    const machine = machines.get(id) ?? (await this.#defender.getMachine(id));
    if (machine !== undefined) this.#recent.set(id, { machine, startedAt });
    return machine;
  }

  /** All of them, by a list that began at `notBefore` (monotonic) or later; undefined in a tenant too large for that. */
  async all(notBefore: number): Promise<AllMachines | undefined> {
    if (this.#tooManyToList) return undefined;
    const all = await this.#all.get(notBefore);
    if (all === undefined) this.#tooManyToList = true;
    return all;
  }

  async #many(
    id: MachineId,
    notBefore: number,
  ): Promise<{ readonly machines: ReadonlyMap<MachineId, Machine>; readonly startedAt: number }> {
    if (this.#asked.size >= listAllFrom) {
      const all = await this.all(notBefore);
      // It may have begun before this call: no more is known than what was asked for.
      if (all !== undefined) return { machines: all.byId, startedAt: notBefore };
    }
    const startedAt = this.#clock.monotonic();
    this.#gatheredSince = Math.max(this.#gatheredSince, notBefore);
    const { machines, ofAll } = await this.#byId.get(id);
    return { machines, startedAt: ofAll ? notBefore : startedAt };
  }

  async #listById(ids: readonly MachineId[]): Promise<Told> {
    const since = this.#gatheredSince;
    this.#gatheredSince = Number.NEGATIVE_INFINITY;
    // The first of many gather before the others have asked, and then need no call of their own.
    const all = this.#asked.size >= listAllFrom ? await this.all(since) : undefined;
    if (all !== undefined) return { machines: all.byId, ofAll: true };
    return { machines: byId((await this.#defender.listMachinesById(ids)).items), ofAll: false };
  }

  async #listAll(): Promise<AllMachines | undefined> {
    const listing = await this.#defender.listMachines(listAtMost);
    // Nothing is kept longer than it may be used; the service's other machines are none of our business. By then a newer
    // list may be there, which is still in use.
    this.#timer.after(usableMs, () => this.#all.forget(this.#clock.monotonic() - usableMs));
    return listing === undefined ? undefined : allMachines(listing);
  }
}

/** What one lookup told. */
interface Told {
  readonly machines: ReadonlyMap<MachineId, Machine>;
  /** By the list of all machines, which may have begun before the question. */
  readonly ofAll: boolean;
}

function allMachines({ items, complete }: Listing<Machine>): AllMachines {
  let names: ReadonlyMap<string, readonly Machine[]> | undefined;
  return {
    byId: byId(items),
    complete,
    byName() {
      names ??= byName(items);
      return names;
    },
  };
}

/** Machines by their name's key (nameKey). */
export function byName(machines: readonly Machine[]): ReadonlyMap<string, readonly Machine[]> {
  const names = new Map<string, Machine[]>();
  for (const machine of machines) {
    if (machine.computerDnsName === undefined) continue;
    const key = nameKey(machine.computerDnsName);
    const same = names.get(key);
    if (same === undefined) names.set(key, [machine]);
    else same.push(machine);
  }
  return names;
}

function byId(machines: readonly Machine[]): ReadonlyMap<MachineId, Machine> {
  return new Map(machines.map((machine) => [machine.id, machine]));
}
