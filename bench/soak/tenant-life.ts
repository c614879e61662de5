import type { ActionRecord, Control } from '../../simulator/control.ts';
import { createRandom, type Random } from '../../simulator/random.ts';
import type { HostStory } from './cover.ts';
import type { Span } from './spans.ts';

/** What the people and machines of a tenant do, beside the pipeline. */
export interface LifeOptions {
  /** Hosts that are declared at any time. */
  readonly hosts: number;
  /** Chances of what happens to a host, times this: a small fleet has to be busier to meet as much in a short time. */
  readonly bustle: number;
  readonly seed: number;
}

/** Time as the soak has it. */
export interface Schedule {
  /** Does something so long from now, whatever goes on then; ms. */
  after(ms: number, run: () => void): void;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** In so many of a hundred hours each of these happens to a host. */
const chances = { goesOffline: 0.2, isReleased: 0.06, isIsolated: 0.03 } as const;
/** How long a device stays away: over lunch, a night, a weekend, longer than MDE waits for it (three days). */
const absences = [20 * minute, hour, 5 * hour, 15 * hour, 15 * hour, 62 * hour, 80 * hour] as const;
/** Of what people do, so much falls into the minutes in which a run is at work. */
const duringRunPercent = 15;
const runMs = 2 * minute;
const holdPercent = 20;
/** A host is released by hand at most once in so long, so that none is disputed (semantics 7.3). */
const releasedOnceInMs = 13 * day;
/** How long a release that is to be respected stands before somebody changes the declaration. */
const heldForMs = 20 * hour;
/** Hosts that leave the declaration each day, and others that come: at most so many, and of a small fleet one. */
const mostChangesADay = 2;

interface Host {
  readonly id: string;
  readonly name: string;
  comment: string;
  readonly declared: { from: number; to: number }[];
  readonly offline: { from: number; to: number }[];
  readonly respected: { from: number; to: number }[];
  isDeclared: boolean;
  isHeld: boolean;
  releasedAt: number;
}

const open = Number.POSITIVE_INFINITY;
const canceller = 'analyst@contoso.com';

/** Analysts, absent devices and pull requests; it remembers what the accounts of cover need. */
export class TenantLife {
  readonly #control: Control;
  readonly #schedule: Schedule;
  readonly #options: LifeOptions;
  readonly #random: Random;
  readonly #hosts: readonly Host[];

