import type { VirtualClock } from './clock.ts';
import { notFound } from './errors.ts';
import { lastSeen, type Machine, type MachineProperties } from './machine.ts';
import type { SwitchSettings } from './switches.ts';

/** The machines of a tenant, found by id and by name. */
export class Machines {
  readonly #byId = new Map<string, Machine>();
  readonly #byName = new Map<string, Set<Machine>>();
  readonly #clock: VirtualClock;
  readonly #settings: SwitchSettings;
  #added = 0;

  constructor(clock: VirtualClock, settings: SwitchSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** In the order in which they were added. */
  all(): readonly Machine[] {
    return [...this.#byId.values()];
  }

  /** Throws a RangeError where the id is taken. `offlineSince` is in ms since 1970; default now. */
  add(id: string, properties: MachineProperties, online: boolean, offlineSince?: number): Machine {
    if (this.#byId.has(id)) throw new RangeError(`there is a machine ${id} already`);
    const machine: Machine = {
      id,
      order: this.#added++,
      properties,
      online,
      offlineSince: online ? undefined : (offlineSince ?? this.#clock.now()),
      isolation: undefined,
      stretches: [],
      codeRestricted: false,
      files: undefined,
      quarantine: [],
      scans: [],
      packages: [],
      latencySeconds: {},
      outcomes: {},
      queue: [],
      running: new Set(),
      parked: new Map(),
      unreported: new Map(),
    };
    this.#byId.set(id, machine);
    this.#index(machine);
    return machine;
  }

  delete(machine: Machine): void {
    this.#byId.delete(machine.id);
    this.#unindex(machine);
  }

  setProperties(machine: Machine, changes: Partial<MachineProperties>): void {
    this.#unindex(machine);
    machine.properties = { ...machine.properties, ...changes };
    if (this.#byId.has(machine.id)) this.#index(machine);
  }

  byId(id: string): Machine | undefined {
    return this.#byId.get(id.toLowerCase());
  }

  /** In the order in which they were added. */
  byName(name: string): readonly Machine[] {
    return [...(this.#byName.get(name.toLowerCase()) ?? [])].sort((left, right) => left.order - right.order);
  }

  /** The machine that `GET machines/{key}` tells: by id, else by name. */
  lookUp(key: string): Machine | undefined {
    const machine = this.byId(key);
    if (machine !== undefined) return machine;
    const matches = this.byName(key);
    if (matches.length < 2) return matches[0];
    const now = this.#clock.now();
    switch (this.#settings.ambiguousName) {
      case 'first':
        return matches[0];
      case 'newest':
        return matches.reduce((best, one) => (lastSeen(one, now) > lastSeen(best, now) ? one : best));
      case '404':
        return undefined;
    }
  }

  /** The machine that `POST machines/{key}/…` acts on, or the ApiError of an unknown one. */
  target(key: string): Machine {
    const machine = this.byId(key) ?? (this.#settings.actionId === 'lenient' ? this.#lenientTarget(key) : undefined);
    if (machine === undefined) throw notFound('Machine', key);
    return machine;
  }

  #lenientTarget(key: string): Machine | undefined {
    const byName = this.lookUp(key);
    if (byName !== undefined) return byName;
    const aadDeviceId = key.toLowerCase();
    return this.all().find(({ properties }) => properties.aadDeviceId?.toLowerCase() === aadDeviceId);
  }

  #index(machine: Machine): void {
    const name = machine.properties.computerDnsName.toLowerCase();
    const namesakes = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, namesakes.add(machine));
  }

  #unindex(machine: Machine): void {
    this.#byName.get(machine.properties.computerDnsName.toLowerCase())?.delete(machine);
  }
}
