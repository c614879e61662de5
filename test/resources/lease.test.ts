import { expect } from 'chai';
import type { SwitchSettings } from '../../simulator/switches.ts';
import { eachWorld, fails, inWorld, pc, succeeds, type World } from './host.ts';

const hour = 3_600_000;

/** Everything that nobody knows of the lease. */
const leases: Partial<SwitchSettings>[] = (['request', 'completion'] as const).flatMap((leaseStart) =>
  [false, true].flatMap((secondIsolateRestartsLease) =>
    (['none', 'unisolate-action'] as const).map((liftRecord) => ({
      leaseStart,
      secondIsolateRestartsLease,
      liftRecord,
    })),
  ),
);

/** Each value of each of them at least once, for what takes many runs. */
const someLeases: Partial<SwitchSettings>[] = [
  { leaseStart: 'request', secondIsolateRestartsLease: false, liftRecord: 'none' },
  { leaseStart: 'completion', secondIsolateRestartsLease: false, liftRecord: 'unisolate-action' },
  { leaseStart: 'request', secondIsolateRestartsLease: true, liftRecord: 'none' },
  { leaseStart: 'completion', secondIsolateRestartsLease: true, liftRecord: 'unisolate-action' },
];

/** Runs every so many hours for some days; answers the hours, one by one, in which the host was not isolated. */
async function runEvery(
  world: World,
  id: string,
  hours: number,
  days: number,
  run: () => Promise<unknown>,
): Promise<number[]> {
  const free: number[] = [];
  for (let passed = 0; passed < days * 24; passed += hours) {
    for (let each = 0; each < hours; each += 1) {
      world.pass('1h');
      if (!world.isolated(id)) free.push(passed + each);
    }
    await run();
    expect(world.isolated(id), `isolated after the run of hour ${passed + hours}`).to.equal(true);
  }
  return free;
}