  constructor(control: Control, schedule: Schedule, options: LifeOptions) {
    this.#control = control;
    this.#schedule = schedule;
    this.#options = options;
    this.#random = createRandom(options.seed);
    const spare = Math.max(mostChangesADay * 3, Math.ceil(options.hosts / 20));
    this.#hosts = Array.from({ length: options.hosts + spare }, (_, index) => {
      const name = `pc-${String(index).padStart(5, '0')}.contoso.com`;
      const { id } = control.addMachine({ computerDnsName: name });
      return {
        id,
        name,
        comment: 'INC-4711',
        declared: [],
        offline: [],
        respected: [],
        isDeclared: false,
        isHeld: false,
        releasedAt: Number.NEGATIVE_INFINITY,
      };
    });
  }

  /** The text of the manifest as it stands. */
  manifest(): string {
    const declared = this.#hosts.filter(({ isDeclared }) => isDeclared);
    const lines = declared.map(({ name, comment }) => `  - { deviceName: ${name}, comment: ${comment} }`);
    return ['version: 1', 'comment: INC-4711', 'hosts:', ...lines, ''].join('\n');
  }

  /** Declares the hosts. What is declared counts from now, which is when the run that reads it starts. */
  declareAll(): void {
    for (const host of this.#hosts.slice(0, this.#options.hosts)) this.#declare(host);
  }

  /** A day's pull requests are merged; they count from now, too. */
  merge(): void {
    for (const host of this.#hosts) {
      const respected = host.respected.at(-1);
      if (!host.isHeld || respected === undefined || this.#now() - respected.from < heldForMs) continue;
      host.comment = `INC-${this.#random.integer(5_000, 9_999)}`;
      this.#settle(host);
    }
    const mayLeave = this.#hosts.filter((host) => host.isDeclared && this.#isIsolated(host) && this.#isOnline(host));
    const mayCome = this.#hosts.filter((host) => !host.isDeclared);
    const changes = Math.min(mostChangesADay, Math.ceil(this.#options.hosts / 20));
    for (let each = 0; each < changes && mayLeave.length > 0 && mayCome.length > 0; each += 1) {
      this.#undeclare(this.#take(mayLeave));
      this.#declare(this.#take(mayCome));
    }
  }

  /** Settles what happens to whom within the next hour. */
  planHour(): void {
    for (const host of this.#hosts) {
      if (!host.isDeclared) continue;
      this.#perhaps(chances.goesOffline, () => this.#leave(host));
      this.#perhaps(chances.isReleased, () => this.#release(host));
      this.#perhaps(chances.isIsolated, () => this.#isolate(host));
    }
    if (this.#random.chance(20)) this.#sometime(() => this.#cancelOne());
  }

  /** What became of each host that was ever declared, by name. Closed at `until`, ms. */
  stories(until: number): ReadonlyMap<string, HostStory> {
    const isolates = Map.groupBy(
      this.#control.actions().filter(({ type }) => type === 'Isolate'),
      ({ machineId }) => machineId,
    );
    const closed = (spans: readonly Span[]) => spans.map(({ from, to }) => ({ from, to: Math.min(to, until) }));
    return new Map(
      this.#hosts
        .filter(({ declared }) => declared.length > 0)
        .map(({ id, name, declared, offline, respected }) => [
          name,
          {
            declared: closed(declared),
            offline: closed(offline),
            respected: closed(respected),
            isolated: this.#control.isolations(id).map(({ since, until: end, endedBy }) => ({
              from: Date.parse(since),
              to: end === undefined ? open : Date.parse(end),
              endedBy,
            })),
            isolates: (isolates.get(id) ?? []).flatMap(({ creationDateTimeUtc, executedAt }) =>
              executedAt === undefined
                ? []
                : [{ requestedAt: Date.parse(creationDateTimeUtc), carriedOutAt: Date.parse(executedAt) }],
            ),
            cancelled: (isolates.get(id) ?? []).flatMap(({ origin, cancellationRequestor, cancellationDateTimeUtc }) =>
              origin.via === 'api' && cancellationRequestor === canceller && cancellationDateTimeUtc !== null
                ? [Date.parse(cancellationDateTimeUtc)]
                : [],
            ),
          },
        ]),
    );
  }

  /** Requests of the pipeline that no declaration asks for: releases of declared hosts, isolates of others. */
  unasked(): readonly ActionRecord[] {
    const byId = new Map(this.#hosts.map((host) => [host.id, host]));
    return this.#control.actions().filter(({ origin, type, machineId, creationDateTimeUtc }) => {
      if (origin.via !== 'api') return false;
      const at = Date.parse(creationDateTimeUtc);
      const declared = byId.get(machineId)?.declared ?? [];
      return type === 'Isolate'
        ? // One that left is still renewed until its release is through (semantics 2.5).
          declared.every(({ from }) => at < from)
        : declared.some(({ from, to }) => from <= at && at < to);
    });
  }

  #now(): number {
    return this.#control.now().getTime();
  }

  #declare(host: Host): void {
    host.isDeclared = true;
    host.declared.push({ from: this.#now(), to: open });
  }

  #undeclare(host: Host): void {
    host.isDeclared = false;
    close(host.declared, this.#now());
    this.#settle(host);
  }

  /** Nobody's release is respected any more: the declaration changed. */
  #settle(host: Host): void {
    if (!host.isHeld) return;
    host.isHeld = false;
    close(host.respected, this.#now());
  }

  #perhaps(percent: number, run: () => void): void {
    if (this.#random.chance(percent * this.#options.bustle)) this.#sometime(run);
  }

  #sometime(run: () => void): void {
    const within = this.#random.chance(duringRunPercent) ? runMs : hour;
    this.#schedule.after(this.#random.next() * within, run);
  }

  #leave(host: Host): void {
    if (!this.#isOnline(host)) return;
    this.#control.setMachine(host.id, { online: false });
    host.offline.push({ from: this.#now(), to: open });
    this.#schedule.after(this.#random.pick(absences) * (0.5 + this.#random.next()), () => {
      close(host.offline, this.#now());
      this.#control.setMachine(host.id, { online: true });
    });
  }

  #release(host: Host): void {
    if (!host.isDeclared || !this.#isIsolated(host) || this.#now() - host.releasedAt < releasedOnceInMs) return;
    const isHold = this.#random.chance(holdPercent);
    this.#control.unisolate(host.id, { comment: isHold ? 'needed for the inquiry, mde-hold' : 'false alarm' });
    host.releasedAt = this.#now();
    if (!isHold) return;
    host.isHeld = true;
    host.respected.push({ from: this.#now(), to: open });
  }

  #isolate(host: Host): void {
    if (!host.isHeld) this.#control.isolate(host.id, { comment: 'by hand, to be sure' });
  }

  /** Somebody cancels a request of the pipeline that is under way. */
  #cancelOne(): void {
    const running = this.#control
      .actions()
      .filter(({ status, origin }) => origin.via === 'api' && (status === 'Pending' || status === 'InProgress'));
    if (running.length > 0) this.#control.cancel(this.#random.pick(running).id, { by: canceller, comment: 'not now' });
  }

  #isIsolated(host: Host): boolean {
    return this.#control.machine(host.id).isolation.isolated;
  }

  #isOnline(host: Host): boolean {
    return host.offline.at(-1)?.to !== open;
  }

  #take(hosts: Host[]): Host {
    const index = this.#random.integer(0, hosts.length - 1);
    const [taken] = hosts.splice(index, 1);
    if (taken === undefined) throw new RangeError('there is no host to take');
    return taken;
  }
}

function close(spans: readonly { from: number; to: number }[], at: number): void {
  const last = spans.at(-1);
  if (last !== undefined) last.to = at;
}
