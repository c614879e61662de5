import { describeMoment, MINUTE } from '../../containment/duration.ts';
import { givenUpAt } from '../../containment/lease.ts';
import { isObserved } from '../../containment/observation.ts';
import { isOurs } from '../../containment/ownership.ts';
import type { Pair, PairWords } from '../../containment/pair.ts';
import type { DefenderError } from '../../defender/errors.ts';
import type { Machine } from '../../defender/machine.ts';
import type { IsolationType, MachineAction } from '../../defender/machine-action.ts';
import type { Runtime } from '../runtime.ts';
import { cancelAll, type HostRequest, hostOf, outlastMs, send, signalOf } from './act.ts';
import { finalSight, sightAfter, sightLast } from './last-sight.ts';
import { refuseNewIsolation, refuseTypeChange } from './objection.ts';
import { isIsolatedSince, outlast } from './outlast.ts';
import { noteOf, planFor } from './plan-for.ts';
import { performRelease, refusalText } from './release.ts';
import { describeDefenderError, isContained, lookAt, type Sight, withFollowed } from './sight.ts';
import { unfinished } from './unfinished.ts';

/** How an operation that wanted a host contained ended. */
export interface Contained {
  readonly sight: Sight;
  /** An isolation was accepted in this operation. */
  readonly wrote: 'isolated' | 'renewed' | undefined;
  /** Some request may have reached the service. */
  readonly attempted: boolean;
  /** Why the operation did not reach its end; empty where it did. */
  readonly failures: readonly string[];
  readonly note: string | undefined;
}

const defaultContainTimeoutMs = 20 * MINUTE;
/** Isolates of one operation: one, and again after a release that crossed it. */
const isolatesAtMost = 3;
const roundsAtMost = 12;

