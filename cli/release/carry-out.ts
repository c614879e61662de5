import { MINUTE, SECOND } from '../../provider/containment/duration.ts';
import { isObserved } from '../../provider/containment/observation.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { pause } from '../../provider/defender/ports.ts';
import { sendRequest } from '../../provider/fleet/requests.ts';
import type { Tracked } from '../../provider/fleet/tracker.ts';
import { describeDefenderError, type Sight } from '../../provider/resources/machine-isolation/sight.ts';
import type { Runtime } from '../../provider/resources/runtime.ts';
import { lookFromOutside } from '../look.ts';
import { holdComment, holdOpening } from './hold-comment.ts';
import { planGlass } from './plan.ts';

/** What became of one host. */
export interface Outcome {
  readonly released: boolean;
  readonly reason: string;
  /** A release of another was followed, so that nothing tells pipelines to leave the host alone. */
  readonly withoutHold?: boolean;
}

export interface GlassRun {
  readonly runId: string;
  readonly comment: string;
  /** For each host, from its request on. */
  readonly timeoutMs: number;
}

/** A request that has waited for the rate limit for so long is not sent on an old look; its host is looked at again. */
const lookLastsMs = 30 * SECOND;
const cancelTimeoutMs = 2 * MINUTE;
const cancellationsAtMost = 4;
/** Hosts whose release ends within this time are looked at together. */
const lookEveryMs = 10 * SECOND;

/** Releases one host and follows that to its end. A write decides on a look that began after this call did (semantics 1.8). */
export async function releaseHost(machineId: MachineId, run: GlassRun, runtime: Runtime): Promise<Outcome> {
  const followed = new Map<string, MachineAction>();
  const look: Look = (notBefore = runtime.fleet.clock.monotonic()) =>
    lookFromOutside({ machineId, notBefore, followed: [...followed.values()] }, runtime);
  const requested = await request(machineId, run, followed, look, runtime);
  return requested.kind === 'ended' ? requested.outcome : follow(requested, run, followed, look, runtime);
}

type Look = (notBefore?: number) => Promise<Sight>;

type Requested =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  /** `ours` false: another's, which carries no `mde-hold`. */
  | { readonly kind: 'running'; readonly action: MachineAction; readonly ours: boolean };

function ended(released: boolean, reason: string): Requested {
  return { kind: 'ended', outcome: { released, reason } };
}

async function request(
  machineId: MachineId,
  run: GlassRun,
  followed: Map<string, MachineAction>,
  look: Look,
  runtime: Runtime,
): Promise<Requested> {
  let cancellations = 0;
  for (;;) {
    if (runtime.lifetime.aborted) return stopped;
    const sight = await look();
    if (runtime.lifetime.aborted) return stopped;
    const plan = planGlass(sight.observation);
    if (plan.kind === 'free') return ended(true, 'it is not isolated any more; nothing was sent');
    if (plan.kind === 'leave') return ended(false, plan.reason);
    if (plan.cancel.length > 0) {
      cancellations += 1;
      if (cancellations > cancellationsAtMost)
        return ended(false, 'a pipeline keeps isolating it; stop that, then run again');
      const failure = await cancelAll(plan.cancel, run, followed, runtime);
      if (failure !== undefined) return ended(false, failure);
      continue;
    }
    if (plan.adopt !== undefined) return { kind: 'running', action: plan.adopt, ours: false };
    // All hosts that were looked at together wait until the same moment.
    const startBy = (Math.floor(runtime.fleet.clock.monotonic() / lookLastsMs) + 1) * lookLastsMs;
    const sent = await send(sight, machineId, startBy, run, runtime);
    if (sent !== 'late') return sent;
  }
}

const stoppedReason = 'stopped before a release was sent for it';
const stopped = ended(false, stoppedReason);

