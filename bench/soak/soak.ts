import type { Control } from '../../simulator/control.ts';
import { createRandom } from '../../simulator/random.ts';
import { coverOf, type PipelineRun } from './cover.ts';
import { type LifeOptions, type Schedule, TenantLife } from './tenant-life.ts';
import { outage, troubles } from './trouble.ts';

/** A tenant and a stack over it, in simulated time. */
export interface SoakWorld extends Schedule {
  readonly control: Control;
  /** Lets simulated time pass while no run is under way; ms. */
  pass(ms: number): void;
  /** `pulumi up` of a Quarantine with this manifest; the answer: why it ended with a failure, empty where it did not. */
  up(manifest: string): Promise<readonly string[]>;
  /** `pulumi preview` of it. */
  preview(manifest: string): Promise<unknown>;
}

export interface SoakOptions extends LifeOptions {
  readonly days: number;
  /** Called after each run, and told its number from 0 on. */
  readonly afterRun?: (run: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface SoakResult {
  readonly runs: readonly PipelineRun[];
  /** Runs that could reach the service, and ended with a failure all the same. */
  readonly failedRuns: readonly { readonly run: number; readonly reason: string }[];
  readonly hostDays: number;
  readonly uncoveredMinutes: number;
  readonly slackMinutes: number;
  /** Hosts that were uncovered, and when that began. */
  readonly uncovered: readonly { readonly host: string; readonly from: readonly string[] }[];
  /** Requests to the API; sign-in aside. */
  readonly calls: number;
}

const minute = 60_000;
const hour = 60 * minute;
const troublePercent = 25;
/** In one of so many runs the service is out of reach. */
const outageEvery = 61;

/**
 * A pipeline's life: a run every hour, a preview of a pull request now and then, pull requests merged each day, and
 * analysts, absent devices and faults all the time.
 *
 * @throws Error where a request was sent that no declaration asks for, or a preview wrote
 */
export async function soak(world: SoakWorld, options: SoakOptions): Promise<SoakResult> {
  const { control } = world;
  const random = createRandom(options.seed + 1);
  const life = new TenantLife(control, world, options);
  const now = () => control.now().getTime();
  const begun = now();
  const runs: PipelineRun[] = [];
  const failedRuns: { run: number; reason: string }[] = [];
  const count = Math.round(options.days * 24);
  let calls = 0;
  life.declareAll();
  for (let run = 0; run < count; run += 1) {
    options.signal?.throwIfAborted();
    const from = now();
    if (run > 0 && run % 24 === 0) life.merge();
    life.planHour();
    const manifest = life.manifest();
    if (run % 24 === 5) await previewed(world, manifest);

    const disturbed = run % outageEvery === outageEvery - 1;
    if (disturbed) control.addFault(outage);
    else if (random.chance(troublePercent)) control.addFault(random.pick(troubles));
    const reasons = await world.up(manifest);
    control.clearFaults();
    runs.push({ from, to: now(), disturbed });
    if (reasons.length > 0 && !disturbed) failedRuns.push({ run, reason: reasons.join('\n') });
    calls += apiCalls(control);
    control.resetStatistics();
    await options.afterRun?.(run);
    // A pipeline's start is never on the minute.
    const next = begun + (run + 1) * hour + random.next() * 3 * minute;
    world.pass(Math.max(1_000, next - now()));
  }

  const unasked = life.unasked();
  if (unasked.length > 0) {
    const told = unasked.slice(0, 5).map(({ type, computerDnsName, creationDateTimeUtc }) => {
      return `${type} of ${computerDnsName} at ${creationDateTimeUtc}`;
    });
    throw new Error(`${unasked.length} requests that no declaration asks for: ${told.join(', ')}`);
  }
  // What began after the last run nobody has had a chance to see to.
  const last = runs.at(-1)?.to ?? begun;
  const covers = [...life.stories(last)].map(([host, story]) => ({ host, ...coverOf(story, runs) }));
  const sum = (of: (cover: (typeof covers)[number]) => number) => covers.reduce((all, cover) => all + of(cover), 0);
  return {
    runs,
    failedRuns,
    hostDays: options.hosts * ((last - begun) / (24 * hour)),
    uncoveredMinutes: sum(({ uncoveredMs }) => uncoveredMs) / minute,
    slackMinutes: sum(({ slackMs }) => slackMs) / minute,
    uncovered: covers
      .filter(({ uncoveredFrom }) => uncoveredFrom.length > 0)
      .map(({ host, uncoveredFrom }) => ({ host, from: uncoveredFrom.map((at) => new Date(at).toISOString()) })),
    calls,
  };
}

async function previewed(world: SoakWorld, manifest: string): Promise<void> {
  const writes = () => {
    const routes = Object.entries(world.control.statistics().byRoute);
    return routes.reduce((sum, [route, count]) => (/^(POST|DELETE) /.test(route) ? sum + count : sum), 0);
  };
  const before = writes();
  await world.preview(manifest);
  if (writes() > before) throw new Error('a preview wrote to the service');
}

/** Requests to the API; sign-in aside. */
function apiCalls(control: Control): number {
  const { byRoute } = control.statistics();
  return Object.entries(byRoute).reduce((sum, [route, count]) => (/^[A-Z]+ /.test(route) ? sum + count : sum), 0);
}