/** Observe → plan → act → track, until the host is contained as declared or there is nothing more to do in this run. */
export async function contain(request: HostRequest): Promise<Contained> {
  const { context, runtime, machineId } = request;
  const { fleet } = runtime;
  const { words } = runtime.pair;
  const deadline = deadlineOf(request);
  const { among } = context;
  const followed = among?.followed ?? new Map<string, MachineAction>();
  const startedAt = among?.lookedSince() ?? fleet.clock.monotonic();
  const recordedAt = among?.recordedSince() ?? startedAt;
  let notBefore = startedAt;
  let isolates = 0;
  let wrote: Contained['wrote'];
  let attempted = false;
  let note: string | undefined;
  let outlasted = false;
  let isolatedBeside = false;
  // Once its old isolation was released for a change of type, nothing but Ctrl-C keeps the host from being isolated again.
  let retyping = false;
  // The last request succeeded, and nothing else is known to have happened since.
  let carriedOut = false;

  let last: Sight | undefined;
  for (let round = 0; ; round += 1) {
    const look = { ...request, declaration: context.declaration, followed: [...followed.values()] };
    const told = carriedOut && last !== undefined ? withFollowed(last, look, runtime) : undefined;
    carriedOut = false;
    // Among many, what the request's own end tells is enough for now: the set looks at all of them once more at its end.
    const settled = told !== undefined && planFor(told, request).kind === 'none' ? told : undefined;
    const sight = settled ?? (await lookAt({ ...look, notBefore, recordNotBefore: recordedAt }, runtime));
    if (sight.observation.state === 'unknown' && last !== undefined) {
      const reason = `it could not be looked at again: ${sight.observation.reason}`;
      const failures = [
        `NOT ${words.CONTAINED} FOR CERTAIN: ${hostOf(last)}: ${reason} Run again to see what became of it`,
      ];
      return { sight: withFollowed(last, look, runtime), wrote, attempted, failures, note };
    }
    last = sight;
    const end = (failures: readonly string[] = []): Contained => ({ sight, wrote, attempted, failures, note });
    const plan = planFor(sight, request);
    if (round >= roundsAtMost) return end([`NOT ${words.CONTAINED}: ${hostOf(sight)} did not settle: ${plan.reason}`]);
    notBefore = fleet.clock.monotonic();

    /** Follows a request that is under way; answers nothing where it succeeded and is to be looked at. */
    const goOnWith = async (action: MachineAction): Promise<Contained | undefined> => {
      if (request.inputs.waitFor === 'Submitted') {
        note = plan.reason;
        const what = isContained(sight.observation) ? 'NOT RENEWED YET' : `NOT ${words.CONTAINED} YET`;
        context.log.warn(
          `${what}: ${hostOf(sight)}: ${plan.reason}; waitFor is Submitted, so this run does not wait for it`,
        );
        return end();
      }
      const tracked = await follow(action, request, deadline);
      followed.set(action.id, tracked.action);
      notBefore = fleet.clock.monotonic();
      carriedOut = among !== undefined;
      if (tracked.ended === 'final' && tracked.action.status === 'Succeeded') return undefined;
      if (tracked.ended !== 'final') note = plan.reason;
      const sightNow = await sightAfter(tracked, sight, request, followed, notBefore, recordedAt);
      return { sight: sightNow, wrote, attempted, failures: [unfinished(sight, tracked, runtime.pair)], note };
    };

    switch (plan.kind) {
      case 'none':
        return end();
      case 'hold':
      case 'keep-type':
        note = noteOf(plan);
        context.log.warn(`${hostOf(sight)}: ${plan.reason}`);
        return end();
      case 'disputed':
        note = noteOf(plan);
        return end([`NOT ${words.CONTAINED}: ${hostOf(sight)} is disputed: ${plan.reason}`]);
      case 'fail':
        return end([
          among?.did === undefined
            ? `${hostOf(sight)}: ${plan.reason}. Nothing was sent`
            : `NOT ${words.CONTAINED} FOR CERTAIN: ${hostOf(sight)}: this run has ${among.did === 'isolated' ? words.applied : among.did} it, and could not look at it once more: ${plan.reason}. Run again to see what became of it`,
        ]);
      case 'adopt': {
        const ended = await goOnWith(plan.action);
        if (ended !== undefined) return ended;
        continue;
      }
      case 'outlast-release': {
        if (plan.running !== undefined) {
          const ended = await goOnWith(plan.running);
          if (ended !== undefined) return ended;
          continue;
        }
        if (isolatedBeside || isIsolatedSince(plan.actions, sight)) {
          // Ours is done, theirs still runs: only its end tells which of them came last.
          const failure = await outlast(plan.actions, sight, request, deadline, followed);
          if (failure !== undefined) return end([failure]);
          continue;
        }
        if (!outlasted) {
          outlasted = true;
          among?.waits();
          context.log.status(`${plan.reason}; waiting up to two minutes for it to end`);
          for (const action of plan.actions) {
            const tracked = await fleet.tracker.track(action, { timeoutMs: outlastMs, signal: signalOf(request) });
            followed.set(action.id, tracked.action);
          }
          if (context.signal.aborted)
            return end([`NOT ${words.CONTAINED}: ${hostOf(sight)}: ${plan.reason}, and the run was cancelled`]);
          continue;
        }
        break;
      }
      case 'cancel-release':
      case 'resend': {
        const actions = plan.kind === 'resend' ? [plan.action] : plan.actions;
        const failure = await cancelAll(actions, request, followed);
        if (failure !== undefined) return end([`NOT ${words.CONTAINED}: ${hostOf(sight)}: ${failure}`]);
        context.log.info(
          `cancelled ${actions.map((action) => `${action.type} ${action.id}`).join(', ')}: ${plan.reason}`,
        );
        continue;
      }
      case 'change-type': {
        const refused =
          sight.machine === undefined ? 'its record could not be read' : await refuseTypeChange(sight.machine, request);
        if (refused !== undefined) return end([`${hostOf(sight)} stays isolated as it is: ${refused}`]);
        const verdict = await fleet.gate.requestForUpdate(machineId, context.signal);
        if (verdict === undefined)
          return end([`${hostOf(sight)}: the run was cancelled before its type was changed; it stays isolated`]);
        if (!verdict.allowed)
          return end([`${hostOf(sight)} stays isolated as it is. ${refusalText(verdict, runtime.pair)}`]);
        const failure = await performRelease({ ...request, remainingMs: deadline() }, sight, {
          adopt: undefined,
          watch: false,
        });
        if (failure !== undefined) {
          attempted = true;
          await takeBackRelease(request, followed);
          const sightNow = await sightLast(sight, request, followed, recordedAt);
          return { sight: sightNow, wrote, attempted, failures: [failure], note };
        }
        retyping = true;
        attempted = true;
        continue;
      }
      case 'isolate':
        break;
    }

    // Every path to here isolates.
    const isolationType = plan.isolationType;
    const fresh = !retyping && (plan.kind === 'isolate' ? plan.fresh : true);
    const machine = sight.machine;
    if (machine === undefined) return end([`${hostOf(sight)}: its record could not be read. Nothing was sent`]);
    const objected = fresh ? refuseNewIsolation(machine, request) : undefined;
    const refused = objected instanceof Promise ? await objected : objected;
    if (refused !== undefined) return end([`NOT ${words.CONTAINED}: ${hostOf(sight)}: ${refused}. Nothing was sent`]);
    if (isolates >= isolatesAtMost)
      return end([
        `NOT ${words.CONTAINED}: ${hostOf(sight)}: ${plan.reason}; ${isolates} requests of this run were undone. Run again`,
      ]);
    if (context.signal.aborted)
      return end([
        `NOT ${words.CONTAINED}: ${hostOf(sight)}: the run was cancelled before the request was sent. Run again`,
      ]);
    if (!retyping && (deadline() <= 0 || runIsOver(runtime))) return end([outOfTime(sight, runtime)]);

    isolates += 1;
    isolatedBeside = plan.kind === 'outlast-release';
    context.log.status(`${actingOn(runtime.pair, isolationType)}: ${plan.reason}`);
    const sent = await send('apply', sight, request, isolationType);
    attempted ||= sent.kind !== 'refused';
    switch (sent.kind) {
      case 'lost':
        return end([
          `NOT ${words.CONTAINED} FOR CERTAIN: ${hostOf(sight)}: the answer to the ${words.application} request was lost, and the history does not show it yet: ${describeDefenderError(sent.error)} The next run looks for it first`,
        ]);
      case 'refused':
        if (sent.error.kind === 'not-started') return end([outOfTime(sight, runtime)]);
        return end([
          `NOT ${words.CONTAINED}: ${hostOf(sight)}: ${refusalOf(sent.error, words, isolationType, machine)}`,
        ]);
      case 'accepted':
        break;
    }
    followed.set(sent.action.id, sent.action);
    if (sent.ours) wrote = fresh || retyping ? 'isolated' : 'renewed';
    among?.waits();
    if (request.inputs.waitFor === 'Submitted') {
      note = `submitted, not ${words.CONTAINED.toLowerCase()} yet: MDE gives the request up at ${describeMoment(givenUpAt(sent.action))}`;
      context.log.warn(
        `NOT ${words.CONTAINED} YET: ${hostOf(sight)}: the ${words.application} was submitted (${sent.action.id}); waitFor is Submitted, so this run does not wait for it`,
      );
      const sightNow = await finalSight(sight, request, followed, notBefore, recordedAt);
      return { sight: sightNow, wrote, attempted, failures: [], note };
    }
    const tracked = await follow(sent.action, request, deadline);
    followed.set(sent.action.id, tracked.action);
    notBefore = fleet.clock.monotonic();
    carriedOut = among !== undefined;
    if (tracked.ended === 'final' && tracked.action.status === 'Succeeded') continue;
    const sightNow = await sightAfter(tracked, sight, request, followed, notBefore, recordedAt);
    return { sight: sightNow, wrote, attempted, failures: [unfinished(sight, tracked, runtime.pair)], note };
  }
}

