import type { VirtualClock } from './clock.ts';
import { ApiError } from './errors.ts';
import { Indicators } from './indicators.ts';
import type { Isolation, IsolationType, Machine, ScriptedOutcome } from './machine.ts';
import {
  currentVersion,
  isActive,
  type MachineActionBody,
  type MachineActionEntry,
  type MachineActionStatus,
  type Origin,
  revise,
} from './machine-action.ts';
import { Machines } from './machines.ts';
import type { Random } from './random.ts';
import type { ResponseAction } from './response-action.ts';
import { responseAction } from './response-actions.ts';
import type { SwitchSettings } from './switches.ts';
import { formatTicks, msOf, type Ticks, ticksOf } from './time.ts';

/** Who asks for what of a machine. */
export interface ActionRequest {
  readonly kind: ResponseAction;
  readonly parameters: Readonly<Record<string, string>>;
  readonly requestor: string;
  readonly requestSource: string;
  readonly origin: Origin;
  /** Seconds from pick-up to end, instead of the table's. */
  readonly latencySeconds?: number | undefined;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** The part of an action's time that passes before the machine says that it has begun. */
const pickUpShare = 0.2;

/** Seconds from pick-up to end by action type, where they differ from the table's. */
export type Latencies = Partial<Record<string, number>>;

export interface EstateParts {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Read whenever something depends on it, so a change counts at once. */
  readonly settings: SwitchSettings;
  readonly latencies: Latencies;
}

/** A tenant's machines, what is really in force on them, every action ever asked of them, and its indicators. */
export class Estate {
  readonly tenantId: string;
  readonly machines: Machines;
  readonly indicators: Indicators;
  /** In the order of creation. */
  readonly actions: MachineActionEntry[] = [];
  readonly #byActionId = new Map<string, MachineActionEntry>();
  readonly #activeOf = new Map<Machine, Set<MachineActionEntry>>();
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #settings: SwitchSettings;
  readonly #latencies: Latencies;
  #latest: Ticks = Number.NEGATIVE_INFINITY;
  #duplicates = 0;

  constructor(tenantId: string, { clock, random, settings, latencies }: EstateParts) {
    this.tenantId = tenantId;
    this.machines = new Machines(clock, settings);
    this.indicators = new Indicators({ clock, random, settings, machines: this.machines });
    this.#clock = clock;
    this.#random = random;
    this.#settings = settings;
    this.#latencies = latencies;
  }

  /** Takes a machine out of the tenant; what it still had to do is never done. */
  remove(machine: Machine): void {
    this.machines.delete(machine);
    this.setOnline(machine, false);
  }

  setOnline(machine: Machine, online: boolean): void {
    if (machine.online === online) return;
    machine.online = online;
    machine.offlineSince = online ? undefined : this.#clock.now();
    if (!online) return;
    for (const [entry, status] of machine.unreported) this.#finish(entry, status);
    machine.unreported.clear();
    this.#pump(machine);
  }

  action(id: string): MachineActionEntry | undefined {
    return this.#byActionId.get(id.toLowerCase());
  }

