import { isAsked } from '../containment/asked.ts';
import { SECOND } from '../containment/duration.ts';
import { carriesMark, type Mark } from '../containment/mark.ts';
import type { Defender } from '../defender/api.ts';
import { type DefenderError, isDefenderError } from '../defender/errors.ts';
import type { MachineId } from '../defender/machine.ts';
import { type ActionId, isRunning, type MachineAction } from '../defender/machine-action.ts';
import { type Clock, pause, type Timer } from '../defender/ports.ts';
import type { ResponseRequest } from '../defender/response-actions.ts';
import type { Observatory } from './observatory.ts';
import { startStopwatch } from './stopwatch.ts';

/** A lost request may take this long to show in the history (semantics 4.1). */
const lookForMs = 90 * SECOND;
/** What the service speaks of shows by then; one that runs and is about something else is the duplicate. */
const showsWithinMs = 6 * SECOND;

/** What became of a request. */
export type Sent =
  /** The service has it. `ours` false: an older or another's request that already runs was answered or found. */
  | { readonly kind: 'accepted'; readonly action: MachineAction; readonly ours: boolean }
  /** No answer, and not in the history either: nobody knows. */
  | { readonly kind: 'lost'; readonly error: DefenderError }
  /** The service has refused it; it was not carried out. */
  | { readonly kind: 'refused'; readonly error: DefenderError };

export interface RequestPorts {
  readonly defender: Defender;
  readonly observatory: Observatory;
  readonly clock: Clock;
  readonly timer: Timer;
}

export interface Request {
  readonly ask: ResponseRequest;
  readonly machineId: MachineId;
  readonly comment: string;
  readonly mark: Mark;
  /** Actions known before it was sent: none of them can be this request. */
  readonly knownBefore: ReadonlySet<ActionId>;
  readonly signal: AbortSignal;
  /** Who goes first when requests wait for the rate limits: lower before higher. Default 0. */
  readonly priority?: number | undefined;
  /** Monotonic; a request whose turn has not come by then is not sent, and is told as refused: `not-started`. */
  readonly startBy?: number | undefined;
}

/**
 * Sends one request and makes sure what became of it. A POST is never blindly repeated: after a lost answer the history is
 * looked at for up to 90 s, and only one that is not found there and sets nobody free, by a look that succeeded once that time was over,
 * is sent once more (semantics 4.1, 4.2).
 */
export async function sendRequest(request: Request, ports: RequestPorts): Promise<Sent> {
  const first = await post(request, ports);
  if (first.kind !== 'lost' || !first.absent || lifts(request.ask) || request.signal.aborted) return told(first);
  const second = await post(request, ports);
  // One that was never sent says nothing of the first.
  if (second.kind === 'refused' && ['aborted', 'not-started'].includes(second.error.kind)) return told(first);
  return told(second);
}

/** `absent`: the history was seen, and does not show the request. */
type Posted = Exclude<Sent, { kind: 'lost' }> | (Extract<Sent, { kind: 'lost' }> & { readonly absent: boolean });

function told(posted: Posted): Sent {
  return posted.kind === 'lost' ? { kind: 'lost', error: posted.error } : posted;
}

async function post(request: Request, ports: RequestPorts): Promise<Posted> {
  const { defender } = ports;
  const sentAt = ports.clock.monotonic();
  const { signal, priority, startBy } = request;
  const options = { signal, priority, startBy };
  try {
    const action = await defender.request(request.machineId, request.ask, request.comment, options);
    return { kind: 'accepted', action, ours: isThisRequest(action, request) };
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    switch (error.kind) {
      case 'active-request':
      case 'lost':
      case 'server': {
        const wanted = error.kind === 'active-request' ? 'running' : 'this';
        const looked = await look(request, ports, sentAt, wanted);
        if (looked.kind === 'accepted') return looked;
        return wanted === 'running'
          ? { kind: 'refused', error }
          : { kind: 'lost', error, absent: looked.kind === 'absent' };
      }
      default:
        return { kind: 'refused', error };
    }
  }
}

/** What sets a host free: it is never sent a second time in one run (semantics 4.1). */
function lifts({ type }: ResponseRequest): boolean {
  return type === 'Unisolate' || type === 'UnrestrictCodeExecution';
}

function isThisRequest(action: MachineAction, request: Request): boolean {
  return !request.knownBefore.has(action.id) && carriesMark(action.requestorComment, request.mark);
}

/**
 * Looks for the request (or, after a duplicate, for whatever runs) in the history until it is found or 90 s are over.
 * `absent` where the last look succeeded, which began when the time was over; `unseen` where nothing can be said.
 */
async function look(
  request: Request,
  ports: RequestPorts,
  sentAt: number,
  wanted: 'this' | 'running',
): Promise<Extract<Sent, { kind: 'accepted' }> | { readonly kind: 'absent' | 'unseen' }> {
  const stopwatch = startStopwatch(ports.clock, ports.defender);
  for (let round = 0; ; round += 1) {
    const isLast = stopwatch.elapsed() >= lookForMs;
    let seen = false;
    try {
      const history = await ports.observatory.recent(request.machineId, round === 0 ? sentAt : ports.clock.monotonic());
      const sameType = history.actions.filter((action) => action.type === request.ask.type);
      // The mark says what was asked; of a new request the service may not tell the scope yet.
      const own = sameType.findLast((action) => isThisRequest(action, request));
      if (own !== undefined) return { kind: 'accepted', action: own, ours: true };
      seen = true;
      const running =
        wanted === 'running' ? sameType.find((each) => isRunning(each) && isAsked(each, request.ask)) : undefined;
      if (running !== undefined) return { kind: 'accepted', action: running, ours: false };
      // Such as a request about another file: the service may take one at a time.
      if (wanted === 'running' && stopwatch.elapsed() >= showsWithinMs && sameType.some(isRunning))
        return { kind: 'absent' };
    } catch (error) {
      if (!isDefenderError(error)) throw error;
      // The lookup may well fail while the connection is bad: it is tried again until the time is over.
    }
    if (isLast || request.signal.aborted) return { kind: isLast && seen ? 'absent' : 'unseen' };
    await pause(ports.timer, round < 3 ? SECOND : 5 * SECOND, request.signal);
  }
}
