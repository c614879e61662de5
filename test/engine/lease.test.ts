import { expect } from 'chai';
import { succeeded, tells } from './outcome.ts';
import { makeWorld, type World } from './world.ts';

describe('semantics 2: the seven-day lease, on the real engine', () => {
  let world: World;
  let id: string;

  before(async () => {
    world = await makeWorld();
    id = world.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
    world.declare({ pc: { properties: { machineId: id, comment: 'INC-1' } } });
    succeeded(await world.up());
  });
  after(() => world.end());

  it('before the last four days nothing is sent', async () => {
    world.control.advance('48h');
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    expect(world.isolates()).to.have.length(1);
  });

  it('semantics 2.2: within them it is renewed once', async () => {
    world.control.advance('36h');
    tells(succeeded(await world.preview()), /would renew pc-1\.contoso\.com .*certain only until/);
    expect(world.isolates()).to.have.length(1);
    tells(succeeded(await world.up()), 'renewed: 1 (pc-1.contoso.com)');
    expect(world.isolates()).to.have.length(2);
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    expect(world.isolates()).to.have.length(2);
  });

  it('semantics 2.2: after the earliest lift it may have lifted, and is isolated again', async () => {
    // Here a renewal does not restart the clock, the worst that MDE may do.
    world.control.advance('96h');
    expect(world.isIsolated(id)).to.equal(false);
    const text = succeeded(await world.up());
    expect(world.isolates()).to.have.length(3);
    expect(world.isIsolated(id)).to.equal(true);
    tells(text, /MDE may have lifted its isolation since/);
    // Until when it is certain cannot be told, so nothing is promised.
    expect(text).to.not.include('for certain until');
  });

  it('semantics 2.2: between the lifts at most one isolate in six hours', async () => {
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    expect(world.isolates()).to.have.length(3);
    world.control.advance('7h');
    succeeded(await world.up());
    expect(world.isolates()).to.have.length(4);
  });

  it('semantics 2.2: long after the latest lift it has lapsed: preview shows it, up isolates anew', async () => {
    world.control.advance(`${20 * 24}h`);
    expect(world.isIsolated(id)).to.equal(false);
    tells(succeeded(await world.preview()), /would isolate pc-1\.contoso\.com .*MDE has lifted its isolation/);
    expect(world.isolates()).to.have.length(4);
    const text = succeeded(await world.up());
    expect(world.isolates()).to.have.length(5);
    expect(world.isIsolated(id)).to.equal(true);
    tells(text, 'isolated: 1 (pc-1.contoso.com)', '1 host is contained, for certain until');
    expect((await world.state()).pc).to.include({ state: 'isolated', owned: true });
  });
});
