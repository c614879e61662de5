import { expect } from 'chai';
import { succeeded, tells } from './outcome.ts';
import { makeWorld, type World } from './world.ts';

const everythingMayGo = { guardrails: { maxReleases: 10, maxReleasePercent: 100 } };

describe('semantics 3: an isolation that another began, on the real engine', () => {
  let world: World;
  let ids: Record<'left' | 'taken' | 'waiting' | 'ours', string>;

  before(async () => {
    world = await makeWorld();
    const add = (name: string) => world.control.addMachine({ computerDnsName: `${name}.contoso.com` }).id;
    ids = { left: add('left'), taken: add('taken'), waiting: add('waiting'), ours: add('ours') };
    for (const id of [ids.left, ids.taken]) world.control.isolate(id, { comment: 'by hand', latencySeconds: 0 });
    world.control.isolate(ids.waiting, { comment: 'by hand', latencySeconds: 240 });
    world.declare(
      {
        left: { properties: { machineId: ids.left, comment: 'INC-1' } },
        taken: { properties: { machineId: ids.taken, comment: 'INC-1', takeOwnership: true } },
        waiting: { properties: { machineId: ids.waiting, comment: 'INC-1' } },
        ours: { properties: { machineId: ids.ours, comment: 'INC-1' } },
      },
      everythingMayGo,
    );
  });
  after(() => world.end());

  it('is adopted, standing or under way: nothing is sent for it', async () => {
    succeeded(await world.up());
    expect(world.writes()).to.equal(1);
    for (const id of Object.values(ids)) expect(world.isIsolated(id)).to.equal(true);
    const state = await world.state();
    for (const name of ['left', 'waiting']) {
      expect(state[name], name).to.include({ owned: false, state: 'isolated', requestor: 'analyst@contoso.com' });
    }
    expect(state.taken).to.include({ owned: true });
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
  });

  it('semantics 3.3: destroy leaves it, names who began it and when it lifts, and releases what is ours', async () => {
    const text = succeeded(await world.destroy());
    expect(world.unisolates(ids.left)).to.have.length(0);
    expect(world.unisolates(ids.waiting)).to.have.length(0);
    expect(world.isIsolated(ids.left)).to.equal(true);
    expect(world.isIsolated(ids.taken)).to.equal(false);
    expect(world.isIsolated(ids.ours)).to.equal(false);
    tells(
      text,
      /warning: left\.contoso\.com .*: the isolation is not ours: analyst@contoso\.com requested/,
      'MDE lifts it by itself between',
      'releaseForeign: true',
      'left isolated (2):',
    );
    expect(text).to.not.match(/released: [^\n]*left\.contoso/);
    expect(await world.state()).to.deep.equal({});
  });
});
