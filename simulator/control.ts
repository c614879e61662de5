import { X509Certificate } from 'node:crypto';
import type { VirtualClock } from './clock.ts';
import type { App, Entra, FederatedCredential, MintRequest } from './entra.ts';
import type { Estate, Latencies } from './estate.ts';
import type { Fault, FaultRule, Faults } from './faults.ts';
import { createFleet } from './fleet.ts';
import { type IndicatorBody, readIndicator } from './indicator.ts';
import {
  healthStatus,
  type IsolationType,
  type Machine,
  type MachineProperties,
  machineBody,
  type ScriptedOutcome,
} from './machine.ts';
import { currentVersion, type MachineActionBody, type MachineActionEntry, type Origin } from './machine-action.ts';
import { type MachineFile, restoreFiles } from './machine-files.ts';
import type { Random } from './random.ts';
import { acceptedParameters, type Parameters, type ResponseAction } from './response-action.ts';
import { responseAction, responseActions } from './response-actions.ts';
import type { RequestLog, RequestRecord, Statistics } from './statistics.ts';
import { checkedSettings, defaultSettings, type SwitchSettings } from './switches.ts';
import { checkedLimits, type RateLimits, type Throttle } from './throttle.ts';
import { durationMs, msOf, ticksOf } from './time.ts';

/** The isolation that is really in force on a machine, whatever the record of actions says. */
export type IsolationTruth =
  | { readonly isolated: false }
  | {
      readonly isolated: true;
      readonly type: IsolationType;
      /** RFC 3339, simulated. */
      readonly since: string;
      readonly liftsAt: string;
      /** Absent where no machine action made it. */
      readonly actionId?: string;
    };

/** A stretch of time in which a machine was really isolated. Times are RFC 3339, simulated. */
export interface IsolatedFor {
  readonly since: string;
  /** Both absent while it lasts. */
  readonly until?: string;
  /** By itself, or by whoever released it. */
  readonly endedBy?: 'lift' | 'release';
}

/** A machine as the API tells it, and as it really is. */
export interface MachineTruth {
  readonly id: string;
  readonly computerDnsName: string;
  readonly osPlatform: string;
  readonly healthStatus: string;
  readonly onboardingStatus: string;
  readonly online: boolean;
  readonly isolation: IsolationTruth;
  readonly codeRestricted: boolean;
  /** Hashes in lower case of the files that an indicator keeps from running here. */
  readonly blockedFiles: readonly string[];
  /** SHA-1 in lower case of what was put into quarantine and not restored, oldest first. */
  readonly quarantinedFiles: readonly string[];
  /** Carried out, oldest first; times are RFC 3339, simulated. */
  readonly scans: readonly { readonly scanType: string; readonly at: string; readonly actionId: string }[];
  readonly packages: readonly { readonly at: string; readonly actionId: string }[];
  /** Requests that are not final. */
  readonly waiting: number;
  /** As `GET machines/{id}` would print it. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A machine action with its whole story. Times are RFC 3339, simulated. */
export interface ActionRecord extends MachineActionBody {
  readonly origin: Origin;
  /** When the machine did it, if it did. */
  readonly executedAt: string | undefined;
  readonly history: readonly { readonly at: string; readonly status: string }[];
}

/** Changes to a machine; what is absent stays. */
export interface MachineChanges extends Partial<MachineProperties> {
  readonly online?: boolean;
  /** What is on it, for StopAndQuarantineFile; null, as at first: every file that anybody asks for. */
  readonly files?: readonly MachineFile[] | null;
  /** Seconds that an action of a type (`Isolate`) takes here. */
  readonly latencySeconds?: Partial<Record<string, number>>;
  /** How actions of a type end here; null: as usual. */
  readonly outcomes?: Partial<Record<string, ScriptedOutcome | null>>;
}

export interface NewMachine extends MachineChanges {
  /** 40 hex; default made up. */
  readonly id?: string;
}

/** What an analyst does by hand in the portal. */
export interface AnalystRequest {
  /** Default `analyst@contoso.com`. */
  readonly by?: string;
  readonly comment?: string;
  /** Default `Portal`. */
  readonly requestSource?: string;
  /** For isolate; default `Full`. */
  readonly isolationType?: IsolationType;
  /** For StopAndQuarantineFile. */
  readonly sha1?: string;
  /** For RunAntiVirusScan; default `Quick`. */
  readonly scanType?: 'Quick' | 'Full';
  /** From pick-up to end; 0: done at once. Default as the table says. */
  readonly latencySeconds?: number;
}

/** An indicator made by hand in the portal. What is absent: `FileSha1`, `BlockAndRemediate`, and a made-up text. */
export interface NewIndicator
  extends Partial<
    Pick<
      IndicatorBody,
      | 'indicatorType'
      | 'action'
      | 'title'
      | 'description'
      | 'severity'
      | 'rbacGroupNames'
      | 'generateAlert'
      | 'application'
      | 'recommendedActions'
      | 'expirationTime'
    >
  > {
  readonly indicatorValue: string;
  /** Default `analyst@contoso.com`. */
  readonly by?: string;
}

export interface NewApp {
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly displayName?: string;
  readonly roles?: readonly string[];
  readonly clientSecret?: string;
  /** Certificates in PEM by which the app may sign in. */
  readonly certificates?: readonly string[];
  readonly federated?: readonly FederatedCredential[];
}

export interface RegisteredApp {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly displayName: string;
  readonly roles: readonly string[];
}

/** Which tenant an operation is about; default the first one. */
export interface InTenant {
  readonly tenantId?: string | undefined;
}

/** What requests come in by, as far as it can be shut. */
export interface Listener {
  /** Refuses connections, for so many ms or until `reopen`. */
  refuse(forMs?: number): void;
  reopen(): Promise<void>;
}

export interface ControlParts {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly entra: Entra;
  readonly throttle: Throttle;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly settings: SwitchSettings;
  readonly latencies: Latencies;
  readonly server: Listener;
  readonly tenantId: string;
  estate(tenantId: string): Estate;
}

/** The strings behind the simulator: what a test, a demo or a page may see and do that no API client can. */
export class Control {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  // Time

