import type { RememberedOwnership } from '../containment/ownership.ts';
import type { Here } from '../containment/protection.ts';
import type { TokenIdentity } from '../defender/api.ts';
import type { MachineId } from '../defender/machine.ts';
import type { Claims } from '../fleet/claims.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { RunRecord } from '../fleet/run-record.ts';
import type { Settings } from './settings.ts';

/** What state tells of a host's containment, for whoever takes the host over. */
export interface Remembered extends RememberedOwnership {
  /** ms; the latest start of the lease's clock of the period in force. */
  readonly leaseStartedBy: number | undefined;
  /** ms; the earliest start. */
  readonly leaseStartedAfter: number | undefined;
}

/** What the resources of a process share once the provider is configured. */
export interface Runtime {
  readonly settings: Settings;
  readonly fleet: Fleet;
  readonly claims: Claims;
  readonly record: RunRecord;
  readonly here: Here;
  /** Ended when the process may write no more. */
  readonly lifetime: AbortSignal;
  /** What the states read in this run remember, by machine: a resource that takes a host over goes on from there. */
  readonly predecessors: Map<MachineId, Remembered>;
  /** Warnings that were given: a run compares a resource twice, and says a thing once. */
  readonly warned: Set<string>;
  identity(): Promise<TokenIdentity>;
}