describe('the lease of an isolation', function () {
  this.timeout(60_000);

  it('semantics 2.2: an isolation is renewed once, four days before its earliest lift, and not before', () =>
    eachWorld([{ secondIsolateRestartsLease: false }, { secondIsolateRestartsLease: true }], async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('71h30m');
      await world.settled(pc(id));
      world.pass('1h');
      await world.refresh();
      expect(world.outputs()).to.include({ state: 'expiring' });
      const run = succeeds(await world.up(pc(id)));
      expect(run.summary).to.contain('renewed: 1');
      expect(world.ours('Isolate', id)).to.have.length(2);
      for (let day = 0; day < 3; day += 1) {
        world.pass('24h');
        await world.settled(pc(id));
      }
    }));

  it('semantics 2.1: with renewalRestartsLease the newest isolate sets the earliest lift', () =>
    eachWorld(
      [{ secondIsolateRestartsLease: true }],
      async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        const first = Date.parse(String(world.outputs().coveredUntil));
        world.pass('80h');
        succeeds(await world.up(pc(id)));
        const second = Date.parse(String(world.outputs().coveredUntil));
        expect((second - first) / hour).to.be.closeTo(80, 0.5);
        const free = await runEvery(world, id, 24, 25, () => world.up(pc(id)).then(succeeds));
        expect(free).to.deep.equal([]);
        expect(world.ours('Isolate', id).length).to.be.at.most(10);
      },
      { config: { renewalRestartsLease: true } },
    ));

  it('semantics 2.1, 2.2: without it a renewal promises nothing beyond the first lift', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const { coveredUntil } = world.outputs();
      world.pass('80h');
      succeeds(await world.up(pc(id)));
      expect(world.outputs().coveredUntil).to.equal(coveredUntil);
    }));

  it('semantics 2.2: renewBefore says when', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = pc(id, { renewBefore: '24h' });
      succeeds(await world.up(program));
      world.pass('143h');
      await world.settled(program);
      world.pass('1h');
      succeeds(await world.up(program));
      expect(world.ours('Isolate', id)).to.have.length(2);
    }));

  it('semantics 2.2: between the lifts it is isolated again at most every six hours', () =>
    eachWorld(leases, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('168h30m');
      const before = world.ours('Isolate', id).length;
      if (world.control.switches().liftRecord === 'none') {
        await world.refresh();
        expect(world.outputs()).to.include({ state: 'uncertain' });
      }
      for (let each = 0; each < 12; each += 1) {
        succeeds(await world.up(pc(id)));
        expect(world.isolated(id)).to.equal(true);
        world.pass('1h');
      }
      expect(world.ours('Isolate', id).length - before).to.be.within(1, 2);
    }));

  it('semantics 2.2: after the latest lift it has lapsed, and a new period begins', () =>
    eachWorld(leases, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('10d');
      expect(world.isolated(id)).to.equal(false);
      const preview = succeeds(await world.preview(pc(id)));
      expect(preview.text).to.contain('would isolate');
      const run = succeeds(await world.up(pc(id)));
      expect(run.summary).to.contain('isolated: 1');
      expect(world.isolated(id)).to.equal(true);
      expect(Date.parse(String(world.outputs().coveredUntil)) - world.now()).to.be.above(167 * hour);
      await world.settled(pc(id));
    }));

  it('semantics 2.2: daily runs keep a host contained for weeks, and never claim cover that is not there', () =>
    eachWorld(
      someLeases,
      async (world, settings) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        const free = await runEvery(world, id, 24, 25, () => world.up(pc(id)).then(succeeds));
        // Where a second isolate changes nothing the lift comes all the same; the next run mends it.
        if (settings.secondIsolateRestartsLease === true) expect(free).to.deep.equal([]);
        expect(free.length).to.be.at.most(3 * 24);
        // A day is a run; no run sends more than one.
        expect(world.ours('Isolate', id).length).to.be.at.most(26);
      },
      { signInOnce: true, inProcess: true },
    ));

  it('semantics 2.2: six-hourly runs leave no host free for longer than that', () =>
    eachWorld(
      someLeases,
      async (world, settings) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        const free = await runEvery(world, id, 6, 15, () => world.up(pc(id)).then(succeeds));
        if (settings.secondIsolateRestartsLease === true) expect(free).to.deep.equal([]);
        expect(free.length).to.be.at.most(2 * 6);
      },
      { signInOnce: true, inProcess: true },
    ));

  it('semantics 2.2: hourly runs leave no host free for longer than that, whenever it was isolated again last', () =>
    eachWorld(
      someLeases,
      async (world, settings) => {
        // It takes its time, so that the run after the earliest lift comes before the lift itself.
        const id = world.host({ latencySeconds: { Isolate: 80 * 60 } });
        await world.up(pc(id));
        world.pass('2h');
        world.control.setMachine(id, { latencySeconds: { Isolate: 66 } });
        await runEvery(world, id, 24, 6, () => world.up(pc(id)).then(succeeds));
        // An analyst means well shortly before the lift; the host is isolated, so it may change nothing.
        world.pass('20h');
        world.control.isolate(id);
        const free = await runEvery(world, id, 1, 0.5, () => world.up(pc(id)).then(succeeds));
        if (settings.secondIsolateRestartsLease === true) expect(free).to.deep.equal([]);
        expect(free.length).to.be.at.most(1);
      },
      { signInOnce: true, inProcess: true },
    ));

  it('semantics 2.2: weekly and ten-daily runs never claim cover that is not there', () =>
    eachWorld(
      leases,
      async (world) => {
        for (const hours of [7 * 24, 10 * 24]) {
          const id = world.host();
          succeeds(await world.up(pc(id)));
          await runEvery(world, id, hours, 40, () => world.up(pc(id)).then(succeeds));
          succeeds(await world.up({}));
        }
      },
      { signInOnce: true, inProcess: true },
    ));

  it('semantics 2.2: nor do runs at odd times, whatever the service does with a second isolate', () =>
    eachWorld(
      (['stay-pending', 'run-after-release'] as const).flatMap((isolateWhenIsolated) =>
        someLeases.map((settings) => ({ ...settings, isolateWhenIsolated })),
      ),
      async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        for (const hours of [75, 3, 20, 30, 25, 20, 8, 30, 80, 24, 24, 24, 24, 24, 200]) {
          world.pass(hours * hour);
          // A renewal that hangs is told as such; what counts is that the host is held, and nothing else claimed.
          await world.up(pc(id));
        }
        await world.up(pc(id));
        expect(world.isolated(id)).to.equal(true);
      },
      { signInOnce: true, inProcess: true },
    ));

  it('semantics 2.3: a renewal that hangs on an active host is no cover; it is cancelled, looked at and sent once more', () =>
    eachWorld([{ isolateWhenIsolated: 'stay-pending' }], async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      const { coveredUntil } = world.outputs();
      world.pass('80h');
      const run = fails(await world.up(pc(id)), { pc: 'NOT CONTAINED YET' });
      expect(run.summary).to.match(/^NOT CONTAINED/);
      expect(world.outputs()).to.include({ coveredUntil, state: 'expiring' });
      const [, hanging] = world.ours('Isolate', id);
      world.pass('40m');
      fails(await world.up(pc(id)), { pc: 'NOT CONTAINED YET' });
      const [, cancelled, again] = world.ours('Isolate', id);
      expect(cancelled).to.include({ id: hanging?.id, status: 'Cancelled' });
      expect(again).to.include({ status: 'Pending' });
      world.pass('1h');
      // Once more, not for ever.
      await world.up(pc(id));
      expect(world.ours('Isolate', id)).to.have.length(3);
    }));

  it('semantics 2.2, 2.3: a renewal that hangs keeps no later run from isolating what may have been lifted', () =>
    eachWorld(
      [
        { isolateWhenIsolated: 'stay-pending', duplicateRequest: 'return-pending' },
        { isolateWhenIsolated: 'stay-pending', duplicateRequest: 'reject-400' },
        { isolateWhenIsolated: 'run-after-release' },
      ],
      async (world) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        world.pass('150h');
        const free = await runEvery(world, id, 3, 4, () => world.up(pc(id)));
        expect(free.length).to.be.at.most(6);
      },
      { signInOnce: true, inProcess: true },
    ));

  it('semantics 2.3: a renewal that waits for a silent host is left alone', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id)));
      world.pass('72h30m');
      world.control.setMachine(id, { online: false, healthStatus: 'Inactive' });
      fails(await world.up(pc(id)), { pc: 'NOT CONTAINED YET' });
      world.pass('2h');
      const run = succeeds(await world.up(pc(id)));
      expect(run.text).to.contain('NOT RENEWED YET');
      expect(world.ours('Isolate', id)).to.have.length(2);
      world.control.setMachine(id, { online: true, healthStatus: 'Active' });
      world.pass('5m');
      await world.settled(pc(id));
    }));

  it('semantics 2.4: preview and summary say until when containment is certain unless a run happens before', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const run = succeeds(await world.up(pc(id)));
      expect(run.summary).to.match(/for certain until 2026-01-12 12:0\d UTC unless a run renews it before/);
      world.pass('80h');
      const preview = succeeds(await world.preview(pc(id)));
      expect(preview.text).to.match(/certain only until 2026-01-12 12:0\d UTC/);
      const left = succeeds(await world.up({}, { config: {} }));
      expect(left.steps).to.deep.equal({ pc: 'delete' });
    }));

  it('semantics 2.4, 5.4: what is retained is left isolated, and its lift is told', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up(pc(id, { onDelete: 'retain' })));
      const run = succeeds(await world.destroy());
      expect(run.warnings.join()).to.match(/MDE lifts it by itself between 2026-01-12 12:0\d UTC and 2026-01-13/);
      expect(run.summary).to.contain('left isolated (1)');
      expect(world.ours('Unisolate', id)).to.deep.equal([]);
      expect(world.isolated(id)).to.equal(true);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 2.5, 8.6: a removed host whose release is held is still renewed', () =>
    eachWorld(
      [{ secondIsolateRestartsLease: true }, { secondIsolateRestartsLease: false }],
      async (world, switches) => {
        const id = world.host();
        succeeds(await world.up(pc(id)));
        const config = { releases: 'hold', renewalRestartsLease: switches.secondIsolateRestartsLease === true };
        const free = await runEvery(world, id, 24, 21, async () => {
          const run = await world.up({}, { config });
          expect(run.text).to.contain('hold');
        });
        expect(world.ours('Unisolate', id)).to.deep.equal([]);
        if (switches.secondIsolateRestartsLease === true) expect(free).to.deep.equal([]);
        expect(free.length).to.be.at.most(3 * 24);
        succeeds(await world.up({}));
        expect(world.isolated(id)).to.equal(false);
      },
    ));

  it('semantics 2.5: a removed host whose release is refused is still renewed', () =>
    eachWorld(
      [{ secondIsolateRestartsLease: true }, { secondIsolateRestartsLease: false }],
      async (world, switches) => {
        const { ids, program } = world.hosts(4);
        const config = { renewalRestartsLease: switches.secondIsolateRestartsLease === true };
        succeeds(await world.up(program, { config }));
        const [first = ''] = ids;
        const free = await runEvery(world, first, 24, 15, async () => {
          const run = await world.up({}, { config });
          fails(run, { pc1: 'NOT RELEASED', pc2: 'NOT RELEASED', pc3: 'NOT RELEASED', pc4: 'NOT RELEASED' });
          for (const id of ids) expect(world.isolated(id)).to.equal(true);
        });
        if (switches.secondIsolateRestartsLease === true) expect(free).to.deep.equal([]);
        expect(world.ours('Unisolate')).to.deep.equal([]);
      },
    ));
});
