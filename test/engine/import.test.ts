import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { makeWorld, type World } from './world.ts';

describe('pulumi import, on the real engine', () => {
  let world: World;
  let id: string;

  before(async () => {
    world = await makeWorld();
    id = world.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
    world.control.isolate(id, { comment: 'found by hand', isolationType: 'Selective' });
    world.control.advance('10m');
  });
  after(() => world.end());

  it('a host that is not isolated, or not there, is not imported', async () => {
    const other = world.control.addMachine({ computerDnsName: 'pc-2.contoso.com' }).id;
    tells(
      failed(await world.pulumi(['import', 'mde:index:MachineIsolation', 'other', other, '--yes', '--protect=false'])),
      'pc-2.contoso.com',
      'is not isolated, so there is nothing to import',
    );
    const nobody = 'f'.repeat(40);
    tells(
      failed(
        await world.pulumi(['import', 'mde:index:MachineIsolation', 'nobody', nobody, '--yes', '--protect=false']),
      ),
      'does not exist',
    );
  });

  it('reads all it needs from the machine id, and sends nothing', async () => {
    const text = succeeded(
      await world.pulumi(['import', 'mde:index:MachineIsolation', 'pc', id, '--yes', '--protect=false']),
    );
    expect(world.writes()).to.equal(0);
    tells(text, 'isolationType: Selective', 'comment: found by hand', `machineId: ${id}`);
  });

  it('semantics 3.2: the isolation is ours from then on', async () => {
    expect((await world.state()).pc).to.include({ owned: true, state: 'isolated', requestor: 'analyst@contoso.com' });
  });

  it('declared as imported, up is empty', async () => {
    world.declare({
      pc: { properties: { machineId: id, comment: 'found by hand', isolationType: 'Selective' } },
    });
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    expect(world.writes()).to.equal(0);
  });

  it('destroy releases it', async () => {
    succeeded(await world.destroy());
    expect(world.isIsolated(id)).to.equal(false);
    expect(world.unisolates()).to.have.length(1);
  });
});
