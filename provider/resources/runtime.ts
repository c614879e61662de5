import type { RememberedOwnership } from '../containment/ownership.ts';
import type { Pair } from '../containment/pair.ts';
import type { Here } from '../containment/protection.ts';
import type { TokenIdentity } from '../defender/api.ts';
import type { MachineId } from '../defender/machine.ts';
import type { Claims } from '../fleet/claims.ts';
import { type Fleet, fleetOfPair } from '../fleet/fleet.ts';
import type { OneShots } from '../fleet/one-shots.ts';
import type { RunRecord } from '../fleet/run-record.ts';
import type { Settings } from './settings.ts';

/** What state tells of a host's containment, for whoever takes the host over. */
export interface Remembered extends RememberedOwnership {
  /** ms; the latest start of the lease's clock of the period in force. */
  readonly leaseStartedBy: number | undefined;
  /** ms; the earliest start. */
  readonly leaseStartedAfter: number | undefined;
  /** What is known of the request in force, which the service may forget before it is lifted. */
  readonly inForce?: { readonly since: number; readonly requestor: string | undefined } | undefined;
}

/** What the resources of a process share once the provider is configured, as far as they are about the same pair of actions. */
export interface Runtime {
  readonly pair: Pair;
  readonly settings: Settings;
  readonly fleet: Fleet;
  readonly claims: Claims;
  readonly record: RunRecord;
  readonly oneShots: OneShots;
  readonly here: Here;
  /** Ended when the process may write no more. */
  readonly lifetime: AbortSignal;
  /** What the states read in this run remember, by machine: a resource that takes a host over goes on from there. */
  readonly predecessors: Map<MachineId, Remembered>;
  /** Warnings that were given: a run compares a resource twice, and says a thing once. */
  readonly warned: Set<string>;
  identity(): Promise<TokenIdentity>;
}

/** The same process for another pair of actions: a host may be contained by both, each declared and counted for itself. */
export function runtimeOfPair(runtime: Runtime, pair: Pair, claims: Claims): Runtime {
  return {
    ...runtime,
    pair,
    claims,
    fleet: fleetOfPair(runtime.fleet, pair, claims),
    predecessors: new Map(),
    warned: new Set(),
  };
}
