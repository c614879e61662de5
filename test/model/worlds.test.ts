import { explore } from './explore.ts';

// Some stories are the same each time; the others are new each time, so that what nobody thought of is found one day. A
// failure tells the shortest story that it came down to, and what brings it again.

/** Steps in all: what the gate promises to take. */
const atLeast = 20_000;
const fixed = [4711, 401, 1789] as const;
const fresh = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
/** Of each seed; a story has a little over 26 steps on the average, those of `converge` among them. */
const stories = 200;

describe('random worlds: declarations, runs, analysts, faults and time in any order', function () {
  this.timeout(1_200_000);
  let steps = 0;

  for (const seed of [...fixed, fresh])
    it(`semantics 1 to 8, I1 to I9: nobody is freed or cut off who should not be (stories of seed ${seed === fresh ? `${fresh}, a fresh one` : seed})`, async () => {
      if (seed === fresh) console.log(`      again: npm run test:model -- --runs ${stories} --seed ${fresh}`);
      const tally = await explore({ runs: stories, seed, length: 40 });
      steps += tally.steps;
    });

  it(`takes ${atLeast} steps at least`, () => {
    console.log(`      ${steps} steps`);
    if (steps < atLeast) throw new Error(`${steps} steps were taken`);
  });
});
