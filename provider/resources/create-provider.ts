import { hostname, networkInterfaces } from 'node:os';
import { codeRestriction, isolation } from '../containment/pair.ts';
import type { Here } from '../containment/protection.ts';
import type { Defender } from '../defender/api.ts';
import { createDefender } from '../defender/client.ts';
import { isDefenderError } from '../defender/errors.ts';
import { type Ports, systemPorts } from '../defender/ports.ts';
import type { DefenderSettings } from '../defender/settings.ts';
import { Claims } from '../fleet/claims.ts';
import { createFleet } from '../fleet/fleet.ts';
import { OneShots } from '../fleet/one-shots.ts';
import { Registrations } from '../fleet/registrations.ts';
import { RunRecord } from '../fleet/run-record.ts';
import { lookupFunctions } from '../functions/functions.ts';
import { antivirusScan } from './antivirus-scan.ts';
import { codeExecutionRestriction } from './code-execution-restriction.ts';
import { IndicatorRecord, indicatorSummary } from './file-indicator/told.ts';
import { fileIndicator } from './file-indicator.ts';
import { fileQuarantine } from './file-quarantine.ts';
import { investigationPackage } from './investigation-package.ts';
import { describeDefenderError } from './machine-isolation/sight.ts';
import { machineIsolation } from './machine-isolation.ts';
import { Preflight } from './preflight.ts';
import type { Provider } from './provider.ts';
import { quarantine } from './quarantine.ts';
import { registered } from './registered.ts';
import { type PropertyMap, UserError } from './resource.ts';
import { type Runtime, runtimeOfPair } from './runtime.ts';
import { readSettings } from './settings.ts';
import { guardState } from './state-shape.ts';
import { summaryOf } from './summary.ts';

/** The provider over the real service; tests bring a Defender of their own by `connect`, and a time of their own. */
export function createProvider(
  connect: (settings: DefenderSettings) => Defender = (settings) => createDefender(settings, systemPorts()),
  time: Pick<Ports, 'clock' | 'timer'> = systemPorts(),
): Provider {
  const { clock, timer } = time;
  const registrations = new Registrations(clock);
  const claims = new Claims(clock, registrations);
  // A host may be isolated by one declaration and restricted by another.
  const restrictionClaims = new Claims(clock, registrations);
  const record = new RunRecord();
  const indicators = new IndicatorRecord();
  const lifetime = new AbortController();
  let runtime: Runtime | undefined;
  let restrictionRuntime: Runtime | undefined;

  const configured = (of: Runtime | undefined): Runtime => {
    if (of === undefined) throw new UserError('the provider was used before it was configured');
    return of;
  };

  const now = () => runtime?.fleet.defender.serviceNow() ?? clock.wall();
  const ports = { claims, runtime: () => configured(runtime), now };
  const restrictions = { claims: restrictionClaims, runtime: () => configured(restrictionRuntime), now };
  const resources = [
    machineIsolation(ports),
    quarantine(ports, restrictions),
    codeExecutionRestriction(restrictions),
    fileIndicator({ ...ports, record: indicators }),
    fileQuarantine(ports),
    antivirusScan(ports),
    investigationPackage(ports),
  ];

  const preflight = new Preflight(() => configured(runtime).identity());

  return {
    resources: new Map(
      resources.map((resource) => [resource.token, registered(preflight.guard(guardState(resource)), registrations)]),
    ),
    functions: lookupFunctions(() => {
      const { fleet, settings } = configured(runtime);
      return { fleet, renewalRestartsLease: settings.renewalRestartsLease };
    }),
    checkConfig: (config) => readSettings(config).failures,
    configure(config: PropertyMap) {
      const { settings, failures } = readSettings(config, process.env);
      if (failures.length > 0)
        throw new UserError(failures.map((failure) => `mde:${failure.property}: ${failure.reason}`).join('\n'));
      loadSlowLibraries();
      const defender = connectOrExplain(() => connect(settings.defender));
      const fleet = createFleet(defender, settings.limits, claims, clock, timer);
      runtime = {
        pair: isolation,
        settings,
        fleet,
        claims,
        record,
        oneShots: new OneShots(fleet),
        here: whereWeRun(),
        lifetime: lifetime.signal,
        predecessors: new Map(),
        warned: new Set(),
        identity: onceKnown(() => defender.identity({ signal: lifetime.signal })),
      };
      restrictionRuntime = runtimeOfPair(runtime, codeRestriction, restrictionClaims);
    },
    summary() {
      const { worst, done } = indicatorSummary(indicators.entries());
      return [...worst, ...summaryOf(record.entries()), ...done];
    },
    stop(reason) {
      lifetime.abort(new Error(reason));
    },
    close() {
      runtime?.fleet.defender.close();
    },
  };
}

/**
 * A process signs in as one and the same all its life, so what it was told once holds: what was done to a fleet must not be
 * lost because a token could not be renewed at the end.
 */
function onceKnown<T>(ask: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

/** Loading them takes a fifth of a second: begun now, it overlaps with what the engine does before the first call. */
function loadSlowLibraries(): void {
  for (const library of [import('axios'), import('@azure/identity')]) library.catch(() => undefined);
}

function connectOrExplain(connect: () => Defender): Defender {
  try {
    return connect();
  } catch (error) {
    if (isDefenderError(error)) throw new UserError(`mde: ${describeDefenderError(error)}`, { cause: error });
    throw error;
  }
}

/** The machine that this process runs on, which must never isolate itself. */
function whereWeRun(): Here {
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = interfaces.filter((each) => !each.internal);
  return {
    hostname: hostname(),
    macAddresses: outside.map((each) => each.mac),
  };
}