  /** Takes a request, or throws the ApiError by which it is refused. The answer may be another, running action. */
  submit(machine: Machine, request: ActionRequest): MachineActionEntry {
    const { kind } = request;
    const parameters = kind.accept(machine, request.parameters, this.#settings);
    const key = kind.conflictKey(parameters, this.#settings);
    const running = this.#active(machine).find(
      (entry) => entry.kind === kind && kind.conflictKey(entry.parameters, this.#settings) === key,
    );
    if (running !== undefined) {
      const adopted = this.#duplicateOf(running);
      if (adopted !== undefined) return adopted;
    }
    const entry = this.#record(machine, { ...request, parameters }, 'Pending');
    this.#activeSet(machine).add(entry);
    machine.queue.push(entry);
    this.#later(entry, this.#settings.giveUpAfterHours * hourMs, () => this.#giveUp(entry));
    this.#pump(machine);
    return entry;
  }

  /** Cancels an action that is not final, or throws the ApiError by which that is refused. */
  cancel(entry: MachineActionEntry, requestor: string, comment: string): void {
    if (!isActive(entry)) {
      throw new ApiError(
        400,
        this.#settings.cancelFinalCode,
        `Action ${entry.id} is already ${currentVersion(entry).body.status}`,
      );
    }
    const at = this.#tick();
    revise(entry, at, {
      status: 'Cancelled',
      cancellationRequestor: requestor,
      cancellationComment: comment,
      cancellationDateTimeUtc: formatTicks(at),
    });
    this.#activeSet(entry.machine).delete(entry);
    if (!this.#settings.cancelledThoughExecuted) this.#drop(entry);
  }

  /** Isolates or releases without any action: attack disruption, a force-release script, an edited iptables rule. */
  force(machine: Machine, type: IsolationType | undefined): void {
    if (type === undefined) {
      this.#release(machine);
    } else {
      const now = this.#clock.now();
      this.#isolate(machine, { type, since: now, liftsAt: now + this.#settings.liftAfterHours * hourMs });
    }
  }

  #duplicateOf(running: MachineActionEntry): MachineActionEntry | undefined {
    const how = running.kind.duplicates(this.#settings);
    const turn = this.#duplicates++;
    switch (how) {
      case 'accept':
        return undefined;
      case 'return-pending':
        return running;
      case 'alternate':
        if (turn % 2 === 0) return running;
        break;
      case 'reject-400':
        break;
    }
    throw new ApiError(400, 'ActiveRequestAlreadyExists', 'Action is already in progress');
  }

  #record(machine: Machine, request: ActionRequest, status: MachineActionStatus): MachineActionEntry {
    const { kind, parameters, requestor, requestSource, origin } = request;
    const file = kind.file(parameters);
    const created = this.#tick();
    // Creation and first update were seen to differ by a few ticks.
    const updated = created + this.#random.integer(0, 9);
    this.#latest = updated;
    const body: MachineActionBody = {
      id: this.#random.guid(),
      type: kind.type,
      title: parameters.Title ?? null,
      requestor,
      requestorComment: parameters.Comment ?? '',
      status,
      machineId: machine.id,
      computerDnsName: machine.properties.computerDnsName,
      creationDateTimeUtc: formatTicks(created),
      lastUpdateDateTimeUtc: formatTicks(updated),
      cancellationRequestor: null,
      cancellationComment: null,
      cancellationDateTimeUtc: null,
      errorHResult: 0,
      scope: this.#settings.scopeInAnswer === 'filled' ? kind.scope(parameters) : null,
      externalId: parameters.ExternalId ?? null,
      requestSource,
      relatedFileInfo: file === null ? null : { fileIdentifier: file, fileIdentifierType: 'Sha1' },
      commands: [],
      troubleshootInfo: null,
    };
    const entry: MachineActionEntry = {
      id: body.id,
      kind,
      machine,
      parameters,
      origin,
      created,
      versions: [{ at: created, created, updated, body }],
      latencySeconds: request.latencySeconds,
      executedAt: undefined,
      events: [],
    };
    this.actions.push(entry);
    this.#byActionId.set(entry.id, entry);
    return entry;
  }

  /** Lets the machine take what it may take now. */
  #pump(machine: Machine): void {
    const order = this.#settings.completionOrder;
    while (machine.online && machine.queue.length > 0 && (machine.running.size === 0 || order === 'independent')) {
      const entry = order === 'newest-first' ? machine.queue.pop() : machine.queue.shift();
      if (entry === undefined) return;
      this.#begin(machine, entry);
    }
  }

  #begin(machine: Machine, entry: MachineActionEntry): void {
    const readiness = entry.kind.readiness(machine, this.#settings);
    if (readiness !== 'ready') {
      machine.parked.set(entry, readiness);
      return;
    }
    machine.running.add(entry);
    const { type, latencySeconds } = entry.kind;
    const seconds = entry.latencySeconds ?? machine.latencySeconds[type] ?? this.#latencies[type] ?? latencySeconds;
    if (seconds > 0) this.#later(entry, seconds * pickUpShare * 1000, () => this.#report(entry, 'InProgress'));
    this.#later(entry, seconds * 1000, () => this.#complete(machine, entry));
  }

  #complete(machine: Machine, entry: MachineActionEntry): void {
    machine.running.delete(entry);
    const status = this.#carryOut(machine, entry);
    if (machine.online) this.#finish(entry, status);
    else machine.unreported.set(entry, status);
    this.#pump(machine);
  }

  #carryOut(machine: Machine, entry: MachineActionEntry): MachineActionStatus {
    const scripted = this.#scriptedOutcome(machine, entry.kind.type);
    if (scripted !== undefined && scripted.executed !== true) return scripted.status;
    const status = entry.kind.carryOut(machine, entry, {
      settings: this.#settings,
      now: this.#clock.now(),
      isolate: (by, type) => this.#isolateBy(machine, by, type),
      release: () => this.#release(machine),
    });
    entry.executedAt = this.#clock.now();
    return scripted?.status ?? status;
  }

