import fc from 'fast-check';
import type { SwitchSettings } from '../../simulator/switches.ts';

/** What may be said of a declared host, beside who it is. */
export interface HostOptions {
  readonly comment?: string;
  readonly isolationType?: 'Full' | 'Selective';
  readonly allowTypeChange?: boolean;
  readonly onDelete?: 'release' | 'retain';
  readonly onManualRelease?: 'reisolate' | 'hold';
  readonly takeOwnership?: boolean;
  readonly releaseForeign?: boolean;
  readonly restrictCodeExecution?: boolean;
  /** Hours from the step on. */
  readonly releaseIn?: number;
}

/** How a run meets its end before its time. */
export type Ending =
  | { readonly kind: 'own' }
  | { readonly kind: 'killed' | 'cancelled'; readonly afterMs: number }
  | { readonly kind: 'out-of-time'; readonly maxRunTime: string };

/** What goes wrong on the wire during one run. */
export type Trouble =
  | 'lost-isolate'
  | 'lost-unisolate'
  | 'refused-isolate'
  | 'some-500'
  | 'some-429'
  | 'short-list'
  | 'no-record'
  | 'half-answers'
  | 'blind'
  | 'short-lists';

/** Which limits of releases the provider's configuration sets. */
export type Limits = 'default' | 'generous' | 'hold' | 'override';

export type Step =
  | {
      readonly do: 'declare';
      readonly resource: string;
      readonly machine: number;
      readonly by: 'id' | 'name' | 'both';
      /** It stays where it was declared before, too: a mistake. */
      readonly twice: boolean;
      readonly options: HostOptions;
    }
  | { readonly do: 'options'; readonly machine: number; readonly options: HostOptions }
  | { readonly do: 'undeclare'; readonly machine: number }
  | { readonly do: 'rename-resource' | 'drop-resource' | 'empty-set'; readonly resource: string }
  | { readonly do: 'own-limit'; readonly resource: string; readonly maxReleases: number | undefined }
  | {
      readonly do: 'up' | 'destroy';
      readonly stack: 0 | 1;
      readonly limits: Limits;
      readonly ending: Ending;
      readonly troubles: readonly Trouble[];
      readonly readFirst: boolean;
      readonly goOn: boolean;
    }
  | { readonly do: 'preview' | 'refresh'; readonly stack: 0 | 1; readonly troubles: readonly Trouble[] }
  | {
      readonly do: 'isolate' | 'unisolate';
      readonly machine: number;
      readonly hold: boolean;
      readonly afterMs: number;
      readonly by: 'analyst' | 'soar';
    }
  | { readonly do: 'cancel'; readonly machine: number; readonly afterMs: number }
  | { readonly do: 'online'; readonly machine: number; readonly online: boolean }
  | { readonly do: 'rename' | 'swap-names'; readonly machine: number; readonly other: number }
  | { readonly do: 'reinstall'; readonly machine: number; readonly merged: boolean }
  | { readonly do: 'remove-machine' | 'offboard'; readonly machine: number }
  | {
      readonly do: 'outcome';
      readonly machine: number;
      readonly type: 'Isolate' | 'Unisolate';
      readonly status: 'Failed' | 'TimeOut';
      readonly executed: boolean;
    }
  | {
      readonly do: 'latency';
      readonly machine: number;
      readonly type: 'Isolate' | 'Unisolate';
      readonly seconds: number;
    }
  | { readonly do: 'pass'; readonly hours: number };

/** Sets and single resources of the first stack, and one set of a second stack at the same tenant. */
export const resources = ['q1', 'q2', 's1', 's2', 'other'] as const;

const machine = fc.nat(11);
const inSets = fc.constantFrom('q1', 'q1', 'q1', 'q2', 'q2', 's1', 's2', 'other');
/** Once in so many cases. */
const sometimes = <T>(values: fc.Arbitrary<T>, once: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: once - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });

function defined<T extends object>(map: T): T {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as T;
}

const options = fc
  .record({
    comment: fc.constantFrom('INC-1', 'INC-2', 'INC-3'),
    isolationType: sometimes(fc.constantFrom('Full' as const, 'Selective' as const), 2),
    allowTypeChange: sometimes(fc.boolean(), 2),
    onDelete: sometimes(fc.constant('retain' as const), 8),
    onManualRelease: sometimes(fc.constant('hold' as const), 4),
    takeOwnership: sometimes(fc.constant(true), 10),
    releaseForeign: sometimes(fc.constant(true), 12),
    releaseIn: sometimes(fc.integer({ min: 1, max: 240 }), 8),
  })
  .map((each) => defined(each) as HostOptions);

const ending: fc.Arbitrary<Ending> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'own' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('killed' as const), afterMs: fc.integer({ min: 100, max: 150_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('cancelled' as const), afterMs: fc.integer({ min: 100, max: 150_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('out-of-time' as const),
      maxRunTime: fc.constantFrom('5s', '20s', '70s', '3m'),
    }),
  },
);

