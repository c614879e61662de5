import { MINUTE } from '../../provider/containment/duration.ts';
import { isObserved } from '../../provider/containment/observation.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
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

const cancelTimeoutMs = 2 * MINUTE;
const roundsAtMost = 4;

/** Releases one host and follows that to its end. A write decides on a look that began after this call did (semantics 1.8). */
export async function releaseHost(machineId: MachineId, run: GlassRun, runtime: Runtime): Promise<Outcome> {
  const { fleet, lifetime: signal } = runtime;
  const followed = new Map<string, MachineAction>();
  const look = () =>
    lookFromOutside({ machineId, notBefore: fleet.clock.monotonic(), followed: [...followed.values()] }, runtime);

  for (let round = 0; ; round += 1) {
    if (signal.aborted) return stopped;
    const sight = await look();
    if (signal.aborted) return stopped;
    const plan = planGlass(sight.observation);
    if (plan.kind === 'free') return { released: true, reason: 'it is not isolated any more; nothing was sent' };
    if (plan.kind === 'leave') return { released: false, reason: plan.reason };
    if (plan.cancel.length > 0) {
      if (round >= roundsAtMost)
        return { released: false, reason: 'a pipeline keeps isolating it; stop that, then run again' };
      const failure = await cancelAll(plan.cancel, run, followed, runtime);
      if (failure !== undefined) return { released: false, reason: failure };
      continue;
    }
    return plan.adopt === undefined
      ? send(sight, machineId, run, followed, look, runtime)
      : follow(plan.adopt, false, run, followed, look, runtime);
  }
}

const stopped: Outcome = { released: false, reason: 'stopped before a release was sent for it' };

/** Cancels isolates that a pipeline still has under way, and waits until each is final. Answers why not, where one is not. */
async function cancelAll(
  actions: readonly MachineAction[],
  run: GlassRun,
  followed: Map<string, MachineAction>,
  { fleet, lifetime: signal }: Runtime,
): Promise<string | undefined> {
  for (const action of actions) {
    if (signal.aborted) return stopped.reason;
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
          ? stopped.reason
          : `the isolation ${action.id} that is under way could not be cancelled: ${describeDefenderError(error)} Nothing was released`;
      }
    }
    const tracked = await fleet.tracker.track(followed.get(action.id) ?? action, {
      timeoutMs: cancelTimeoutMs,
      signal,
    });
    followed.set(action.id, tracked.action);
    if (tracked.ended === 'aborted') return stopped.reason;
    if (tracked.ended !== 'final') {
      return `the isolation ${action.id} could not be cancelled and is still ${tracked.action.status}. Nothing was released; run again`;
    }
  }
  return undefined;
}

async function send(
  sight: Sight,
  machineId: MachineId,
  run: GlassRun,
  followed: Map<string, MachineAction>,
  look: () => Promise<Sight>,
  runtime: Runtime,
): Promise<Outcome> {
  const known = isObserved(sight.observation) ? sight.observation.history.map((action) => action.id) : [];
  const sent = await sendRequest(
    {
      type: 'Unisolate',
      machineId,
      isolationType: 'Full',
      comment: holdComment(run.runId, run.comment),
      mark: holdOpening(run.runId),
      knownBefore: new Set(known),
      signal: runtime.lifetime,
    },
    runtime.fleet,
  );
  switch (sent.kind) {
    case 'refused':
      if (runtime.lifetime.aborted && sent.error.kind === 'aborted') return stopped;
      return { released: false, reason: `the release was refused: ${describeDefenderError(sent.error)}` };
    case 'lost':
      return {
        released: false,
        reason: `it may or may not be under release: the answer was lost, and the history does not show the request. It is not sent twice; run again to see what became of it. ${describeDefenderError(sent.error)}`,
      };
    case 'accepted':
      return follow(sent.action, sent.ours, run, followed, look, runtime);
  }
}

async function follow(
  action: MachineAction,
  ours: boolean,
  run: GlassRun,
  followed: Map<string, MachineAction>,
  look: () => Promise<Sight>,
  runtime: Runtime,
): Promise<Outcome> {
  const { fleet, lifetime: signal } = runtime;
  const tracked = await fleet.tracker.track(action, { timeoutMs: run.timeoutMs, signal });
  followed.set(tracked.action.id, tracked.action);
  const whose = ours ? `release ${action.id}` : `release ${action.id} of ${action.requestor}`;
  if (tracked.ended !== 'final') return { released: false, reason: notYet(whose, tracked) };
  const succeeded = tracked.action.status === 'Succeeded';
  const { observation } = await look();
  const withoutHold = ours ? {} : { withoutHold: true };
  if (!isObserved(observation)) {
    return {
      released: false,
      reason: `the ${whose} ended ${tracked.action.status}, but the host could not be observed after it. Run status`,
    };
  }
  switch (observation.state) {
    case 'released':
      return { released: true, reason: `${whose}`, ...withoutHold };
    case 'lapsed':
      // The service may refuse to release what it has lifted by itself.
      return {
        released: true,
        reason: `MDE lifted its isolation by itself; ${whose} ended ${tracked.action.status}`,
        ...withoutHold,
      };
    default: {
      if (!succeeded) return { released: false, reason: `the ${whose} ended ${tracked.action.status}. Run again` };
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