  #scriptedOutcome(machine: Machine, type: string): ScriptedOutcome | undefined {
    const scripted = machine.outcomes[type];
    if (scripted?.times === undefined) return scripted;
    scripted.times -= 1;
    if (scripted.times <= 0) delete machine.outcomes[type];
    return scripted;
  }

  /** A status that is not final; the scope is known from pick-up on. */
  #report(entry: MachineActionEntry, status: MachineActionStatus): void {
    if (isActive(entry)) revise(entry, this.#tick(), { status, ...this.#scope(entry) });
  }

  #finish(entry: MachineActionEntry, status: MachineActionStatus): void {
    if (isActive(entry)) revise(entry, this.#tick(), { status, ...this.#scope(entry) });
    this.#activeSet(entry.machine).delete(entry);
    for (const cancel of entry.events) cancel();
    entry.events = [];
  }

  #scope(entry: MachineActionEntry): Partial<MachineActionBody> {
    return this.#settings.scopeInAnswer === 'always-null' ? {} : { scope: entry.kind.scope(entry.parameters) };
  }

  #giveUp(entry: MachineActionEntry): void {
    if (entry.machine.running.has(entry)) {
      this.#later(entry, minuteMs, () => this.#giveUp(entry));
      return;
    }
    // A cancelled action may still be waiting here, to be carried out all the same; its record stays as it is.
    this.#drop(entry);
    this.#finish(entry, this.#settings.giveUpStatus);
  }

  /** Takes an action away from its machine. */
  #drop(entry: MachineActionEntry): void {
    const { machine } = entry;
    for (const cancel of entry.events) cancel();
    entry.events = [];
    const queued = machine.queue.indexOf(entry);
    if (queued >= 0) machine.queue.splice(queued, 1);
    machine.running.delete(entry);
    machine.parked.delete(entry);
    machine.unreported.delete(entry);
    this.#pump(machine);
  }

  // What is in force

  #isolateBy(machine: Machine, entry: MachineActionEntry, type: IsolationType): void {
    const now = this.#clock.now();
    const leaseMs = this.#settings.liftAfterHours * hourMs;
    const liftsAt = (this.#settings.leaseStart === 'request' ? msOf(entry.created) : now) + leaseMs;
    const standing = machine.isolation;
    if (standing === undefined) {
      this.#isolate(machine, { type, since: now, liftsAt, actionId: entry.id });
      return;
    }
    if (this.#settings.secondIsolateChangesType) standing.type = type;
    if (this.#settings.secondIsolateRestartsLease) {
      standing.liftsAt = Math.max(standing.liftsAt, liftsAt);
      this.#scheduleLift(machine, standing);
    }
  }

  #isolate(machine: Machine, isolation: Isolation): void {
    if (machine.isolation === undefined) machine.stretches.push({ since: isolation.since });
    machine.isolation = isolation;
    this.#scheduleLift(machine, isolation);
  }

  #scheduleLift(machine: Machine, isolation: Isolation): void {
    this.#clock.at(isolation.liftsAt, () => {
      if (machine.isolation !== isolation || isolation.liftsAt > this.#clock.now()) return;
      this.#release(machine, 'lift');
      if (this.#settings.liftRecord === 'unisolate-action') this.#recordLift(machine);
    });
  }

  #release(machine: Machine, by: 'lift' | 'release' = 'release'): void {
    const stretch = machine.isolation === undefined ? undefined : machine.stretches.at(-1);
    if (stretch !== undefined) Object.assign(stretch, { until: this.#clock.now(), endedBy: by });
    machine.isolation = undefined;
    for (const [entry, reason] of machine.parked) {
      if (reason === 'hangs') continue;
      machine.parked.delete(entry);
      machine.queue.push(entry);
    }
    this.#pump(machine);
  }

  #recordLift(machine: Machine): void {
    const entry = this.#record(
      machine,
      {
        kind: responseAction('Unisolate'),
        parameters: { Comment: 'Isolation ended automatically' },
        requestor: 'Microsoft Defender for Endpoint',
        requestSource: 'System',
        origin: { via: 'service' },
      },
      'Succeeded',
    );
    entry.executedAt = this.#clock.now();
  }

  #later(entry: MachineActionEntry, ms: number, run: () => void): void {
    entry.events.push(this.#clock.at(this.#clock.now() + ms, run));
  }

  /** Now, later than every moment given out before. */
  #tick(): Ticks {
    const now = ticksOf(this.#clock.now(), this.#random.integer(0, 9999));
    this.#latest = Math.max(now, this.#latest + 1);
    return this.#latest;
  }

  #active(machine: Machine): readonly MachineActionEntry[] {
    return [...this.#activeSet(machine)];
  }

  #activeSet(machine: Machine): Set<MachineActionEntry> {
    const set = this.#activeOf.get(machine) ?? new Set();
    this.#activeOf.set(machine, set);
    return set;
  }
}
