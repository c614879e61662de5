import { expect } from 'chai';
import { fails, inWorld, quarantine, restriction, succeeds, type World } from '../host.ts';
import { fleet, free, q } from './declared.ts';

const ada = 'ada@contoso.com';
const restrict = 'RestrictCodeExecution';
const lift = 'UnrestrictCodeExecution';
const flag = { restrictCodeExecution: true };

const restricted = (world: World, ids: readonly string[]) => ids.filter((id) => world.restricted(id));
/** Types of the requests for a host, in order. */
const sent = (world: World, id: string) => world.control.actions({ machine: id }).map(({ type }) => type);

describe('Quarantine: hosts that are restricted besides', function () {
  this.timeout(60_000);

  it('isolates and restricts them, tells both in preview, state and summary, and has nothing to do after it', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      const [first = ''] = ids;
      const program = q(hosts.map((host, at) => (at < 2 ? { ...host, ...flag } : host)));
      const preview = succeeds(await world.preview(program));
      expect(preview.notes.join('\n').split('\n')[0]).to.equal('isolate 3, restrict 2, unchanged 0 of 3');
      expect(preview.text).to.contain('restrict (2):');
      const run = succeeds(await world.up(program));
      expect(free(world, ids)).to.deep.equal([]);
      expect(restricted(world, ids)).to.deep.equal(ids.slice(0, 2));
      expect(run.summary).to.contain('isolated: 3 (').and.to.contain('restricted: 2 (');
      expect(world.outputs('q')).to.include({ summary: '3 hosts: 3 isolated; 2 restricted', stateVersion: 2 });
      const line = String((world.outputs('q').hosts as Record<string, string>)[first]);
      expect(line).to.match(
        /^isolated, until=[^|]*, restriction=restricted, restrictionOurs, restrictionActionId=[0-9a-f-]{36}, restrictedAt=[^|,]+ \| Full, restrictCodeExecution=true: INC-1$/,
      );
      expect(world.held()[first]?.restriction).to.include({ state: 'isolated', owned: true, machineId: first });
      await world.settled(program);
      expect(succeeds(await world.preview(program)).steps).to.deep.equal({ q: 'same' });
    }));

  it('the manifest and the options of the set may say it for all, and a host otherwise', () =>
    inWorld({}, async (world) => {
      const { ids } = fleet(world, 2);
      const manifest = (...more: readonly string[]) =>
        ['version: 1', 'comment: INC-1', ...more, 'hosts:', ...ids.map((id) => `  - machineId: "${id}"`)].join('\n');
      const set = quarantine({ manifest: manifest(), ...flag });
      succeeds(await world.up({ q: set }));
      expect(restricted(world, ids)).to.deep.equal(ids);
      const not = `${manifest()}\n    restrictCodeExecution: false\n`;
      succeeds(await world.up({ q: quarantine({ manifest: not, ...flag }) }));
      expect(restricted(world, ids)).to.deep.equal(ids.slice(0, 1));
      await world.settled({ q: quarantine({ manifest: not, ...flag }) });
      succeeds(await world.up({ q: quarantine({ manifest: manifest('restrictCodeExecution: false'), ...flag }) }));
      expect(restricted(world, ids)).to.deep.equal([]);
      expect(world.outputs('q')).to.include({ summary: '2 hosts: 2 isolated', stateVersion: 1 });
    }));

  it('a host that gains or loses the flag gains or loses its restriction, and its isolation is not touched', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      const [id = ''] = ids;
      const gains = q(hosts.map((host, at) => (at === 0 ? { ...host, ...flag } : host)));
      succeeds(await world.up(q(hosts)));
      const preview = succeeds(await world.preview(gains));
      expect(preview.steps).to.deep.equal({ q: 'update' });
      expect(preview.notes.join('\n')).to.match(/^restrict 1, unchanged 1 of 2\n/);
      succeeds(await world.up(gains));
      expect(sent(world, id)).to.deep.equal(['Isolate', restrict]);
      const loses = succeeds(await world.preview(q(hosts)));
      expect(loses.notes.join('\n')).to.match(/^unrestrict 1, unchanged 1 of 2\n/);
      succeeds(await world.up(q(hosts)));
      expect(sent(world, id)).to.deep.equal(['Isolate', restrict, lift]);
      expect([world.isolated(id), world.restricted(id)]).to.deep.equal([true, false]);
      await world.settled(q(hosts));
      expect(world.held()[id]?.restriction).to.equal(undefined);
    }));

  it('one that leaves the set loses both; so do all when the set is destroyed', () =>
    inWorld({ config: { guardrails: { maxReleasePercent: 100 } } }, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      const flagged = hosts.map((host) => ({ ...host, ...flag }));
      succeeds(await world.up(q(flagged)));
      const preview = succeeds(await world.preview(q(flagged.slice(1))));
      expect(preview.notes.join('\n')).to.match(/^release 1, unrestrict 1, unchanged 2 of 2\n/);
      const run = succeeds(await world.up(q(flagged.slice(1))));
      expect(run.summary).to.contain('released: 1 (').and.to.contain('unrestricted: 1 (');
      expect(free(world, ids)).to.deep.equal(ids.slice(0, 1));
      expect(restricted(world, ids)).to.deep.equal(ids.slice(1));
      succeeds(await world.destroy());
      expect(free(world, ids)).to.deep.equal(ids);
      expect(restricted(world, ids)).to.deep.equal([]);
    }));

  it('isolations are sent first, and a restriction that cannot be made holds up neither its host nor another', () =>
    inWorld({}, async (world) => {
      const { ids } = fleet(world, 2);
      const old = world.host({ osPlatform: 'WindowsServer2016' });
      const failing = world.host({ outcomes: { [restrict]: { status: 'Failed', times: 1 } } });
      const all = [...ids, old, failing];
      const hosts = all.map((machineId) => ({ machineId, comment: 'INC-1', ...flag }));
      fails(await world.preview(q(hosts)), { q: 'code execution cannot be restricted on WindowsServer2016' });
      const run = fails(await world.up(q(hosts)), { q: /NOT RESTRICTED: .*cannot be restricted on WindowsServer2016/ });
      expect(run.failures.q).to.match(/NOT RESTRICTED: .* ended Failed/);
      expect(free(world, all)).to.deep.equal([]);
      expect(restricted(world, all)).to.deep.equal(ids);
      expect(run.summary).to.match(/^NOT RESTRICTED \(/);
      const order = world.control.actions().map(({ type }) => type);
      expect(order.lastIndexOf('Isolate')).to.be.below(order.indexOf(restrict));
      const writes = world.writes();
      const good = q(hosts.map((host) => (host.machineId === old ? { ...host, restrictCodeExecution: false } : host)));
      succeeds(await world.up(good));
      expect(world.writes() - writes, 'only what failed is tried again').to.equal(1);
      await world.settled(good);
    }));

  it('a host that is refused altogether leaves nothing in state', () =>
    inWorld({}, async (world) => {
      const { hosts } = fleet(world, 1);
      const high = world.host({ deviceValue: 'High' });
      const all = [...hosts, { machineId: high, comment: 'INC-1', ...flag }];
      const run = fails(await world.up(q(all)), { q: 'it is protected: its deviceValue is High' });
      expect(run.failures.q).to.contain('to isolate it all the same').and.to.contain('to restrict it all the same');
      expect(Object.keys(world.held())).to.have.length(1);
      expect(sent(world, high)).to.deep.equal([]);
    }));

  it('semantics 7.2: a host that was restricted, and could not be isolated, is isolated by the next run, whoever released it before', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      const [id = ''] = ids;
      world.control.isolate(id, { by: ada, latencySeconds: 0 });
      world.pass('5m');
      world.control.unisolate(id, { by: ada, latencySeconds: 0, comment: 'clean, mde-hold' });
      world.pass('5m');
      const program = q(hosts.map((host) => ({ ...host, ...flag })));
      world.control.addFault({ effect: { kind: 'answer', status: 400 }, route: 'POST machines/{id}/isolate' });
      fails(await world.up(program), { q: 'NOT CONTAINED: ' });
      expect([free(world, ids), restricted(world, ids)]).to.deep.equal([ids, ids]);
      expect(world.held()[id]?.restriction).to.include({ owned: true });
      world.control.clearFaults();
      succeeds(await world.up(program));
      expect(free(world, ids)).to.deep.equal([]);
      await world.settled(program);
      expect(world.ours(restrict)).to.have.length(2);
    }));

  it('semantics 4: a restriction that an analyst lifted is seen by the preview, and made again without touching the isolation', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      const [id = ''] = ids;
      const program = q(hosts.map((host) => ({ ...host, ...flag })));
      succeeds(await world.up(program));
      world.pass('1h');
      world.control.act(id, lift, { by: ada, latencySeconds: 0 });
      const preview = succeeds(await world.preview(program));
      expect(preview.steps).to.deep.equal({ q: 'update' });
      expect(preview.text).to.match(/restrict:\n {2}[0-9a-f]{40}: it was unrestricted by ada@contoso.com/);
      succeeds(await world.up(program));
      expect(sent(world, id)).to.deep.equal(['Isolate', restrict, lift, restrict]);
      await world.settled(program);
    }));

  it('semantics 5.2: where only one of the two could be let go, the host stays in state until the other is, too', () =>
    inWorld({ config: { guardrails: { maxReleasePercent: 100 } } }, async (world) => {
      const [a, b] = [
        world.host({ outcomes: { [lift]: { status: 'Failed', times: 1 } } }),
        world.host({ outcomes: { Unisolate: { status: 'Failed', times: 1 } } }),
      ];
      const hosts = [a, b].map((machineId) => ({ machineId, comment: 'INC-1', ...flag }));
      const { hosts: others } = fleet(world, 1);
      succeeds(await world.up(q([...hosts, ...others])));
      const run = fails(await world.up(q(others)), { q: /NOT UNRESTRICTED: / });
      expect(run.failures.q).to.contain('NOT RELEASED: ');
      expect([world.isolated(a), world.restricted(a)]).to.deep.equal([false, true]);
      expect([world.isolated(b), world.restricted(b)]).to.deep.equal([true, false]);
      expect(Object.keys(world.held())).to.include.members([a, b]);
      expect(world.held()[a]?.restriction).to.include({ owned: true });
      expect(world.held()[b]?.restriction).to.equal(undefined);
      succeeds(await world.up(q(others)));
      expect([world.isolated(a), world.restricted(a), world.isolated(b), world.restricted(b)]).to.deep.equal(
        Array(4).fill(false),
      );
      expect(Object.keys(world.held())).to.have.length(1);
    }));

  it('semantics 6.4: a host has one restriction, wherever it is declared; what moves is not lifted', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 1);
      const [id = ''] = ids;
      const flagged = hosts.map((host) => ({ ...host, ...flag }));
      succeeds(await world.up({ r: restriction(id) }));
      fails(await world.up({ r: restriction(id), ...q(flagged) }), { 'q.hosts': 'is already declared by r' });
      expect(succeeds(await world.up({ r: restriction(id), ...q(hosts) })).failures).to.deep.equal({});
      succeeds(await world.up(q(flagged)));
      expect(sent(world, id)).to.deep.equal([restrict, 'Isolate']);
      expect(world.held()[id]?.restriction).to.include({ owned: true });
      succeeds(await world.up({ r: restriction(id), ...q(hosts) }));
      expect(sent(world, id)).to.deep.equal([restrict, 'Isolate']);
      succeeds(await world.up(q(hosts)));
      expect([world.isolated(id), world.restricted(id)]).to.deep.equal([true, false]);
    }));

  it('semantics 8.1, 8.4: lifts have the same limits for themselves, and an override of their own', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 10);
      const flagged = hosts.map((host) => ({ ...host, ...flag }));
      succeeds(await world.up(q(flagged)));
      const fewer = [...hosts.slice(0, 5), ...flagged.slice(5)];
      for (const run of [await world.preview(q(fewer)), await world.up(q(fewer))])
        fails(run, { q: /this run would unrestrict 5 hosts, the guardrails allow 2/ });
      expect(restricted(world, ids)).to.deep.equal(ids);
      expect(world.held()[ids[0] ?? '']?.restriction).to.include({ owned: true });
      const refused = await world.up(q(fewer));
      const override = /allowReleases: "(\d+-[0-9a-f]{8})"/.exec(refused.failures.q ?? '')?.[1] ?? '';
      succeeds(await world.up(q(fewer, { guardrails: { allowReleases: `1-00000000, ${override}` } })));
      expect(restricted(world, ids)).to.deep.equal(ids.slice(5));
      expect(free(world, ids)).to.deep.equal([]);
    }));

  it('semantics 8.6: under hold both stay, in state and in force, and it is no failure', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      const flagged = hosts.map((host) => ({ ...host, ...flag }));
      succeeds(await world.up(q(flagged)));
      const config = { releases: 'hold' };
      const more = [...flagged.slice(1), { machineId: world.host(), comment: 'INC-1' }];
      const run = succeeds(await world.up(q(more), { config }));
      expect(run.warnings.join('\n')).to.contain('kept isolated since').and.to.contain('kept restricted since');
      expect([free(world, ids), restricted(world, ids)]).to.deep.equal([[], ids]);
      expect(Object.keys(world.held())).to.include.members(ids);
      await world.settled(q(more), { config });
      succeeds(await world.up(q(more)));
      expect([free(world, ids), restricted(world, ids)]).to.deep.equal([ids.slice(0, 1), ids.slice(1)]);
    }));

  it('semantics 1.4: what cannot be observed keeps its last known state, and nothing is sent', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      const program = q(hosts.map((host) => ({ ...host, ...flag })));
      succeeds(await world.up(program));
      const before = world.outputs('q').hosts;
      world.control.addFault({ effect: { kind: 'answer', status: 503 }, route: 'GET machineactions' });
      const run = await world.refresh();
      expect(run.unhealthy.q).to.contain('its last known state (restricted) is kept');
      expect(run.unhealthy.q).to.contain('its last known state (isolated) is kept');
      expect(world.outputs('q').hosts).to.deep.equal(before);
      world.control.clearFaults();
      await world.settled(program);
      expect(restricted(world, ids)).to.deep.equal(ids);
    }));

  it('semantics 6.1: a host that is bound by its name is restricted as the machine that it was bound to', () =>
    inWorld({}, async (world) => {
      const id = world.host({ computerDnsName: 'pc-a.contoso.com' });
      const named = { deviceName: 'PC-A.contoso.com', comment: 'INC-1' };
      succeeds(await world.up(q([named])));
      world.control.rename(id, 'pc-b.contoso.com');
      const other = world.host({ computerDnsName: 'pc-a.contoso.com' });
      fails(await world.up(q([{ ...named, ...flag }])), { q: /was bound to machine/ });
      expect(sent(world, other)).to.deep.equal([]);
      expect(world.isolated(id)).to.equal(true);
      expect(restricted(world, [id, other])).to.deep.equal([]);
    }));

  it('semantics 8.7: releaseAt that has passed lets both go', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 1);
      const program = q(hosts.map((host) => ({ ...host, ...flag, releaseAt: '2026-01-06T12:00:00Z' })));
      succeeds(await world.up(program));
      world.pass('25h');
      succeeds(await world.up(program, { mayRelease: ids }));
      expect([free(world, ids), restricted(world, ids)]).to.deep.equal([ids, []]);
      await world.settled(program);
    }));

  it('bad input: a message, and nothing is sent', () =>
    inWorld({}, async (world) => {
      const { hosts } = fleet(world, 1);
      for (const value of ['yes', 1, null]) {
        const run = await world.up(q(hosts.map((host) => ({ ...host, restrictCodeExecution: value }))));
        if (value === null) succeeds(run);
        else fails(run, { 'q.hosts': 'hosts[0].restrictCodeExecution: must be true or false' });
        if (value !== null) expect(world.writes()).to.equal(0);
      }
      fails(await world.up(q(hosts, { restrictCodeExecution: 'no' })), {
        'q.restrictCodeExecution': 'must be true or false',
      });
    }));
});
