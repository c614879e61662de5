import { expect } from 'chai';
import { describeMoment } from '../../../provider/containment/duration.ts';
import { type PropertyMap, unknown } from '../../../provider/resources/resource.ts';
import { fails, inWorld, quarantine, succeeds, type World } from '../host.ts';
import { counts, fleet, free, q } from './declared.ts';

const type = 'mde:index:Quarantine';

/** Calls by route since `before`. */
function since(world: World, before: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const now = Object.entries(world.control.statistics().byRoute);
  const differing = now.map(([route, count]) => [route, count - (before[route] ?? 0)] as const);
  return Object.fromEntries(differing.filter(([route, count]) => count > 0 && / machine/.test(route)));
}

describe('Quarantine: kept as it is declared', function () {
  this.timeout(60_000);

  it('a second up of a hundred hosts is the same, sends nothing and reads a handful of lists', () =>
    inWorld({ signInOnce: true }, async (world) => {
      const { hosts } = fleet(world, 100);
      const before = world.control.statistics().byRoute;
      succeeds(await world.up(q(hosts)));
      const first = since(world, before);
      expect(first['POST machines/{id}/isolate']).to.equal(100);
      expect((first['GET machines'] ?? 0) + (first['GET machineactions'] ?? 0)).to.be.below(20);
      const settled = world.control.statistics().byRoute;
      await world.settled(q(hosts));
      const second = since(world, settled);
      expect(
        Object.values(second).reduce((a, b) => a + b, 0),
        JSON.stringify(second),
      ).to.be.below(8);
    }));

  it('a preview tells host by host what a run would do and why, what frees a host first, and writes nothing', () =>
    inWorld({ config: { guardrails: { maxReleasePercent: 100 } } }, async (world) => {
      const { ids, hosts } = fleet(world, 4);
      succeeds(await world.up(q(hosts)));
      world.pass('80h');
      const fresh = world.host();
      const theirs = world.host();
      world.control.isolate(theirs, { by: 'ada@contoso.com', latencySeconds: 0 });
      const changed = q([...hosts.slice(1), ...[fresh, theirs].map((machineId) => ({ machineId, comment: 'x' }))]);
      const run = succeeds(await world.preview(changed));
      const note = run.notes.find((each) => each.startsWith('release 1')) ?? run.notes.join('\n');
      expect(note).to.match(/^release 1, isolate 1, renew 3, unchanged 1 of 5\n/);
      const lines = note.split('\n');
      const at = (heading: string) => lines.findIndex((line) => line.startsWith(heading));
      expect([at('release:'), at('isolate:'), at('renew (3):')]).to.satisfy((all: number[]) =>
        all.every((index, place) => index > (all[place - 1] ?? 0)),
      );
      expect(lines[at('release:') + 1]).to.contain(ids[0]);
      expect(lines[at('isolate:') + 1]).to.contain(fresh);
      expect(lines.at(-1)).to.match(/4 hosts, containment is certain until .* unless a run renews it before/);
    }));

  it('semantics 2.2, 2.4: expiring hosts are renewed once; the run tells until when containment is certain', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 5);
      succeeds(await world.up(q(hosts)));
      world.pass('71h');
      await world.settled(q(hosts));
      world.pass('2h');
      const run = succeeds(await world.up(q(hosts)));
      expect(counts(world, 'Isolate', ids)).to.deep.equal([2, 2, 2, 2, 2]);
      expect(run.summary).to.contain('renewed: 5');
      const until = Math.min(...Object.values(world.held()).map(({ state }) => Date.parse(state.coveredUntil ?? '')));
      expect(run.summary).to.contain(`5 hosts are contained, for certain until ${describeMoment(until)}`);
      expect(Date.parse(String(world.outputs('q').coveredUntil))).to.equal(until);
      expect(world.outputs('q').summary).to.match(/^5 hosts: /);
    }));

  it('urgent first: covers that end within two hours, then new hosts, then other renewals', () =>
    inWorld({ limits: { perMinute: 10 }, config: { rateLimits: { perMinute: 10 } } }, async (world) => {
      const urgent = fleet(world, 4);
      const later = fleet(world, 15);
      const fresh = fleet(world, 15);
      succeeds(await world.up(q(urgent.hosts)));
      world.pass('60h');
      const both = [...later.hosts, ...urgent.hosts];
      const early = { renewBefore: '1h' };
      succeeds(await world.up(q(both.map((host) => ({ ...host, ...early })))));
      // Of the first, little more than an hour is left; the others have 60 hours more.
      world.pass('106h');
      const before = world.control.requests().length;
      succeeds(await world.up(q([...later.hosts, ...fresh.hosts, ...urgent.hosts])));
      const posts = world.control
        .requests()
        .slice(before)
        .filter(({ route }) => route === 'POST machines/{id}/isolate');
      const kinds = posts.map(({ url }) => {
        const isOf = (ids: readonly string[]) => ids.some((id) => url.includes(id));
        return isOf(urgent.ids) ? 'urgent' : isOf(fresh.ids) ? 'fresh' : 'later';
      });
      const expected = [
        ...Array.from({ length: 4 }, () => 'urgent'),
        ...Array.from({ length: 15 }, () => 'fresh'),
        ...Array.from({ length: 15 }, () => 'later'),
      ];
      // Nine of ten a minute start at once, over connections of their own: which of them arrives first is chance.
      const minutes = (all: readonly string[]) => [0, 9, 18, 27].map((from) => all.slice(from, from + 9).sort());
      expect(kinds).to.have.length(expected.length);
      expect(minutes(kinds)).to.deep.equal(minutes(expected));
      expect(world.ours('Isolate')).to.have.length(4 + 15 + 34);
    }));

  it('an import takes the hosts over, in the order given, and the program that it tells makes no difference', () =>
    inWorld({}, async (world) => {
      const ids = Array.from({ length: 4 }, () => world.host());
      for (const [index, id] of ids.entries())
        world.control.isolate(id, {
          by: 'ada@contoso.com',
          comment: `INC-${index}`,
          latencySeconds: 0,
          isolationType: index === 2 ? 'Selective' : 'Full',
        });
      const told = await world.import('q', ids.join(', '), { type });
      expect(told).to.deep.equal({
        hosts: ids.map((machineId, index) => ({
          machineId,
          comment: `INC-${index}`,
          ...(index === 2 ? { isolationType: 'Selective' } : {}),
        })),
      });
      succeeds(await world.preview({ q: quarantine(told) }));
      await world.settled({ q: quarantine(told) });
      expect(Object.values(world.held()).every(({ state }) => state.owned)).to.equal(true);
      succeeds(await world.up(q((told.hosts as readonly PropertyMap[]).slice(1))));
      expect(free(world, ids)).to.deep.equal(ids.slice(0, 1));
    }));

  it('an import of a host that is not isolated, not known or no id imports nothing, and says which', () =>
    inWorld({}, async (world) => {
      const [isolated, other] = [world.host(), world.host()];
      world.control.isolate(isolated, { latencySeconds: 0 });
      const given: readonly (readonly [string, string])[] = [
        [`${isolated},${other}`, other],
        [`${isolated},${'e'.repeat(40)}`, '404'],
        [`${isolated},pc-1`, 'pc-1: no machine id'],
        ['', 'separated by commas'],
      ];
      for (const [id, text] of given) {
        const error = await world.import('q', id, { type }).then(
          () => new Error('imported'),
          (thrown: Error) => thrown,
        );
        expect(error.message).to.contain(text);
      }
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('ignoreChanges of hosts: what the engine hands back is taken as it is, also beside a manifest', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      succeeds(await world.up(q(hosts)));
      const lines = world.stack.entry('q')?.inputs.hosts as PropertyMap;
      const manifest = `version: 1\ncomment: x\nhosts: [{ machineId: ${world.host()} }]`;
      await world.settled({ q: quarantine({ hosts: lines }) });
      await world.settled({ q: quarantine({ manifest, hosts: lines }) });
      expect(free(world, ids)).to.deep.equal([]);
      fails(await world.up({ q: quarantine({ hosts: { ...lines, x: 'no line' } }) }), {
        'q.hosts': 'must be a list of hosts',
      });
      fails(await world.up({ q: quarantine({ manifest, hosts }) }), { 'q.hosts': 'give manifest or hosts, not both' });
    }));

  it('what is not known yet in a preview is no error, and nothing is said to be released', () =>
    inWorld({}, async (world) => {
      const { hosts } = fleet(world, 3);
      for (const inputs of [
        { hosts: unknown },
        { manifest: unknown },
        { hosts: [hosts[0] ?? {}, { machineId: unknown, comment: 'x' }] },
        { hosts, comment: unknown },
      ] as PropertyMap[]) {
        const fresh = succeeds(await world.preview({ fresh: quarantine(inputs) }));
        expect(fresh.steps).to.deep.equal({ fresh: 'create' });
      }
      succeeds(await world.up(q(hosts)));
      for (const inputs of [{ hosts: unknown }, { manifest: unknown }] as PropertyMap[]) {
        const run = succeeds(await world.preview({ q: quarantine(inputs) }));
        expect(run.steps).to.deep.equal({ q: 'update' });
        expect(run.text).not.to.contain('would release');
      }
    }));

  it('what a check made is what a check of it makes', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const manifest = [
        'version: 1',
        'comment: INC-1',
        'guardrails: { maxReleases: 3, protected: { tags: [dc] } }',
        'hosts:',
        `  - { machineId: ${id}, deviceName: PC-1.contoso.com, isolationType: Selective, onDelete: retain }`,
        '  - { deviceName: PC-2.contoso.com, comment: "a: b | c, d=e", releaseAt: 2030-01-01T00:00:00Z }',
      ].join('\n');
      world.host({ computerDnsName: 'pc-2.contoso.com' });
      const once = await world.checked(quarantine({ manifest, renewBefore: '48h' }));
      const twice = await world.checked(quarantine(once));
      expect(twice).to.deep.equal(once);
      expect(Object.keys(once)).to.have.members(['hosts', 'guardrails']);
    }));

  it('comments and guardrails that change touch no host', () =>
    inWorld({}, async (world) => {
      const { ids, hosts } = fleet(world, 3);
      succeeds(await world.up(q(hosts)));
      const changed = q(
        hosts.map((host) => ({ ...host, comment: 'INC-2' })),
        { guardrails: { maxReleases: 1 } },
      );
      const writes = world.writes();
      const run = succeeds(await world.up(changed));
      expect(run.steps).to.deep.equal({ q: 'update' });
      expect(world.writes()).to.equal(writes);
      await world.settled(changed);
      expect(counts(world, 'Isolate', ids)).to.deep.equal([1, 1, 1]);
    }));

  it('hundreds of hosts that fail alike are told in a few lines', () =>
    inWorld({ signInOnce: true }, async (world) => {
      const { hosts } = fleet(world, 300);
      world.control.setRoles(world.simulator.credentials.clientId, ['Machine.Read.All']);
      const run = await world.up(q(hosts, { guardrails: { maxIsolations: 50 } }));
      expect(run.failures.q?.split('\n').length, run.failures.q).to.be.below(6);
      expect(run.failures.q).to.contain('Machine.Isolate');
      expect(run.summary.split('\n').length).to.be.below(30);
    }));
});
