import { expect } from 'chai';
import { fails, inWorld, pc, succeeds } from './host.ts';

const first = { deleteBeforeReplace: true };

describe('a resource that is replaced', function () {
  this.timeout(30_000);

  it('semantics 6.4: with deleteBeforeReplace the old host is not released before the new one is isolated, by id or by name', () =>
    inWorld({}, async (world) => {
      for (const by of ['machineId', 'deviceName'] as const) {
        const [old, next] = [world.host(), world.host({ computerDnsName: `next-${by.toLowerCase()}.contoso.com` })];
        const program = { pc: { [by]: by === 'machineId' ? next : 'next-devicename.contoso.com', comment: 'INC-1' } };
        succeeds(await world.up(pc(old)));
        const run = fails(await world.up(program, first), { pc: 'the engine deletes first (deleteBeforeReplace)' });
        expect(run.failures.pc).to.match(/^NOT RELEASED: .* declares [0-9a-f]{40} now/);
        expect(run.failures.pc).to.contain('Leave deleteBeforeReplace out, then run again');
        expect(world.isolated(old), 'the old host stays isolated').to.equal(true);
        expect(world.outputs()).to.include({ machineId: old });
        // Without it, the way is free.
        succeeds(await world.up(program));
        expect(world.isolated(next)).to.equal(true);
        expect(world.isolated(old)).to.equal(false);
        succeeds(await world.up({}));
      }
    }));

  it('semantics 6.4: where nothing would be released, what is deleted first may go', () =>
    inWorld({}, async (world) => {
      const [old, next] = [world.host(), world.host()];
      succeeds(await world.up(pc(old, { onDelete: 'retain' })));
      succeeds(await world.up(pc(next), first));
      expect(world.isolated(old)).to.equal(true);
      expect(world.isolated(next)).to.equal(true);
      expect(world.ours('Unisolate')).to.deep.equal([]);
    }));
});
