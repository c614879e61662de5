import { expect } from 'chai';
import { eachWorld, fails, inWorld, pc, succeeds, type World } from './host.ts';

const ada = 'ada@contoso.com';

/** Ada releases the host by hand, done at once. */
function handRelease(world: World, id: string, comment = 'clean'): void {
  world.control.unisolate(id, { by: ada, comment, latencySeconds: 0 });
  world.outOfDate(id);
}

describe('others at work', function () {
  this.timeout(30_000);

  it('semantics 7.1: a release by hand is seen in a preview, and mended by the next run', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('1h');
      handRelease(world, id);
      const preview = succeeds(await world.preview(pc(id)));
      expect(preview.steps).to.deep.equal({ pc: 'update' });
      expect(preview.text).to.match(/would isolate .* it was released by ada@contoso.com/);
      succeeds(await world.up(pc(id)));
      expect(world.isolated(id)).to.equal(true);
      await world.settled(pc(id));
    }));

  it('semantics 7.1: onManualRelease hold respects it until the declaration changes, and never calls the host contained', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = pc(id, { onManualRelease: 'hold' });
      succeeds(await world.up(program));
      world.pass('1h');
      handRelease(world, id);
      for (let day = 0; day < 3; day += 1) {
        const run = await world.up(program);
        expect(run.text).to.match(/onManualRelease is hold/);
        expect(run.summary).not.to.match(/^isolated|contained, for certain/m);
        expect(world.outputs()).to.include({ state: 'released' });
        world.pass('1d');
      }
      expect(world.ours('Isolate', id)).to.have.length(1);
      succeeds(await world.up(pc(id, { onManualRelease: 'hold', comment: 'INC-1 again' })));
      expect(world.isolated(id)).to.equal(true);
      await world.settled(pc(id, { onManualRelease: 'hold', comment: 'INC-1 again' }));
    }));

  it('semantics 7.2: a foreign release that says mde-hold is respected until the declaration changes', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('1h');
      handRelease(world, id, 'reimaged, MDE-HOLD please');
      for (let day = 0; day < 3; day += 1) {
        const run = await world.up(pc(id));
        expect(run.text).to.contain('mde-hold');
        world.pass('1d');
      }
      expect(world.ours('Isolate', id)).to.have.length(1);
      succeeds(await world.up(pc(id, { comment: 'INC-2' })));
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 7.2: our own release is no hold, whatever its comment says', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = pc(id, { comment: 'mde-hold is mentioned here' });
      succeeds(await world.up(program));
      succeeds(await world.up({}));
      succeeds(await world.up(program));
      expect(world.isolated(id)).to.equal(true);
      await world.settled(program);
    }));

  it('semantics 7.3: after two foreign releases within a day of our isolations we stop, and say that it is disputed', () =>
    eachWorld([{ requestorOfApps: 'name' }, { requestorOfApps: 'id' }], async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('2h');
      handRelease(world, id);
      succeeds(await world.up(pc(id)));
      world.pass('2h');
      handRelease(world, id);
      for (let each = 0; each < 2; each += 1) {
        const run = fails(await world.up(pc(id)), { pc: 'is disputed' });
        expect(run.summary).to.match(/^NOT CONTAINED/);
        expect(world.ours('Isolate', id)).to.have.length(2);
        world.pass('3h');
      }
      fails(await world.preview(pc(id)), { pc: 'a day of an isolation by us' });
      // A change of the declaration is a person's decision.
      succeeds(await world.up(pc(id, { comment: 'INC-1, agreed with ada' })));
      expect(world.isolated(id)).to.equal(true);
      await world.settled(pc(id, { comment: 'INC-1, agreed with ada' }));
    }));

  it('semantics 7.3: releases that come later than a day after are no dispute', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      for (let each = 0; each < 3; each += 1) {
        world.pass('25h');
        handRelease(world, id);
        succeeds(await world.up(pc(id)));
        expect(world.isolated(id)).to.equal(true);
      }
    }));

  it('an analyst who cancels our isolation again and again is answered with one isolate a run', () =>
    eachWorld([{ cancelledThoughExecuted: false }, { cancelledThoughExecuted: true }], async (world) => {
      const id = world.host();
      for (let each = 1; each <= 3; each += 1) {
        world.after('10s', () => world.control.cancel(world.ours('Isolate', id).at(-1)?.id ?? '', { by: ada }));
        const run = await world.up(pc(id));
        fails(run, { pc: 'ended Cancelled by ada@contoso.com' });
        expect(world.ours('Isolate', id)).to.have.length(each);
        world.pass('1h');
      }
      succeeds(await world.up(pc(id)));
      expect(world.isolated(id)).to.equal(true);
    }));

  it('semantics 2.3, 7.1: a renewal that hung while somebody released the host is sent again, unless the release is to be held', async () => {
    for (const more of [{}, { onManualRelease: 'hold' }]) {
      await eachWorld([{ isolateWhenIsolated: 'stay-pending' }], async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id, more)));
        world.pass('80h');
        await world.up(pc(id, more));
        handRelease(world, id);
        world.pass('40m');
        await world.up(pc(id, more));
        await world.up(pc(id, more));
        expect(world.isolated(id)).to.equal(more.onManualRelease === undefined);
        expect(world.ours('Isolate', id)).to.have.length(more.onManualRelease === undefined ? 3 : 2);
        expect(world.outputs()).to.include({ state: world.isolated(id) ? 'isolated' : 'doubtful' });
      });
    }
  });

  it('a host that was freed without any record is not told as contained for longer than it can know', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      // A force-release script on the device: nobody can see it, so the lease is all there is.
      world.control.force(id, null);
      world.outOfDate(id);
      world.pass('9d');
      succeeds(await world.up(pc(id)));
      expect(world.isolated(id)).to.equal(true);
    }));

  it('an isolation that MDE itself made shows no record; ours is sent beside it', () =>
    eachWorld([{ isolateWhenIsolated: 'succeed' }], async (world) => {
      const id = world.host();
      world.control.force(id, 'Full');
      succeeds(await world.up(pc(id)));
      expect(world.ours('Isolate', id)).to.have.length(1);
    }));

  it('semantics 7.1, 7.3: the lift that MDE does by itself is nobody’s release by hand, also where it leaves a record', () =>
    inWorld({ switches: { liftRecord: 'unisolate-action' } }, async (world) => {
      const id = world.host();
      const program = pc(id, { onManualRelease: 'hold' });
      succeeds(await world.up(program));
      for (let week = 0; week < 3; week += 1) {
        world.pass('7d');
        expect(world.isolated(id)).to.equal(false);
        succeeds(await world.up(program));
        expect(world.isolated(id), `after the lift of week ${week + 1}`).to.equal(true);
      }
      world.outOfDate(id);
      world.control.unisolate(id);
      world.pass('5m');
      await world.up(program);
      expect(world.isolated(id), 'after a release by hand').to.equal(false);
    }));

  it('semantics 4: beside a release of others that hangs no run sends a second isolation while ours is running', () =>
    inWorld({ switches: { duplicateRequest: 'accept' }, inProcess: true }, async (world) => {
      const id = world.host({ online: false });
      world.control.unisolate(id);
      fails(await world.up(pc(id)), { pc: 'NOT CONTAINED YET' });
      for (let run = 0; run < 2; run += 1) await world.up(pc(id));
      expect(world.ours('Isolate', id)).to.have.length(1);
      world.control.setMachine(id, { online: true });
      world.pass('10m');
      succeeds(await world.up(pc(id)));
      expect(world.isolated(id)).to.equal(true);
      expect(world.ours('Isolate', id)).to.have.length(1);
    }));
});
