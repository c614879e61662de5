import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { type Declared, makeWorld, type World } from './world.ts';

describe('the life of a declared host, on the real engine', () => {
  let world: World;
  let one: string;
  let named: string;
  const everythingMayGo = { guardrails: { maxReleases: 10, maxReleasePercent: 100 } };

  const hosts = (comment: string): Record<string, Declared> => ({
    one: { properties: { machineId: one.toUpperCase(), comment }, options: { protect: true } },
    named: { properties: { deviceName: 'PC-2.contoso.com', comment: 'INC-2' } },
    kept: { properties: { deviceName: 'pc-3.contoso.com', comment: 'INC-3', onDelete: 'retain' } },
    handed: {
      properties: { deviceName: 'pc-4.contoso.com', comment: 'INC-4' },
      options: { retainOnDelete: true },
    },
  });

  before(async () => {
    world = await makeWorld();
    const { control } = world;
    one = control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
    named = control.addMachine({ computerDnsName: 'pc-2.contoso.com' }).id;
    for (const name of ['pc-3.contoso.com', 'pc-4.contoso.com']) control.addMachine({ computerDnsName: name });
    world.declare(hosts('INC-1'), everythingMayGo);
  });
  after(() => world.end());

  it('preview says what would be done, and sends nothing', async () => {
    const text = succeeded(await world.preview());
    tells(text, `would isolate pc-1.contoso.com (${one}) (Full): it is not isolated`);
    expect(world.writes()).to.equal(0);
  });

  it('up isolates each declared host once', async () => {
    succeeded(await world.up());
    for (const machine of world.control.machines()) {
      expect(machine.isolation).to.include({ isolated: true, type: 'Full' });
      expect(world.isolates(machine.id)).to.have.length(1);
    }
    expect(world.writes()).to.equal(4);
  });

  it('semantics 6.1: a device name binds to its machine id, which state keeps', async () => {
    const { named: outputs } = await world.state();
    expect(outputs).to.include({ machineId: named, deviceName: 'pc-2.contoso.com', state: 'isolated', owned: true });
  });

  it('semantics 3.1: the request carries mark, stack, resource and the declared comment', () => {
    expect(world.isolates(one)[0]?.requestorComment).to.match(/^\[mde:[0-9a-f]{16}\] dev\/one: INC-1$/);
  });

  it('a refresh right after up finds nothing changed', async () => {
    succeeded(await world.refresh('--expect-no-changes'));
  });

  it('a second up, with its preview, is empty', async () => {
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    expect(world.writes()).to.equal(4);
  });

  it('semantics 6.2: a renamed device is the same machine: a warning, and nothing is sent', async () => {
    world.control.rename(named, 'pc-2-new.contoso.com');
    // A comment alone changes state only.
    world.declare(hosts('INC-1, closed by the forensics team'), everythingMayGo);
    const text = succeeded(await world.up());
    expect(world.writes()).to.equal(4);
    expect((await world.state()).one).to.include({ comment: 'INC-1, closed by the forensics team' });
    tells(text, 'pc-2-new.contoso.com');
  });

  it('a protected resource is not destroyed, and nothing is sent', async () => {
    tells(failed(await world.pulumi(['destroy', '--yes'])), 'protected');
    expect(world.writes()).to.equal(4);
    expect(world.isIsolated(one)).to.equal(true);
  });

  it('semantics 5.4, 2.4: destroy releases, except what is retained, and says when that lifts by itself', async () => {
    succeeded(await world.pulumi(['state', 'unprotect', '--all', '--yes']));
    const text = succeeded(await world.destroy());
    expect(world.isIsolated(one)).to.equal(false);
    expect(world.isIsolated(named)).to.equal(false);
    expect(world.isIsolated('pc-3.contoso.com')).to.equal(true);
    expect(world.isIsolated('pc-4.contoso.com')).to.equal(true);
    expect(world.unisolates()).to.have.length(2);
    tells(text, 'pc-3.contoso.com', 'onDelete is retain', 'MDE lifts it by itself between');
    expect(await world.state()).to.deep.equal({});
  });
});
