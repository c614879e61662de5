import { MINUTE } from '../../containment/duration.ts';
import { markedComment, markOf } from '../../containment/mark.ts';
import { isObserved } from '../../containment/observation.ts';
import { applyRequest } from '../../containment/pair.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { MachineId } from '../../defender/machine.ts';
import type { ActionId, IsolationType, MachineAction } from '../../defender/machine-action.ts';
import { type Sent, sendRequest } from '../../fleet/requests.ts';
import type { Remembered, Runtime } from '../runtime.ts';
import type { HostContext } from './among.ts';
import type { CheckedInputs } from './inputs.ts';
import { describeDefenderError, type Sight } from './sight.ts';

/** One host that an operation is about. */
export interface HostRequest {
  readonly context: HostContext;
  readonly runtime: Runtime;
  readonly machineId: MachineId;
  readonly inputs: CheckedInputs;
  readonly remembered: Remembered | undefined;
  readonly declarationChanged: boolean;
  /** The declared device name is another than that by which the machine was bound: it has to be resolved anew. */
  readonly namedAnew?: boolean;
}

/** A foreign release, or a cancellation, is waited for this long (semantics 4). */
export const outlastMs = 2 * MINUTE;

/** Ended by Cancel, and when the process may write no more. */
export function signalOf({ context, runtime }: Pick<HostRequest, 'context' | 'runtime'>): AbortSignal {
  let signal = signals.get(context.signal);
  if (signal === undefined) {
    signal = AbortSignal.any([context.signal, runtime.lifetime]);
    signals.set(context.signal, signal);
  }
  return signal;
}

/** One for each operation: the hosts of a set share theirs. */
const signals = new WeakMap<AbortSignal, AbortSignal>();

export function hostOf(sight: Pick<Sight, 'machine' | 'machineId'>): string {
  const name = sight.machine?.computerDnsName;
  return name === undefined ? `machine ${sight.machineId}` : `${name} (${sight.machineId})`;
}

/**
 * Sends one request of the runtime's pair for a host, with its mark; `isolationType` matters to an isolate only. What
 * another resource asks of the same host at the same time is not asked twice: both go on with the one request.
 */
export async function send(
  what: 'apply' | 'lift',
  sight: Sight,
  request: Pick<HostRequest, 'context' | 'runtime' | 'inputs'>,
  isolationType: IsolationType,
): Promise<Sent> {
  const { asked } = request.runtime.fleet;
  const key = `${request.runtime.pair[what]} ${sight.machineId}`;
  const known = new Set(isObserved(sight.observation) ? sight.observation.history.map((action) => action.id) : []);
  for (let before = asked.get(key); before !== undefined; ) {
    const sent = await before;
    // One that was seen, or that the service did not take, was reckoned with, or stands in nobody's way.
    if (sent.kind === 'accepted' && !known.has(sent.action.id)) return { ...sent, ours: false };
    // Whatever became of it, a release is not sent a second time in one run (semantics 4.1).
    if (sent.kind === 'lost' && what === 'lift') return sent;
    const next = asked.get(key);
    before = next === before ? undefined : next;
  }
  const sending = sendAlone(what, sight, request, isolationType, known);
  asked.set(key, sending);
  return sending;
}

async function sendAlone(
  what: 'apply' | 'lift',
  sight: Sight,
  request: Pick<HostRequest, 'context' | 'runtime' | 'inputs'>,
  isolationType: IsolationType,
  knownBefore: ReadonlySet<ActionId>,
): Promise<Sent> {
  const { context, runtime } = request;
  const { pair } = runtime;
  const { source } = sight.self;
  const sent = await sendRequest(
    {
      ask: what === 'apply' ? applyRequest(pair, isolationType) : { type: pair.lift },
      machineId: sight.machineId,
      comment: markedComment(source, request.inputs.comment, runtime.settings.commentPrefix),
      mark: markOf(source),
      knownBefore,
      signal: signalOf(request),
      priority: context.among?.priority,
      startBy: context.among?.startBy,
    },
    runtime.fleet,
  );
  context.among?.wrote();
  if (sent.kind === 'accepted' && sent.ours) {
    runtime.fleet.sent.add(sent.action.id);
    runtime.fleet.requestors.add(sent.action.requestor);
  }
  return sent;
}

/** Cancels running actions and waits until each is final; answers why not, where one could not be cancelled. */
export async function cancelAll(
  actions: readonly MachineAction[],
  request: Pick<HostRequest, 'context' | 'runtime'>,
  followed: Map<string, MachineAction>,
): Promise<string | undefined> {
  const { context, runtime } = request;
  const signal = signalOf(request);
  for (const action of actions) {
    if (signal.aborted) return 'the run was cancelled';
    try {
      const cancelled = await runtime.fleet.defender.cancelMachineAction(
        action.id,
        { comment: `superseded by ${context.declaration.stack}/${context.declaration.name}` },
        { signal },
      );
      followed.set(cancelled.id, cancelled);
    } catch (error) {
      if (!isDefenderError(error)) throw error;
      // A 4xx says that it is final already, and a lost answer says nothing: the next look decides on both.
      if (!['rejected', 'not-found', 'lost', 'server', 'active-request'].includes(error.kind)) {
        return `${action.type} ${action.id} could not be cancelled: ${describeDefenderError(error)}`;
      }
    }
    const tracked = await runtime.fleet.tracker.track(followed.get(action.id) ?? action, {
      timeoutMs: outlastMs,
      signal,
    });
    followed.set(action.id, tracked.action);
    if (tracked.ended !== 'final')
      return `${action.type} ${action.id} could not be cancelled and is still ${tracked.action.status}`;
  }
  return undefined;
}
