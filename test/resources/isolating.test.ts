import { expect } from 'chai';
import { eachWorld, fails, inWorld, killed, NotKilled, pc, succeeds } from './host.ts';

const ada = 'ada@contoso.com';
const isolate = 'POST machines/{id}/isolate';

const duplicates = [
  { duplicateRequest: 'return-pending' },
  { duplicateRequest: 'reject-400' },
  { duplicateRequest: 'alternate' },
  { duplicateRequest: 'accept' },
] as const;

describe('reaching isolated', function () {
  this.timeout(30_000);

  it('semantics 4: released → one isolate; isolated → nothing', () =>
    eachWorld([{ isolateWhenIsolated: 'succeed' }, { isolateWhenIsolated: 'stay-pending' }], async (world) => {
      const id = world.host();
      const preview = succeeds(await world.preview(pc(id)));
      expect(preview.text).to.contain('would isolate');
      succeeds(await world.up(pc(id)));
      expect(world.control.machine(id).isolation).to.include({ isolated: true, type: 'Full' });
      await world.settled(pc(id));
      expect(world.writes()).to.equal(1);
    }));

  it('semantics 4: isolating → adopted and tracked, without a second request', () =>
    eachWorld(duplicates, async (world) => {
      const id = world.host();
      world.control.isolate(id, { by: ada, latencySeconds: 200 });
      const run = succeeds(await world.up(pc(id)));
      expect(run.text).not.to.contain('NOT CONTAINED');
      expect(world.writes()).to.equal(0);
      expect(world.outputs()).to.include({ state: 'isolated' });
    }));

  it('semantics 4: releasing, ours → cancelled, looked at, isolated', () =>
    eachWorld(
      [
        { cancelledThoughExecuted: false, cancelFinalCode: 'InvalidInput' },
        { cancelledThoughExecuted: true, cancelFinalCode: 'BadRequest' },
      ],
      async (world) => {
        const id = world.host({ latencySeconds: { Unisolate: 300 } });
        succeeds(await world.up(pc(id)));
        const run = await world.up({}, { cancelAfter: 20_000 });
        fails(run, { pc: /NOT RELEASED YET.*the run was cancelled/ });
        succeeds(await world.up(pc(id)));
        expect(world.ours('Unisolate', id).map(({ status }) => status)).to.deep.equal(['Cancelled']);
        world.pass('1h');
        // A cancelled release may be carried out all the same; what matters is the end of it.
        succeeds(await world.up(pc(id)));
        world.pass('1h');
        expect(world.control.machine(id).waiting).to.equal(0);
        if (!world.control.switches().cancelledThoughExecuted) expect(world.isolated(id)).to.equal(true);
        await world.settled(pc(id));
      },
    ));

  it('semantics 4: releasing, ours, and it ends while it is being cancelled → isolated again', () =>
    eachWorld([{ cancelFinalCode: 'InvalidInput' }, { cancelFinalCode: 'BadRequest' }], async (world) => {
      const id = world.host({ latencySeconds: { Unisolate: 300 } });
      succeeds(await world.up(pc(id)));
      await world.up({}, { cancelAfter: 20_000 });
      world.before('POST cancel', () => world.control.advance('10m'));
      succeeds(await world.up(pc(id)));
      expect(world.ours('Unisolate', id).map(({ status }) => status)).to.deep.equal(['Succeeded']);
      expect(world.ours('Isolate', id)).to.have.length(2);
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 4: releasing, foreign → waited for, then isolated again', () =>
    eachWorld(
      [{ completionOrder: 'in-order' }, { completionOrder: 'newest-first' }, { completionOrder: 'independent' }],
      async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        world.control.unisolate(id, { by: ada, latencySeconds: 60 });
        succeeds(await world.up(pc(id)));
        expect(world.ours('Isolate', id)).to.have.length(2);
        expect(world.isolated(id)).to.equal(true);
        await world.settled(pc(id));
      },
    ));

  it('semantics 4: releasing, foreign, longer than two minutes → isolated beside it, and again if it ended released', () =>
    eachWorld(
      [{ completionOrder: 'in-order' }, { completionOrder: 'newest-first' }, { completionOrder: 'independent' }],
      async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        world.control.unisolate(id, { by: ada, latencySeconds: 400 });
        const started = world.now();
        succeeds(await world.up(pc(id)));
        const [, beside] = world.ours('Isolate', id);
        const waited = Date.parse(beside?.creationDateTimeUtc ?? '') - started;
        expect(waited).to.be.within(120_000, 140_000);
        expect(world.isolated(id)).to.equal(true);
        expect(world.control.machine(id).waiting).to.equal(0);
        await world.settled(pc(id));
      },
    ));

  it('semantics 4: isolated beside a foreign release that goes on for longer than the run: not contained for certain', () =>
    eachWorld([{ completionOrder: 'independent' }, { completionOrder: 'in-order' }], async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.unisolate(id, { by: ada, latencySeconds: 3000 });
      fails(await world.up(pc(id)), { pc: /NOT CONTAINED/ });
      fails(await world.up(pc(id)), { pc: /NOT CONTAINED/ });
      expect(world.ours('Isolate', id)).to.have.length(2);
      world.pass('1h');
      succeeds(await world.up(pc(id)));
      expect(world.isolated(id)).to.equal(true);
      await world.settled(pc(id));
    }));

  it('semantics 4, 7.2: a foreign release that says mde-hold is respected while it runs, too', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.unisolate(id, { by: ada, comment: 'clean now, mde-hold', latencySeconds: 60 });
      const run = await world.up(pc(id));
      expect(run.text).to.contain('mde-hold');
      world.outOfDate(id);
      world.pass('5m');
      await world.up(pc(id));
      expect(world.ours('Isolate', id)).to.have.length(1);
      expect(world.isolated(id)).to.equal(false);
    }));

  it('semantics 4: another type → kept, told, and reported as a difference', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const selective = pc(id, { isolationType: 'Selective' });
      const preview = succeeds(await world.preview(selective));
      expect(preview.steps).to.deep.equal({ pc: 'update' });
      expect(preview.warnings.join()).to.contain('allowTypeChange');
      for (let each = 0; each < 2; each += 1) {
        const run = succeeds(await world.up(selective));
        expect(run.warnings.join()).to.contain('allowTypeChange');
        expect(run.steps).to.deep.equal({ pc: 'update' });
      }
      expect(world.writes()).to.equal(1);
      expect(world.outputs()).to.include({ isolationType: 'Full', state: 'isolated' });
      expect(world.control.machine(id).isolation).to.include({ isolated: true, type: 'Full' });
    }));

  it('semantics 4: allowTypeChange → a release and an isolate, and then in sync', () =>
    eachWorld([{ secondIsolateChangesType: false }, { secondIsolateChangesType: true }], async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const program = pc(id, { isolationType: 'Selective', allowTypeChange: true });
      const preview = succeeds(await world.preview(program));
      expect(preview.text).to.contain('would release');
      succeeds(await world.up(program, { mayRelease: [id] }));
      expect(world.ours('Unisolate', id)).to.have.length(1);
      expect(world.control.machine(id).isolation).to.include({ isolated: true, type: 'Selective' });
      expect(world.outputs()).to.include({ isolationType: 'Selective', owned: true });
      await world.settled(program);
    }));

  it('semantics 4: a change of type that was killed half-way is resumed, wherever it was', async () => {
    for (const killAfter of [6_000, 20_000, 70_000, 90_000, 150_000]) {
      await inWorld({}, async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        const program = pc(id, { isolationType: 'Selective', allowTypeChange: true });
        await killed(world.up(program, { mayRelease: [id], killAfter })).catch((error: Error) => {
          if (!(error instanceof NotKilled) || killAfter < 120_000) throw error;
        });
        succeeds(await world.up(program, { mayRelease: [id] }));
        expect(world.control.machine(id).isolation, `killed after ${killAfter}`).to.include({
          isolated: true,
          type: 'Selective',
        });
        expect(world.ours('Unisolate', id).filter(({ status }) => status === 'Succeeded')).to.have.length(1);
        await world.settled(program);
      });
    }
  });

  it('semantics 4: a change of type whose release does not come to its end is taken back, and nothing false is told', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.setMachine(id, { online: false });
      const program = pc(id, { isolationType: 'Selective', allowTypeChange: true });
      const run = await world.up(program, { mayRelease: [id] });
      fails(run, { pc: /NOT RELEASED YET/ });
      expect(world.ours('Unisolate', id).map(({ status }) => status)).to.deep.equal(['Cancelled']);
      expect(world.outputs()).to.include({ state: 'doubtful' });
      expect(run.summary).not.to.contain('certain');
      world.control.setMachine(id, { online: true });
      succeeds(await world.up(program, { mayRelease: [id] }));
      expect(world.control.machine(id).isolation).to.include({ isolated: true, type: 'Selective' });
      await world.settled(program);
    }));

  it('semantics 4: a change of type is refused before its release where the isolation would be refused', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.control.setMachine(id, { machineTags: ['mde-protected'] });
      const program = pc(id, { isolationType: 'Selective', allowTypeChange: true });
      fails(await world.up(program), { pc: 'mde-protected' });
      expect(world.ours('Unisolate', id)).to.deep.equal([]);
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 4, 8.6: nor is it done under hold, and the host stays as it is', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const program = pc(id, { isolationType: 'Selective', allowTypeChange: true });
      await world.up(program, { config: { releases: 'hold' } });
      expect(world.ours('Unisolate', id)).to.deep.equal([]);
      expect(world.control.machine(id).isolation).to.include({ isolated: true, type: 'Full' });
    }));

  it('semantics 4: the type of what another isolated is kept, unless it is taken over', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      world.control.isolate(id, { by: ada, isolationType: 'Full', latencySeconds: 0 });
      const program = pc(id, { isolationType: 'Selective', allowTypeChange: true });
      const run = await world.up(program);
      expect(run.text).to.contain('takeOwnership');
      expect(world.writes()).to.equal(0);
      const taken = pc(id, { isolationType: 'Selective', allowTypeChange: true, takeOwnership: true });
      succeeds(await world.up(taken, { mayRelease: [id] }));
      expect(world.control.machine(id).isolation).to.include({ type: 'Selective' });
      expect(world.outputs()).to.include({ owned: true });
      await world.settled(taken);
    }));

  it('semantics 4.1: an answer that was lost after the request was accepted: it is found in the history, not sent again', async () => {
    for (const effect of [{ kind: 'reset-after' }, { kind: 'garbage' }, { kind: 'truncated' }] as const) {
      for (const listDelaySeconds of [0, 5, 30]) {
        await inWorld({ switches: { listDelaySeconds } }, async (world) => {
          const id = world.host();
          world.control.addFault({ effect, route: isolate, count: 1 });
          succeeds(await world.up(pc(id)));
          expect(world.ours('Isolate', id), `${effect.kind} ${listDelaySeconds}`).to.have.length(1);
          expect(world.writes()).to.equal(1);
          expect(world.outputs()).to.include({ owned: true, state: 'isolated' });
          await world.settled(pc(id));
        });
      }
    }
  });

  it('semantics 4.1: an answer that was lost before the request was carried out: looked for during 90 s, sent once more', async () => {
    for (const effect of [
      { kind: 'reset-before' },
      { kind: 'answer', status: 500 },
      { kind: 'answer', status: 503 },
    ] as const) {
      await inWorld({}, async (world) => {
        const id = world.host();
        world.control.addFault({ effect, route: isolate, count: 1 });
        const started = world.now();
        succeeds(await world.up(pc(id)));
        expect(world.writes()).to.equal(2);
        const [sent] = world.ours('Isolate', id);
        expect(Date.parse(sent?.creationDateTimeUtc ?? '') - started).to.be.within(90_000, 110_000);
        expect(world.isolated(id)).to.equal(true);
      });
    }
  });

  it('semantics 4.1: lost twice: nobody knows, so it is told as not contained for certain, and found by the next run', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      world.control.addFault({ effect: { kind: 'reset-before' }, route: isolate, count: 2 });
      const run = await world.up(pc(id));
      fails(run, { pc: 'NOT CONTAINED FOR CERTAIN' });
      expect(run.summary).to.match(/^NOT CONTAINED/);
      expect(world.writes()).to.equal(2);
      succeeds(await world.up(pc(id)));
      expect(world.ours('Isolate', id)).to.have.length(1);
    }));

  it('semantics 4.1: a 429 is obeyed and the request repeated, with and without Retry-After', () =>
    eachWorld([{ retryAfter: 'exact' }, { retryAfter: 'absent' }], async (world) => {
      const id = world.host();
      const headers = world.control.switches().retryAfter === 'exact' ? { 'Retry-After': '20' } : {};
      world.control.addFault({ effect: { kind: 'answer', status: 429, headers }, route: isolate, count: 3 });
      succeeds(await world.up(pc(id)));
      expect(world.writes()).to.equal(4);
      expect(world.ours('Isolate', id)).to.have.length(1);
    }));

  it('semantics 4.2: a request of another that came between look and POST is adopted, whatever the service answers', () =>
    eachWorld(
      [0, 5, 30].flatMap((listDelaySeconds) =>
        duplicates.slice(0, 3).map((row) => ({ ...row, listDelaySeconds, getDelaySeconds: listDelaySeconds })),
      ),
      async (world) => {
        const id = world.host();
        if (world.control.switches().duplicateRequest === 'alternate') {
          // The second duplicate is the one that is refused.
          const spare = world.host({ online: false });
          world.control.isolate(spare);
          world.control.isolate(spare);
        }
        world.before('POST isolate', () => world.control.isolate(id, { by: ada, latencySeconds: 100 }));
        succeeds(await world.up(pc(id)));
        expect(world.requests('Isolate', id)).to.have.length(1);
        expect(world.outputs()).to.include({ requestor: ada, owned: false, state: 'isolated' });
        succeeds(await world.up({}));
        expect(world.isolated(id)).to.equal(true);
      },
    ));

  it('semantics 4.3: what still runs when the time is over is kept in state, and told as NOT CONTAINED YET', () =>
    inWorld({}, async (world) => {
      const id = world.host({ online: false });
      const started = world.now();
      const run = fails(await world.up(pc(id)), { pc: /NOT CONTAINED YET.*MDE tries until/ });
      expect((world.now() - started) / 60_000).to.be.within(20, 21);
      expect(run.summary).to.match(/^NOT CONTAINED YET \(1\)/);
      expect(world.outputs()).to.include({ state: 'isolating', actionId: world.ours('Isolate', id)[0]?.id });
      expect(world.outputs()).not.to.have.property('coveredUntil');
    }));

  it('semantics 4.3: later runs take it as in sync, with a warning, until it is final', () =>
    inWorld({}, async (world) => {
      const id = world.host({ online: false });
      await world.up(pc(id));
      world.pass('3h');
      for (let each = 0; each < 2; each += 1) {
        const run = await world.settled(pc(id));
        expect(run.warnings.join()).to.match(/NOT CONTAINED YET.*MDE gives it up at/);
        expect(run.summary).to.match(/^NOT CONTAINED YET/);
      }
      world.control.setMachine(id, { online: true });
      world.pass('10m');
      const run = await world.settled(pc(id));
      expect(run.text).not.to.contain('NOT CONTAINED');
      expect(world.outputs()).to.include({ state: 'isolated', owned: true });
      expect(world.ours('Isolate', id)).to.have.length(1);
    }));

  it('semantics 4.3: a final one that did not succeed is a difference, and is sent again', () =>
    inWorld({}, async (world) => {
      for (const status of ['Failed', 'TimeOut'] as const) {
        const id = world.host({ outcomes: { Isolate: { status, times: 1 } } });
        const program = { [status]: { machineId: id, comment: 'INC-1' } };
        fails(await world.up(program), { [status]: new RegExp(`NOT CONTAINED: .* ended ${status}`) });
        const preview = await world.preview(program);
        expect(preview.steps).to.deep.equal({ [status]: 'update' });
        succeeds(await world.up(program));
        expect(world.ours('Isolate', id)).to.have.length(2);
        expect(world.isolated(id)).to.equal(true);
        succeeds(await world.up({}));
      }
    }));

  it('semantics 4.3: a custom time-out is kept to', () =>
    inWorld({}, async (world) => {
      const id = world.host({ online: false });
      const started = world.now();
      fails(await world.up(pc(id), { timeoutMs: 5 * 60_000 }), { pc: 'NOT CONTAINED YET' });
      expect((world.now() - started) / 60_000).to.be.within(5, 5.5);
    }));

  it('semantics 4.3, 9: after a long wait the host is looked at again, so that nothing out of date is told', () =>
    eachWorld([{ isolateWhenIsolated: 'stay-pending' }], async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('80h');
      // A hanging renewal of another, and in the middle of our wait for it the host is released by hand.
      world.control.isolate(id, { by: ada });
      world.after('5m', () => world.control.unisolate(id, { by: ada, latencySeconds: 20 }));
      const run = await world.up(pc(id, { comment: 'INC-2' }));
      fails(run, { pc: 'NOT CONTAINED YET' });
      expect(run.summary).not.to.contain('certain');
      expect(world.outputs()).not.to.have.property('coveredUntil');
    }));

  it('semantics 4.3: Submitted is the same without the wait', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = pc(id, { waitFor: 'Submitted' });
      const started = world.now();
      const run = succeeds(await world.up(program));
      expect(world.now() - started).to.be.below(10_000);
      expect(run.warnings.join()).to.contain('NOT CONTAINED YET');
      expect(run.summary).not.to.contain('isolated: 1');
      expect(run.summary).not.to.contain('certain');
      expect(world.outputs()).to.include({ state: 'isolating', owned: true });
      world.pass('5m');
      await world.settled(program);
      expect(world.outputs()).to.include({ state: 'isolated' });
    }));

  it('Ctrl-C: no new request, and what is known is kept', () =>
    inWorld({}, async (world) => {
      const [running, waiting] = [world.host(), world.host()];
      const program = { ...pc(running), other: { machineId: waiting, comment: 'INC-2' } };
      const run = await world.up(program, { cancelAfter: 20_000 });
      fails(run, { pc: 'the run was cancelled', other: 'the run was cancelled' });
      expect(world.outputs()).to.include({
        state: 'isolating',
        owned: true,
        actionId: world.ours('Isolate', running)[0]?.id,
      });
      const writes = world.writes();
      world.pass('10m');
      succeeds(await world.up(program));
      expect(world.writes()).to.equal(writes);
      expect(world.outputs()).to.include({ state: 'isolated', owned: true });
    }));

  it('Ctrl-C before anything was sent leaves nothing behind', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      await world.up(pc(id), { cancelAfter: 1 });
      expect(world.writes()).to.equal(0);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('an analyst who releases while the isolation is on its way is not overlooked', () =>
    eachWorld(
      [{ completionOrder: 'in-order' }, { completionOrder: 'newest-first' }, { completionOrder: 'independent' }],
      async (world) => {
        const id = world.host();
        world.after('10s', () => world.control.unisolate(id, { by: ada, latencySeconds: 90 }));
        await world.up(pc(id));
        await world.up(pc(id));
        expect(world.isolated(id)).to.equal(true);
        await world.settled(pc(id));
      },
    ));

  it('a host that goes silent during its isolation is contained by the run after its return', () =>
    eachWorld([{ giveUpStatus: 'TimeOut' }, { giveUpStatus: 'Failed' }], async (world) => {
      const id = world.host();
      world.after('10s', () => world.control.setMachine(id, { online: false }));
      fails(await world.up(pc(id)), { pc: 'NOT CONTAINED YET' });
      world.pass('1d');
      const run = await world.settled(pc(id));
      expect(run.text).to.contain('NOT CONTAINED YET');
      world.control.setMachine(id, { online: true });
      world.pass('5m');
      succeeds(await world.up(pc(id)));
      expect(world.isolated(id)).to.equal(true);
      expect(world.ours('Isolate', id)).to.have.length(1);
    }));

  it('a machine that cannot be isolated is refused with the reason, and nothing is kept', () =>
    inWorld({}, async (world) => {
      const linux = world.host({ osPlatform: 'Linux' });
      const stranger = world.host({ onboardingStatus: 'CanBeOnboarded' });
      const old = world.host({ osPlatform: 'WindowsServer2008R2' });
      const program = {
        linux: { machineId: linux, comment: 'INC-1', isolationType: 'Selective' },
        stranger: { machineId: stranger, comment: 'INC-1' },
        old: { machineId: old, comment: 'INC-1' },
      };
      fails(await world.preview({ linux: program.linux, stranger: program.stranger }), {
        linux: 'Full isolation only',
        stranger: 'not onboarded',
      });
      fails(await world.up(program), {
        linux: 'Full isolation only',
        stranger: 'not onboarded',
        old: 'OsPlatformNotSupported',
      });
      expect(world.control.actions()).to.deep.equal([]);
      expect(world.stack.entries.filter(({ name }) => name !== 'old')).to.deep.equal([]);
    }));

  it('without the role to write, preview says so as a note and up as an error', () =>
    inWorld({ roles: ['Machine.Read.All'] }, async (world) => {
      const id = world.host();
      const preview = succeeds(await world.preview(pc(id)));
      expect(preview.notes.join()).to.contain('lacks the role Machine.Isolate');
      fails(await world.up(pc(id)), { pc: 'Machine.Isolate' });
      expect(world.control.actions()).to.deep.equal([]);
    }));

  it('a token that ends in the middle of a run is renewed', () =>
    inWorld({}, async (world) => {
      const id = world.host({ online: false });
      for (const at of ['5s', '5m', '12m']) world.after(at, () => world.control.expireTokens());
      world.after('15m', () => world.control.setMachine(id, { online: true }));
      succeeds(await world.up(pc(id)));
      expect(world.ours('Isolate', id)).to.have.length(1);
      expect(world.isolated(id)).to.equal(true);
    }));
});
