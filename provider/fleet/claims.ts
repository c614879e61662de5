import type { MachineId } from '../defender/machine.ts';
import type { Clock } from '../defender/ports.ts';

/** How a declaration names its machine; the id is there at once, or once a name was resolved. */
export interface Claim {
  readonly machineId?: MachineId | undefined;
  /** Whole name; compared ignoring case. */
  readonly deviceName?: string | undefined;
}

/**
 * Which declaration of this run claims which machine (semantics 6.4). A machine has one claimant, and what is claimed is
 * not released by anyone else's deletion: renames, replacements and moves between resources release nobody.
 */
export class Claims {
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Claim>();
  #lastClaimAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Claims for `key`, replacing what it claimed before; answers the key of another claimant, and then claims nothing. */
  claim(key: string, claim: Claim): string | undefined {
    this.#lastClaimAt = this.#clock.monotonic();
    const other = this.#claimantOf(claim, key);
    if (other !== undefined) return other;
    const before = this.#byKey.get(key);
    const now = normalise(claim);
    // A name stays bound to what it was resolved to (semantics 6.1), also when the same declaration is checked again.
    const bound = now.machineId === undefined && before?.deviceName === now.deviceName ? before?.machineId : undefined;
    this.#byKey.set(key, { ...now, machineId: now.machineId ?? bound });
    return undefined;
  }

  /** A claimed name was resolved. Answers the key of another claimant of the same machine. */
  bind(key: string, machineId: MachineId): string | undefined {
    const other = this.#claimantOf({ machineId }, key);
    if (other === undefined) this.#byKey.set(key, { ...this.#byKey.get(key), machineId });
    return other;
  }

  /** Whether this declaration is part of the run. */
  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  of(key: string): Claim | undefined {
    return this.#byKey.get(key);
  }

  /** The other declaration that claims this machine by id or by name. */
  claimedByOther(key: string, machine: Claim): string | undefined {
    return this.#claimantOf(machine, key);
  }

  /** Names of other declarations whose machine is not known yet: each may mean any machine. */
  unresolved(key: string): readonly { readonly key: string; readonly deviceName: string }[] {
    const found: { key: string; deviceName: string }[] = [];
    for (const [other, claim] of this.#byKey) {
      if (other !== key && claim.machineId === undefined && claim.deviceName !== undefined) {
        found.push({ key: other, deviceName: claim.deviceName });
      }
    }
    return found;
  }

  /** Milliseconds without a new claim. */
  quietFor(): number {
    return this.#lastClaimAt === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonic() - this.#lastClaimAt;
  }

  #claimantOf(machine: Claim, except: string): string | undefined {
    const name = machine.deviceName?.toLowerCase();
    for (const [key, claim] of this.#byKey) {
      if (key === except) continue;
      if (machine.machineId !== undefined && claim.machineId !== undefined) {
        if (claim.machineId === machine.machineId) return key;
        // Two ids that differ are two machines, whatever their names.
        continue;
      }
      if (name !== undefined && claim.deviceName === name) return key;
    }
    return undefined;
  }
}

function normalise(claim: Claim): Claim {
  return { machineId: claim.machineId, deviceName: claim.deviceName?.toLowerCase() };
}
