import { MINUTE, SECOND } from '../../containment/duration.ts';
import { isObserved } from '../../containment/observation.ts';
import { isOurs, ownershipOf } from '../../containment/ownership.ts';
import type { Pair } from '../../containment/pair.ts';
import { planReleased, type ReleasePlan } from '../../containment/release-plan.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import { pause } from '../../defender/ports.ts';
import type { Verdict } from '../../fleet/release-gate.ts';
import { startStopwatch } from '../../fleet/stopwatch.ts';
import { cancelAll, type HostRequest, hostOf, send, signalOf } from './act.ts';
import { nameOf } from './claim.ts';
import { describeDefenderError, lookAt, type Sight } from './sight.ts';

export const defaultReleaseTimeoutMs = 30 * MINUTE;
/** After a release the host is watched for this long: something queued may isolate it again (semantics 5.1). */
const watchMs = 60 * SECOND;
const roundsAtMost = 4;

/** The plan for bringing one host to released, from what was seen. */
export function planReleaseOf(
  sight: Sight,
  request: Pick<HostRequest, 'inputs' | 'runtime' | 'remembered'>,
): ReleasePlan {
  const { inputs, runtime } = request;
  return planReleased(sight.observation, {
    self: sight.self,
    ownership: isObserved(sight.observation)
      ? ownershipOf(sight.observation, sight.self, request.remembered, false)
      : { kind: 'none' },
    renewalRestartsLease: runtime.settings.renewalRestartsLease,
    retain: inputs.onDelete === 'retain',
    releaseForeign: inputs.releaseForeign === true,
  });
}

/**
 * A refusal of the guardrails, with the exact override (semantics 8.1, 8.4).
 *
 * @param pair what the hosts would be released from
 * @param isDeclared there is a manifest that the override may stand in
 */
export function refusalText(verdict: Verdict & { allowed: false }, pair: Pair, isDeclared = false): string {
  const { words } = pair;
  const hosts = verdict.machineIds.length === 1 ? '1 host' : `${verdict.machineIds.length} hosts`;
  const stale = verdict.staleOverride
    ? pair.name === 'isolation'
      ? ' The allowReleases in force does not fit this set of hosts and was ignored.'
      : ' The allowReleases in force does not fit it; several stand beside each other, with commas.'
    : '';
  const { tightenedBy, isEmptied } = verdict;
  const whose = tightenedBy === undefined ? 'the guardrails' : `the guardrails of ${nameOf(tightenedBy)}`;
  const why =
    isEmptied === true && tightenedBy !== undefined
      ? `${nameOf(tightenedBy)} declares no host any more, and an empty list releases nobody by itself: this run would ${words.release} ${hosts}`
      : `this run would ${words.release} ${hosts}, ${whose} allow ${verdict.limit} (maxReleases, maxReleasePercent)`;
  const meant = verdict.machineIds.length === 1 ? 'it is' : `all ${hosts} are`;
  const inManifest = isDeclared ? `guardrails: { allowReleases: "${verdict.override}" } in the manifest, or ` : '';
  return (
    `${why}.${stale} If ${meant} to be ${words.released}: ` +
    `${inManifest}pulumi config set mde:allowReleases ${verdict.override}`
  );
}

export interface ReleaseRequest extends HostRequest {
  /** Time left for it, ms. */
  readonly remainingMs: number;
}