const troubles = fc.oneof(
  { weight: 3, arbitrary: fc.constant([] as Trouble[]) },
  {
    weight: 2,
    arbitrary: fc.uniqueArray(
      fc.constantFrom<Trouble>(
        'lost-isolate',
        'lost-unisolate',
        'refused-isolate',
        'some-500',
        'some-429',
        'short-list',
        'no-record',
        'half-answers',
        'blind',
        'short-lists',
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
);

const stack = fc.constantFrom(0 as const, 0 as const, 0 as const, 0 as const, 1 as const);
const limits = fc.constantFrom<Limits>('default', 'generous', 'generous', 'generous', 'override', 'hold');
const now = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 90_000 }) },
);
const up = fc.record({
  do: fc.constant('up' as const),
  stack,
  limits,
  ending,
  troubles,
  readFirst: fc.constantFrom(true, true, true, true, true, false),
  goOn: fc.constantFrom(false, false, true),
});

const declare = fc.record({
  do: fc.constant('declare' as const),
  resource: inSets,
  machine,
  by: fc.constantFrom('id' as const, 'id' as const, 'name' as const, 'both' as const),
  twice: fc.constantFrom(...new Array<boolean>(14).fill(false), true),
  options,
});

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 16, arbitrary: declare },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('options' as const), machine, options }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('undeclare' as const), machine }) },
  { weight: 20, arbitrary: up },
  { weight: 2, arbitrary: up.map((each) => ({ ...each, do: 'destroy' as const })) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('preview' as const, 'refresh' as const), stack, troubles }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('rename-resource' as const, 'drop-resource' as const, 'empty-set' as const),
      resource: inSets,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('own-limit' as const),
      resource: inSets,
      maxReleases: fc.constantFrom(undefined, 0, 1, 2),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('isolate' as const, 'unisolate' as const),
      machine,
      hold: fc.constantFrom(false, false, true),
      afterMs: now,
      by: fc.constantFrom('analyst' as const, 'soar' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), machine, afterMs: now }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('online' as const), machine, online: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('rename' as const, 'swap-names' as const),
      machine,
      other: machine,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reinstall' as const), machine, merged: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('remove-machine' as const, 'offboard' as const), machine }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('outcome' as const),
      machine,
      type: fc.constantFrom('Isolate' as const, 'Unisolate' as const),
      status: fc.constantFrom('Failed' as const, 'TimeOut' as const),
      executed: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('latency' as const),
      machine,
      type: fc.constantFrom('Isolate' as const, 'Unisolate' as const),
      seconds: fc.constantFrom(0, 5, 300, 3_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      hours: fc.constantFrom(0.05, 0.6, 3, 20, 50, 80, 120, 200, 400),
    }),
  },
);

export const switchSettings: fc.Arbitrary<Partial<SwitchSettings>> = fc
  .record({
    duplicateRequest: sometimes(fc.constantFrom('reject-400' as const, 'alternate' as const, 'accept' as const), 3),
    isolateWhenIsolated: sometimes(fc.constantFrom('stay-pending' as const, 'run-after-release' as const), 6),
    secondIsolateRestartsLease: sometimes(fc.constant(true), 3),
    secondIsolateChangesType: sometimes(fc.constant(true), 4),
    leaseStart: sometimes(fc.constant('completion' as const), 3),
    liftAfterHours: sometimes(fc.constantFrom(180, 190), 4),
    liftRecord: sometimes(fc.constant('unisolate-action' as const), 4),
    unisolateWhenNotIsolated: sometimes(fc.constant('fail' as const), 3),
    giveUpStatus: sometimes(fc.constant('Failed' as const), 3),
    cancelledThoughExecuted: sometimes(fc.constant(true), 5),
    completionOrder: sometimes(fc.constantFrom('newest-first' as const, 'independent' as const), 3),
    scopeInAnswer: sometimes(fc.constantFrom('filled' as const, 'always-null' as const), 3),
    listDelaySeconds: sometimes(fc.constantFrom(2, 4), 3),
    pageSize: sometimes(fc.constantFrom(3, 10), 4),
    requestorOfApps: sometimes(fc.constant('id' as const), 3),
  })
  .map((each) => defined(each) as Partial<SwitchSettings>);

/** A tenant's peculiarities, and what happens in it. */
export interface Story {
  readonly switches: Partial<SwitchSettings>;
  readonly manifests: boolean;
  readonly steps: readonly Step[];
  /** Machines that are restricted besides where a set declares them, but for one reason in three. */
  readonly restricted: readonly number[];
}

const plainUp: Step = {
  do: 'up',
  stack: 0,
  limits: 'generous',
  ending: { kind: 'own' },
  troubles: [],
  readFirst: true,
  goOn: false,
};

/** Begins with some hosts that are declared and contained; `length` is the most of what follows. */
export const story = (length: number): fc.Arbitrary<Story> =>
  fc
    .record({
      switches: switchSettings,
      manifests: fc.boolean(),
      first: fc.array(declare, { maxLength: 6, size: 'max' }),
      rest: fc.array(step, { minLength: 4, maxLength: length, size: 'max' }),
      // Last, so that a seed's stories stay what they are without it.
      restricted: fc.uniqueArray(machine, { maxLength: 8 }),
    })
    .map(({ switches, manifests, first, rest, restricted }) => ({
      switches,
      manifests,
      steps: [...first, plainUp, ...rest],
      restricted,
    }));
