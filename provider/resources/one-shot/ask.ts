import { isAsked } from '../../containment/asked.ts';
import { type MarkSource, markedComment, markOf } from '../../containment/mark.ts';
import { type KnownRequest, planOneShot } from '../../containment/one-shot.ts';
import { type OneShotAsk, oneShotActions, refusedBecause } from '../../containment/one-shot-actions.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { Machine, MachineId } from '../../defender/machine.ts';
import { type ActionId, isRunning, type MachineAction } from '../../defender/machine-action.ts';
import { sendRequest } from '../../fleet/requests.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import type { SetTime } from '../quarantine/set-time.ts';
import type { Runtime } from '../runtime.ts';
import type { WaitFor } from '../schema-types.ts';
import { left, notDone, notYet } from './unfinished.ts';

/** One thing that a declaration asks of one machine, once. */
export interface OneShot {
  readonly ask: OneShotAsk;
  readonly machineId: MachineId;
  /** What the request's mark is derived from. */
  readonly source: MarkSource;
  readonly comment: string;
  /** What state holds of it. */
  readonly known: KnownRequest | undefined;
  /** ms; see OneShotView. */
  readonly replacesUntil?: number | undefined;
}

/** How it is carried out: by itself, or as one of many. */
export interface OneShotWay {
  readonly runtime: Runtime;
  /** Ended by Cancel, and when the process may write no more. */
  readonly signal: AbortSignal;
  readonly time: SetTime;
  readonly waitFor: WaitFor;
  status(text: string): void;
  /** It only waits from now on, so the next one may begin. */
  waits(): void;
}

/** What became of it. */
export interface OneShotEnd {
  readonly machineId: MachineId;
  /** Undefined where its record was not read. */
  readonly machine: Machine | undefined;
  /** The action that state is to hold; undefined: what it held before, if anything. */
  readonly action: MachineAction | undefined;
  /** `done`: by this run; `standing`: before it. */
  readonly outcome: 'done' | 'standing' | 'waits' | 'failed';
  /** What a person should know; empty where it simply was done. A failure's begins with `NOT …`, and the host. */
  readonly text: string;
}

/** The service may take one request of a type at a time, and others may have some of their own. */
const sendsAtMost = 8;