/** Cancels isolates that a pipeline still has under way, and waits until each is final. Answers why not, where one is not. */
async function cancelAll(
  actions: readonly MachineAction[],
  run: GlassRun,
  followed: Map<string, MachineAction>,
  { fleet, lifetime: signal }: Runtime,
): Promise<string | undefined> {
  for (const action of actions) {
    if (signal.aborted) return stoppedReason;
    try {
      const cancelled = await fleet.defender.cancelMachineAction(
        action.id,
        { comment: holdComment(run.runId, run.comment) },
        { signal },
      );
      followed.set(cancelled.id, cancelled);
    } catch (error) {
      if (!isDefenderError(error)) throw error;
      // A 4xx says that it is final already, and a lost answer says nothing: following it decides on both.
      if (!['rejected', 'not-found', 'lost', 'server', 'active-request'].includes(error.kind)) {
        return signal.aborted
          ? stoppedReason
          : `the isolation ${action.id} that is under way could not be cancelled: ${describeDefenderError(error)} Nothing was released`;
      }
    }
    const tracked = await fleet.tracker.track(followed.get(action.id) ?? action, {
      timeoutMs: cancelTimeoutMs,
      signal,
    });
    followed.set(action.id, tracked.action);
    if (tracked.ended === 'aborted') return stoppedReason;
    if (tracked.ended !== 'final') {
      return `the isolation ${action.id} could not be cancelled and is still ${tracked.action.status}. Nothing was released; run again`;
    }
  }
  return undefined;
}

async function send(
  sight: Sight,
  machineId: MachineId,
  startBy: number,
  run: GlassRun,
  runtime: Runtime,
): Promise<Requested | 'late'> {
  const known = isObserved(sight.observation) ? sight.observation.history.map((action) => action.id) : [];
  const sent = await sendRequest(
    {
      ask: { type: 'Unisolate' },
      machineId,
      comment: holdComment(run.runId, run.comment),
      mark: holdOpening(run.runId),
      knownBefore: new Set(known),
      signal: runtime.lifetime,
      startBy,
    },
    runtime.fleet,
  );
  switch (sent.kind) {
    case 'refused':
      if (sent.error.kind === 'not-started') return 'late';
      if (runtime.lifetime.aborted && sent.error.kind === 'aborted') return stopped;
      return ended(false, `the release was refused: ${describeDefenderError(sent.error)}`);
    case 'lost':
      return ended(
        false,
        `it may or may not be under release: the answer was lost, and the history does not show the request. It is not sent twice; run again to see what became of it. ${describeDefenderError(sent.error)}`,
      );
    case 'accepted':
      return { kind: 'running', action: sent.action, ours: sent.ours };
  }
}

async function follow(
  { action, ours }: Extract<Requested, { kind: 'running' }>,
  run: GlassRun,
  followed: Map<string, MachineAction>,
  look: Look,
  runtime: Runtime,
): Promise<Outcome> {
  const { fleet, lifetime: signal } = runtime;
  const tracked = await fleet.tracker.track(action, { timeoutMs: run.timeoutMs, signal });
  followed.set(tracked.action.id, tracked.action);
  const whose = ours ? `release ${action.id}` : `release ${action.id} of ${action.requestor}`;
  if (tracked.ended !== 'final') return { released: false, reason: notYet(whose, tracked) };
  const { status } = tracked.action;
  const now = fleet.clock.monotonic();
  const lookAt = Math.ceil(now / lookEveryMs) * lookEveryMs;
  await pause(fleet.timer, lookAt - now, signal);
  const { observation } = await look(signal.aborted ? now : lookAt);
  if (!isObserved(observation)) {
    return {
      released: false,
      reason: `the ${whose} ended ${status}, but the host could not be observed after it. Look at it with status`,
    };
  }
  const withoutHold = ours ? {} : { withoutHold: true };
  switch (observation.state) {
    case 'released':
      return { released: true, reason: whose, ...withoutHold };
    case 'lapsed':
      // The service may refuse to release what it has lifted by itself.
      return { released: true, reason: `MDE lifted its isolation by itself; ${whose} ended ${status}`, ...withoutHold };
    default: {
      if (status !== 'Succeeded') return { released: false, reason: `the ${whose} ended ${status}. Run again` };
      const again = observation.runningIsolates[0] ?? observation.period?.beganBy;
      const by = again === undefined ? '' : ` by ${again.requestor} (${again.id}, ${again.status})`;
      return { released: false, reason: `it was released (${whose}), and is ${observation.state} again${by}` };
    }
  }
}

function notYet(whose: string, { action, ended, error }: Tracked): string {
  const why =
    ended === 'aborted'
      ? 'following it was stopped'
      : ended === 'lookup-failed' && isDefenderError(error)
        ? `it could not be followed any further: ${describeDefenderError(error)}`
        : 'the time for following it is over';
  return `NOT RELEASED YET: the ${whose} is ${action.status}; ${why.replace(/\.$/, '')}. MDE goes on with it for up to three days; see what became of it with status`;
}
