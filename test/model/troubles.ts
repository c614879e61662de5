import fc from 'fast-check';
import type { FaultEffect, FaultRule } from '../../simulator/faults.ts';

/** What goes wrong on the wire during one run: a case that deserves a name, or any effect on any request. */
export type Trouble = NamedTrouble | FaultRule;

const names = [
  'lost-isolate',
  'lost-unisolate',
  'refused-isolate',
  'some-500',
  'some-429',
  'short-list',
  'no-record',
  'half-answers',
] as const;
type NamedTrouble = (typeof names)[number] | Blindness;

/** Nothing of what was asked of machines can be seen, all through the run. */
const blindnesses = {
  blind: { kind: 'answer', status: 500 },
  'blind-503': { kind: 'answer', status: 503 },
  'blind-forbidden': { kind: 'answer', status: 403 },
  'blind-garbage': { kind: 'garbage' },
  'blind-truncated': { kind: 'truncated' },
  'blind-broken': { kind: 'half-body' },
  'blind-reset': { kind: 'reset-after' },
  'blind-endless': { kind: 'endless' },
  'blind-redirect': { kind: 'redirect', location: 'https://elsewhere.example/api/machineactions' },
  'blind-loop': { kind: 'list', nextLink: { to: 'itself' } },
  'blind-elsewhere': { kind: 'list', nextLink: { to: 'origin', origin: 'https://elsewhere.example' } },
  'short-lists': { kind: 'list', countError: 1 },
} as const satisfies Readonly<Record<string, FaultEffect>>;
type Blindness = keyof typeof blindnesses;

export function isBlind(trouble: Trouble): boolean {
  return typeof trouble === 'string' && Object.hasOwn(blindnesses, trouble);
}

const everyRoute = [
  '*',
  'token',
  'GET machines',
  'GET machines/{id}',
  'GET machineactions',
  'GET machineactions/{id}',
  'POST machines/{id}/isolate',
  'POST machines/{id}/unisolate',
  'POST machines/{id}/restrictCodeExecution',
  'POST machines/{id}/unrestrictCodeExecution',
  'POST machines/{id}/StopAndQuarantineFile',
  'POST machineactions/{id}/cancel',
] as const;

/**
 * What may befall any request. A 404 is not among them: of a machine it says that the machine is gone, which is the
 * service's word and no failure. Lists are late by no more than the five seconds that the service is known for (design 2).
 */
const effects: fc.Arbitrary<FaultEffect> = fc.oneof(
  fc.constantFrom(400, 401, 403, 409, 429, 500, 502, 503, 504).map((status) => ({ kind: 'answer' as const, status })),
  fc.constantFrom(1, 20, 90).map((seconds) => ({
    kind: 'answer' as const,
    status: 429,
    headers: { 'Retry-After': String(seconds) },
  })),
  fc.constantFrom<FaultEffect>(
    { kind: 'reset-before' },
    { kind: 'reset-after' },
    { kind: 'hang' },
    { kind: 'hang', before: true },
    { kind: 'half-body' },
    { kind: 'endless' },
    { kind: 'garbage' },
    { kind: 'truncated' },
    { kind: 'redirect', location: 'https://elsewhere.example/api/machines' },
    { kind: 'trickle', bytes: 64, everyMs: 500 },
    { kind: 'list', staleSeconds: 4 },
    { kind: 'list', countError: 1 },
    { kind: 'list', countError: -1 },
    { kind: 'list', nextLink: { to: 'itself' } },
    { kind: 'list', nextLink: { to: 'origin', origin: 'https://elsewhere.example' } },
  ),
  fc.constantFrom(200, 5_000, 60_000).map((forMs) => ({ kind: 'refuse' as const, forMs })),
  fc.record({ ms: fc.constantFrom(500, 7_000, 40_000, 110_000), before: fc.boolean() }).map(({ ms, before }) => ({
    kind: 'delay' as const,
    ms,
    before,
  })),
);

const anyFault: fc.Arbitrary<FaultRule> = fc
  .record({
    effect: effects,
    route: fc.constantFrom(...everyRoute),
    when: fc.oneof(
      fc.integer({ min: 1, max: 6 }).map((nth) => ({ nth })),
      fc.integer({ min: 1, max: 4 }).map((count) => ({ count })),
      fc.record({ percent: fc.constantFrom(10, 40), seed: fc.integer({ min: 1, max: 9 }) }),
    ),
  })
  .map(({ effect, route, when }) => ({ effect, route, ...when }));

/** Effects that take real time over sockets are only for worlds without them. */
export function fitsSockets(trouble: Trouble): boolean {
  if (typeof trouble === 'string') return trouble !== 'blind-endless';
  const { kind } = trouble.effect;
  return trouble.route !== 'token' && !['refuse', 'delay', 'hang', 'endless', 'trickle'].includes(kind);
}

export const troubles: fc.Arbitrary<readonly Trouble[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.uniqueArray(fc.constantFrom<Trouble>(...names), { minLength: 1, maxLength: 2 }) },
  { weight: 2, arbitrary: fc.array(anyFault, { minLength: 1, maxLength: 2 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Trouble>(...(Object.keys(blindnesses) as Blindness[])).map((each) => [each]),
  },
);

function lost(...paths: readonly string[]): readonly FaultRule[] {
  return paths.map((path) => ({ effect: { kind: 'reset-after' }, route: `POST machines/{id}/${path}`, count: 2 }));
}

export function faultsOf(trouble: Trouble): readonly FaultRule[] {
  if (typeof trouble !== 'string') return [trouble];
  const list = 'GET machineactions';
  switch (trouble) {
    case 'lost-isolate':
      return lost('isolate', 'restrictCodeExecution');
    case 'lost-unisolate':
      return lost('unisolate', 'unrestrictCodeExecution');
    case 'refused-isolate':
      return [{ effect: { kind: 'answer', status: 500 }, route: 'POST machines/{id}/isolate', count: 2 }];
    case 'some-500':
      return [{ effect: { kind: 'answer', status: 500 }, percent: 30, seed: 7 }];
    case 'some-429':
      return [{ effect: { kind: 'answer', status: 429 }, percent: 20, seed: 3 }];
    case 'short-list':
      return [{ effect: { kind: 'list', countError: 1 }, route: list, count: 3 }];
    case 'no-record':
      return [{ effect: { kind: 'answer', status: 503 }, route: 'GET machines', count: 4 }];
    case 'half-answers':
      return [{ effect: { kind: 'half-body' }, method: 'GET', percent: 20, seed: 5 }];
    default: {
      const effect = blindnesses[trouble];
      return [
        { effect, route: list },
        { effect: effect.kind === 'list' ? blindnesses.blind : effect, route: 'GET machineactions/{id}' },
      ];
    }
  }
}
