import { explore } from './explore.ts';

// The same stories each time: what a gate says depends on the change, and on nothing else. New ones are the long form's,
// npm run test:model -- --runs 1000, which prints its seed.

/** Steps in all: what the gate promises to take. */
const atLeast = 20_000;
/** A story has thirty steps on the average, those of `converge` among them. */
const parts = [
  { seed: 4711, stories: 200 },
  { seed: 1789, stories: 200 },
  { seed: 401, stories: 200 },
  { seed: 900_006, stories: 100 },
] as const;

describe('random worlds: declarations, runs, analysts, faults and time in any order', function () {
  this.timeout(1_800_000);
  let steps = 0;

  for (const { seed, stories } of parts)
    it(`semantics 1 to 8, I1 to I9: nobody is freed or cut off who should not be (${stories} stories of seed ${seed})`, async () => {
      steps += (await explore({ runs: stories, seed, length: 40 })).steps;
    });

  it(`takes ${atLeast} steps at least`, () => {
    console.log(`      ${steps} steps`);
    if (steps < atLeast) throw new Error(`${steps} steps were taken`);
  });
});
