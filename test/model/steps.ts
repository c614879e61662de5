import fc from 'fast-check';
import type { SwitchSettings } from '../../simulator/switches.ts';
import { switchSettings } from './switch-settings.ts';
import { fitsSockets, type Trouble, troubles } from './troubles.ts';

/** What may be said of a declared host, beside who it is. */
export interface HostOptions {
  readonly comment?: string;
  readonly isolationType?: 'Full' | 'Selective' | 'UnManagedDevice';
  readonly allowTypeChange?: boolean;
  readonly onDelete?: 'release' | 'retain';
  readonly onManualRelease?: 'reisolate' | 'hold';
  readonly takeOwnership?: boolean;
  readonly releaseForeign?: boolean;
  readonly allowProtected?: boolean;
  readonly restrictCodeExecution?: boolean;
  /** Hours from the step on. */
  readonly releaseIn?: number;
}

/** How a run meets its end before its time. */
export type Ending =
  | { readonly kind: 'own' }
  | { readonly kind: 'killed' | 'cancelled'; readonly afterMs: number }
  | { readonly kind: 'out-of-time'; readonly maxRunTime: string };

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
  | {
      readonly do: 'preview' | 'refresh';
      readonly stack: 0 | 1;
      readonly troubles: readonly Trouble[];
      /** Preview: something that the program declares is not known yet. */
      readonly unknowns: boolean;
    }
  /** `declared`: and it is written into the program. */
  | { readonly do: 'import'; readonly resource: string; readonly machine: number; readonly declared: boolean }
  /** What the app may do is taken from it, or every token that it was given, in the middle of what comes next. */
  | {
      readonly do: 'revoke';
      readonly what: 'tokens' | 'writing' | 'all';
      readonly afterMs: number;
      readonly forMs: number;
    }
  | { readonly do: 'protect'; readonly machine: number; readonly how: 'value' | 'tag' | 'not' }
  | { readonly do: 'file'; readonly resource: string; readonly file: number }
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
  | { readonly do: 'remove-machine' | 'offboard' | 'onboard'; readonly machine: number }
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

const kindsOfIsolation = [
  ...new Array<'Full'>(6).fill('Full'),
  ...new Array<'Selective'>(6).fill('Selective'),
  'UnManagedDevice',
] as const;

const options = fc
  .record({
    comment: fc.constantFrom('INC-1', 'INC-2', 'INC-3'),
    isolationType: sometimes(fc.constantFrom(...kindsOfIsolation), 2),
    allowTypeChange: sometimes(fc.boolean(), 2),
    onDelete: sometimes(fc.constant('retain' as const), 8),
    onManualRelease: sometimes(fc.constant('hold' as const), 4),
    takeOwnership: sometimes(fc.constant(true), 10),
    releaseForeign: sometimes(fc.constant(true), 12),
    allowProtected: sometimes(fc.constant(true), 10),
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
    arbitrary: fc.record({
      do: fc.constantFrom('preview' as const, 'refresh' as const),
      stack,
      troubles,
      unknowns: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('import' as const),
      resource: fc.constantFrom('s1', 's2'),
      machine,
      declared: fc.constantFrom(true, true, false),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('revoke' as const),
      what: fc.constantFrom('tokens' as const, 'writing' as const, 'all' as const),
      afterMs: fc.integer({ min: 1, max: 60_000 }),
      forMs: fc.integer({ min: 1, max: 600_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('protect' as const),
      machine,
      how: fc.constantFrom('value' as const, 'tag' as const, 'not' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('file' as const), resource: inSets, file: fc.nat(2) }) },
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
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('remove-machine' as const, 'offboard' as const, 'onboard' as const, 'onboard' as const),
      machine,
    }),
  },
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
      hours: fc.constantFrom(0.002, 0.05, 0.6, 3, 6.5, 20, 50, 80, 120, 200, 400, 700),
    }),
  },
);

/** A tenant's peculiarities, and what happens in it. */
export interface Story {
  readonly switches: Partial<SwitchSettings>;
  readonly manifests: boolean;
  readonly steps: readonly Step[];
  /** Machines that are restricted besides where a set declares them, but for one reason in three. */
  readonly restricted: readonly number[];
  /** What the program gives as a secret. */
  readonly secrets: Secrets;
  /** Calls to the service, and messages of the engine, go over real sockets. */
  readonly sockets: boolean;
  /** How far the clock is off on the machine that runs the provider, hours. */
  readonly clockIsOffBy: number;
  /** Calls a minute that the service takes to one route, fewer than it says. */
  readonly perMinute: number | undefined;
}

export type Secrets = 'none' | 'comments' | 'all';

/** Sockets cost ten times as much, and jump over nothing that the rest does not. */
const socketsOnceIn = 30;

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
      restricted: fc.uniqueArray(machine, { maxLength: 8 }),
      secrets: fc.constantFrom<Secrets>('none', 'none', 'comments', 'all'),
      sockets: fc.constantFrom(...new Array<boolean>(socketsOnceIn - 1).fill(false), true),
      clockIsOffBy: fc.constantFrom(0, 0, 0, -5, 7),
      perMinute: sometimes(fc.constantFrom(8, 30), 6),
    })
    .map(({ first, rest, ...world }) => ({
      ...world,
      steps: [...first, plainUp, ...rest].filter((each) => !world.sockets || suitsSockets(each)),
    }));

function suitsSockets(step: Step): boolean {
  return !('troubles' in step) || step.troubles.every(fitsSockets);
}
