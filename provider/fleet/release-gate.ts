import { isolation, type Pair } from '../containment/pair.ts';
import { decideReleases, type ReleaseDecision, type ReleaseLimits } from '../containment/release-limits.ts';
import type { MachineId } from '../defender/machine.ts';
import { type Clock, pause, type Timer } from '../defender/ports.ts';
import type { Claims } from './claims.ts';

/** What a refusal needs for its message. */
export type Verdict = ReleaseDecision & {
  readonly machineIds: readonly MachineId[];
  /** The declaration whose own limits refuse it; undefined where the provider's do. */
  readonly tightenedBy?: string;
  /** It declares no host any more, and had some (semantics 8.3). */
  readonly isEmptied?: boolean;
};

interface Known {
  readonly machineId: MachineId;
  readonly contained: boolean;
  /** Deleting this declaration would send a release. */
  readonly releasable: boolean;
}

/** What a set of hosts adds to the provider's limits, which it may only tighten. */
export interface OwnLimits {
  readonly limits: ReleaseLimits;
  /** As `mde:allowReleases`. */
  readonly allowReleases: string | undefined;
  /** No host is declared any more where some are known: nothing goes without an override (semantics 8.3). */
  readonly isEmptied?: boolean;
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
  readonly #pair: Pair;
  /** Sets of hosts with limits of their own, by the set's key. */
  readonly #own = new Map<string, OwnLimits>();
  readonly #known = new Map<string, Known>();
  readonly #lookedAt = new Set<MachineId>();
  /** Releases that updates and replacements of this run ask for, by declaration. */
  readonly #intended = new Map<string, MachineId>();
  /** Deletions of hosts that were not looked at before, with their declarations, and when the last of them came. */
  readonly #unforeseen = new Map<MachineId, string>();
  #lastUnforeseenAt = 0;
  readonly #judged = new Set<MachineId>();
  #refusal: Verdict | undefined;
  #lastVerdict: Verdict | undefined;

  /** @param pair whose releases are judged: each pair has limits of its own, and never adds to those of another */
  constructor(
    claims: Claims,
    limits: ReleaseLimits,
    allowReleases: string | undefined,
    clock: Clock,
    timer: Timer,
    pair: Pair = isolation,
  ) {
    this.#pair = pair;
    this.#claims = claims;
    this.#limits = limits;
    this.#allowReleases = allowReleases;
    this.#clock = clock;
    this.#timer = timer;
  }

  /** What was seen of a declaration's host before the run changed anything. */
  noteSeen(key: string, known: Known): void {
    this.#lookedAt.add(known.machineId);
    if (!this.#known.has(key)) this.#known.set(key, known);
  }

  /** Limits of a set's own, for the hosts whose keys begin with the set's; each time the whole of them. */
  tighten(setKey: string, own: OwnLimits): void {
    this.#own.set(setKey, own);
  }

  /** This declaration's update or replacement will release the machine. */
  intend(key: string, machineId: MachineId): void {
    this.#intended.set(key, machineId);
  }

  withdraw(key: string): void {
    this.#intended.delete(key);
  }

  /** What would be decided now, for a preview. */
  preview(...machineIds: readonly MachineId[]): Verdict {
    return this.#decide(new Set([...this.#wanted(), ...machineIds]));
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
  async gather(key: string, machineId: MachineId, signal: AbortSignal): Promise<void> {
    if (this.#lookedAt.has(machineId)) return;
    if (!this.#unforeseen.has(machineId)) this.#lastUnforeseenAt = this.#clock.monotonic();
    this.#unforeseen.set(machineId, key);
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
    return (await this.quiet(signal)) ? this.#judge(machineId) : undefined;
  }

  /** Resolves once no claim has come for a while: another resource's may still arrive (semantics 6.4). False: aborted. */
  async quiet(signal: AbortSignal): Promise<boolean> {
    const started = this.#clock.monotonic();
    for (;;) {
      if (signal.aborted) return false;
      const quiet = Math.min(this.#claims.quietFor(), this.#clock.monotonic() - started);
      if (quiet >= quietMs) return true;
      await pause(this.#timer, quietMs - quiet, signal);
    }
  }

  #judge(machineId: MachineId): Verdict {
    if (this.#refusal !== undefined) return this.#refusal;
    const before = this.#lastVerdict;
    if (before !== undefined && this.#judged.has(machineId)) return before;
    const verdict = this.#decide(new Set([...this.#judged, ...this.#pending(), machineId]));
    if (!verdict.allowed) this.#refusal = verdict;
    else for (const id of verdict.machineIds) this.#judged.add(id);
    this.#lastVerdict = verdict;
    return verdict;
  }

  /** Everything that this run is going to release, as far as it is known. */
  #pending(): Set<MachineId> {
    const ids = new Set([...this.#wanted(), ...this.#unforeseen.keys()]);
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
    const sets = new Map([...this.#own.keys()].map((key) => [key, { hosts: new Set<MachineId>(), contained: 0 }]));
    for (const [key, known] of this.#known) {
      seen.add(known.machineId);
      if (known.contained) contained.add(known.machineId);
      const set = sets.get(setOf(key));
      // A host that is declared under another key now is known by both.
      if (set === undefined || set.hosts.has(known.machineId)) continue;
      set.hosts.add(known.machineId);
      if (known.contained) set.contained += 1;
    }
    // What was never looked at before (the dynamic class) counts as contained: it is going to be released.
    for (const id of machineIds) if (!seen.has(id)) contained.add(id);
    // A set's limits hold for such hosts, too.
    const unseen = [...this.#intended, ...[...this.#unforeseen].map(([id, key]) => [key, id] as const)];
    for (const [key, id] of unseen) {
      const set = sets.get(setOf(key));
      if (set === undefined || set.hosts.has(id)) continue;
      set.hosts.add(id);
      set.contained += 1;
    }
    const overrides = [this.#allowReleases, ...[...this.#own.values()].map((own) => own.allowReleases)];
    const decide = (of: readonly MachineId[], before: number, limits: ReleaseLimits) =>
      decideReleases(of, before, limits, overrides, machineIds, this.#pair.name);
    const all = decide(machineIds, contained.size, this.#limits);
    if (!all.allowed) return { ...all, machineIds };
    for (const [key, own] of this.#own) {
      const set = sets.get(key);
      const theirs = machineIds.filter((id) => set?.hosts.has(id) === true);
      const decision = decide(theirs, set?.contained ?? 0, own.limits);
      if (!decision.allowed) return { ...decision, machineIds, tightenedBy: key, isEmptied: own.isEmptied === true };
    }
    return { ...all, machineIds };
  }
}

/** The key of the set that a host belongs to; a declaration of one host is its own. */
export function setOf(key: string): string {
  return key.split('\n', 1)[0] ?? key;
}

/** The key of one host of a set: what claims, guardrails and the run's record count by. */
export function keyInSet(setKey: string, host: string): string {
  return `${setKey}\n${host}`;
}