/** Observe → plan → send → follow, until it is done or there is nothing more to do in this run. Throws nothing of Defender's. */
export async function askOnce(one: OneShot, way: OneShotWay): Promise<OneShotEnd> {
  const { runtime, signal, time, waitFor } = way;
  const { fleet } = runtime;
  const { ask, machineId } = one;
  const words = oneShotActions[ask.type];
  const observatory = runtime.oneShots.observatory(ask.type);
  const followed = new Map<ActionId, MachineAction>();
  let machine: Machine | undefined;
  let action: MachineAction | undefined;
  let wrote = false;

  const host = () => hostOf(machineId, machine);
  const end = (outcome: OneShotEnd['outcome'], text: string): OneShotEnd => ({
    machineId,
    machine,
    action,
    outcome,
    text,
  });
  const failed = (reason: string) => end('failed', `NOT ${words.DONE}: ${host()}: ${reason}`);
  const follow = async (what: MachineAction) => {
    way.waits();
    const tracked = await fleet.tracker.track(what, { isTimeUp: () => time.remaining() <= 0, signal });
    followed.set(tracked.action.id, tracked.action);
    return tracked;
  };

  let notBefore = time.lookedSince();
  for (let sends = 0; ; ) {
    let history: readonly MachineAction[];
    let asOf: number;
    try {
      machine ??= await fleet.observatory.machine(machineId, time.lookedSince());
      if (machine === undefined)
        return failed('Defender knows no machine with this id (404). Correct it, or take it out; nothing was sent');
      ({ history, asOf } = await lookAtHistory(one, runtime, followed, notBefore));
    } catch (error) {
      if (!isDefenderError(error)) throw error;
      const sent = sends === 0 ? 'Nothing was sent' : 'Run again to see what became of it';
      return failed(`it could not be observed: ${describeDefenderError(error)} ${sent}`);
    }
    const mark = markOf(one.source);
    const plan = planOneShot({ ask, mark, history, asOf, known: one.known, replacesUntil: one.replacesUntil });
    let under: MachineAction;
    switch (plan.kind) {
      case 'none':
        action = plan.action;
        if (wrote) return end('done', '');
        return end('standing', one.known === undefined ? `${host()}: nothing was sent: ${plan.reason}` : '');
      case 'unseen':
        return end('waits', left(words, host(), plan.reason));
      case 'adopt':
        action = plan.action;
        // One that state knows is left to MDE: a device that is away for days must not hold up each run (semantics 4.3).
        if (plan.action.id === one.known?.actionId) return end('waits', left(words, host(), plan.reason));
        under = plan.action;
        break;
      case 'send': {
        const refused = refusedBecause(machine, ask.type);
        if (refused !== undefined) return failed(`${refused}; nothing was sent`);
        if (signal.aborted) return failed('the run was cancelled before the request was sent. Run again');
        if (isRunOver(runtime))
          return failed("the run's time (maxRunTime) is over; nothing was sent for it. Run again to go on");
        if (time.remaining() <= 0) return failed('its time-out was over before the request was sent. Run again');
        if (sends >= sendsAtMost) return failed(`Defender has not taken the request ${sends} times. Run again`);
        sends += 1;
        way.status(`${plan.reason}; asking`);
        const sent = await sendRequest(
          {
            ask,
            machineId,
            comment: markedComment(one.source, one.comment, runtime.settings.commentPrefix),
            mark,
            knownBefore: new Set(history.map((each) => each.id)),
            signal,
            startBy: time.runEnds(),
          },
          { ...fleet, observatory },
        );
        time.wrote();
        notBefore = fleet.clock.monotonic();
        if (sent.kind === 'lost') {
          const reason = `the answer to the request was lost, and the history does not show it yet: ${describeDefenderError(sent.error)} The next run looks for it first`;
          return end('failed', `NOT ${words.DONE} FOR CERTAIN: ${host()}: ${reason}`);
        }
        const isTaken = sent.kind === 'accepted' && (sent.ours || isAsked(sent.action, ask));
        if (isTaken) {
          wrote ||= sent.ours;
          under = sent.action;
          action = under;
          break;
        }
        if (sent.kind === 'refused' && sent.error.kind !== 'active-request')
          return failed(
            sent.error.kind === 'not-started'
              ? "the run's time (maxRunTime) is over; nothing was sent for it. Run again to go on"
              : describeDefenderError(sent.error),
          );
        // About something else, another file say: it is never told as ours. Once it has ended, ours can be sent.
        const other = sent.kind === 'accepted' ? sent.action : await otherRequest(one, runtime);
        if (other === undefined) continue;
        way.status(`waiting for request ${other.id} of ${other.requestor}`);
        const tracked = await follow(other);
        notBefore = fleet.clock.monotonic();
        if (tracked.ended === 'final') continue;
        return failed(
          `Defender takes one request of this type at a time, and ${other.id} of ${other.requestor} is still ${tracked.action.status}. Nothing was sent; run again`,
        );
      }
    }
    if (waitFor === 'Submitted' && isRunning(under)) {
      followed.set(under.id, under);
      return end('waits', left(words, host(), `request ${under.id} is ${under.status}; waitFor is Submitted`));
    }
    way.status(`${under.status} (${words.request} ${under.id})`);
    const tracked = await follow(under);
    action = tracked.action;
    if (tracked.ended !== 'final') return end('failed', notYet(words, host(), tracked));
    if (action.status !== 'Succeeded') return end('failed', notDone(words, host(), action));
    return end('done', '');
  }
}

export function hostOf(machineId: MachineId, machine: Pick<Machine, 'computerDnsName'> | undefined): string {
  const name = machine?.computerDnsName;
  return name === undefined ? `machine ${machineId}` : `${name} (${machineId})`;
}

/** All that is known of the machine's actions of this type; what was followed to its end is newer than any list. */
export async function lookAtHistory(
  { ask, machineId, known }: Pick<OneShot, 'ask' | 'machineId' | 'known'>,
  { oneShots }: Pick<Runtime, 'oneShots'>,
  followed: ReadonlyMap<ActionId, MachineAction>,
  notBefore: number,
): Promise<{ readonly history: readonly MachineAction[]; readonly asOf: number }> {
  const recent = await oneShots.observatory(ask.type).recent(machineId, notBefore);
  const history = new Map(recent.actions.map((action) => [action.id, action]));
  if (known !== undefined && !history.has(known.actionId)) {
    const action = await oneShots.actions.get(known.actionId);
    if (action?.machineId === machineId) history.set(action.id, action);
  }
  for (const action of followed.values()) {
    const listed = history.get(action.id);
    if (listed === undefined || isRunning(listed)) history.set(action.id, action);
  }
  return { history: [...history.values()], asOf: recent.asOf };
}

async function otherRequest({ ask, machineId }: OneShot, runtime: Runtime): Promise<MachineAction | undefined> {
  try {
    const { clock } = runtime.fleet;
    const { actions } = await runtime.oneShots.observatory(ask.type).recent(machineId, clock.monotonic());
    return actions.find(isRunning);
  } catch (error) {
    if (isDefenderError(error)) return undefined;
    throw error;
  }
}

function isRunOver({ fleet }: Runtime): boolean {
  return fleet.clock.monotonic() - fleet.startedAt >= fleet.limits.maxRunTimeMs;
}
