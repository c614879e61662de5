import { expect } from 'chai';
import fc from 'fast-check';
import { fails, inWorld, killed, NotKilled, succeeds, type World } from '../host.ts';
import { counts, fleet, free, q } from './declared.ts';

const generous = { guardrails: { maxReleases: 100, maxReleasePercent: 100 } };

/** Kills the run where it lasts that long. */
async function killedOrDone(run: Promise<unknown>): Promise<void> {
  try {
    await killed(run);
  } catch (error) {
    if (!(error instanceof NotKilled)) throw error;
  }
}

function remembered(world: World): readonly string[] {
  return Object.values(world.held()).map(({ machineId }) => machineId);
}

describe('Quarantine: interrupted, and run again', function () {
  this.timeout(120_000);

  it('semantics 3.4: killed at any moment and run again: one isolate a host, nobody forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 300, max: 90_000 }), { minLength: 1, maxLength: 3 }), (kills) =>
        inWorld({ limits: { perMinute: 12 }, config: { rateLimits: { perMinute: 12 } } }, async (world) => {
          const { ids, hosts } = fleet(world, 20);
          for (const killAfter of kills) await killedOrDone(world.up(q(hosts), { killAfter }));
          succeeds(await world.up(q(hosts)));
          expect(counts(world, 'Isolate', ids), JSON.stringify(kills)).to.deep.equal(ids.map(() => 1));
          expect(free(world, ids)).to.deep.equal([]);
          expect(remembered(world)).to.have.members(ids);
          expect(Object.values(world.held()).every(({ state }) => state.owned)).to.equal(true);
          await world.settled(q(hosts));
        }),
      ),
      { numRuns: 12, seed: 4711 },
    );
  });

  it('semantics 3.4, 5.2: killed at any moment of a change: who came is contained once, who left is free or still in state', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 300, max: 150_000 }), (killAfter) =>
        inWorld({ config: generous }, async (world) => {
          const { ids, hosts } = fleet(world, 12);
          succeeds(await world.up(q(hosts.slice(0, 8))));
          await killedOrDone(world.up(q(hosts.slice(4)), { killAfter }));
          const released = free(world, ids.slice(0, 4));
          expect(remembered(world)).to.include.members(ids.slice(0, 4).filter((id) => !released.includes(id)));
          expect(free(world, ids.slice(4, 8))).to.deep.equal([]);
          succeeds(await world.up(q(hosts.slice(4))));
          expect(free(world, ids)).to.have.members(ids.slice(0, 4));
          expect(counts(world, 'Isolate', ids)).to.deep.equal(ids.map(() => 1));
          expect(counts(world, 'Unisolate', ids)).to.deep.equal(ids.map((_, index) => (index < 4 ? 1 : 0)));
          expect(remembered(world)).to.have.members(ids.slice(4));
        }),
      ),
      { numRuns: 10, seed: 4711 },
    );
  });

  it('Ctrl-C at any moment: what was sent is in state, no word of success, and the next run goes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 300, max: 140_000 }), (cancelAfter) =>
        inWorld(
          { config: { ...generous, rateLimits: { perMinute: 12 } }, limits: { perMinute: 12 } },
          async (world) => {
            const { ids, hosts } = fleet(world, 16);
            succeeds(await world.up(q(hosts.slice(0, 4))));
            const run = await world.up(q(hosts.slice(2)), { cancelAfter });
            if (run.failures.q !== undefined) {
              expect(run.failures.q).not.to.match(/unexpected|undefined/);
              const isolated = ids.filter(
                (id) => world.ours('Isolate', id).length > 0 && world.ours('Unisolate', id).length === 0,
              );
              expect(remembered(world), String(cancelAfter)).to.include.members(isolated);
            }
            // What still runs then is in sync, with a warning (semantics 4.3).
            succeeds(await world.up(q(hosts.slice(2))));
            world.pass('5m');
            succeeds(await world.up(q(hosts.slice(2))));
            expect(counts(world, 'Isolate', ids), String(cancelAfter)).to.deep.equal(ids.map(() => 1));
            expect(free(world, ids)).to.have.members(ids.slice(0, 2));
            expect(remembered(world)).to.have.members(ids.slice(2));
          },
        ),
      ),
      { numRuns: 12, seed: 4711 },
    );
  });

  it('Ctrl-C while hosts leave: a release that was sent is told as such in state, and never claimed as cover', () =>
    inWorld({ config: generous }, async (world) => {
      const ids = Array.from({ length: 3 }, () => world.host({ latencySeconds: { Unisolate: 600 } }));
      const hosts = ids.map((machineId) => ({ machineId, comment: 'x' }));
      succeeds(await world.up(q(hosts)));
      fails(await world.up(q(hosts.slice(1)), { cancelAfter: 60_000 }), { q: 'NOT RELEASED YET' });
      expect(world.held()[ids[0] ?? '']?.state)
        .to.include({ state: 'releasing' })
        .and.not.to.have.property('coveredUntil');
      succeeds(await world.up(q(hosts.slice(1))));
      expect(counts(world, 'Unisolate', ids)).to.deep.equal([1, 0, 0]);
    }));

  it('maxRunTime ends a run between hosts: the rest is told as not contained, and the next run goes on', () =>
    inWorld(
      { limits: { perMinute: 10 }, config: { rateLimits: { perMinute: 10 }, maxRunTime: '3m' } },
      async (world) => {
        const { ids, hosts } = fleet(world, 60);
        const run = await world.up(q(hosts));
        expect(run.failures.q).to.contain(
          "the run's time (maxRunTime) is over; nothing was sent for it. Run again to go on",
        );
        expect(run.failures.q?.split('\n').length).to.be.below(5);
        const sent = counts(world, 'Isolate', ids).reduce((a, b) => a + b, 0);
        expect(sent).to.be.within(10, 40);
        expect(remembered(world)).to.have.length(sent);
        for (let each = 0; each < 5 && counts(world, 'Isolate', ids).includes(0); each += 1) await world.up(q(hosts));
        succeeds(await world.up(q(hosts)));
        expect(counts(world, 'Isolate', ids)).to.deep.equal(ids.map(() => 1));
        expect(free(world, ids)).to.deep.equal([]);
      },
    ));

  it('the sign-in that ends during a run loses nothing', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 4);
      const { clientId } = world.simulator.credentials;
      world.after('30s', () => {
        world.control.expireSecrets(clientId);
        world.control.expireTokens();
      });
      const run = await world.up(q(hosts));
      expect(run.failures.q).to.contain('expired').and.not.to.contain('unexpected');
      expect(remembered(world)).to.have.members(ids);
      const clientSecret = world.control.addSecret(clientId);
      succeeds(await world.up(q(hosts), { config: { clientSecret } }));
      expect(counts(world, 'Isolate', ids)).to.deep.equal([1, 1, 1, 1]);
    }));
});
