import { expect } from 'chai';
import { eachWorld, fails, inWorld, pc, quarantine, succeeds } from './host.ts';

const ada = 'ada@contoso.com';
const unisolate = 'POST machines/{id}/unisolate';

describe('reaching released', function () {
  this.timeout(30_000);

  it('semantics 5: removed from the program → one release, watched for a minute', () =>
    eachWorld([{ isolateWhenIsolated: 'succeed' }, { isolateWhenIsolated: 'run-after-release' }], async (world) => {
      const id = world.host({ latencySeconds: { Unisolate: 10 } });
      succeeds(await world.up(pc(id)));
      const started = world.now();
      const run = succeeds(await world.up({}));
      expect((world.now() - started) / 1000).to.be.within(60, 120);
      expect(run.summary).to.contain('released: 1');
      expect(world.ours('Unisolate', id)).to.have.length(1);
      expect(world.isolated(id)).to.equal(false);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 4.1: a host that two resources hold is released by one request, whichever of them asks', () =>
    inWorld({ switches: { duplicateRequest: 'accept', isolateWhenIsolated: 'stay-pending' } }, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('5d');
      // The set cannot renew it in time, so both keep it.
      fails(await world.up({ q: quarantine({ hosts: [{ machineId: id, comment: 'INC-1' }] }) }), {
        q: 'NOT CONTAINED YET',
      });
      expect(world.stack.entries.map(({ name }) => name)).to.have.members(['pc', 'q']);
      succeeds(await world.destroy());
      expect(world.ours('Unisolate', id).map(({ status }) => status)).to.deep.equal(['Succeeded']);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 5.1: our own running isolation is cancelled first, then the host is released', () =>
    eachWorld(
      [
        { cancelledThoughExecuted: false, unisolateWhenNotIsolated: 'succeed' },
        { cancelledThoughExecuted: true, unisolateWhenNotIsolated: 'succeed' },
        { cancelledThoughExecuted: true, unisolateWhenNotIsolated: 'fail' },
      ],
      async (world) => {
        const id = world.host({ latencySeconds: { Isolate: 3000 } });
        fails(await world.up(pc(id), { timeoutMs: 60_000 }), { pc: 'NOT CONTAINED YET' });
        succeeds(await world.up({}, { timeoutMs: 3 * 3_600_000 }));
        expect(world.ours('Isolate', id).map(({ status }) => status)).to.deep.equal(['Cancelled']);
        expect(world.ours('Unisolate', id)).to.have.length(1);
        world.pass('3h');
        expect(world.isolated(id)).to.equal(false);
      },
    ));

  it('semantics 5.1: what ended while it was being cancelled is released', () =>
    eachWorld([{ cancelFinalCode: 'InvalidInput' }, { cancelFinalCode: 'BadRequest' }], async (world) => {
      const id = world.host({ latencySeconds: { Isolate: 300 } });
      await world.up(pc(id), { timeoutMs: 60_000 });
      world.before('POST cancel', () => world.control.advance('10m'));
      succeeds(await world.up({}));
      expect(world.ours('Isolate', id).map(({ status }) => status)).to.deep.equal(['Succeeded']);
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 5.1: an isolation that another queues during our release makes it fail with its id, and is left alone', () =>
    eachWorld(
      [{ completionOrder: 'in-order' }, { completionOrder: 'newest-first' }, { completionOrder: 'independent' }],
      async (world) => {
        for (const at of ['5s', '30s', '80s', '110s']) {
          const id = world.host();
          const program = { [`pc-${at}`]: { machineId: id, comment: 'INC-1' } };
          succeeds(await world.up(program));
          world.after(at, () => world.control.isolate(id, { by: ada, latencySeconds: 30 }));
          const run = await world.up({});
          const [theirs] = world.requests('Isolate', id).filter(({ origin }) => origin.via === 'analyst');
          fails(run, { [`pc-${at}`]: theirs?.id ?? 'no id' });
          expect(run.summary).to.match(/^NOT RELEASED YET/);
          expect(theirs?.status).not.to.equal('Cancelled');
          world.pass('5m');
          if (!world.isolated(id)) {
            // Theirs was done before our release was: nothing can mend that but saying so.
            expect(world.control.switches().completionOrder).not.to.equal('in-order');
            expect(run.failures[`pc-${at}`]).to.match(/^RELEASED AGAINST A LATER ISOLATION/);
            succeeds(await world.up({}));
            continue;
          }
          // It is theirs now: left, with a warning.
          const next = succeeds(await world.up({}));
          expect(next.warnings.join()).to.contain(ada);
          expect(world.isolated(id)).to.equal(true);
        }
      },
    ));

  it('semantics 5.2: a release that failed keeps the host in state, and is sent again by the next run', () =>
    eachWorld([{ unisolateWhenNotIsolated: 'succeed' }, { unisolateWhenNotIsolated: 'fail' }], async (world) => {
      for (const status of ['Failed', 'TimeOut'] as const) {
        const id = world.host({ outcomes: { Unisolate: { status, times: 1 } } });
        const program = { [status]: { machineId: id, comment: 'INC-1' } };
        succeeds(await world.up(program));
        fails(await world.up({}), { [status]: new RegExp(`NOT RELEASED: .* ended ${status}`) });
        expect(world.stack.entry(status)).not.to.equal(undefined);
        succeeds(await world.up({}));
        expect(world.ours('Unisolate', id)).to.have.length(2);
        expect(world.isolated(id)).to.equal(false);
      }
    }));

  it('semantics 5.2: a release that waits for a silent host stays in state, is followed on, and never sent twice', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.setMachine(id, { online: false });
      for (let each = 0; each < 3; each += 1) {
        fails(await world.up({}), { pc: /NOT RELEASED YET.*the time-out is over/ });
        world.pass('2h');
      }
      expect(world.ours('Unisolate', id)).to.have.length(1);
      await world.refresh();
      expect(world.outputs()).to.include({ state: 'releasing' });
      world.control.setMachine(id, { online: true });
      succeeds(await world.up({}));
      expect(world.ours('Unisolate', id)).to.have.length(1);
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 5.2: one that waited in vain is sent again', () =>
    eachWorld([{ giveUpStatus: 'TimeOut' }, { giveUpStatus: 'Failed' }], async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.setMachine(id, { online: false });
      await world.up({});
      world.pass('3d2h');
      world.control.setMachine(id, { online: true });
      succeeds(await world.up({}));
      expect(world.ours('Unisolate', id)).to.have.length(2);
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 5.3: what has lapsed and was ours is sent one release, and goes, however that ends', () =>
    eachWorld(
      (['succeed', 'fail'] as const).flatMap((unisolateWhenNotIsolated) =>
        (['none', 'unisolate-action'] as const).map((liftRecord) => ({ unisolateWhenNotIsolated, liftRecord })),
      ),
      async (world, { liftRecord }) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        world.pass('10d');
        succeeds(await world.up({}));
        expect(world.stack.entries).to.deep.equal([]);
        expect(world.ours('Unisolate', id)).to.have.length(liftRecord === 'none' ? 1 : 0);
        expect(world.isolated(id)).to.equal(false);
      },
    ));

  it('semantics 5.3: also where the run that sent it was stopped, and where its release was due', () =>
    eachWorld([{ unisolateWhenNotIsolated: 'fail' }], async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('10d');
      fails(await world.up({}, { cancelAfter: 10_000 }), { pc: 'the run was cancelled' });
      world.pass('5m');
      succeeds(await world.up({}));
      expect(world.ours('Unisolate', id)).to.have.length(1);

      const due = pc(world.host(), { releaseAt: new Date(world.now() + 3_600_000).toISOString() });
      succeeds(await world.up(due));
      world.pass('10d');
      succeeds(await world.up(due, { mayRelease: [String(due.pc?.machineId)] }));
      await world.settled(due);
    }));

  it('semantics 5.3: what is released already is sent nothing', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.unisolate(id, { by: ada, latencySeconds: 0 });
      world.outOfDate(id);
      succeeds(await world.up({}));
      expect(world.ours('Unisolate', id)).to.deep.equal([]);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 1.8: a release decides on what was seen after its operation began', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const beforeActing = () => void world.control.isolate(id, { by: ada, latencySeconds: 0 });
      const run = succeeds(await world.up({}, { beforeActing }));
      expect(run.warnings.join()).to.contain(ada);
      expect(world.ours('Unisolate', id)).to.deep.equal([]);
      expect(world.isolated(id)).to.equal(true);
    }));

  it('a foreign release that runs is followed, not doubled', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.unisolate(id, { by: ada, latencySeconds: 100 });
      succeeds(await world.up({}));
      expect(world.ours('Unisolate', id)).to.deep.equal([]);
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 5.4: onDelete retain leaves it, also where state has no inputs any more', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id, { onDelete: 'retain' })));
      const [entry] = world.stack.entries;
      if (entry !== undefined) entry.inputs = {};
      const run = succeeds(await world.destroy());
      expect(run.warnings.join()).to.contain('retain');
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 4.1: a release whose answer was lost is looked for, and never sent twice in one run', async () => {
    for (const effect of [{ kind: 'reset-after' }, { kind: 'garbage' }] as const) {
      for (const listDelaySeconds of [0, 5, 30]) {
        await inWorld({ switches: { listDelaySeconds } }, async (world) => {
          const id = world.host();
          succeeds(await world.up(pc(id)));
          world.control.addFault({ effect, route: unisolate, count: 1 });
          succeeds(await world.up({}));
          expect(world.ours('Unisolate', id)).to.have.length(1);
          expect(world.isolated(id)).to.equal(false);
        });
      }
    }
    for (const effect of [{ kind: 'reset-before' }, { kind: 'answer', status: 500 }] as const) {
      await inWorld({}, async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        const writes = world.writes();
        world.control.addFault({ effect, route: unisolate, count: 1 });
        fails(await world.up({}), { pc: 'may or may not have been released' });
        expect(world.writes()).to.equal(writes + 1);
        succeeds(await world.up({}));
        expect(world.isolated(id)).to.equal(false);
      });
    }
  });

  it('semantics 4.2: a duplicate release that the service refuses is looked up and followed', () =>
    eachWorld([{ duplicateRequest: 'return-pending' }, { duplicateRequest: 'reject-400' }], async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.before('POST unisolate', () => world.control.unisolate(id, { by: ada, latencySeconds: 50 }));
      succeeds(await world.up({}));
      expect(world.requests('Unisolate', id)).to.have.length(1);
      expect(world.isolated(id)).to.equal(false);
    }));

  it('Ctrl-C during a release keeps the host in state, and the next run goes on', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      fails(await world.up({}, { cancelAfter: 10_000 }), { pc: 'the run was cancelled' });
      world.pass('5m');
      succeeds(await world.up({}));
      expect(world.ours('Unisolate', id)).to.have.length(1);
      expect(world.isolated(id)).to.equal(false);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('Ctrl-C before the request sends nothing', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const writes = world.writes();
      await world.up({}, { cancelAfter: 100 });
      expect(world.writes()).to.equal(writes);
      expect(world.isolated(id)).to.equal(true);
      expect(world.stack.entry('pc')).not.to.equal(undefined);
    }));

  it('Ctrl-C while a released host is watched ends the watch, and nothing is sent again', () =>
    inWorld({}, async (world) => {
      const id = world.host({ latencySeconds: { Unisolate: 5 } });
      succeeds(await world.up(pc(id)));
      await world.up({}, { cancelAfter: 20_000 });
      expect(world.isolated(id)).to.equal(false);
      await world.up({});
      expect(world.ours('Unisolate', id)).to.have.length(1);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 8.7: releaseAt that has passed releases the host, which is then not isolated again', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const releaseAt = new Date(world.now() + 5 * 3_600_000).toISOString();
      const program = pc(id, { releaseAt });
      succeeds(await world.up(program));
      world.pass('4h');
      await world.settled(program);
      world.pass('2h');
      const preview = succeeds(await world.preview(program));
      expect(preview.text).to.contain('would release');
      const run = succeeds(await world.up(program, { mayRelease: [id] }));
      expect(run.summary).to.contain('released: 1');
      expect(world.isolated(id)).to.equal(false);
      expect(world.outputs()).to.include({ state: 'released' });
      await world.settled(program);
      world.pass('10d');
      await world.settled(program);
      succeeds(await world.up({}));
      expect(world.ours('Unisolate', id)).to.have.length(1);
    }));

  it('semantics 8.7: due releases are staged, maxReleases a run, and go on under hold', () =>
    inWorld({}, async (world) => {
      const { ids, program } = world.hosts(5);
      const releaseAt = new Date(world.now() + 3_600_000).toISOString();
      const due = Object.fromEntries(Object.entries(program).map(([name, inputs]) => [name, { ...inputs, releaseAt }]));
      succeeds(await world.up(due));
      world.pass('2h');
      const config = { guardrails: { maxReleases: 2 }, releases: 'hold' };
      for (const free of [2, 4, 5]) {
        await world.up(due, { config, mayRelease: ids });
        expect(ids.filter((id) => !world.isolated(id))).to.have.length(free);
      }
      await world.settled(due, { config });
    }));

  it('semantics 8.7: a due host is not renewed, even where its release waits for its turn', () =>
    inWorld({ switches: { secondIsolateRestartsLease: true } }, async (world) => {
      const { ids, program } = world.hosts(2);
      const releaseAt = new Date(world.now() + 60 * 3_600_000).toISOString();
      const due = Object.fromEntries(Object.entries(program).map(([name, inputs]) => [name, { ...inputs, releaseAt }]));
      succeeds(await world.up(due));
      world.pass('80h');
      await world.up(due, { config: { guardrails: { maxReleases: 1 } }, mayRelease: ids });
      expect(world.ours('Isolate')).to.have.length(2);
    }));

  it('semantics 8.7: a due release of what another isolated leaves it, with a warning', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      world.control.isolate(id, { by: ada, latencySeconds: 0 });
      const program = pc(id, { releaseAt: new Date(world.now() + 3_600_000).toISOString() });
      succeeds(await world.up(program));
      world.pass('2h');
      const run = succeeds(await world.up(program));
      expect(run.steps).to.deep.equal({ pc: 'same' });
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 8.7: a moment in the past is an error when new or changed, and none when it was there before', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const hour = 3_600_000;
      const at = (ms: number) => pc(id, { releaseAt: new Date(ms).toISOString() });
      fails(await world.up(at(world.now() - hour)), { 'pc.releaseAt': 'is past' });
      expect(world.writes()).to.equal(0);
      const before = at(world.now() + hour);
      succeeds(await world.up(before));
      world.pass('2h');
      fails(await world.up(at(world.now() - hour / 2)), { 'pc.releaseAt': 'is past' });
      expect(world.isolated(id)).to.equal(true);
      succeeds(await world.up(before, { mayRelease: [id] }));
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 8.7: a host that is due and then declared on is isolated again', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const at = (ms: number) => pc(id, { releaseAt: new Date(ms).toISOString() });
      const first = at(world.now() + 3_600_000);
      succeeds(await world.up(first));
      world.pass('2h');
      succeeds(await world.up(first, { mayRelease: [id] }));
      const longer = at(world.now() + 86_400_000);
      succeeds(await world.up(longer));
      expect(world.isolated(id)).to.equal(true);
    }));
});
