import fc from 'fast-check';
import { inWorld } from '../resources/host.ts';
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
export async function live({ switches, manifests, steps, restricted }: Story, tally: Tally): Promise<void> {
  await inWorld({ switches, judgedByTest: true, inProcess: true, protocol: 'hand to hand' }, async (world) => {
    const tenant = new Tenant(world, manifests, restricted);
    try {
      for (const step of steps) await tenant.take(step);
      await converge(tenant);
    } catch (error) {
      if (error instanceof Error)
        error.message = `${error.message}\nswitches ${JSON.stringify(switches)}\n${tenant.lines.join('\n')}`;
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
