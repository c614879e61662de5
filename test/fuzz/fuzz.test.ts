import { fuzz } from './target.ts';
import { targets } from './targets.ts';

// The short form, of the same inputs each time: what a gate says depends on the change, and on nothing else. The long one
// makes new ones: npm run test:fuzz -- --runs 200000, with --seed S, --only NAME and --path P to see one again.

describe('whatever comes in from outside', function () {
  this.timeout(120_000);

  for (const target of targets)
    it(`neither crashes nor stalls us, and what it is not is told (${target.name})`, () =>
      fuzz(target, { runs: target.short, seed: 4711 }));
});