  /** The simulated time. */
  now(): Date {
    return new Date(this.#parts.clock.now());
  }

  /** Moves time on: `7d`, `1h30m`, `66s`, or milliseconds. What falls due in between happens in order. */
  advance(duration: number | string): Date {
    this.#parts.clock.advance(durationMs(duration));
    return this.now();
  }

  /** Simulated seconds per real second; 0: time moves only by `advance`. */
  setSpeed(speed: number): void {
    this.#parts.clock.setSpeed(speed);
  }

  // Machines

  /** Adds a made-up fleet. The answer: its ids. */
  seed({ count, seed = 1, tenantId }: { count: number; seed?: number } & InTenant): readonly string[] {
    const estate = this.#estate(tenantId);
    const fleet = createFleet({ count, seed, now: this.#parts.clock.now() });
    for (const { id, properties, online, offlineSince } of fleet)
      estate.machines.add(id, properties, online, offlineSince);
    return fleet.map(({ id }) => id);
  }

  /** Adds one machine: an active, onboarded Windows 11 client where nothing else is said. */
  addMachine(machine: NewMachine = {}, { tenantId }: InTenant = {}): MachineTruth {
    const { random, clock } = this.#parts;
    const { id = this.#newMachineId(tenantId), online = true, ...more } = machine;
    const { files, latencySeconds, outcomes, ...properties } = more;
    const now = clock.now();
    if (!/^[0-9a-f]{40}$/.test(id)) throw new RangeError(`"${id}" is no machine id; write 40 lower-case hex digits`);
    const added = this.#estate(tenantId).machines.add(id, { ...plainMachine(random, id, now), ...properties }, online);
    return this.setMachine(
      added.id,
      { ...(files && { files }), ...(latencySeconds && { latencySeconds }), ...(outcomes && { outcomes }) },
      { tenantId },
    );
  }

  machines({ tenantId }: InTenant = {}): readonly MachineTruth[] {
    this.#parts.clock.settle();
    return this.#estate(tenantId)
      .machines.all()
      .map((machine) => this.#truth(machine, tenantId));
  }

  /** One machine, by id or name. */
  machine(key: string, { tenantId }: InTenant = {}): MachineTruth {
    this.#parts.clock.settle();
    return this.#truth(this.#find(key, tenantId), tenantId);
  }

  /** When a machine was really isolated, without a break in each, oldest first. */
  isolations(key: string, { tenantId }: InTenant = {}): readonly IsolatedFor[] {
    this.#parts.clock.settle();
    const iso = (ms: number) => new Date(ms).toISOString();
    return this.#find(key, tenantId).stretches.map(({ since, until, endedBy }) => ({
      since: iso(since),
      ...(until !== undefined && { until: iso(until) }),
      ...(endedBy !== undefined && { endedBy }),
    }));
  }

  setMachine(key: string, changes: MachineChanges, { tenantId }: InTenant = {}): MachineTruth {
    const { online, files, latencySeconds, outcomes, ...properties } = changes;
    this.#parts.clock.settle();
    const estate = this.#estate(tenantId);
    const machine = this.#find(key, tenantId);
    estate.machines.setProperties(machine, properties);
    if (files !== undefined) machine.files = files ?? undefined;
    Object.assign(machine.latencySeconds, latencySeconds);
    for (const [type, outcome] of Object.entries(outcomes ?? {})) {
      if (outcome === null) delete machine.outcomes[type];
      else if (outcome !== undefined) machine.outcomes[type] = { ...outcome };
    }
    if (online !== undefined) estate.setOnline(machine, online);
    return this.#truth(machine, tenantId);
  }

  /** Isolates (or, by null, releases) without a machine action, as attack disruption or a local script would. */
  force(key: string, type: IsolationType | null, { tenantId }: InTenant = {}): MachineTruth {
    this.#parts.clock.settle();
    const machine = this.#find(key, tenantId);
    this.#estate(tenantId).force(machine, type ?? undefined);
    return this.#truth(machine, tenantId);
  }

  /** Restores what is in quarantine, as an administrator does on the device itself; no API call can. */
  restoreFiles(key: string, { tenantId }: InTenant = {}): MachineTruth {
    this.#parts.clock.settle();
    const machine = this.#find(key, tenantId);
    restoreFiles(machine);
    return this.#truth(machine, tenantId);
  }

  /** Installs a device anew: a new machine, not isolated, under the old name; the old one falls silent. */
  reinstall(key: string, { merged = true, tenantId }: { merged?: boolean } & InTenant = {}): MachineTruth {
    const { clock } = this.#parts;
    clock.settle();
    const estate = this.#estate(tenantId);
    const old = this.#find(key, tenantId);
    const properties = { ...old.properties, firstSeen: clock.now(), mergedIntoMachineId: null };
    const fresh = estate.machines.add(this.#newMachineId(tenantId), properties, true);
    estate.setOnline(old, false);
    estate.machines.setProperties(old, {
      isPotentialDuplication: true,
      ...(merged && { mergedIntoMachineId: fresh.id }),
    });
    return this.#truth(fresh, tenantId);
  }

  /** Gives a machine another name and keeps its id. */
  rename(key: string, computerDnsName: string, { tenantId }: InTenant = {}): MachineTruth {
    return this.setMachine(key, { computerDnsName }, { tenantId });
  }

  /** Takes the sensor away: the machine stays in the list, out of reach. */
  offboard(key: string, { tenantId }: InTenant = {}): MachineTruth {
    return this.setMachine(key, { online: false, onboardingStatus: 'CanBeOnboarded' }, { tenantId });
  }

  /** Takes a machine out of the tenant: 404 from now on. */
  removeMachine(key: string, { tenantId }: InTenant = {}): void {
    this.#estate(tenantId).remove(this.#find(key, tenantId));
  }

  // Analysts

  /** "Isolate device" in the portal. Throws where the service would refuse. */
  isolate(key: string, request: AnalystRequest = {}, tenant: InTenant = {}): ActionRecord {
    return this.act(key, 'Isolate', request, tenant);
  }

  /** "Release from isolation" in the portal. Throws where the service would refuse. */
  unisolate(key: string, request: AnalystRequest = {}, tenant: InTenant = {}): ActionRecord {
    return this.act(key, 'Unisolate', request, tenant);
  }

  /**
   * Any response action (`StopAndQuarantineFile`, `RestrictCodeExecution`, …), as from the portal. Throws where the
   * service would refuse, and a RangeError where there is no such action.
   */
  act(key: string, type: string, request: AnalystRequest = {}, { tenantId }: InTenant = {}): ActionRecord {
    this.#parts.clock.settle();
    const kind = responseAction(type);
    const entry = this.#estate(tenantId).submit(this.#find(key, tenantId), {
      kind,
      parameters: acceptedParameters(kind, parametersOf(kind, request)),
      requestor: request.by ?? defaultAnalyst,
      requestSource: request.requestSource ?? 'Portal',
      origin: { via: 'analyst' },
      latencySeconds: request.latencySeconds,
    });
    this.#parts.clock.settle();
    return recordOf(entry);
  }

  cancel(actionId: string, request: AnalystRequest = {}, { tenantId }: InTenant = {}): ActionRecord {
    this.#parts.clock.settle();
    const estate = this.#estate(tenantId);
    const entry = estate.action(actionId);
    if (entry === undefined) throw new RangeError(`there is no action ${actionId}`);
    estate.cancel(entry, request.by ?? defaultAnalyst, request.comment ?? '');
    return recordOf(entry);
  }

  /** Every action ever made, in the order of creation. */
  actions({ machine, tenantId }: { machine?: string } & InTenant = {}): readonly ActionRecord[] {
    this.#parts.clock.settle();
    const only = machine === undefined ? undefined : this.#find(machine, tenantId);
    const { actions } = this.#estate(tenantId);
    return actions.filter((entry) => only === undefined || entry.machine === only).map(recordOf);
  }

  // Indicators

  /** The active ones, in the order of creation, as `GET indicators` prints them to who may see all. */
  indicators({ tenantId }: InTenant = {}): readonly IndicatorBody[] {
    this.#parts.clock.settle();
    return this.#estate(tenantId)
      .indicators.all()
      .map(({ body }) => body);
  }

  /** Adds an indicator by hand, or changes the one of this type and value. Throws where the service would refuse. */
  addIndicator(indicator: NewIndicator, { tenantId }: InTenant = {}): IndicatorBody {
    const { clock, settings } = this.#parts;
    clock.settle();
    const { by = defaultAnalyst, ...given } = indicator;
    const plain = { indicatorType: 'FileSha1', action: 'BlockAndRemediate', title: 'by hand', description: 'by hand' };
    // The portal has a list to pick groups from, however the API wants them written.
    const portal = { ...settings, rbacGroupNames: 'either' } as const;
    const request = readIndicator({ ...plain, ...given }, ticksOf(clock.now()), portal);
    const author = { id: by, displayName: by, sourceType: 'User', source: 'Portal' } as const;
    return this.#estate(tenantId).indicators.put(request, author).body;
  }

  /** Deletes an indicator by hand, by id or value. */
  removeIndicator(key: string, { tenantId }: InTenant = {}): void {
    this.#parts.clock.settle();
    const { indicators } = this.#estate(tenantId);
    const wanted = key.toLowerCase();
    const found = indicators.find(({ id, indicatorValue }) => id === key || indicatorValue.toLowerCase() === wanted);
    if (found === undefined) throw new RangeError(`there is no indicator "${key}"`);
    indicators.delete(found);
  }

  // Switches and limits

  switches(): SwitchSettings {
    return { ...this.#parts.settings };
  }

  setSwitches(changes: Partial<SwitchSettings>): SwitchSettings {
    Object.assign(this.#parts.settings, checkedSettings(changes));
    return this.switches();
  }

  resetSwitches(): SwitchSettings {
    return Object.assign(this.#parts.settings, defaultSettings());
  }

  /** Calls per minute and hour, for each route, app and tenant, and how long minute and hour are. */
  setLimits(limits: Partial<RateLimits>): RateLimits {
    const { throttle } = this.#parts;
    throttle.limits = { ...throttle.limits, ...checkedLimits(limits) };
    return throttle.limits;
  }

  /** Seconds from pick-up to end by action type, for actions that begin from now on. */
  setLatencies(latencySeconds: Latencies): Latencies {
    for (const [type, seconds] of Object.entries(latencySeconds)) {
      const isKnown = responseActions.some((one) => one.type === type);
      if (!isKnown || typeof seconds !== 'number' || !(seconds >= 0)) {
        const types = responseActions.map((one) => one.type).join(', ');
        throw new RangeError(`"${type}": give seconds of at least 0 for ${types}`);
      }
    }
    return { ...Object.assign(this.#parts.latencies, latencySeconds) };
  }

  /** Forgets what was called so far, so that the quota is whole again. */
  resetThrottle(): void {
    this.#parts.throttle.reset();
  }

  // Faults

  /** The answer: the fault's id. */
  addFault(rule: FaultRule): string {
    return this.#parts.faults.add(rule);
  }

  faults(): readonly Fault[] {
    return this.#parts.faults.list();
  }

  removeFault(id: string): void {
    if (!this.#parts.faults.remove(id)) throw new RangeError(`there is no fault "${id}"`);
  }

  clearFaults(): void {
    this.#parts.faults.clear();
  }

  /** Resets every connection and refuses new ones, for `forMs` of real time or until `acceptConnections`. */
  refuseConnections(forMs?: number): void {
    this.#parts.server.refuse(forMs);
  }

  async acceptConnections(): Promise<void> {
    await this.#parts.server.reopen();
  }

  // Sign-in

  addTenant(tenantId: string, domain?: string): void {
    this.#parts.entra.addTenant(tenantId, domain);
  }

  addApp(app: NewApp = {}): RegisteredApp {
    const { random, entra } = this.#parts;
    const clientSecret = app.clientSecret ?? `sim~${random.hex(36)}`;
    const registered = entra.addApp({
      tenantId: app.tenantId ?? this.#parts.tenantId,
      clientId: app.clientId ?? random.guid(),
      displayName: app.displayName ?? 'pulumi-mde',
      roles: app.roles ?? defaultRoles,
      secrets: [{ value: clientSecret, expired: false }],
      certificates: (app.certificates ?? []).map((pem) => new X509Certificate(pem)),
      federated: [...(app.federated ?? [])],
    });
    return { ...shown(registered), clientSecret };
  }

  setRoles(clientId: string, roles: readonly string[], { tenantId }: InTenant = {}): void {
    this.#app(clientId, tenantId).roles = roles;
  }

  /** A new secret; the old ones stay good unless they are expired. */
  addSecret(clientId: string, { tenantId }: InTenant = {}): string {
    const value = `sim~${this.#parts.random.hex(36)}`;
    this.#app(clientId, tenantId).secrets.push({ value, expired: false });
    return value;
  }

  /** Ends the life of every secret that an app has now. */
  expireSecrets(clientId: string, { tenantId }: InTenant = {}): void {
    for (const secret of this.#app(clientId, tenantId).secrets) secret.expired = true;
  }

  /** Makes every token given out so far invalid: 401. */
  expireTokens(): void {
    this.#parts.entra.expireTokens();
  }

  /** A token that says what it is told to: of a person, for another audience, without roles. */
  mintToken(request: Partial<MintRequest> = {}): string {
    const { entra, tenantId } = this.#parts;
    const appId = request.appId ?? entra.apps()[0]?.clientId ?? '';
    return entra.mint({ tenantId, roles: defaultRoles, ...request, appId });
  }

  /** A token of the simulator's own outside issuer, for workload identity. */
  federatedToken(credential: FederatedCredential): string {
    return this.#parts.entra.federatedToken(credential);
  }

  // Statistics

  statistics(): Statistics {
    return this.#parts.log.statistics();
  }

  /** The latest requests, oldest first. */
  requests(limit?: number): readonly RequestRecord[] {
    return this.#parts.log.recent(limit);
  }

  resetStatistics(): void {
    this.#parts.log.reset();
  }

  #estate(tenantId = this.#parts.tenantId): Estate {
    return this.#parts.estate(tenantId);
  }

  /** One that no machine has: a seeded fleet draws from the same chance. */
  #newMachineId(tenantId: string | undefined): string {
    const { machines } = this.#estate(tenantId);
    let id = this.#parts.random.hex(40);
    while (machines.byId(id) !== undefined) id = this.#parts.random.hex(40);
    return id;
  }

  #find(key: string, tenantId: string | undefined): Machine {
    const estate = this.#estate(tenantId);
    const known = estate.machines.byId(key);
    if (known !== undefined) return known;
    const [machine, ...others] = estate.machines.byName(key);
    if (machine === undefined) throw new RangeError(`there is no machine "${key}"`);
    if (others.length > 0) {
      const ids = [machine, ...others].map(({ id }) => id).join(', ');
      throw new RangeError(`several machines are called "${key}": say which by id, ${ids}`);
    }
    return machine;
  }

  #app(clientId: string, tenantId = this.#parts.tenantId): App {
    const app = this.#parts.entra.app(tenantId, clientId);
    if (app === undefined) throw new RangeError(`there is no app ${clientId} in tenant ${tenantId}`);
    return app;
  }

  #truth(machine: Machine, tenantId: string | undefined): MachineTruth {
    const now = this.#parts.clock.now();
    const { isolation, properties, scans, packages } = machine;
    return {
      id: machine.id,
      computerDnsName: properties.computerDnsName,
      osPlatform: properties.osPlatform,
      healthStatus: healthStatus(machine, now),
      onboardingStatus: properties.onboardingStatus,
      online: machine.online,
      isolation:
        isolation === undefined
          ? { isolated: false }
          : {
              isolated: true,
              type: isolation.type,
              since: new Date(isolation.since).toISOString(),
              liftsAt: new Date(isolation.liftsAt).toISOString(),
              ...(isolation.actionId !== undefined && { actionId: isolation.actionId }),
            },
      codeRestricted: machine.codeRestricted,
      blockedFiles: this.#estate(tenantId).indicators.blockedFiles(machine),
      quarantinedFiles: machine.quarantine.map(({ sha1 }) => sha1),
      scans: scans.map((scan) => ({ ...scan, at: new Date(scan.at).toISOString() })),
      packages: packages.map((one) => ({ ...one, at: new Date(one.at).toISOString() })),
      waiting: machine.queue.length + machine.running.size + machine.parked.size,
      body: machineBody(machine, now),
    };
  }
}

const defaultAnalyst = 'analyst@contoso.com';

/** What the product needs for all that it can do. */
export const defaultRoles: readonly string[] = [
  'Machine.Read.All',
  'Machine.Isolate',
  'Machine.RestrictExecution',
  'Machine.StopAndQuarantine',
  'Machine.Scan',
  'Machine.CollectForensics',
  'Ti.ReadWrite.All',
];

/** What a request says that this action takes. */
function parametersOf(kind: ResponseAction, request: AnalystRequest): Parameters {
  const { comment = 'by hand', isolationType = 'Full', scanType = 'Quick', sha1 } = request;
  const said = { Comment: comment, IsolationType: isolationType, ScanType: scanType, Sha1: sha1 };
  const taken = Object.entries(said).filter(
    (one): one is [string, string] => one[1] !== undefined && kind.parameters.some(({ name }) => name === one[0]),
  );
  return Object.fromEntries(taken);
}

function shown({ tenantId, clientId, displayName, roles }: App): Omit<RegisteredApp, 'clientSecret'> {
  return { tenantId, clientId, displayName, roles };
}

/** Made once for each state of an entry: whoever judges a long story asks for all of them again and again. */
const records = new WeakMap<MachineActionEntry, { readonly version: unknown; readonly record: ActionRecord }>();

function recordOf(entry: MachineActionEntry): ActionRecord {
  const version = currentVersion(entry);
  const known = records.get(entry);
  const isNew =
    known?.version !== version || (known.record.executedAt === undefined) !== (entry.executedAt === undefined);
  if (known !== undefined && !isNew) return known.record;
  const record = newRecord(entry);
  records.set(entry, { version, record });
  return record;
}

function newRecord(entry: MachineActionEntry): ActionRecord {
  return {
    ...currentVersion(entry).body,
    origin: entry.origin,
    executedAt: entry.executedAt === undefined ? undefined : new Date(entry.executedAt).toISOString(),
    history: entry.versions.map(({ at, body }) => ({ at: new Date(msOf(at)).toISOString(), status: body.status })),
  };
}

function plainMachine(random: Random, id: string, now: number): MachineProperties {
  const ip = `10.0.${random.integer(0, 255)}.${random.integer(10, 250)}`;
  return {
    computerDnsName: `laptop-${id.slice(0, 6)}.contoso.com`,
    osPlatform: 'Windows11',
    osVersion: null,
    osProcessor: 'x64',
    osArchitecture: '64-bit',
    version: '24H2',
    osBuild: 26100,
    agentVersion: '10.8760.26100.1',
    lastIpAddress: ip,
    lastExternalIpAddress: '203.0.113.7',
    ipAddresses: [
      { ipAddress: ip, macAddress: random.hex(12).toUpperCase(), type: 'Ethernet', operationalStatus: 'Up' },
    ],
    onboardingStatus: 'Onboarded',
    rbacGroupId: 0,
    rbacGroupName: null,
    riskScore: 'None',
    exposureLevel: 'Low',
    deviceValue: 'Normal',
    isAadJoined: true,
    aadDeviceId: random.guid(),
    machineTags: [],
    mergedIntoMachineId: null,
    isPotentialDuplication: false,
    isExcluded: false,
    exclusionReason: null,
    defenderAvStatus: 'Updated',
    managedBy: 'Intune',
    managedByStatus: 'Success',
    firstSeen: now - 90 * 86_400_000,
  };
}
