import fc from 'fast-check';
import { inWorld, type WorldOptions } from '../resources/host.ts';
import { converge } from './converge.ts';
import { type Story, story } from './steps.ts';
import { Tenant } from './tenant.ts';

/** How much was done. */
export interface Tally {
  stories: number;
  steps: number;
  runs: number;
}

/** Lives one story to its end. What is broken is told with all that happened before it. */
export async function live(told: Story, tally: Tally): Promise<void> {
  const { switches, steps, sockets, clockIsOffBy, perMinute } = told;
  const options: WorldOptions = {
    switches,
    judgedByTest: true,
    protocol: sockets ? 'sockets' : 'hand to hand',
    inProcess: !sockets,
    ourClockIsOffBy: clockIsOffBy * 3_600_000,
    ...(perMinute === undefined ? {} : { limits: { perMinute } }),
  };
  await inWorld(options, async (world) => {
    const tenant = new Tenant(world, told);
    try {
      for (const step of steps) await tenant.take(step);
      await converge(tenant);
    } catch (error) {
      const { steps: _told, ...peculiar } = told;
      if (error instanceof Error)
        error.message = `${error.message}\nwhere ${JSON.stringify(peculiar)}\n${tenant.lines.join('\n')}`;
      throw error;
    } finally {
      tally.stories += 1;
      tally.steps += tenant.steps;
      tally.runs += tenant.runs;
    }
  });
}

/** Lives many stories; the shortest that breaks a promise is told, with what brings it again. */
export async function explore(options: {
  readonly runs: number;
  readonly seed: number;
  readonly length: number;
  readonly path?: string | undefined;
  readonly shrinkForMs?: number;
}): Promise<Tally> {
  const { runs, seed, length, path, shrinkForMs = 60_000 } = options;
  const tally: Tally = { stories: 0, steps: 0, runs: 0 };
  let failedAt: number | undefined;
  const property = fc.asyncProperty(story(length), async (each) => {
    // Shrinking is worth some time, and not more.
    if (failedAt !== undefined && performance.now() - failedAt > shrinkForMs) return;
    try {
      await live(each, tally);
    } catch (error) {
      failedAt ??= performance.now();
      throw error;
    }
  });
  const result = await fc.check(property, { numRuns: runs, seed, ...(path === undefined ? {} : { path }) });
  if (!result.failed) return tally;
  const error = result.errorInstance;
  const what =
    error instanceof Error
      ? `${error.message}\n${error.constructor.name === 'Broken' || error.message.startsWith('I') ? '' : error.stack}`
      : String(error);
  throw new Error(
    `seed ${result.seed}, after ${result.numRuns} of ${runs} stories (${tally.steps} steps); again: npm run test:model -- --seed ${result.seed} --path ${result.counterexamplePath} --length ${length}\n${what}`,
  );
}
