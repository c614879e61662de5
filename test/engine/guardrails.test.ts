import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { type Declared, makeWorld, type World } from './world.ts';

describe('semantics 8: guardrails, on the real engine', () => {
  let world: World;
  let ids: readonly string[];

  const hosts = (count: number): Record<string, Declared> =>
    Object.fromEntries(
      ids.slice(0, count).map((machineId, at) => [`h${at}`, { properties: { machineId, comment: 'INC-1' } }]),
    );
  const isolated = () => ids.filter((id) => world.isIsolated(id)).length;

  before(async () => {
    world = await makeWorld();
    ids = Array.from(
      { length: 6 },
      (_, at) => world.control.addMachine({ computerDnsName: `pc-${at}.contoso.com` }).id,
    );
    world.declare(hosts(6));
    succeeded(await world.up());
    expect(isolated()).to.equal(6);
  });
  after(() => world.end());

  it('semantics 8.1: a merge that removes most hosts releases none of them; others are looked after, it ends non-zero', async () => {
    const extra = world.control.addMachine({ computerDnsName: 'new.contoso.com' }).id;
    world.declare({ ...hosts(2), extra: { properties: { machineId: extra, comment: 'INC-2' } } });
    const text = failed(await world.up('--continue-on-error'));
    expect(isolated()).to.equal(6);
    expect(world.unisolates()).to.have.length(0);
    expect(world.isIsolated(extra)).to.equal(true);
    tells(text, 'would release 4 hosts', 'guardrails allow 1', 'pulumi config set mde:allowReleases 4-');
    expect(Object.keys(await world.state())).to.have.length(7);
    ids = [...ids, extra];
  });

  it('semantics 8.6: under releases: hold nothing is released, and its hosts stay in state', async () => {
    world.declare({ ...hosts(5) }, { releases: 'hold' });
    const text = failed(await world.up('--continue-on-error'));
    expect(world.unisolates()).to.have.length(0);
    tells(text, 'releases is hold', 'it stays isolated and in state');
    expect(Object.keys(await world.state())).to.have.length(7);
  });

  it('semantics 8.1: one that fits the limits is released', async () => {
    const last = ids[5] ?? '';
    world.declare({ ...hosts(5), extra: { properties: { machineId: ids[6], comment: 'INC-2' } } });
    succeeded(await world.up());
    expect(world.isIsolated(last)).to.equal(false);
    expect(isolated()).to.equal(6);
  });

  let override: string;

  it('semantics 8.4: destroy of many hosts is refused, and the refusal prints the override', async () => {
    const text = failed(await world.destroy('--continue-on-error'));
    expect(isolated()).to.equal(6);
    override = /pulumi config set mde:allowReleases (\d+-[0-9a-f]{8})/.exec(text)?.[1] ?? '';
    expect(override, text).to.match(/^6-/);
    tells(text, 'would release 6 hosts');
  });

  it('semantics 8.4: an override for other hosts is ignored', async () => {
    succeeded(
      await world.pulumi(['config', 'set', 'mde:allowReleases', `${override.slice(0, -1)}0`.replace('6-', '7-')]),
    );
    tells(failed(await world.destroy('--continue-on-error')), 'allowReleases', 'does not fit');
    expect(isolated()).to.equal(6);
  });

  it('semantics 8.4: with the printed override the same destroy releases them all', async () => {
    succeeded(await world.pulumi(['config', 'set', 'mde:allowReleases', override]));
    const text = succeeded(await world.destroy());
    expect(isolated()).to.equal(0);
    tells(text, 'released: 6 (');
    expect(await world.state()).to.deep.equal({});
  });
});

describe('semantics 8.1, 8.2: who is not isolated, on the real engine', () => {
  let world: World;
  let protectedHosts: Record<string, { readonly machine: string; readonly properties: Record<string, unknown> }>;
  const config = { guardrails: { maxIsolations: 2, protected: { names: ['dc-*'], osPlatforms: ['macOS'] } } };

  before(async () => {
    world = await makeWorld();
    const add = (computerDnsName: string, more: Record<string, unknown> = {}) =>
      world.control.addMachine({ computerDnsName: `${computerDnsName}.contoso.com`, ...more }).id;
    const byId = (machine: string) => ({ machine, properties: { machineId: machine, comment: 'INC-1' } });
    const server = add('srv-1', { osPlatform: 'WindowsServer2022' });
    protectedHosts = {
      tagged: byId(add('tagged', { machineTags: ['MDE-Protected'] })),
      high: byId(add('high', { deviceValue: 'High' })),
      named: byId(add('dc-7')),
      platform: byId(add('mac-1', { osPlatform: 'macOS' })),
      server: { machine: server, properties: { deviceName: 'srv-1.contoso.com', comment: 'INC-1' } },
    };
  });
  after(() => world.end());

  const reasons = {
    tagged: 'it has the tag mde-protected',
    high: 'its deviceValue is High',
    named: 'its name matches guardrails.protected.names (dc-*)',
    platform: 'guardrails.protected.osPlatforms lists macOS',
    server: 'it is a server (WindowsServer2022); servers are declared by machineId only',
  };

  it('semantics 8.2: a protected host is refused in up, with the reason and the way round, and nothing is sent', async () => {
    world.declare(
      Object.fromEntries(Object.entries(protectedHosts).map(([name, { properties }]) => [name, { properties }])),
      config,
    );
    const text = failed(await world.up('--continue-on-error'));
    for (const reason of Object.values(reasons)) tells(text, `it is protected: ${reason}`);
    tells(text, 'Set allowProtected: true on this resource to isolate it all the same');
    expect(world.writes()).to.equal(0);
    expect(await world.state()).to.deep.equal({});
  });

  it('semantics 8.2: preview refuses it too', async () => {
    world.declare({ tagged: { properties: protectedHosts.tagged?.properties ?? {} } }, config);
    tells(failed(await world.preview()), reasons.tagged);
    expect(world.writes()).to.equal(0);
  });

  it('semantics 8.2: allowProtected on the host isolates it; a server may be declared by its id', async () => {
    const { tagged, server } = protectedHosts;
    world.declare(
      {
        tagged: { properties: { ...tagged?.properties, allowProtected: true } },
        server: { properties: { machineId: server?.machine, comment: 'INC-1' } },
      },
      config,
    );
    succeeded(await world.up());
    expect(world.isIsolated(tagged?.machine ?? '')).to.equal(true);
    expect(world.isIsolated(server?.machine ?? '')).to.equal(true);
  });

  it('semantics 8.1: more new isolations than maxIsolations are not sent in one run; what is contained stays', async () => {
    const more = Array.from({ length: 3 }, (_, at) => world.control.addMachine({ computerDnsName: `pc-${at}` }).id);
    const { tagged } = protectedHosts;
    world.declare(
      {
        // No longer allowed: becoming protected releases nobody.
        tagged: { properties: tagged?.properties ?? {} },
        ...Object.fromEntries(
          more.map((machineId, at) => [`pc${at}`, { properties: { machineId, comment: 'INC-1' } }]),
        ),
        server: { properties: { machineId: protectedHosts.server?.machine, comment: 'INC-1' } },
      },
      config,
    );
    tells(failed(await world.preview()), 'guardrails.maxIsolations');
    const text = failed(await world.up('--continue-on-error'));
    expect(more.filter((id) => world.isIsolated(id))).to.have.length(2);
    tells(text, 'guardrails.maxIsolations', 'Run again, or raise it');
    expect(world.isIsolated(tagged?.machine ?? '')).to.equal(true);
    succeeded(await world.up());
    expect(more.filter((id) => world.isIsolated(id))).to.have.length(3);
  });
});
