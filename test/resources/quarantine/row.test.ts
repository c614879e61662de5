import { expect } from 'chai';
import { fails, inWorld, quarantine, succeeds } from '../host.ts';

describe("the last word in a set's row", function () {
  this.timeout(30_000);

  it('semantics 9: tells how the hosts stand, not how far the work had come', () =>
    inWorld({}, async (world) => {
      const hosts = [world.host(), world.host()].map((machineId) => ({ machineId, comment: 'INC-1' }));
      expect(succeeds(await world.up({ q: quarantine({ hosts }) })).notes.at(-1)).to.equal('2 hosts: 2 isolated');
      const fewer = await world.up({ q: quarantine({ hosts: hosts.slice(0, 1) }) });
      expect(succeeds(fewer).notes.at(-1)).to.equal('1 host: 1 isolated');
    }));

  it('semantics 9: is no word of success where a host failed', () =>
    inWorld({}, async (world) => {
      const hosts = [world.host(), world.host({ online: false })].map((machineId) => ({ machineId, comment: 'INC-1' }));
      const run = await world.up({ q: quarantine({ hosts }) });
      fails(run, { q: /NOT CONTAINED YET/ });
      expect(run.notes.join('\n')).to.not.contain('isolated');
    }));
});