/** Cancels what of ours would isolate it again, sends one unisolate, follows it, and watches. Answers why not, where it failed. */
export async function performRelease(
  request: ReleaseRequest,
  first: Sight,
  options: {
    readonly adopt: MachineAction | undefined;
    readonly watch: boolean;
    /** Filled with the actions that were followed, by id: what is known where no other look is to be made. */
    readonly followed?: Map<string, MachineAction>;
  },
): Promise<string | undefined> {
  const { context, runtime } = request;
  const { fleet } = runtime;
  const { words } = runtime.pair;
  const followed = options.followed ?? new Map<string, MachineAction>();
  const signal = signalOf(request);
  const started = fleet.clock.monotonic();
  const look = (notBefore = fleet.clock.monotonic()) =>
    lookAt(
      {
        ...request,
        declaration: context.declaration,
        notBefore,
        recordNotBefore: started,
        followed: [...followed.values()],
      },
      runtime,
    );

  let sight = first;
  for (let round = 0; isObserved(sight.observation); round += 1) {
    const ours = sight.observation.runningIsolates.filter((action) => isOurs(action, sight.self));
    if (ours.length === 0) break;
    if (round >= roundsAtMost)
      return `${hostOf(sight)} was not ${words.released}: ${words.application}s of ours keep running. Run again`;
    const failure = await cancelAll(ours, request, followed);
    if (failure !== undefined) return `${hostOf(sight)} was not ${words.released}: ${failure}. Run again`;
    sight = await look();
    // Cancelling takes time, and another may have isolated the host meanwhile.
    const plan = planReleaseOf(sight, request);
    if (plan.kind === 'gone') return undefined;
    if (plan.kind !== 'release') return `NOT ${words.RELEASED}: ${hostOf(sight)}: ${plan.reason}`;
  }
  if (!isObserved(sight.observation))
    return `${hostOf(sight)} was not ${words.released}: its state could not be observed after a cancellation. Run again`;
  const foreign = sight.observation.runningIsolates[0];
  if (foreign !== undefined) return foreignIsolation(sight, foreign, runtime.pair);

  let action = options.adopt ?? sight.observation.runningUnisolates[0];
  if (action === undefined) {
    if (signal.aborted)
      return `${hostOf(sight)} was not ${words.released}: the run was cancelled before the request was sent`;
    context.log.status(words.releasing);
    const sent = await send('lift', sight, request, request.inputs.isolationType);
    if (sent.kind === 'refused')
      return `${hostOf(sight)} was not ${words.released}: ${describeDefenderError(sent.error)}`;
    if (sent.kind === 'lost') {
      return `${hostOf(sight)} may or may not have been ${words.released}: the answer was lost, and the history does not show the request: ${describeDefenderError(sent.error)} It is not repeated in this run and stays in state; run again`;
    }
    action = sent.action;
    followed.set(action.id, action);
  }
  const tell = ({ id, status }: MachineAction) => context.log.status(`${status} (${words.theRelease} ${id})`);
  tell(action);
  context.among?.waits();
  const tracked = await fleet.tracker.track(action, {
    timeoutMs: Math.max(0, request.remainingMs - (fleet.clock.monotonic() - started)),
    signal,
    onChange: tell,
  });
  followed.set(tracked.action.id, tracked.action);
  if (tracked.ended !== 'final') {
    const why =
      tracked.ended === 'lookup-failed' && isDefenderError(tracked.error)
        ? describeDefenderError(tracked.error)
        : tracked.ended === 'aborted'
          ? 'the run was cancelled.'
          : 'the time-out is over.';
    return `NOT ${words.RELEASED} YET: ${hostOf(sight)}: the ${words.theRelease} ${action.id} is ${tracked.action.status}; ${why} It stays in state; run again to see what became of it`;
  }
  if (tracked.action.status !== 'Succeeded') {
    // The service may refuse to release what has lapsed; then there is nothing left to send.
    if (!signal.aborted && planReleaseOf(await look(), request).kind === 'gone') return undefined;
    return `NOT ${words.RELEASED}: ${hostOf(sight)}: the ${words.theRelease} ${action.id} ended ${tracked.action.status}. It stays in state, and the next run sends it again`;
  }
  return options.watch ? watchReleased(request, sight, action, look, signal) : undefined;
}

async function watchReleased(
  request: ReleaseRequest,
  released: Sight,
  release: MachineAction,
  look: (notBefore: number) => Promise<Sight>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { fleet, pair } = request.runtime;
  const { words } = pair;
  const stopwatch = startStopwatch(fleet.clock, fleet.defender);
  const began = fleet.clock.monotonic();
  request.context.log.status(`${words.released}; watching a minute that nothing queued ${words.applies} it again`);
  let seen = false;
  for (let waitMs = SECOND; !signal.aborted; waitMs = Math.min(10 * SECOND, waitMs * 2)) {
    // Many hosts that are watched side by side share their looks.
    const { observation } = await look(Math.max(began, fleet.clock.monotonic() - waitMs / 2));
    if (isObserved(observation)) {
      seen = true;
      const running = observation.runningIsolates[0];
      if (running !== undefined) return foreignIsolation(released, running, pair);
      if (observation.period !== undefined) return foreignIsolation(released, observation.period.beganBy, pair);
      const crossed = observation.history.find(
        (action) =>
          action.type === pair.apply &&
          action.status !== 'Cancelled' &&
          action.createdAt > release.createdAt &&
          !isOurs(action, released.self),
      );
      if (crossed !== undefined) return crossedIsolation(released, crossed, release, pair);
    }
    if (stopwatch.elapsed() >= watchMs && seen) return undefined;
    if (stopwatch.elapsed() >= 2 * watchMs) break;
    await pause(fleet.timer, waitMs, signal);
  }
  const why = signal.aborted ? 'the run was cancelled' : 'it could not be observed any more';
  return `${words.released}, but not watched to the end: ${hostOf(released)}: ${why}. It stays in state; run again, and it goes where nothing has ${words.applied} it again`;
}

/** Completion order is not submission order: somebody isolated it after we asked for its release, and ours came last. */
function crossedIsolation(sight: Sight, isolation: MachineAction, release: MachineAction, { words }: Pair): string {
  return `${words.RELEASED} AGAINST A LATER ${words.application.toUpperCase()}: ${hostOf(sight)}: ${isolation.requestor} requested ${words.anApplication} (${isolation.id}, ${isolation.status}) after the ${words.theRelease} ${release.id} was sent, and the ${words.theRelease} came last. If it is to be contained, ${words.apply} it again: declare it, or in the Defender portal`;
}

function foreignIsolation(sight: Sight, action: MachineAction, { words }: Pair): string {
  return `NOT ${words.RELEASED}: ${hostOf(sight)}: ${action.requestor} has requested ${words.anApplication} (${action.id}, ${action.status}); it is not ours to cancel. The host stays in state; settle it with them, then run again`;
}
