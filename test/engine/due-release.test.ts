import { expect } from 'chai';
import { succeeded, tells } from './outcome.ts';
import { makeWorld, type World } from './world.ts';

describe('semantics 8.7: releaseAt, on the real engine', () => {
  let world: World;
  let id: string;
  // A due release runs under `hold` too: it was decided when it was declared.
  const config = { releases: 'hold' };

  before(async () => {
    world = await makeWorld();
    id = world.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
    const releaseAt = new Date(world.control.now().getTime() + 2 * 3_600_000).toISOString();
    world.declare({ pc: { properties: { machineId: id, comment: 'INC-1', releaseAt } } }, config);
    succeeded(await world.up());
  });
  after(() => world.end());

  it('before its time the host stays isolated', async () => {
    expect(world.isIsolated(id)).to.equal(true);
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
  });

  it('once its time has come, preview says that it would be released, and sends nothing', async () => {
    world.control.advance('3h');
    tells(succeeded(await world.preview()), /would release pc-1\.contoso\.com .*releaseAt .* has passed/);
    expect(world.unisolates()).to.have.length(0);
  });

  it('up releases it, once, also under hold', async () => {
    tells(succeeded(await world.up()), /released pc-1\.contoso\.com/);
    expect(world.isIsolated(id)).to.equal(false);
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    expect(world.unisolates()).to.have.length(1);
    expect((await world.state()).pc).to.include({ state: 'released' });
  });

  it('removing the resource after that sends nothing', async () => {
    world.declare({}, config);
    succeeded(await world.up());
    expect(world.writes()).to.equal(2);
  });
});
