import { explore } from './explore.ts';

// The short form. The long one: npm run test:model -- --runs 1000, with --seed S and --path P to see a story again.

describe('random worlds: declarations, runs, analysts, faults and time in any order', function () {
  this.timeout(240_000);

  it('semantics 1 to 8: nobody is freed or cut off who should not be (the same stories each time)', () =>
    explore({ runs: 8, seed: 4711, length: 25 }));

  const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
  it(`semantics 1 to 8: nobody is freed or cut off who should not be (other stories each time: seed ${seed})`, () =>
    explore({ runs: 6, seed, length: 25 }));
});
