import { isolation, type Pair } from '../containment/pair.ts';
import type { ReleaseLimits } from '../containment/release-limits.ts';
import type { Defender } from '../defender/api.ts';
import type { ActionId } from '../defender/machine-action.ts';
import type { Clock, Timer } from '../defender/ports.ts';
import type { Claims } from './claims.ts';
import { ContainedDevices } from './contained-devices.ts';
import { IsolationQuota } from './isolation-quota.ts';
import { MachineLookup } from './machine-lookup.ts';
import { NameLookup } from './name-lookup.ts';
import { Observatory } from './observatory.ts';
import { ReleaseGate } from './release-gate.ts';
import { Replacements } from './replacements.ts';
import type { Sent } from './requests.ts';
import { Tracker } from './tracker.ts';

export interface FleetLimits extends ReleaseLimits {
  readonly maxIsolations: number;
  readonly allowReleases: string | undefined;
  /** After this long no new write is started; the next run goes on. */
  readonly maxRunTimeMs: number;
}

/** What all resources of a process share: one view of the fleet, one count of what is done to it. */
export interface Fleet {
  readonly defender: Defender;
  readonly clock: Clock;
  readonly timer: Timer;
  /** Records of machines, whoever asks for them. */
  readonly machines: MachineLookup;
  readonly observatory: Observatory;
  /** Machines by device name. */
  readonly names: NameLookup;
  readonly tracker: Tracker;
  readonly gate: ReleaseGate;
  readonly replacements: Replacements;
  readonly quota: IsolationQuota;
  readonly containedDevices: ContainedDevices;
  /** Monotonic; when the run began. */
  readonly startedAt: number;
  readonly limits: FleetLimits;
  /** Requests that this process sent. */
  readonly sent: Set<ActionId>;
  /** What this process asked of a machine last, by type and machine: two resources that hold one host ask once. */
  readonly asked: Map<string, Promise<Sent>>;
  /** Names under which the service has told us as requestor. */
  readonly requestors: Set<string>;
  /** Machines whose due release was started in this run. */
  readonly dueReleases: Set<string>;
}

export function createFleet(
  defender: Defender,
  limits: FleetLimits,
  claims: Claims,
  clock: Clock,
  timer: Timer,
): Fleet {
  const machines = new MachineLookup(defender, clock, timer);
  const observatory = observatoryOf(isolation, { defender, clock, timer, machines });
  const startedAt = clock.monotonic();
  return {
    defender,
    clock,
    timer,
    limits,
    machines,
    observatory,
    names: new NameLookup(defender, machines, clock, timer),
    tracker: new Tracker(defender, clock, timer),
    gate: new ReleaseGate(claims, limits, limits.allowReleases, clock, timer),
    replacements: new Replacements(),
    quota: new IsolationQuota(limits.maxIsolations),
    containedDevices: new ContainedDevices(() => observatory.recentOfAll(startedAt)),
    startedAt,
    sent: new Set(),
    asked: new Map(),
    requestors: new Set(),
    dueReleases: new Set(),
  };
}

/**
 * The same fleet for another pair of actions: what it observes and counts is its own, what it knows of machines, follows
 * and has sent is shared.
 */
export function fleetOfPair(fleet: Fleet, pair: Pair, claims: Claims): Fleet {
  const { limits, clock, timer } = fleet;
  return {
    ...fleet,
    observatory: observatoryOf(pair, fleet),
    gate: new ReleaseGate(claims, limits, limits.allowReleases, clock, timer, pair),
    quota: new IsolationQuota(limits.maxIsolations),
    dueReleases: new Set(),
  };
}

function observatoryOf(
  { apply, lift }: Pair,
  { defender, clock, timer, machines }: Pick<Fleet, 'defender' | 'clock' | 'timer' | 'machines'>,
): Observatory {
  return new Observatory(defender, clock, timer, machines, [apply, lift]);
}
