import { contains, joined, lengthOf, type Span, without } from './spans.ts';

/** One scheduled run of the pipeline, from its start to its end. */
export interface PipelineRun extends Span {
  /** The service could not be reached while it went on, so nothing can be asked of it. */
  readonly disturbed: boolean;
}

/** What became of one host, as the service really had it. Times in ms. */
export interface HostStory {
  /** From the start of the first run that declares it to the start of the first that does not. */
  readonly declared: readonly Span[];
  readonly isolated: readonly (Span & { readonly endedBy?: 'lift' | 'release' | undefined })[];
  /** The device could not be reached: nothing can be done to it. */
  readonly offline: readonly Span[];
  /** Somebody's release is respected by the rules, until the declaration changes (semantics 7.2). */
  readonly respected: readonly Span[];
  /** Every isolate that was carried out, whoever asked for it. */
  readonly isolates: readonly { readonly requestedAt: number; readonly carriedOutAt: number }[];
  /** When somebody else cancelled an isolate of the pipeline's: the run tells it, and the next one sends it again. */
  readonly cancelled: readonly number[];
}

export interface Cover {
  /** So long it was to be isolated and could be. */
  readonly neededMs: number;
  /** So long it was not, though a run should have seen to it. */
  readonly uncoveredMs: number;
  /** So long it was not, and no run could have known sooner. */
  readonly slackMs: number;
  /** When the uncovered stretches began. */
  readonly uncoveredFrom: readonly number[];
}

const leaseMs = 7 * 86_400_000;
/** From so long before its lift a lease is renewed, where nobody says otherwise (semantics 2.2). */
const renewBeforeMs = 96 * 3_600_000;

/**
 * How well a host was covered.
 *
 * It is to be isolated while it is declared, reachable, and nobody's release is respected. When that begins, or its
 * isolation ends, no run can have known before: until the first undisturbed run that begins from then on has come to its
 * end, being without isolation is slack. (A run whose request for it somebody cancels does not count.) There is none for a
 * lift by itself that a renewal would have put off: where no isolate was carried out in its last seven days, though a run
 * had the whole renewal margin to send one.
 */
export function coverOf(story: HostStory, runs: readonly PipelineRun[]): Cover {
  const needed = without(without(story.declared, story.offline), story.respected);
  let uncoveredMs = 0;
  const uncoveredFrom: number[] = [];
  const bare = without(needed, story.isolated);
  for (const stretch of bare) {
    const slackUntil = endedForWantOfRenewal(stretch.from, story, runs)
      ? stretch.from
      : endOfSlack(stretch.from, story.cancelled, runs);
    if (stretch.to <= slackUntil) continue;
    uncoveredMs += stretch.to - slackUntil;
    uncoveredFrom.push(stretch.from);
  }
  return { neededMs: lengthOf(needed), uncoveredMs, slackMs: lengthOf(bare) - uncoveredMs, uncoveredFrom };
}

/** The end of the first run that could reach the service, began at `since` or later, and whose requests were let be. */
function endOfSlack(since: number, cancelled: readonly number[], runs: readonly PipelineRun[]): number {
  const run = runs.find(
    ({ disturbed, from, to }) => !disturbed && from >= since && !cancelled.some((at) => from <= at && at <= to),
  );
  return run?.to ?? Number.POSITIVE_INFINITY;
}

function endedForWantOfRenewal(at: number, story: HostStory, runs: readonly PipelineRun[]): boolean {
  const lifted = story.isolated.find(({ to, endedBy }) => to === at && endedBy === 'lift');
  if (lifted === undefined) return false;
  const renewed = story.isolates.some(
    ({ requestedAt, carriedOutAt }) =>
      // The isolate whose clock ran out was requested a whole lease ago.
      requestedAt > at - leaseMs + 60_000 && carriedOutAt > lifted.from && carriedOutAt <= at,
  );
  if (renewed) return false;
  const reachable = joined(without(without(story.declared, story.offline), story.respected));
  return runs.some(
    (run) =>
      !run.disturbed && run.from >= at - renewBeforeMs && run.to <= at && reachable.some((span) => contains(span, run)),
  );
}
