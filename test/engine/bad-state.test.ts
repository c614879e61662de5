import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { until } from './until.ts';
import { makeWorld, nameOf, type World } from './world.ts';

describe('bad input: the state, on the real engine', () => {
  let world: World;
  const changes: Record<string, Record<string, unknown>> = {
    newer: { stateVersion: 99 },
    tenant: { tenantId: '00000000-0000-4000-8000-000000000001' },
    cloud: { cloud: 'GCCHigh' },
  };
  const reasons = [
    'this state was written by a newer pulumi-mde (state version 99, known is 2). Update the provider; nothing was sent',
    /this host was contained in tenant 00000000-0000-4000-8000-000000000001, the token is for tenant \S+\. Sign in to the first \(mde:tenantId\); nothing was sent/,
    'this host was contained in cloud GCCHigh, the provider is configured for Commercial. Set mde:cloud to GCCHigh; nothing was sent',
  ];

  before(async () => {
    world = await makeWorld();
    const hosts = Object.keys(changes).map((name) => {
      const { id } = world.control.addMachine({ computerDnsName: `${name}.contoso.com` });
      return [name, { properties: { machineId: id, comment: 'INC-1' } }] as const;
    });
    world.declare(Object.fromEntries(hosts), { guardrails: { maxReleases: 9, maxReleasePercent: 100 } });
    succeeded(await world.up());
    await world.editState((resources) =>
      resources.map((each) => ({ ...each, outputs: { ...each.outputs, ...changes[nameOf(each.urn)] } })),
    );
    // Drift that nobody may repair in the dark.
    world.control.unisolate('tenant.contoso.com', {});
    world.control.advance('5m');
    world.control.resetStatistics();
  });
  after(() => world.end());
  afterEach(() => {
    expect(world.writes()).to.equal(0);
    expect(Object.keys(world.control.statistics().byRoute)).to.not.include('GET machineactions');
  });

  it('semantics 6.3: refresh keeps it, says why, and asks Defender nothing', async () => {
    tells(succeeded(await world.refresh()), ...reasons);
    expect((await world.state()).newer).to.include({ stateVersion: 99 });
  });

  it('semantics 6.3: preview and up fail with the reason', async () => {
    tells(failed(await world.preview()), 'nothing was sent');
    tells(failed(await world.up('--continue-on-error')), ...reasons);
  });

  it('semantics 6.3: destroy fails with the reason, and the hosts stay in state', async () => {
    tells(failed(await world.destroy('--continue-on-error')), 'not released: ', ...reasons);
    expect(Object.keys(await world.state())).to.have.members(Object.keys(changes));
  });
});

describe('the service goes away in the middle of a run, on the real engine', () => {
  let world: World;

  before(async () => {
    world = await makeWorld({ speed: 60 });
  });
  after(() => world.end());

  it('semantics 4.3: what was asked for is kept, said to be NOT CONTAINED YET, and adopted when the service is back', async () => {
    const { id } = world.control.addMachine({
      computerDnsName: 'pc-1.contoso.com',
      latencySeconds: { Isolate: 1_200 },
    });
    world.declare({
      pc: { properties: { machineId: id, comment: 'INC-1' }, options: { customTimeouts: { create: '4s' } } },
    });
    const run = world.start(['up', '--yes', '--skip-preview']);
    await until('the isolation is requested', () => world.isolates(id).length > 0);
    world.control.refuseConnections();
    const text = failed(await run.ended);
    await world.control.acceptConnections();
    const [action] = world.isolates(id);
    tells(text, /NOT CONTAINED YET: pc-1\.contoso\.com/);
    expect((await world.state()).pc).to.include({ actionId: action?.id, owned: true });
    world.control.advance('1h');
    succeeded(await world.up());
    expect(world.isolates(id)).to.have.length(1);
    expect((await world.state()).pc).to.include({ state: 'isolated', owned: true });
  });
});
