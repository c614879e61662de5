import type { VirtualClock } from './clock.ts';
import { ApiError } from './errors.ts';
import { blocksFile, type IndicatorBody, type IndicatorRequest, indicatorKey } from './indicator.ts';
import type { Machine } from './machine.ts';
import type { Machines } from './machines.ts';
import type { Random } from './random.ts';
import type { SwitchSettings } from './switches.ts';
import { formatTicks, type Ticks, ticksOf } from './time.ts';

/** Who writes an indicator. */
export interface IndicatorAuthor {
  /** Application id, or user principal name. */
  readonly id: string;
  readonly displayName: string;
  readonly sourceType: IndicatorBody['sourceType'];
  /** `PublicApi`, or where else it was made. */
  readonly source: string;
}

export interface Indicator {
  readonly body: IndicatorBody;
  readonly created: Ticks;
  /** Undefined: never. */
  readonly expires: Ticks | undefined;
}

interface IndicatorsParts {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly settings: SwitchSettings;
  readonly machines: Machines;
}

/** The indicators of a tenant. One that has expired is gone. */
export class Indicators {
  /** By what each is found by, in the order of creation. */
  readonly #byKey = new Map<string, Indicator>();
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #settings: SwitchSettings;
  readonly #machines: Machines;
  #latestId = 0;

  constructor({ clock, random, settings, machines }: IndicatorsParts) {
    this.#clock = clock;
    this.#random = random;
    this.#settings = settings;
    this.#machines = machines;
  }

  all(): readonly Indicator[] {
    const now = ticksOf(this.#clock.now());
    for (const [key, { expires }] of this.#byKey) {
      if (expires !== undefined && expires <= now) this.#byKey.delete(key);
    }
    return [...this.#byKey.values()];
  }

  find(test: (body: IndicatorBody) => boolean): Indicator | undefined {
    return this.all().find(({ body }) => test(body));
  }

  delete({ body }: Indicator): void {
    this.#byKey.delete(this.#keyOf(body));
  }

  /** Adds an indicator, or changes the one of this type and value. Throws the ApiError by which that is refused. */
  put(request: IndicatorRequest, author: IndicatorAuthor): Indicator {
    const known = this.find((body) => this.#keyOf(body) === this.#keyOf(request));
    const groups = this.#groups(request.rbacGroupNames);
    const indicator = known === undefined ? this.#create(request, author) : this.#update(known, request, author);
    const { body } = indicator;
    const scoped = groups === undefined ? indicator : { ...indicator, body: { ...body, ...groups } };
    this.#byKey.set(this.#keyOf(body), scoped);
    return scoped;
  }

  /** Values of the file indicators by which a file is kept from running on a machine. */
  blockedFiles({ properties }: Machine): readonly string[] {
    if (properties.onboardingStatus !== 'Onboarded') return [];
    const group = properties.rbacGroupName;
    return this.all()
      .filter(({ body }) => blocksFile(body))
      .filter(({ body: { rbacGroupNames } }) => rbacGroupNames.length === 0 || rbacGroupNames.includes(group ?? ''))
      .map(({ body }) => body.indicatorValue.toLowerCase());
  }

  #create(request: IndicatorRequest, author: IndicatorAuthor): Indicator {
    if (this.all().length >= this.#settings.mostIndicators) {
      throw new ApiError(400, 'BadRequest', `There are ${this.#settings.mostIndicators} active indicators already`);
    }
    const created = this.#now();
    this.#latestId += 1;
    return {
      created,
      expires: request.expirationTime,
      body: {
        id: String(this.#latestId),
        indicatorValue: request.indicatorValue,
        indicatorType: request.indicatorType,
        action: request.action,
        createdBy: author.id,
        severity: request.severity ?? 'Informational',
        category: 1,
        application: request.application ?? null,
        educateUrl: request.educateUrl ?? null,
        title: request.title,
        description: request.description,
        recommendedActions: request.recommendedActions ?? null,
        creationTimeDateTimeUtc: formatTicks(created),
        expirationTime: request.expirationTime === undefined ? null : formatTicks(request.expirationTime),
        lastUpdateTime: formatTicks(created),
        lastUpdatedBy: null,
        rbacGroupNames: [],
        rbacGroupIds: [],
        mitreTechniques: [],
        historicalDetection: false,
        generateAlert: request.generateAlert ?? false,
        createdByDisplayName: author.displayName,
        externalId: request.externalId ?? null,
        createdBySource: author.source,
        source: author.displayName,
        sourceType: author.sourceType,
      },
    };
  }

  /** `application` keeps its first value. What else the request leaves out goes by a switch. */
  #update({ body, created, expires }: Indicator, request: IndicatorRequest, author: IndicatorAuthor): Indicator {
    const keeps = this.#settings.indicatorUpdate === 'merge';
    const left = <Value>(given: Value | undefined, kept: Value, otherwise: Value): Value =>
      given ?? (keeps ? kept : otherwise);
    const expiresNow = left<Ticks | undefined>(request.expirationTime, expires, undefined);
    return {
      created,
      expires: expiresNow,
      body: {
        ...body,
        action: request.action,
        title: request.title,
        description: request.description,
        severity: left(request.severity, body.severity, 'Informational'),
        recommendedActions: left(request.recommendedActions, body.recommendedActions, null),
        educateUrl: left(request.educateUrl, body.educateUrl, null),
        externalId: left(request.externalId, body.externalId, null),
        generateAlert: left(request.generateAlert, body.generateAlert, false),
        rbacGroupNames: left(undefined, body.rbacGroupNames, []),
        rbacGroupIds: left(undefined, body.rbacGroupIds, []),
        expirationTime: expiresNow === undefined ? null : formatTicks(expiresNow),
        lastUpdateTime: formatTicks(this.#now()),
        lastUpdatedBy: author.id,
      },
    };
  }

  /** Groups are known by the machines that are in them. */
  #groups(names: readonly string[] | undefined): Pick<IndicatorBody, 'rbacGroupNames' | 'rbacGroupIds'> | undefined {
    if (names === undefined) return undefined;
    const ids = new Map(
      this.#machines.all().map(({ properties }) => [properties.rbacGroupName, String(properties.rbacGroupId)]),
    );
    const unknown = names.find((name) => !ids.has(name));
    if (unknown !== undefined && this.#settings.unknownRbacGroup === 'reject') {
      throw new ApiError(400, 'InvalidInput', `Invalid input: there is no device group ${unknown}`);
    }
    return { rbacGroupNames: names, rbacGroupIds: names.flatMap((name) => ids.get(name) ?? []) };
  }

  #keyOf(indicator: Parameters<typeof indicatorKey>[0]): string {
    return indicatorKey(indicator, this.#settings);
  }

  #now(): Ticks {
    return ticksOf(this.#clock.now(), this.#random.integer(0, 9999));
  }
}
