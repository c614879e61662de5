import { explore } from './explore.ts';

// The short form, of the same stories each time: what a gate says depends on the change, and on nothing else. The long one
// tells new ones: npm run test:model -- --runs 1000, with --seed S and --path P to see a story again.

describe('random worlds: declarations, runs, analysts, faults and time in any order', function () {
  this.timeout(240_000);

  for (const seed of [4711, 401])
    it(`semantics 1 to 8: nobody is freed or cut off who should not be (stories of seed ${seed})`, () =>
      explore({ runs: 7, seed, length: 25 }));
});
