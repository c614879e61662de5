import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { makeWorld, type World } from './world.ts';

describe('semantics 1.4: what cannot be observed is left as it is, on the real engine', () => {
  let world: World;
  let ids: Record<'kept' | 'removed' | 'gone', string>;

  /** A failure that another try would not mend, so that none is made. */
  const elsewhere = { kind: 'redirect', location: 'https://example.com/' } as const;
  const host = (machineId: string) => ({ properties: { machineId, comment: 'INC-1' } });

  before(async () => {
    world = await makeWorld();
    const add = (name: string) => world.control.addMachine({ computerDnsName: `${name}.contoso.com` }).id;
    ids = { kept: add('kept'), removed: add('removed'), gone: add('gone') };
    world.declare({ kept: host(ids.kept), removed: host(ids.removed), gone: host(ids.gone) });
    succeeded(await world.up());
  });
  after(() => world.end());
  afterEach(() => world.control.clearFaults());

  it('a machine whose own lookup fails keeps its last state, and does not stop the others', async () => {
    // Gone from the lists, and its own record is not told: nobody can say what became of it.
    world.control.removeMachine(ids.gone);
    world.control.addFault({ route: 'GET machines/{id}', effect: elsewhere });
    world.control.unisolate(ids.kept, { comment: 'by hand' });
    world.control.advance('5m');
    const text = failed(await world.up('--continue-on-error'));
    tells(text, 'could not be observed, so its last known state (isolated) is kept', 'redirect');
    expect((await world.state()).gone).to.include({ state: 'isolated' });
    expect(world.isIsolated(ids.kept)).to.equal(true);
  });

  it('a machine that Defender no longer knows is kept in state as missing, and nothing is sent for it', async () => {
    const sent = world.writes();
    tells(failed(await world.up('--continue-on-error')), 'Defender knows no machine with this id (404)');
    expect(world.writes()).to.equal(sent);
    expect((await world.state()).gone).to.include({ state: 'missing' });
    world.declare({ kept: host(ids.kept), removed: host(ids.removed) });
    succeeded(await world.up());
    expect(world.writes()).to.equal(sent);
  });

  it('while lookups fail, refresh changes nothing, and a removed host is not released', async () => {
    const sent = world.writes();
    const before = await world.state();
    world.control.addFault({ effect: { kind: 'answer', status: 503 } });
    const refreshed = await world.refresh();
    tells(succeeded(refreshed), 'could not be observed, so its last known state (isolated) is kept', 'HTTP 503');
    expect(await world.state()).to.deep.equal(before);
    world.declare({ kept: host(ids.kept) });
    world.control.clearFaults();
    world.control.addFault({ effect: elsewhere });
    tells(failed(await world.up('--continue-on-error')), 'Nothing was sent');
    expect(world.writes()).to.equal(sent);
    expect(world.isIsolated(ids.removed)).to.equal(true);
    expect(Object.keys(await world.state())).to.have.members(['kept', 'removed']);
  });

  it('when the service is back, one run brings all in order, and the next is empty', async () => {
    succeeded(await world.up());
    expect(world.isIsolated(ids.removed)).to.equal(false);
    expect(world.isIsolated(ids.kept)).to.equal(true);
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
  });

  it('with the whole service unreachable destroy releases nothing and says so', async () => {
    world.control.refuseConnections();
    const text = failed(await world.destroy());
    await world.control.acceptConnections();
    expect(world.isIsolated(ids.kept)).to.equal(true);
    expect(Object.keys(await world.state())).to.deep.equal(['kept']);
    tells(text, 'not released', 'could not be reached');
  });
});
