import { decideReleases, type ReleaseDecision, type ReleaseLimits } from '../containment/release-limits.ts';
import type { MachineId } from '../defender/machine.ts';
import { type Clock, pause, type Timer } from '../defender/ports.ts';
import type { Claims } from './claims.ts';

/** What a refusal needs for its message. */
export type Verdict = ReleaseDecision & { readonly machineIds: readonly MachineId[] };

interface Known {
  readonly machineId: MachineId;
  readonly contained: boolean;
  /** Deleting this declaration would send a release. */
  readonly releasable: boolean;
}

/** A release that is part of an update waits for this long without a new claim (semantics 6.4). */
const quietMs = 5_000;
/** Deletions that were not foreseen are gathered for this long. */
const gatherMs = 2_000;

/**
 * Judges the releases of a run together: either all of them fit the limits, or none is sent (semantics 8.1).
 *
 * What a run is going to delete is known before the first deletion: the engine reads every resource first and checks the
 * ones that stay, so what was read and not checked goes. Where a host was not read first in this process (the dynamic
 * class, reading switched off, a changed configuration of the provider), deletions that come together are gathered.
 */
export class ReleaseGate {
  readonly #claims: Claims;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #limits: ReleaseLimits;
  readonly #allowReleases: string | undefined;
  readonly #known = new Map<string, Known>();
  /** Releases that updates and replacements of this run ask for, by declaration. */
  readonly #intended = new Map<string, MachineId>();
  /** Deletions of hosts that were not looked at before, and when the last of them came. */
  readonly #unforeseen = new Set<MachineId>();
  #lastUnforeseenAt = 0;
  readonly #judged = new Set<MachineId>();
  #refusal: Verdict | undefined;

  constructor(claims: Claims, limits: ReleaseLimits, allowReleases: string | undefined, clock: Clock, timer: Timer) {
    this.#claims = claims;
    this.#limits = limits;
    this.#allowReleases = allowReleases;
    this.#clock = clock;
    this.#timer = timer;
  }

  /** What was seen of a declaration's host before the run changed anything. */
  noteSeen(key: string, known: Known): void {
    if (!this.#known.has(key)) this.#known.set(key, known);
  }

  /** This declaration's update or replacement will release the machine. */
  intend(key: string, machineId: MachineId): void {
    this.#intended.set(key, machineId);
  }

  withdraw(key: string): void {
    this.#intended.delete(key);
  }

  /** What would be decided now, for a preview. */
  preview(machineId: MachineId): Verdict {
    return this.#decide(new Set([...this.#wanted(), machineId]));
  }

  /** The same for the release that this declaration's replacement asks for; undefined where it asks for none. */
  previewReplacement(key: string): Verdict | undefined {
    const machineId = this.#intended.get(key);
    if (machineId === undefined || !this.#wanted().has(machineId)) return undefined;
    return this.preview(machineId);
  }

  /**
   * A deletion of a host that this process did not look at before: waits until no other such deletion has come for two
   * seconds, so that those that the engine starts together are judged together.
   */
  async gather(machineId: MachineId, signal: AbortSignal): Promise<void> {
    if ([...this.#known.values()].some((known) => known.machineId === machineId)) return;
    if (!this.#unforeseen.has(machineId)) this.#lastUnforeseenAt = this.#clock.monotonic();
    this.#unforeseen.add(machineId);
    while (!signal.aborted) {
      const leftMs = this.#lastUnforeseenAt + gatherMs - this.#clock.monotonic();
      if (leftMs <= 0) return;
      await pause(this.#timer, leftMs, signal);
    }
  }

  /** May this deletion release its host? Once refused, every later answer is the same refusal. */
  requestForDelete(machineId: MachineId): Verdict {
    return this.#judge(machineId);
  }

  /** May this update release its host? Answers after a quiet time without new claims; undefined when aborted meanwhile. */
  async requestForUpdate(machineId: MachineId, signal: AbortSignal): Promise<Verdict | undefined> {
    const started = this.#clock.monotonic();
    for (;;) {
      const quiet = Math.min(this.#claims.quietFor(), this.#clock.monotonic() - started);
      if (quiet >= quietMs) return this.#judge(machineId);
      await pause(this.#timer, quietMs - quiet, signal);
      if (signal.aborted) return undefined;
    }
  }

  #judge(machineId: MachineId): Verdict {
    if (this.#refusal !== undefined) return this.#refusal;
    const verdict = this.#decide(new Set([...this.#judged, ...this.#pending(), machineId]));
    if (!verdict.allowed) this.#refusal = verdict;
    else for (const id of verdict.machineIds) this.#judged.add(id);
    return verdict;
  }

  /** Everything that this run is going to release, as far as it is known. */
  #pending(): Set<MachineId> {
    const ids = new Set([...this.#wanted(), ...this.#unforeseen]);
    for (const [key, known] of this.#known) {
      if (!known.releasable || this.#claims.has(key)) continue;
      if (this.#claims.claimedByOther(key, { machineId: known.machineId }) === undefined) ids.add(known.machineId);
    }
    return ids;
  }

  /** Releases that updates and replacements ask for, without those of machines that another declaration claims. */
  #wanted(): Set<MachineId> {
    const wanted = [...this.#intended].filter(
      ([key, machineId]) => this.#claims.claimedByOther(key, { machineId }) === undefined,
    );
    return new Set(wanted.map(([, machineId]) => machineId));
  }

  #decide(ids: ReadonlySet<MachineId>): Verdict {
    const machineIds = [...ids].sort();
    const contained = new Set<MachineId>();
    const seen = new Set<MachineId>();
    for (const known of this.#known.values()) {
      seen.add(known.machineId);
      if (known.contained) contained.add(known.machineId);
    }
    // What was never looked at before (the dynamic class) counts as contained: it is going to be released.
    for (const id of machineIds) if (!seen.has(id)) contained.add(id);
    return { ...decideReleases(machineIds, contained.size, this.#limits, this.#allowReleases), machineIds };
  }
}
