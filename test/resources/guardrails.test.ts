import { hostname } from 'node:os';
import { expect } from 'chai';
import type { Program } from './engine.ts';
import { fails, inWorld, killed, pc, succeeds, type World } from './host.ts';

const freed = (world: World, ids: readonly string[]) => ids.filter((id) => !world.isolated(id));
const only = (program: Program, ...names: readonly string[]): Program =>
  Object.fromEntries(Object.entries(program).filter(([name]) => names.includes(name)));
const without = (program: Program, ...names: readonly string[]): Program =>
  Object.fromEntries(Object.entries(program).filter(([name]) => !names.includes(name)));
const overrideIn = (text: string) => /allowReleases (\d+-[0-9a-f]{8})/.exec(text)?.[1] ?? 'none';

describe('guardrails', function () {
  this.timeout(30_000);

  it('semantics 8.1: either every release of a run fits, or none is sent; isolations go ahead', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(10);
      succeeds(await world.up(program));
      const fresh = world.host();
      const merged = { ...without(program, 'pc1', 'pc2', 'pc3'), fresh: { machineId: fresh, comment: 'INC-2' } };
      const run = await world.up(merged);
      fails(run, { pc1: 'the guardrails allow 2', pc2: 'the guardrails allow 2', pc3: 'the guardrails allow 2' });
      expect(freed(world, ids)).to.deep.equal([]);
      expect(world.ours('Unisolate')).to.deep.equal([]);
      expect(world.isolated(fresh)).to.equal(true);
      expect(run.summary).to.contain('release refused');
      // Eleven are contained now: two still are what a fifth of them comes to.
      succeeds(await world.up({ ...merged, pc3: program.pc3 ?? {} }));
      expect(freed(world, ids)).to.have.members(ids.slice(0, 2));
    }));

  it('semantics 8.1: hosts whose release failed count as contained: the next run may send it again', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(10);
      succeeds(await world.up(program));
      for (const id of ids.slice(0, 2))
        world.control.setMachine(id, { outcomes: { Unisolate: { status: 'Failed', times: 1 } } });
      const rest = without(program, 'pc1', 'pc2');
      fails(await world.up(rest), { pc1: 'ended Failed', pc2: 'ended Failed' });
      succeeds(await world.up(rest));
      expect(freed(world, ids)).to.deep.equal(ids.slice(0, 2));
      expect(world.ours('Isolate')).to.have.length(10);
    }));

  it('semantics 8.1: so do hosts whose release is under way: a run that was killed goes on', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(10);
      succeeds(await world.up(program));
      for (const id of ids.slice(0, 2)) world.control.setMachine(id, { latencySeconds: { Unisolate: 600 } });
      const rest = without(program, 'pc1', 'pc2');
      await killed(world.up(rest, { killAfter: 30_000 }));
      expect(world.ours('Unisolate')).to.have.length(2);
      succeeds(await world.up(rest));
      expect(freed(world, ids)).to.deep.equal(ids.slice(0, 2));
      expect(world.ours('Unisolate')).to.have.length(2);
      expect(world.ours('Isolate')).to.have.length(10);
    }));

  it('semantics 8.1: at least one release is allowed', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      succeeds(await world.up(only(program, 'pc2')));
      expect(freed(world, ids)).to.deep.equal(ids.slice(0, 1));
    }));

  it('semantics 8.1: maxReleases applies where it is the smaller', () =>
    inWorld({ config: { guardrails: { maxReleases: 3, maxReleasePercent: 100 } } }, async (world) => {
      const { ids, program } = world.hosts(5);
      succeeds(await world.up(program));
      await world.up(only(program, 'pc5'));
      expect(freed(world, ids)).to.deep.equal([]);
      succeeds(await world.up(only(program, 'pc4', 'pc5')));
      expect(freed(world, ids)).to.have.length(3);
    }));

  it('semantics 8.1: hosts that are replaced count with those that are removed', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(5);
      succeeds(await world.up(program));
      const changed = {
        ...program,
        pc1: { machineId: world.host(), comment: 'INC-1' },
        pc2: { machineId: world.host(), comment: 'INC-1' },
      };
      const preview = await world.preview(changed);
      fails(preview, { pc2: 'this run would release 2 hosts, the guardrails allow 1' });
      const run = await world.up(changed);
      expect(run.text).to.contain('the guardrails allow 1');
      expect(freed(world, ids)).to.deep.equal([]);
      expect(world.ours('Isolate')).to.have.length(7);
    }));

  it('semantics 8.1, 6.4: hosts that only change places do not count', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(10);
      succeeds(await world.up(program));
      const pairs = [
        [1, 2],
        [3, 4],
        [5, 6],
      ];
      const swapped: Record<string, Program[string]> = without(program, 'pc10');
      for (const [a, b] of pairs) {
        swapped[`pc${a}`] = program[`pc${b}`] ?? {};
        swapped[`pc${b}`] = program[`pc${a}`] ?? {};
      }
      const preview = await world.preview(swapped);
      // In the middle of a preview a machine's new claimant may not have been seen yet; nothing is released by it.
      expect(preview.text).not.to.contain('7 hosts');
      succeeds(await world.up(swapped));
      expect(freed(world, ids)).to.deep.equal(ids.slice(9));
    }));

  it('semantics 8.1: hosts whose type changes count, too, and a preview fails on them', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(5);
      succeeds(await world.up(program));
      const changed = Object.fromEntries(
        Object.entries(program).map(([name, inputs]) => [
          name,
          { ...inputs, isolationType: 'Selective', allowTypeChange: true },
        ]),
      );
      const preview = await world.preview(changed);
      expect(preview.text).to.contain('the guardrails allow 1');
      await world.up(changed, { mayRelease: ids });
      expect(world.ours('Unisolate')).to.deep.equal([]);
      expect(freed(world, ids)).to.deep.equal([]);
    }));

  it('semantics 8.1: what is left alone does not count: retained, foreign, released, missing', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(6);
      world.control.isolate(ids[2] ?? '', { latencySeconds: 0 });
      succeeds(await world.up({ ...program, pc2: { ...program.pc2, onDelete: 'retain' } }));
      world.control.unisolate(ids[3] ?? '', { latencySeconds: 0 });
      world.outOfDate(ids[3] ?? '');
      world.control.removeMachine(ids[4] ?? '');
      const run = await world.up(only(program, 'pc6'));
      succeeds(run);
      expect(world.ours('Unisolate').map(({ machineId }) => machineId)).to.deep.equal([ids[0]]);
    }));

  it('semantics 8.1: at most maxIsolations new hosts a run; the next run goes on', () =>
    inWorld({ config: { guardrails: { maxIsolations: 3 } } }, async (world) => {
      const { ids, program } = world.hosts(5);
      const preview = await world.preview(program);
      expect(Object.keys(preview.failures)).to.have.length(2);
      const run = await world.up(program);
      expect(Object.keys(run.failures)).to.have.length(2);
      expect(run.text).to.contain('guardrails.maxIsolations');
      expect(ids.filter((id) => world.isolated(id))).to.have.length(3);
      succeeds(await world.up(program));
      expect(freed(world, ids)).to.deep.equal([]);
    }));

  it('semantics 8.1: renewals are no new isolations', () =>
    inWorld({ config: { guardrails: { maxIsolations: 3 } } }, async (world) => {
      const { ids, program } = world.hosts(3);
      succeeds(await world.up(program));
      world.pass('80h');
      const fresh = { machineId: world.host(), comment: 'INC-2' };
      succeeds(await world.up({ ...program, fresh }));
      for (const id of ids) expect(world.ours('Isolate', id)).to.have.length(2);
    }));

  it('semantics 8.4: the override that the refusal prints lets exactly these hosts go', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(6);
      succeeds(await world.up(program));
      const refused = await world.destroy();
      expect(Object.keys(refused.failures)).to.have.length(6);
      const allowReleases = overrideIn(refused.text);
      expect(allowReleases).to.match(/^6-/);
      const stale = await world.up(only(program, 'pc6'), { config: { allowReleases } });
      expect(Object.keys(stale.failures)).to.have.length(5);
      expect(stale.text).to.contain('does not fit');
      expect(freed(world, ids)).to.deep.equal([]);
      succeeds(await world.destroy({ config: { allowReleases } }));
      expect(freed(world, ids)).to.have.length(6);
    }));

  it('semantics 8.4: a stale override warns and leaves the limits as they are', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(2);
      succeeds(await world.up(program));
      const run = succeeds(await world.up(only(program, 'pc2'), { config: { allowReleases: '60-ab12cd34' } }));
      expect(run.warnings.join()).to.contain('allowReleases does not fit');
      expect(freed(world, ids)).to.have.length(1);
    }));

  it('semantics 8.1: where nothing was read first, releases are counted as they come', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(10);
      succeeds(await world.up(program));
      await world.up({}, { readFirst: false });
      expect(freed(world, ids).length).to.be.at.most(2);
    }));

  it('semantics 8.1: a host that could not be read counts as contained, and is not released', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(10);
      succeeds(await world.up(program));
      world.control.addFault({ effect: { kind: 'list', countError: 1 }, route: 'GET machineactions' });
      const run = await world.up(only(program, 'pc1', 'pc2'), { continueOnError: true });
      expect(Object.keys(run.failures)).to.have.length(10);
      expect(freed(world, ids)).to.deep.equal([]);
      expect(world.ours('Unisolate')).to.deep.equal([]);
    }));

  it('semantics 8.2: what is protected is never newly isolated, unless allowProtected says so for that host', () =>
    inWorld(
      {
        config: {
          guardrails: {
            protected: {
              names: ['dc-*'],
              tags: ['crown-jewel'],
              osPlatforms: ['WindowsServer2025'],
              machineIds: ['a'.repeat(40)],
            },
          },
        },
      },
      async (world) => {
        const rows: [string, object][] = [
          ['deviceValue is High', { deviceValue: 'High' }],
          ['the tag mde-protected', { machineTags: ['x', 'MDE-Protected'] }],
          ['the tag crown-jewel', { machineTags: ['crown-jewel'] }],
          ['guardrails.protected.names', { computerDnsName: 'DC-1.contoso.com' }],
          ['guardrails.protected.osPlatforms', { osPlatform: 'WindowsServer2025' }],
          ['the machine that this run is on', { computerDnsName: hostname() }],
        ];
        for (const [reason, change] of rows) {
          const id = world.host(change);
          const program = { [reason]: { machineId: id, comment: 'INC-1' } };
          fails(await world.preview(program), { [reason]: reason });
          fails(await world.up(program), { [reason]: reason });
          expect(world.ours('Isolate', id)).to.deep.equal([]);
          succeeds(await world.up({ [reason]: { machineId: id, comment: 'INC-1', allowProtected: true } }));
          expect(world.isolated(id)).to.equal(true);
          succeeds(await world.up({}));
        }
      },
    ));

  it('semantics 8.2: a server is declared by its machine id only', () =>
    inWorld({}, async (world) => {
      const id = world.host({ computerDnsName: 'srv-1.contoso.com', osPlatform: 'WindowsServer2022' });
      const byName = { srv: { deviceName: 'srv-1.contoso.com', comment: 'INC-1' } };
      fails(await world.up(byName), { srv: 'servers are declared by machineId only' });
      expect(world.writes()).to.equal(0);
      succeeds(await world.up({ srv: { machineId: id, comment: 'INC-1' } }));
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 8.2: becoming protected releases nobody, and renewals go on', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.setMachine(id, { machineTags: ['mde-protected'], deviceValue: 'High' });
      await world.settled(pc(id));
      world.pass('80h');
      succeeds(await world.up(pc(id)));
      expect(world.ours('Isolate', id)).to.have.length(2);
      world.pass('89h');
      succeeds(await world.up(pc(id)));
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 8.5: one bad host never stops the others', () =>
    inWorld({}, async (world) => {
      const good = [world.host(), world.host()];
      const program = {
        unknown: { machineId: 'e'.repeat(40), comment: 'INC-1' },
        good1: { machineId: good[0] ?? '', comment: 'INC-1' },
        guarded: { machineId: world.host({ deviceValue: 'High' }), comment: 'INC-1' },
        nameless: { deviceName: 'nobody.contoso.com', comment: 'INC-1' },
        good2: { machineId: good[1] ?? '', comment: 'INC-1' },
      };
      fails(await world.up(program), { unknown: '404', guarded: 'is High', nameless: 'no machine is named' });
      for (const id of good) expect(world.isolated(id)).to.equal(true);
      expect(world.ours('Isolate')).to.have.length(2);
    }));

  it('semantics 8.6: hold lists releases and does none; their hosts stay in state', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(3);
      succeeds(await world.up(program));
      const run = await world.up({}, { config: { releases: 'hold' } });
      expect(run.text).to.contain('releases is hold');
      expect(run.summary).to.match(/release refused or put off \(3\)/);
      expect(world.ours('Unisolate')).to.deep.equal([]);
      expect(freed(world, ids)).to.deep.equal([]);
      expect(world.stack.entries).to.have.length(3);
    }));

  it('semantics 8.6: hold does not keep a new host from being isolated', () =>
    inWorld({ config: { releases: 'hold' } }, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      expect(world.isolated(id)).to.equal(true);
    }));

  it('after maxRunTime nothing new is sent, and the next run goes on', () =>
    inWorld({ config: { maxRunTime: '10m', guardrails: { maxReleasePercent: 100 } } }, async (world) => {
      const slow = world.host({ online: false });
      const late = world.host();
      const program = { slow: { machineId: slow, comment: 'INC-1' }, late: { machineId: late, comment: 'INC-1' } };
      const run = await world.up(program, {
        beforeActing: (name) => {
          if (name === 'late') world.control.setLatencies({});
        },
      });
      expect(run.failures.slow).to.match(/NOT CONTAINED YET/);
      world.control.setMachine(slow, { online: true });
      world.pass('5m');
      succeeds(await world.up(program));
      expect([slow, late].map((id) => world.isolated(id))).to.deep.equal([true, true]);
    }));
});
