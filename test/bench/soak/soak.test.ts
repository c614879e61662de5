import { expect } from 'chai';
import { type SoakWorld, soak } from '../../../bench/soak/soak.ts';
import { inWorld, quarantine, type World } from '../../resources/host.ts';

describe('a pipeline that runs for days, with analysts, absent devices and faults', function () {
  this.timeout(600_000);

  it('semantics 2.2, 4, 7: leaves no host uncovered that a run could have covered', async () => {
    await inWorld({ judgedByTest: true, signInOnce: true }, async (world) => {
      const { uncovered, runs } = await soak(stackOver(world), { hosts: 8, bustle: 8, seed: 4711, days: 8.5 });
      expect(runs).to.have.length(204);
      expect(uncovered).to.deep.equal([]);
    });
  });
});

/** The core in one time with the simulator, in which waiting costs nothing. */
function stackOver(world: World): SoakWorld {
  return {
    control: world.control,
    after: (ms, run) => world.after(ms, run),
    pass: (ms) => world.pass(ms),
    async up(manifest) {
      const { refused, failures } = await world.up({ fleet: quarantine({ manifest }) });
      return [...Object.values(refused), ...Object.values(failures)];
    },
    preview: (manifest) => world.preview({ fleet: quarantine({ manifest }) }),
  };
}
