import fc from 'fast-check';
import { DAY, HOUR } from '../../provider/containment/duration.ts';
import type { MachineAction, MachineActionStatus } from '../../provider/defender/machine-action.ts';
import { action, actionId, epoch } from './actions.ts';

/** How the service may behave, where nobody knows (semantics 2.1). */
export interface World {
  /** The lease's clock starts at this fraction of the time from request to completion: 0 the request, 1 its end. */
  readonly startsAt: number;
  /** What a second isolate does to a clock that runs: nothing, sets it to its own start, or never sets it back. */
  readonly second: 'nothing' | 'restarts' | 'prolongs';
  /** The lift comes up to a day late. */
  readonly lateMs: number;
}

/** One request and what really became of it, whatever the service tells. */
export interface Request {
  readonly type: 'Isolate' | 'Unisolate';
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly status: MachineActionStatus;
  readonly ours: boolean;
  /** When the device carried it out, if it did. */
  readonly doneAt: number | undefined;
  /** Decides between two that were carried out in the same instant. */
  readonly order: number;
}

export const worlds: fc.Arbitrary<World> = fc.record({
  startsAt: fc.constantFrom(0, 1, 0.5),
  second: fc.constantFrom('nothing', 'restarts', 'prolongs'),
  lateMs: fc.constantFrom(0, DAY, 5 * HOUR),
});

/**
 * Until when the host is isolated, after everything that ended by `now`; undefined: it was released. What still runs is
 * not counted: a running isolation is never cover, and a running release is told as one.
 */
export function trueLift(requests: readonly Request[], world: World, now: number): number | undefined {
  let lift: number | undefined;
  const done = requests
    .filter((request) => request.doneAt !== undefined && request.updatedAt <= now)
    .sort((a, b) => (a.doneAt ?? 0) - (b.doneAt ?? 0) || a.order - b.order);
  for (const request of done) {
    const doneAt = request.doneAt ?? 0;
    if (request.type === 'Unisolate') {
      lift = undefined;
      continue;
    }
    const own = request.createdAt + (doneAt - request.createdAt) * world.startsAt + 7 * DAY + world.lateMs;
    if (lift === undefined || lift <= doneAt || world.second === 'restarts') lift = own;
    else if (world.second === 'prolongs') lift = Math.max(lift, own);
  }
  return lift;
}

const spanHours = 24 * 40;
const queueHours = 72;

interface Draft {
  readonly type: 'Isolate' | 'Unisolate';
  readonly created: number;
  readonly waits: number;
  readonly status: MachineActionStatus;
  readonly ours: boolean;
  /** Where in its wait an unsuccessful one was carried out; above one: it was not. */
  readonly done: number;
  readonly order: number;
}

function request(draft: Draft): Request {
  const { type, status, ours, order } = draft;
  const createdAt = epoch + draft.created * HOUR;
  const updatedAt = createdAt + draft.waits * HOUR;
  const carriedOut = status !== 'TimeOut' && draft.done <= 1;
  const doneAt =
    status === 'Succeeded' ? updatedAt : carriedOut ? createdAt + draft.done * (updatedAt - createdAt) : undefined;
  return { type, createdAt, updatedAt, status, ours, order, doneAt };
}

const aspects = {
  waits: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: queueHours })),
  status: fc.constantFrom<MachineActionStatus>('Succeeded', 'Succeeded', 'Succeeded', 'Cancelled', 'Failed', 'TimeOut'),
  ours: fc.boolean(),
  done: fc.double({ min: 0, max: 2, noNaN: true }),
  order: fc.nat(),
};

/** Anything in forty days. */
const anything = fc.array(
  fc.record({
    ...aspects,
    type: fc.constantFrom('Isolate', 'Isolate', 'Isolate', 'Unisolate'),
    created: fc.integer({ min: 0, max: spanHours }),
  }),
  { maxLength: 12 },
);

/** Isolations kept up by runs some hours or days apart, with a release now and then. */
const keptUp = fc
  .array(
    fc.record({
      ...aspects,
      type: fc.constantFrom(...Array<'Isolate'>(9).fill('Isolate'), 'Unisolate'),
      after: fc.oneof(
        fc.constantFrom(1, 6, 24, 72, 71, 7 * 24, 8 * 24, 8 * 24 + 1, 8 * 24 - 1),
        fc.integer({ min: 1, max: 9 * 24 }),
      ),
    }),
    { maxLength: 16 },
  )
  .map((steps) => {
    let created = 0;
    return steps.map((step) => {
      created += step.after;
      return { ...step, created };
    });
  });

/** Each final within the three days that one may wait. Whole hours, so that instants coincide. */
export const histories: fc.Arbitrary<readonly Request[]> = fc
  .oneof(anything, keptUp)
  .map((drafts) => drafts.map((draft) => request(draft as Draft)));

/** What the service tells at `now`: requests made by then, still pending where they ended later. */
export function toldAt(requests: readonly Request[], now: number, ours: Partial<MachineAction>): MachineAction[] {
  return requests.flatMap((request, index) => {
    if (request.createdAt > now) return [];
    const changes: Partial<MachineAction> = {
      id: actionId(1_000_000 + index),
      ...(request.updatedAt <= now
        ? { status: request.status, updatedAt: request.updatedAt }
        : { status: 'Pending', updatedAt: request.createdAt }),
      ...(request.ours ? ours : {}),
    };
    return [action(request.type, request.createdAt, changes)];
  });
}

export const moments: fc.Arbitrary<number> = fc
  .integer({ min: 0, max: spanHours + 24 * 9 })
  .map((hours) => epoch + hours * HOUR);
