import { expect } from 'chai';
import { knownHosts } from '../../../provider/resources/quarantine/known-host.ts';
import { fails, inWorld, quarantine, succeeds, type World } from '../host.ts';
import { counts, fleet, free, q } from './declared.ts';

const ada = 'ada@contoso.com';
const bodies = 'GET machineactions';

describe('Quarantine: what one host meets never holds up another', function () {
  this.timeout(60_000);

  it('semantics 8.5, 4.3: what worked is kept, each failure is told with its host, and the next run touches only what failed', () =>
    inWorld({ switches: { actionId: 'strict' } }, async (world) => {
      const { ids } = fleet(world, 4);
      const failing = world.host({ outcomes: { Isolate: { status: 'Failed', times: 1 } } });
      const timed = world.host({ outcomes: { Isolate: { status: 'TimeOut', times: 1 } } });
      const offline = world.host({ online: false });
      const cancelled = world.host({ latencySeconds: { Isolate: 600 } });
      const protectedOne = world.host({ deviceValue: 'High' });
      const nobody = 'f'.repeat(40);
      const hosts = [...ids, failing, timed, offline, cancelled, protectedOne, nobody].map((machineId) => ({
        machineId,
        comment: 'INC-1',
      }));
      world.after('3m', () => {
        const [action] = world.ours('Isolate', cancelled);
        world.control.cancel(action?.id ?? '', { by: ada });
      });
      const run = await world.up(q(hosts));
      const reasons = run.failures.q?.split('\n') ?? [];
      const told = (id: string, text: RegExp) =>
        expect(reasons.filter((line) => line.includes(id)).join('\n'), id).to.match(text);
      told(failing, /^NOT CONTAINED: .* ended Failed/);
      told(timed, /^NOT CONTAINED: .* ended TimeOut/);
      told(offline, /^NOT CONTAINED YET: .* is Pending; the time-out of this operation is over/);
      told(cancelled, new RegExp(`^NOT CONTAINED: .* ended Cancelled by ${ada}`));
      told(protectedOne, /^NOT CONTAINED: .*it is protected: .*Nothing was sent$/);
      told(nobody, /Defender knows no machine with this id \(404\)\. Nothing was sent$/);
      expect(reasons).to.have.length(6);
      expect(run.failures.q).not.to.match(/\.\.|\n\n/);
      expect(free(world, ids)).to.deep.equal([]);
      expect(Object.keys(world.held())).to.have.members([...ids, failing, timed, offline, cancelled]);
      expect(run.summary).to.match(/^NOT CONTAINED \(/);
      expect(run.summary.split('\n').length).to.be.below(25);

      world.control.setMachine(offline, { online: true });
      world.pass('10m');
      const writes = world.writes();
      const good = q(hosts.slice(0, -2));
      succeeds(await world.up(good));
      expect(world.writes() - writes).to.equal(3);
      expect(counts(world, 'Isolate', [...ids, failing, timed, offline, cancelled])).to.deep.equal([
        1, 1, 1, 1, 2, 2, 1, 2,
      ]);
      await world.settled(good);
    }));

  it('semantics 4.3: a device that is away for days holds up no later run, and is told in each', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      const away = world.host({ online: false });
      const all = [...hosts, { machineId: away, comment: 'INC-1' }];
      fails(await world.up(q(all)), { q: 'NOT CONTAINED YET' });
      const idle = await world.settled(q(all));
      expect(idle.warnings.join()).to.match(/NOT CONTAINED YET: .*still Pending; MDE gives it up at/);
      const fresh = { machineId: world.host(), comment: 'INC-2' };
      const started = world.now();
      const run = succeeds(await world.up(q([...all, fresh])));
      expect((world.now() - started) / 60_000).to.be.below(5);
      expect(run.warnings.join()).to.match(/NOT CONTAINED YET: .*still Pending; MDE gives it up at/);
      expect(run.summary).to.match(/^NOT CONTAINED YET \(1\)/);
      expect(world.held()[away]?.state).to.include({ state: 'isolating', owned: true });
      expect(counts(world, 'Isolate', [...ids, away])).to.deep.equal([1, 1, 1]);
    }));

  it('semantics 4.3: waitFor Submitted waits for nobody, and claims nothing', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      const program = q(hosts.map((host) => ({ ...host, waitFor: 'Submitted' })));
      const started = world.now();
      const run = succeeds(await world.up(program));
      expect((world.now() - started) / 1000).to.be.below(30);
      expect(run.warnings.join()).to.contain('NOT CONTAINED YET');
      expect(run.summary).to.match(/^NOT CONTAINED YET \(3\)/);
      for (const { state } of Object.values(world.held())) expect(state).to.not.have.property('coveredUntil');
      world.pass('10m');
      await world.settled(program);
      expect(free(world, ids)).to.deep.equal([]);
      for (const { state } of Object.values(world.held())) expect(state).to.include({ state: 'isolated' });
    }));

  it('semantics 5.2: a release that failed keeps its host in state as it is, and is sent again by the next run', () =>
    inWorld({ config: { guardrails: { maxReleases: 10, maxReleasePercent: 100 } } }, async (world) => {
      const { ids, hosts } = fleet(world, 4);
      const failing = world.host({ outcomes: { Unisolate: { status: 'Failed', times: 1 } } });
      const away = world.host();
      const leaving = [failing, away].map((machineId) => ({ machineId, comment: 'INC-1' }));
      succeeds(await world.up(q([...hosts, ...leaving])));
      world.control.setMachine(away, { online: false });
      const run = await world.up(q(hosts.slice(1)));
      fails(run, { q: 'ended Failed' });
      expect(run.failures.q).to.contain('NOT RELEASED YET');
      expect(free(world, ids)).to.deep.equal(ids.slice(0, 1));
      expect(Object.keys(world.held())).to.have.members([...ids.slice(1), failing, away]);
      expect(world.held()[away]?.state).to.include({ state: 'releasing' }).and.not.to.have.property('coveredUntil');
      expect(run.summary).to.match(/^NOT RELEASED YET \(2\)/);
      world.control.setMachine(away, { online: true });
      succeeds(await world.up(q(hosts.slice(1))));
      expect(counts(world, 'Unisolate', [failing, away])).to.deep.equal([2, 1]);
      await world.settled(q(hosts.slice(1)));
    }));

  it('semantics 3.2, 3.3: what another isolated is adopted, is not ours, and is left when it goes, with a warning that names them', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 5);
      world.control.isolate(ids[0] ?? '', { by: ada, latencySeconds: 0 });
      succeeds(await world.up(q(hosts)));
      expect(world.held()[ids[0] ?? '']?.state).to.include({ owned: false, requestor: ada });
      const run = succeeds(await world.up(q(hosts.slice(1))));
      expect(run.warnings.join()).to.contain(ada).and.to.contain('releaseForeign');
      expect(free(world, ids)).to.deep.equal([]);
      expect(counts(world, 'Isolate', ids)).to.deep.equal([0, 1, 1, 1, 1]);
      await world.settled(q(hosts.slice(1)));
    }));

  it('semantics 7.1, 7.2: a release by hand is answered, one with mde-hold is respected until that host’s declaration changes', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 4);
      const [answered = '', held = '', ...rest] = ids;
      succeeds(await world.up(q(hosts)));
      world.control.unisolate(answered, { by: ada, latencySeconds: 0 });
      world.control.unisolate(held, { by: ada, comment: 'false alarm, mde-hold', latencySeconds: 0 });
      world.outOfDate(answered, held);
      const run = succeeds(await world.up(q(hosts)));
      expect(free(world, ids)).to.deep.equal([held]);
      expect(run.warnings.join()).to.contain('mde-hold');
      expect(run.summary).to.contain('released by hand, and left so (1)');
      const fresh = { machineId: world.host(), comment: 'INC-2' };
      succeeds(await world.up(q([...hosts, fresh])));
      // Neither another host nor another name for it is a change of its declaration.
      const name = world.control.machine(held).computerDnsName;
      const renamed = hosts.map((host) => (host.machineId === held ? { ...host, deviceName: name } : host));
      succeeds(await world.up(q(renamed)));
      expect(free(world, ids)).to.deep.equal([held]);
      const meant = hosts.map((host) => (host.machineId === held ? { ...host, comment: 'INC-9 it was none' } : host));
      succeeds(await world.up(q([...meant, fresh])));
      expect(free(world, ids)).to.deep.equal([]);
      expect(counts(world, 'Isolate', [answered, held, ...rest])).to.deep.equal([2, 2, 1, 1]);
    }));

  it('semantics 7.2, 4.4: a release with mde-hold that comes during the run, after our isolation, is respected', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      const slow = world.host({ latencySeconds: { Isolate: 400 } });
      world.after('3m', () =>
        world.control.unisolate(ids[0] ?? '', { by: ada, comment: 'mde-hold', latencySeconds: 0 }),
      );
      const run = succeeds(await world.up(q([...hosts, { machineId: slow, comment: 'x' }])));
      expect(free(world, [...ids, slow])).to.deep.equal(ids.slice(0, 1));
      expect(run.warnings.join()).to.contain('mde-hold');
      expect(world.held()[ids[0] ?? '']?.state).to.include({ state: 'released' });
      expect(run.summary).to.contain('released by hand, and left so (1)');
      expect(counts(world, 'Isolate', ids)).to.deep.equal([1, 1, 1]);
    }));

  it('semantics 7.3: a disputed host fails the run and holds up nobody', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      succeeds(await world.up(q(hosts)));
      for (let each = 0; each < 2; each += 1) {
        world.pass('1h');
        world.control.unisolate(ids[0] ?? '', { by: ada, latencySeconds: 0 });
        world.outOfDate(ids[0] ?? '');
        await world.up(q(hosts));
      }
      const fresh = { machineId: world.host(), comment: 'x' };
      const run = await world.up(q([...hosts, fresh]));
      fails(run, { q: 'is disputed' });
      expect(free(world, [...ids, fresh.machineId])).to.deep.equal(ids.slice(0, 1));
      expect(counts(world, 'Isolate', ids)).to.deep.equal([2, 1]);
    }));

  it('semantics 4: a change of type is a release that counts, goes only where allowed, and leaves nobody free', () =>
    inWorld({ config: { guardrails: { maxReleases: 3, maxReleasePercent: 100 } } }, async (world) => {
      const { ids, hosts } = fleet(world, 4);
      succeeds(await world.up(q(hosts)));
      const selective = hosts.map((host) => ({ ...host, isolationType: 'Selective' }));
      const kept = succeeds(await world.up(q(selective)));
      expect(kept.warnings.join()).to.contain('allowTypeChange');
      expect(world.ours('Unisolate')).to.deep.equal([]);
      const allowed = selective.map((host) => ({ ...host, allowTypeChange: true }));
      fails(await world.preview(q(allowed)), { q: 'would release 4 hosts' });
      fails(await world.up(q(allowed), { mayRelease: ids }), { q: 'would release 4 hosts' });
      expect(world.ours('Unisolate')).to.deep.equal([]);
      const three = q([...allowed.slice(0, 3), ...hosts.slice(3)]);
      succeeds(await world.up(three, { mayRelease: ids }));
      expect(free(world, ids)).to.deep.equal([]);
      expect(ids.map((id) => world.control.machine(id).isolation)).to.satisfy((all: { type?: string }[]) =>
        all.every(({ type }, index) => type === (index < 3 ? 'Selective' : 'Full')),
      );
      await world.settled(three);
    }));

  it('semantics 6.3: a token for another tenant: nothing is sent, nothing is lost', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      succeeds(await world.up(q(hosts)));
      const before = world.outputs('q');
      const tenantId = '99999999-0000-0000-0000-000000000001';
      world.control.addTenant(tenantId);
      const { clientId, clientSecret } = world.control.addApp({ tenantId });
      const config = { tenantId, clientId, clientSecret };
      const calls = world.control.statistics().byRoute;
      const read = await world.refresh({ config });
      expect(read.unhealthy.q).to.contain('Sign in to the first');
      fails(await world.up(q(hosts.slice(1)), { config }), { q: 'Sign in to the first' });
      fails(await world.destroy({ config }), { q: 'Sign in to the first' });
      const after = world.control.statistics().byRoute;
      for (const route of ['GET machines', bodies]) expect(after[route], route).to.equal(calls[route]);
      expect(world.outputs('q')).to.deep.equal(before);
      expect(free(world, ids)).to.deep.equal([]);
    }));

  it('a state of a newer version, and a line that nobody of this version wrote, are left alone and not lost', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      const named = world.host({ computerDnsName: 'named.contoso.com' });
      const all = [...hosts, { deviceName: 'named.contoso.com', comment: 'x' }];
      succeeds(await world.up(q(all)));
      const entry = world.stack.entry('q');
      if (entry === undefined) throw new Error('q is not in state');
      const good = entry.outputs;
      entry.outputs = { ...good, stateVersion: 99 };
      fails(await world.up(q(all.slice(1))), { q: 'written by a newer pulumi-mde' });
      expect(world.outputs('q')).to.deep.equal({ ...good, stateVersion: 99 });

      const lines = good.hosts as Readonly<Record<string, string>>;
      const odd = { ...lines, [ids[0] ?? '']: 'isolated by hand', 'named.contoso.com': 'quarantined? | yes' };
      entry.outputs = { ...good, hosts: odd };
      world.control.rename(named, 'other.contoso.com');
      const thief = world.host({ computerDnsName: 'named.contoso.com' });
      // Declared by its id, a host is looked at anew; where only the name is known, nobody can tell who was meant.
      const run = await world.up(q(all));
      fails(run, { q: 'named.contoso.com: what the state holds of this host is not as pulumi-mde wrote it' });
      expect(free(world, [...ids, named, thief])).to.deep.equal([thief]);
      const { hosts: known, unreadable } = knownHosts(world.outputs('q'));
      expect(unreadable).to.deep.equal(['named.contoso.com']);
      expect(known.map(({ machineId }) => machineId)).to.have.members(ids);
      expect(known.every(({ state }) => state.owned)).to.equal(true);
      fails(await world.destroy(), { q: 'Restore it from the stack' });
      expect(free(world, [...ids, named])).to.deep.equal([]);
      expect(counts(world, 'Isolate', [...ids, named])).to.deep.equal([1, 1, 1, 1]);
    }));

  it('the list fails or is incomplete: every host keeps its last known state, nothing is written, the run ends non-zero', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      succeeds(await world.up(q(hosts)));
      const before = world.outputs('q');
      world.pass('80h');
      for (const effect of [
        { kind: 'list', countError: 2 },
        { kind: 'answer', status: 503 },
      ] as const) {
        const fault = world.control.addFault({ effect, route: bodies });
        const writes = world.writes();
        const read = await world.refresh();
        expect(read.unhealthy.q).to.contain('its last known state (isolated) is kept');
        expect(read.unhealthy.q?.split('\n')).to.have.length(1);
        const fresh = { machineId: world.host(), comment: 'x' };
        const run = await world.up(q([...hosts.slice(1), fresh]));
        expect(run.failures.q).to.contain('could not be observed');
        expect(run.failures.q)
          .to.contain('NOT RELEASED')
          .and.not.to.match(/\.\.( |$)/m);
        expect(run.summary).to.contain('could not be observed');
        expect(world.writes()).to.equal(writes);
        expect(world.outputs('q').hosts).to.deep.equal(before.hosts);
        world.control.removeFault(fault);
      }
      succeeds(await world.up(q(hosts)));
      expect(counts(world, 'Isolate', ids)).to.deep.equal([2, 2, 2]);
    }));

  it('a host that was just isolated stays in state when the last look at it fails', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      // The look that follows the poll by which they were seen to be done.
      let polls = 0;
      const watch = () => {
        if (world.ours('Isolate').filter(({ status }) => status === 'Succeeded').length === 3) polls += 1;
        if (polls === 2) world.control.addFault({ effect: { kind: 'answer', status: 503 }, route: bodies });
        else world.before(bodies, watch);
      };
      world.before(bodies, watch);
      const run = await world.up(q(hosts));
      expect(run.failures.q, 'the last look failed').to.contain('NOT CONTAINED FOR CERTAIN');
      expect(free(world, ids)).to.deep.equal([]);
      expect(Object.values(world.held()).map(({ machineId, state }) => [machineId, state.owned])).to.have.deep.members(
        ids.map((id) => [id, true]),
      );
      world.control.clearFaults();
      succeeds(await world.up(q(hosts)));
      await world.settled(q(hosts));
      expect(counts(world, 'Isolate', ids)).to.deep.equal([1, 1, 1]);
    }));

  it('a list that lags behind makes nobody isolate twice', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 5);
      world.after('20s', () => world.control.addFault({ effect: { kind: 'list', staleSeconds: 120 }, route: bodies }));
      succeeds(await world.up(q(hosts)));
      expect(counts(world, 'Isolate', ids)).to.deep.equal([1, 1, 1, 1, 1]);
      expect(
        Object.values(world.held()).every(({ state }) => state.owned === true && state.state === 'isolated'),
      ).to.equal(true);
    }));

  it('semantics 4.1: lost answers: the history is looked at, and nothing is sent twice', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 12);
      world.control.addFault({ effect: { kind: 'reset-after' }, route: 'POST machines/{id}/isolate', percent: 50 });
      succeeds(await world.up(q(hosts)));
      expect(counts(world, 'Isolate', ids)).to.deep.equal(ids.map(() => 1));
      await world.settled(q(hosts));
    }));

  it('a storm of 429 slows the run down, and nothing is lost or sent twice', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 20);
      world.control.addFault({ effect: { kind: 'answer', status: 429 }, percent: 30 });
      succeeds(await world.up(q(hosts)));
      world.control.clearFaults();
      await world.settled(q(hosts));
      expect(counts(world, 'Isolate', ids)).to.deep.equal(ids.map(() => 1));
    }));

  it('two sets side by side: one that fails keeps the other from nothing', () =>
    inWorld({}, async (world) => {
      const one = fleet(world, 2);
      const bad = world.host({ outcomes: { Isolate: { status: 'Failed' } } });
      const program = {
        a: quarantine({ hosts: [{ machineId: bad, comment: 'x' }] }),
        b: quarantine({ hosts: one.hosts }),
      };
      fails(await world.up(program), { a: 'ended Failed' });
      expect(free(world, one.ids)).to.deep.equal([]);
      await remembers(world, 'b', one.ids);
    }));
});

async function remembers(world: World, name: string, ids: readonly string[]): Promise<void> {
  expect(Object.values(world.held(name)).map(({ machineId }) => machineId)).to.have.members([...ids]);
}
