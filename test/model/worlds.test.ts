import { explore } from './explore.ts';

// Most stories are the same each time; the last ones are new each time, so that what nobody thought of is found one day. A
// failure tells the shortest story that it came down to, and what brings it again.

/** Steps in all: what the gate promises to take. */
const atLeast = 20_000;
const fresh = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
/** A story has thirty steps on the average, those of `converge` among them. */
const parts = [
  { seed: 4711, stories: 200 },
  { seed: 1789, stories: 200 },
  { seed: 401, stories: 200 },
  { seed: 11, stories: 80 },
  { seed: fresh, stories: 40 },
] as const;

describe('random worlds: declarations, runs, analysts, faults and time in any order', function () {
  this.timeout(1_800_000);
  let steps = 0;

  for (const { seed, stories } of parts)
    it(`semantics 1 to 8, I1 to I9: nobody is freed or cut off who should not be (${stories} stories of seed ${seed}${seed === fresh ? ', a fresh one' : ''})`, async () => {
      if (seed === fresh) console.log(`      again: npm run test:model -- --runs ${stories} --seed ${seed}`);
      steps += (await explore({ runs: stories, seed, length: 40 })).steps;
    });

  it(`takes ${atLeast} steps at least`, () => {
    console.log(`      ${steps} steps`);
    if (steps < atLeast) throw new Error(`${steps} steps were taken`);
  });
});
