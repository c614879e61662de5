import type { MachineId } from '../defender/machine.ts';
import type { Clock } from '../defender/ports.ts';
import { Registrations } from './registrations.ts';

/** How a declaration names its machine; the id is there at once, or once a name was resolved. */
export interface Claim {
  readonly machineId?: MachineId | undefined;
  /** Whole name; compared ignoring case. */
  readonly deviceName?: string | undefined;
}

/** A declaration that gives a machine by its id, and a name beside it. */
export interface Rival {
  readonly machineId: MachineId;
  readonly deviceName: string;
}

/**
 * Which declaration of this run claims which machine (semantics 6.4). A machine has one claimant, and what is claimed is
 * not released by anyone else's deletion: renames, replacements and moves between resources release nobody.
 */
export class Claims {
  readonly #registrations: Registrations;
  readonly #byKey = new Map<string, Entry>();
  /** One claimant a machine. */
  readonly #byMachineId = new Map<MachineId, Entry>();
  /** Machines whose ids differ may share a name. */
  readonly #byName = new Map<string, Set<Entry>>();
  readonly #unresolved = new Set<Entry>();
  readonly #unread = new Set<string>();
  #claims = 0;

  constructor(clock: Clock, registrations = new Registrations(clock)) {
    this.#registrations = registrations;
  }

  /** Claims for `key`, replacing what it claimed before; answers the key of another claimant, and then claims nothing. */
  claim(key: string, claim: Claim): string | undefined {
    this.#registrations.heard();
    const other = this.#claimantOf(claim, key);
    if (other !== undefined) return other;
    const before = this.of(key);
    const now = normalise(claim);
    // A name stays bound to what it was resolved to (semantics 6.1), also when the same declaration is checked again.
    const bound = now.machineId === undefined && before?.deviceName === now.deviceName ? before?.machineId : undefined;
    this.#set(key, { ...now, machineId: now.machineId ?? bound }, now.machineId === undefined);
    return undefined;
  }

  /** What this declaration means could not be read, or can be again: it may mean any machine. */
  noteUnread(key: string, isUnread: boolean): void {
    if (isUnread) this.#unread.add(key);
    else this.#unread.delete(key);
  }

  /** Declarations of this run that could not be read. */
  unread(): readonly string[] {
    return [...this.#unread];
  }

  /** Takes back what the hosts of a set claimed (keyInSet), before the set is checked again. */
  withdrawSet(setKey: string): void {
    for (const [key, entry] of this.#byKey) {
      if (!key.startsWith(`${setKey}\n`)) continue;
      this.#unindex(entry);
      this.#byKey.delete(key);
    }
  }

  /** A claimed name was resolved. Answers the key of another claimant of the same machine. */
  bind(key: string, machineId: MachineId): string | undefined {
    const other = this.#claimantOf({ machineId }, key);
    if (other === undefined) this.#set(key, { ...this.of(key), machineId });
    return other;
  }

  /** Whether this declaration is part of the run. */
  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** The same for a set: whether one of its hosts is (keyInSet). */
  hasSet(setKey: string): boolean {
    for (const key of this.#byKey.keys()) if (key.startsWith(`${setKey}\n`)) return true;
    return false;
  }

  of(key: string): Claim | undefined {
    return this.#byKey.get(key)?.claim;
  }

  /** The other declaration that claims this machine by id or by name. */
  claimedByOther(key: string, machine: Claim): string | undefined {
    return this.#claimantOf(machine, key);
  }

  /**
   * The other declaration that claims this name alone, and is bound to another machine: which of the two it means is to be
   * settled by people (semantics 6.2).
   */
  namesake(key: string, machine: Claim): { readonly key: string; readonly machineId: MachineId } | undefined {
    const { machineId, deviceName } = normalise(machine);
    for (const entry of this.#byName.get(deviceName ?? '') ?? []) {
      const bound = entry.claim.machineId;
      if (entry.key !== key && entry.byNameAlone && bound !== undefined && bound !== machineId)
        return { key: entry.key, machineId: bound };
    }
    return undefined;
  }

  /** Declarations that give one of these names to another machine by its id: the new one of that name, or a slip. */
  rivals(machineId: MachineId, names: readonly (string | undefined)[]): readonly Rival[] {
    const wanted = new Set(names.flatMap((name) => (name === undefined ? [] : [name.toLowerCase()])));
    return [...wanted].flatMap((deviceName) =>
      [...(this.#byName.get(deviceName) ?? [])].flatMap(({ byNameAlone, claim }) =>
        byNameAlone || claim.machineId === undefined || claim.machineId === machineId
          ? []
          : [{ machineId: claim.machineId, deviceName }],
      ),
    );
  }

  /** Names of other declarations whose machine is not known yet: each may mean any machine. */
  unresolved(key: string): readonly { readonly key: string; readonly deviceName: string }[] {
    return [...this.#unresolved]
      .sort((one, other) => one.order - other.order)
      .flatMap(({ key: other, claim: { deviceName } }) =>
        other === key || deviceName === undefined ? [] : [{ key: other, deviceName }],
      );
  }

  /** Milliseconds in which nothing was declared, and nothing looked at that more may follow. */
  quietFor(): number {
    return this.#registrations.quietFor();
  }

  #set(key: string, claim: Claim, byNameAlone?: boolean): void {
    const before = this.#byKey.get(key);
    if (before !== undefined) this.#unindex(before);
    const entry: Entry = {
      key,
      claim,
      order: before?.order ?? this.#claims++,
      byNameAlone: byNameAlone ?? before?.byNameAlone ?? false,
    };
    this.#byKey.set(key, entry);
    const { machineId, deviceName } = claim;
    if (machineId !== undefined) this.#byMachineId.set(machineId, entry);
    if (deviceName === undefined) return;
    if (machineId === undefined) this.#unresolved.add(entry);
    const named = this.#byName.get(deviceName);
    if (named === undefined) this.#byName.set(deviceName, new Set([entry]));
    else named.add(entry);
  }

  #unindex(entry: Entry): void {
    const { machineId, deviceName } = entry.claim;
    if (machineId !== undefined) this.#byMachineId.delete(machineId);
    this.#unresolved.delete(entry);
    if (deviceName === undefined) return;
    const named = this.#byName.get(deviceName);
    named?.delete(entry);
    if (named?.size === 0) this.#byName.delete(deviceName);
  }

  /** The first that claims it, in order of arrival. */
  #claimantOf(machine: Claim, except: string): string | undefined {
    const { machineId, deviceName } = normalise(machine);
    const named = deviceName === undefined ? undefined : this.#byName.get(deviceName);
    const same = machineId === undefined ? undefined : this.#byMachineId.get(machineId);
    let first = same?.key === except ? undefined : same;
    for (const entry of named ?? []) {
      // Two ids that differ are two machines, whatever their names.
      if (entry.key === except || (machineId !== undefined && entry.claim.machineId !== undefined)) continue;
      if (first === undefined || entry.order < first.order) first = entry;
    }
    return first?.key;
  }
}

interface Entry {
  readonly key: string;
  /** Name in lower case. */
  readonly claim: Claim;
  /** Declared without an id. */
  readonly byNameAlone: boolean;
  /** Of the key's first claim among all keys. */
  readonly order: number;
}

function normalise(claim: Claim): Claim {
  return { machineId: claim.machineId, deviceName: claim.deviceName?.toLowerCase() };
}