/** Milliseconds left of the operation's own time. */
function deadlineOf(request: HostRequest): () => number {
  const { clock } = request.runtime.fleet;
  const { among } = request.context;
  if (among !== undefined) return () => among.remaining();
  const started = clock.monotonic();
  const timeoutMs = request.context.timeoutMs ?? defaultContainTimeoutMs;
  return () => timeoutMs - (clock.monotonic() - started);
}

function runIsOver(runtime: Runtime): boolean {
  return runtime.fleet.clock.monotonic() - runtime.fleet.startedAt >= runtime.fleet.limits.maxRunTimeMs;
}

function outOfTime(sight: Sight, runtime: Runtime): string {
  const { CONTAINED } = runtime.pair.words;
  return runIsOver(runtime)
    ? `NOT ${CONTAINED}: ${hostOf(sight)}: the run's time (maxRunTime) is over; nothing was sent for it. Run again to go on`
    : `NOT ${CONTAINED}: ${hostOf(sight)}: its time-out was over before the request was sent. Run again`;
}

/** A change of type whose release did not come through in time: it must not come through later. */
async function takeBackRelease(request: HostRequest, followed: Map<string, MachineAction>): Promise<void> {
  const { context, runtime } = request;
  // Not an older look, which may have begun before the release was sent.
  const notBefore = runtime.fleet.clock.monotonic();
  const sight = await lookAt({ ...request, declaration: context.declaration, notBefore }, runtime);
  if (!isObserved(sight.observation)) return;
  const ours = sight.observation.runningUnisolates.filter((action) => isOurs(action, sight.self));
  const failure = await cancelAll(ours, request, followed);
  if (failure !== undefined) context.log.warn(`${hostOf(sight)}: ${failure}; run again`);
}

/** What the device lacks is told in words of the pair's own. */
function refusalOf(error: DefenderError, { needs }: PairWords, isolationType: IsolationType, machine: Machine): string {
  const text = describeDefenderError(error);
  if (isolationType === 'UnManagedDevice' && machine.onboardingStatus === 'Onboarded')
    return `${text} It is onboarded to Defender by now: declare isolationType: Full or Selective, with allowTypeChange: true`;
  const lacks = error.code === 'OsPlatformNotSupported' || error.code === 'ClientVersionNotSupported';
  return lacks && needs !== undefined ? `${text} ${needs}` : text;
}

/** `isolating (Full)`; a restriction has no kinds. */
function actingOn({ name, words }: Pair, isolationType: IsolationType): string {
  return name === 'isolation' ? `${words.applying} (${isolationType})` : words.applying;
}

async function follow(action: MachineAction, request: HostRequest, deadline: () => number) {
  const { context, runtime } = request;
  const giveUp = describeMoment(givenUpAt(action));
  const tell = ({ id, status }: MachineAction) =>
    context.log.status(`${status}; MDE tries until ${giveUp} (${runtime.pair.words.application} ${id})`);
  tell(action);
  const { among } = context;
  among?.waits();
  return runtime.fleet.tracker.track(action, {
    ...(among === undefined ? { timeoutMs: Math.max(0, deadline()) } : { isTimeUp: () => among.remaining() <= 0 }),
    signal: signalOf(request),
    onChange: tell,
  });
}
