import { VirtualClock } from './clock.ts';
import { Control, type Listener } from './control.ts';
import { Entra } from './entra.ts';
import { Estate, type Latencies } from './estate.ts';
import { Faults } from './faults.ts';
import { createRandom } from './random.ts';
import type { ServerParts } from './service.ts';
import { RequestLog } from './statistics.ts';
import { checkedSettings, defaultSettings, type SwitchSettings } from './switches.ts';
import { checkedLimits, documentedLimits, type RateLimits, Throttle } from './throttle.ts';

/** What the simulated world is like, however it is reached. */
export interface WorldSettings {
  /** Machines of the made-up fleet; default none. */
  readonly machines?: number;
  /** The same seed gives the same fleet, ids and faults; default 1. */
  readonly seed?: number;
  /** Simulated seconds per real second; default 1, and 0 for a clock that moves only by `control.advance`. */
  readonly speed?: number;
  /** The simulated time at the start; default the real one. */
  readonly startAt?: Date | number;
  readonly switches?: Partial<SwitchSettings>;
  readonly limits?: Partial<RateLimits>;
  /** Seconds an action takes by type (`Isolate`, `RunAntiVirusScan`, …), where that differs from the table's. */
  readonly latencySeconds?: Latencies;
  /** Roles of the first app; default what the product needs. */
  readonly roles?: readonly string[];
}

/** By what a client signs in to the first app. */
export interface SimulatorCredentials {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Assembled<L> {
  readonly clock: VirtualClock;
  readonly control: Control;
  readonly credentials: SimulatorCredentials;
  readonly listener: L;
}

const firstTenant = { id: '5a4d3c2b-0000-4000-8000-00000000c0de', domain: 'contoso.onmicrosoft.com' };

/** Puts a tenant together; `listen` makes what requests come in by. */
export function assemble<L extends Listener>(options: WorldSettings, listen: (parts: ServerParts) => L): Assembled<L> {
  const { seed = 1, speed = 1, startAt = Date.now() } = options;
  const settings = { ...defaultSettings(), ...checkedSettings(options.switches ?? {}) };
  const random = createRandom(seed);
  const clock = new VirtualClock(Number(startAt), speed);
  const entra = new Entra(clock, random, settings);
  const throttle = new Throttle();
  throttle.limits = { ...documentedLimits, ...checkedLimits(options.limits ?? {}) };
  const faults = new Faults();
  const log = new RequestLog();
  const latencies: Latencies = { ...options.latencySeconds };
  const estates = new Map<string, Estate>();
  const estate = (tenantId: string): Estate => {
    const key = tenantId.toLowerCase();
    const known = estates.get(key) ?? new Estate(key, { clock, random, settings, latencies });
    estates.set(key, known);
    return known;
  };
  entra.addTenant(firstTenant.id, firstTenant.domain);
  const newGuid = (): string => random.guid();
  const listener = listen({ clock, entra, throttle, settings, estate, newGuid, faults, log });
  const tenantId = firstTenant.id;
  const control = new Control({
    clock,
    random,
    entra,
    throttle,
    faults,
    log,
    settings,
    latencies,
    server: listener,
    tenantId,
    estate,
  });
  const { clientId, clientSecret } = control.addApp(options.roles === undefined ? {} : { roles: options.roles });
  if (options.machines !== undefined) control.seed({ count: options.machines, seed });
  return { clock, control, credentials: { tenantId, clientId, clientSecret }, listener };
}
