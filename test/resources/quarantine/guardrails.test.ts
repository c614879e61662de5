import { expect } from 'chai';
import { fails, inWorld, pc, quarantine, succeeds, type World } from '../host.ts';
import { counts, fleet, free, q } from './declared.ts';

const overrideIn = (text: string) => /allowReleases: "(\d+-[0-9a-f]{8})"/.exec(text)?.[1] ?? 'none';
const owned = (world: World, name = 'q') => Object.values(world.held(name)).map(({ machineId }) => machineId);

describe('Quarantine: guardrails', function () {
  this.timeout(30_000);

  it('semantics 8.1, 8.5: either every release of a run fits, or none is sent; a preview fails on it; isolations go ahead', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 10);
      succeeds(await world.up(q(hosts)));
      const fresh = world.host();
      const merged = q([...hosts.slice(3), { machineId: fresh, comment: 'INC-2' }]);
      const preview = await world.preview(merged);
      fails(preview, { q: 'this run would release 3 hosts, the guardrails allow 2' });
      for (const id of ids.slice(0, 3)) expect(preview.failures.q).to.contain(id);
      expect(overrideIn(preview.failures.q ?? '')).to.match(/^3-/);
      const run = await world.up(merged);
      fails(run, { q: 'this run would release 3 hosts, the guardrails allow 2' });
      expect(overrideIn(run.failures.q ?? '')).to.equal(overrideIn(preview.failures.q ?? ''));
      expect(run.failures.q?.split('\n')).to.have.length(1);
      expect(run.summary).to.contain('release refused or put off (3)');
      expect(world.ours('Unisolate')).to.deep.equal([]);
      expect(free(world, [...ids, fresh])).to.deep.equal([]);
      expect(owned(world)).to.have.members([...ids, fresh]);
      // Eleven are contained now: two are what a fifth of them comes to.
      succeeds(await world.up(q([...hosts.slice(2), { machineId: fresh, comment: 'INC-2' }])));
      expect(free(world, ids)).to.deep.equal(ids.slice(0, 2));
      expect(owned(world)).to.have.members([...ids.slice(2), fresh]);
    }));

  it('semantics 2.5: hosts whose release is refused stay in state and are renewed, in each run', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 4);
      succeeds(await world.up(q(hosts)));
      world.pass('80h');
      fails(await world.up(q(hosts.slice(2))), { q: 'this run would release 2 hosts' });
      expect(counts(world, 'Isolate', ids)).to.deep.equal([2, 2, 2, 2]);
      world.pass('72h');
      fails(await world.up(q(hosts.slice(2))), { q: 'this run would release 2 hosts' });
      world.pass('72h');
      fails(await world.up(q(hosts.slice(2))), { q: 'this run would release 2 hosts' });
      expect(free(world, ids)).to.deep.equal([]);
      expect(owned(world)).to.have.members(ids);
    }));

  it('semantics 8.1: limits count over all resources of the run', () =>
    inWorld({ config: { guardrails: { maxReleases: 3, maxReleasePercent: 100 } } }, async (world) => {
      const one = fleet(world, 4);
      const two = fleet(world, 4);
      const pcs = world.hosts(2);
      const all = { a: quarantine({ hosts: one.hosts }), b: quarantine({ hosts: two.hosts }), ...pcs.program };
      succeeds(await world.up(all));
      const less = { a: quarantine({ hosts: one.hosts.slice(2) }), b: quarantine({ hosts: two.hosts.slice(2) }) };
      const preview = await world.preview({ ...less, ...pcs.program });
      expect(preview.text).to.contain('would release 4 hosts');
      const run = await world.up({ ...less, ...pcs.program });
      fails(run, { a: 'would release 4 hosts', b: 'would release 4 hosts' });
      // Two of a set and two single ones, that are deleted: the set goes first, and yet all are judged together.
      fails(await world.up({ a: less.a, b: all.b }, { continueOnError: true }), {
        a: 'would release 4 hosts',
        pc1: 'would release 4 hosts',
        pc2: 'would release 4 hosts',
      });
      expect(world.ours('Unisolate')).to.deep.equal([]);
      succeeds(await world.up({ a: less.a, b: all.b, pc2: pcs.program.pc2 ?? {} }));
      expect(world.ours('Unisolate')).to.have.length(3);
    }));

  it('semantics 8.1: a set tightens the limits for its own hosts, by its resource and by its manifest; the tighter counts', () =>
    inWorld({ config: { guardrails: { maxReleases: 5, maxReleasePercent: 100 } } }, async (world) => {
      const { ids } = fleet(world, 8);
      const manifest = (from: number, guardrails: string) =>
        `version: 1\ncomment: INC-1\nguardrails: ${guardrails}\nhosts:\n${ids
          .slice(from)
          .map((id) => `  - machineId: ${id}\n`)
          .join('')}`;
      const text = '{ maxReleases: 3 }';
      succeeds(await world.up({ q: quarantine({ manifest: manifest(0, text), guardrails: { maxReleases: 1 } }) }));
      const two = await world.up({ q: quarantine({ manifest: manifest(2, text), guardrails: { maxReleases: 1 } }) });
      fails(two, { q: 'the guardrails of q allow 1' });
      const four = await world.up({ q: quarantine({ manifest: manifest(4, text) }) });
      fails(four, { q: 'the guardrails of q allow 3' });
      const looser = quarantine({ manifest: manifest(6, '{ maxReleases: 100 }'), guardrails: { maxReleases: 100 } });
      fails(await world.up({ q: looser }), { q: 'the guardrails allow 5' });
      expect(world.ours('Unisolate')).to.deep.equal([]);
      succeeds(await world.up({ q: quarantine({ manifest: manifest(3, text) }) }));
      expect(free(world, ids)).to.deep.equal(ids.slice(0, 3));
    }));

  it("semantics 8.1: a set's percentage is of its own hosts, once each, however they are named", () =>
    inWorld({ config: { guardrails: { maxReleases: 50, maxReleasePercent: 100 } } }, async (world) => {
      const { ids, hosts } = fleet(world, 6);
      const rest = fleet(world, 6);
      const names = ids.map((id) => world.control.machine(id).computerDnsName);
      const other = { other: quarantine({ hosts: rest.hosts }) };
      const guardrails = { maxReleasePercent: 34 };
      succeeds(await world.up({ ...q(hosts, { guardrails }), ...other }));
      // Under their names they have other keys, and are the same six.
      const named = names.slice(3).map((deviceName) => ({ deviceName, comment: 'INC-1' }));
      const run = await world.up({ ...q(named, { guardrails }), ...other });
      fails(run, { q: 'the guardrails of q allow 2' });
      expect(world.ours('Unisolate')).to.deep.equal([]);
    }));

  it('semantics 8.1: at most maxIsolations new hosts a run, of the provider or of the set; renewals are none', () =>
    inWorld({ config: { guardrails: { maxIsolations: 5 } } }, async (world) => {
      const { ids, hosts } = fleet(world, 9);
      const guardrails = { maxIsolations: 3 };
      fails(await world.preview(q(hosts, { guardrails })), { q: "raise it in this resource's guardrails" });
      fails(await world.up(q(hosts, { guardrails })), { q: "raise it in this resource's guardrails" });
      expect(free(world, ids)).to.have.length(6);
      world.pass('80h');
      fails(await world.up(q(hosts)), { q: 'mde:guardrails.maxIsolations' });
      expect(free(world, ids)).to.have.length(1);
      expect(world.ours('Isolate')).to.have.length(3 + 3 + 5);
      succeeds(await world.up(q(hosts)));
      await world.settled(q(hosts));
      expect(world.ours('Isolate')).to.have.length(12);
    }));

  it('semantics 8.2: what a set protects is not isolated, what is isolated already stays so; the provider’s list cannot be loosened', () =>
    inWorld({ config: { guardrails: { protected: { tags: ['crown-jewel'] } } } }, async (world) => {
      const jewel = world.host({ machineTags: ['crown-jewel'] });
      const controller = world.host({ machineTags: ['dc'] });
      const plain = world.host();
      const hosts = [jewel, controller, plain].map((machineId) => ({ machineId, comment: 'x' }));
      const guardrails = { protected: { tags: ['dc'] } };
      const run = await world.up(q(hosts, { guardrails }));
      fails(run, { q: 'it is protected' });
      expect(run.failures.q).to.contain(jewel).and.to.contain(controller);
      expect(free(world, [jewel, controller, plain])).to.deep.equal([jewel, controller]);
      fails(await world.up(q(hosts, { guardrails: { protected: { tags: [] } } })), { q: jewel });
      expect(free(world, [jewel, controller, plain])).to.deep.equal([jewel]);
      const all = q([{ ...hosts[0], allowProtected: true }, ...hosts.slice(1)], { guardrails });
      succeeds(await world.up(all));
      expect(free(world, [jewel, controller, plain])).to.deep.equal([]);
      await world.settled(all);
    }));

  it('semantics 8.3: an empty list is refused even for one host, says how it is meant, and goes with the override', () =>
    inWorld({ config: { guardrails: { maxReleases: 100, maxReleasePercent: 100 } } }, async (world) => {
      for (const count of [1, 4]) {
        const { ids, hosts } = fleet(world, count);
        succeeds(await world.up(q(hosts)));
        for (const run of [
          await world.preview(q([])),
          await world.up(q([])),
          await world.up(q([]), { readFirst: false }),
        ])
          fails(run, { q: 'q declares no host any more, and an empty list releases nobody by itself' });
        expect(free(world, ids)).to.deep.equal([]);
        const run = await world.up(q([]));
        const allowReleases = overrideIn(run.failures.q ?? '');
        expect(allowReleases).to.match(new RegExp(`^${count}-`));
        const allowed = q([], { guardrails: { allowReleases } });
        succeeds(await world.preview(allowed));
        succeeds(await world.up(allowed));
        expect(free(world, ids)).to.deep.equal(ids);
        await world.settled(allowed);
      }
    }));

  it('semantics 8.3: absent or null hosts are an error that says what to write; nothing is released', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      succeeds(await world.up(q(hosts)));
      for (const inputs of [{}, { hosts: null }, { manifest: null }, { comment: 'x' }]) {
        const run = await world.up({ q: quarantine(inputs) }, { continueOnError: true });
        expect(run.refused['q.manifest']).to.contain('hosts: []').and.to.contain('Nothing was released');
      }
      for (const manifest of ['', '# nothing', 'version: 1\ncomment: x\n', 'version: 1\ncomment: x\nhosts:\n']) {
        const run = await world.up({ q: quarantine({ manifest }) }, { continueOnError: true });
        expect(Object.keys(run.refused), manifest).to.deep.equal(['q.manifest']);
      }
      expect(free(world, ids)).to.deep.equal([]);
      expect(owned(world)).to.have.members(ids);
    }));

  it('semantics 8.4: the override that the refusal prints lets exactly these hosts go: in the manifest, the guardrails, the configuration', () =>
    inWorld({}, async (world) => {
      for (const where of ['manifest', 'resource', 'provider'] as const) {
        const { ids, hosts } = fleet(world, 6);
        succeeds(await world.up(q(hosts)));
        const refused = await world.up(q(hosts.slice(4)));
        const allowReleases = overrideIn(refused.failures.q ?? '');
        expect(allowReleases).to.match(/^4-/);
        const other = { guardrails: { allowReleases } };
        const stale = await world.up(q(hosts.slice(3), other));
        fails(stale, { q: 'does not fit' });
        expect(world.ours('Unisolate').filter(({ machineId }) => ids.includes(machineId))).to.deep.equal([]);
        const text = `version: 1\ncomment: INC-1\nguardrails: { allowReleases: ${allowReleases} }\nhosts: ${JSON.stringify(hosts.slice(4))}`;
        const program =
          where === 'manifest'
            ? { q: quarantine({ manifest: text }) }
            : q(hosts.slice(4), where === 'resource' ? other : {});
        const config = where === 'provider' ? { allowReleases } : {};
        succeeds(await world.preview(program, { config }));
        succeeds(await world.up(program, { config }));
        expect(free(world, ids)).to.deep.equal(ids.slice(0, 4));
        await world.settled(program, { config });
        world.stack.entries = [];
      }
    }));

  it('semantics 8.4: a stale override is ignored with a warning where the releases fit anyway', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 5);
      succeeds(await world.up(q(hosts)));
      const run = succeeds(await world.up(q(hosts.slice(1), { guardrails: { allowReleases: '9-00000000' } })));
      expect(run.warnings.join()).to.contain('allowReleases does not fit');
      expect(free(world, ids)).to.deep.equal(ids.slice(0, 1));
    }));

  it('semantics 8.4: destroying takes the override of the configuration, and never one that state remembers', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 6);
      succeeds(await world.up(q(hosts)));
      const refused = await world.destroy();
      fails(refused, { q: 'this run would release 6 hosts' });
      const allowReleases = /allowReleases (\d+-[0-9a-f]{8})/.exec(refused.text)?.[1] ?? 'none';
      succeeds(await world.up(q(hosts, { guardrails: { allowReleases } })));
      fails(await world.destroy(), { q: 'this run would release 6 hosts' });
      fails(await world.up({}), { q: 'this run would release 6 hosts' });
      expect(free(world, ids)).to.deep.equal([]);
      succeeds(await world.destroy({ config: { allowReleases } }));
      expect(free(world, ids)).to.deep.equal(ids);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 8.1: the deletion of sets that nobody read before is judged as a whole, and the override fits it', () =>
    inWorld({}, async (world) => {
      const one = fleet(world, 40);
      const two = fleet(world, 5);
      const sets = { a: quarantine({ hosts: one.hosts }), b: quarantine({ hosts: two.hosts }) };
      succeeds(await world.up(sets));
      const refused = await world.destroy({ readFirst: false });
      const all = 'this run would release 45 hosts';
      fails(refused, { a: all, b: all });
      const allowReleases = /allowReleases (\d+-[0-9a-f]{8})/.exec(refused.text)?.[1] ?? 'none';
      succeeds(await world.destroy({ readFirst: false, config: { allowReleases } }));
      expect(free(world, [...one.ids, ...two.ids])).to.have.length(45);
    }));

  it('semantics 8.6: under hold removed hosts stay in state and are renewed, are no failure and no difference; a later run releases them', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 6);
      succeeds(await world.up(q(hosts)));
      const config = { releases: 'hold' };
      const less = q(hosts.slice(1));
      const preview = succeeds(await world.preview(less, { config }));
      expect(preview.summary).to.contain('release refused or put off (1)').and.to.contain('releases is hold');
      const run = succeeds(await world.up(less, { config }));
      expect(run.summary).to.contain('release refused or put off (1)');
      expect(owned(world)).to.have.members(ids);
      // Beside another change it is listed with what is done.
      const fresh = { machineId: world.host(), comment: 'x' };
      const beside = await world.preview(q([...hosts.slice(1), fresh]), { config });
      expect(beside.notes.join('\n')).to.contain('release, but for releases: hold:');
      const again = await world.settled(less, { config });
      expect(again.summary).to.contain('release refused or put off (1)');
      world.pass('80h');
      succeeds(await world.up(less, { config }));
      expect(counts(world, 'Isolate', ids)).to.deep.equal(ids.map(() => 2));
      succeeds(await world.up(less));
      expect(free(world, ids)).to.deep.equal(ids.slice(0, 1));
      expect(owned(world)).to.have.members(ids.slice(1));
      await world.settled(less);
    }));

  it('semantics 8.6: a held host that could not be renewed makes the run fail', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 6);
      succeeds(await world.up(q(hosts)));
      const config = { releases: 'hold' };
      succeeds(await world.up(q(hosts.slice(1)), { config }));
      world.pass('80h');
      world.control.setMachine(ids[0] ?? '', { outcomes: { Isolate: { status: 'Failed' } } });
      fails(await world.up(q(hosts.slice(1)), { config }), { q: 'ended Failed' });
    }));

  it('semantics 8.6: a set that is deleted under hold stays', () =>
    inWorld({ config: { releases: 'hold' } }, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      succeeds(await world.up(q(hosts)));
      fails(await world.up({}), { q: 'releases is hold' });
      expect(free(world, ids)).to.deep.equal([]);
      expect(owned(world)).to.have.members(ids);
    }));

  it('semantics 8.7: releaseAt that has passed releases hosts, maxReleases a run over the set, also under hold; none is renewed', () =>
    inWorld({ config: { releases: 'hold', guardrails: { maxReleases: 2, maxReleasePercent: 10 } } }, async (world) => {
      const { ids, hosts } = fleet(world, 5);
      const due = q(hosts.map((host) => ({ ...host, releaseAt: '2026-01-07T00:00:00Z' })));
      succeeds(await world.up(due));
      expect(free(world, ids)).to.deep.equal([]);
      world.pass('80h');
      const preview = succeeds(await world.preview(due));
      expect(preview.notes.join('\n'))
        .to.match(/release 2, .*\n/)
        .and.to.contain('a later run releases it (maxReleases)');
      for (const expected of [2, 4, 5]) {
        const run = succeeds(await world.up(due, { mayRelease: ids }));
        expect(run.summary).to.match(/released: [12] /);
        expect(free(world, ids)).to.have.length(expected);
      }
      await world.settled(due);
      expect(counts(world, 'Isolate', ids)).to.deep.equal(ids.map(() => 1));
      expect(counts(world, 'Unisolate', ids)).to.deep.equal(ids.map(() => 1));
    }));

  it('semantics 8.7: a moment in the past is an error with its place where it is new, and none where it was there before', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      const releaseAt = '2026-01-06T00:00:00Z';
      const soon = hosts.map((host) => ({ ...host, releaseAt }));
      succeeds(await world.up(q(soon)));
      world.pass('2d');
      const name = world.control.machine(ids[0] ?? '').computerDnsName;
      const again = [{ machineId: ids[0] ?? '', deviceName: name, comment: 'INC-1', releaseAt }, soon[1] ?? {}];
      succeeds(await world.preview(q(again)));
      const changed = q([soon[0] ?? {}, { ...soon[1], releaseAt: '2026-01-06T01:00:00Z' }]);
      fails(await world.preview(changed), { 'q.hosts': 'hosts[1].releaseAt' });
      fails(
        await world.preview({
          ...q(soon),
          other: quarantine({ hosts: [{ machineId: world.host(), comment: 'x', releaseAt }] }),
        }),
        {
          'other.hosts': 'is past',
        },
      );
    }));

  it('a MachineIsolation that nobody could check keeps the hosts that leave a set', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 6);
      succeeds(await world.up(q(hosts)));
      const run = await world.up(
        { ...q(hosts.slice(1)), ...pc(ids[0] ?? '', { comment: ' ' }) },
        { continueOnError: true },
      );
      expect(run.refused['pc.comment']).to.be.a('string');
      expect(run.failures.q).to.contain('could not be read');
      expect(free(world, ids)).to.deep.equal([]);
    }));

  it('semantics 6.4: a host that moves to a set whose declaration is refused stays in the state of the one that gives it up', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 2);
      const [id = ''] = ids;
      succeeds(await world.up(q(hosts)));
      const past = { machineId: id, comment: 'INC-1', releaseAt: '2025-12-01T08:00:00Z' };
      const run = await world.up({ ...q(hosts.slice(1)), late: quarantine({ hosts: [past] }) });
      expect(run.refused['late.hosts']).to.contain('is past');
      expect(run.failures.q).to.contain('what late declares could not be read');
      expect(Object.keys(world.held())).to.have.members(ids);
      expect(free(world, ids)).to.deep.equal([]);
    }));
});
