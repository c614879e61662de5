import { expect } from 'chai';
import type { Program } from './engine.ts';
import { fails, inWorld, pc, quarantine, succeeds, type World } from './host.ts';

/** A device that was discovered on the network, and has no sensor. */
const stranger = (world: World) => world.host({ onboardingStatus: 'CanBeOnboarded', healthStatus: 'Unknown' });
const contained = { isolationType: 'UnManagedDevice' };

describe('devices that are not onboarded', function () {
  this.timeout(60_000);

  it('are contained by the onboarded ones, say how long that takes, are renewed as a lease, and are released', () =>
    inWorld({}, async (world) => {
      const id = stranger(world);
      const run = succeeds(await world.up(pc(id, contained)));
      expect(run.text).to.contain('up to five minutes pass until all onboarded devices keep it off');
      expect(world.control.machine(id).isolation).to.include({ isolated: true, type: 'UnManagedDevice' });
      expect(world.outputs()).to.include({ state: 'isolated', isolationType: 'UnManagedDevice' });
      await world.settled(pc(id, contained));
      world.pass('100h');
      succeeds(await world.up(pc(id, contained)));
      expect(world.ours('Isolate', id)).to.have.length(2);
      expect(world.ours('Isolate', id).map(({ scope }) => scope)).to.deep.equal(['UnManagedDevice', 'UnManagedDevice']);
      succeeds(await world.up({}));
      expect(world.isolated(id)).to.equal(false);
    }));

  it('that the type does not fit are told the one that does, in preview too, and nothing is sent', () =>
    inWorld({}, async (world) => {
      const [onboarded, not] = [world.host(), stranger(world)];
      const rows: readonly (readonly [Program, RegExp])[] = [
        [pc(onboarded, contained), /it is onboarded to Defender.*Declare isolationType: Full or Selective/],
        [pc(not), /it is not onboarded to Defender \(CanBeOnboarded\).*Declare isolationType: UnManagedDevice/],
        [pc(not, { isolationType: 'Selective' }), /Declare isolationType: UnManagedDevice/],
      ];
      for (const [program, told] of rows)
        for (const run of [await world.preview(program), await world.up(program)]) fails(run, { pc: told });
      expect(world.writes()).to.equal(0);
    }));

  it('semantics 4: of another type than declared stay as they are; a change needs leave, and a device that fits it', () =>
    inWorld({}, async (world) => {
      const id = stranger(world);
      succeeds(await world.up(pc(id, contained)));
      fails(await world.preview(pc(id, { isolationType: 'Full', allowTypeChange: true })), {
        pc: 'its type is changed only while the device reports',
      });
      fails(await world.up(pc(id, { isolationType: 'Full', allowTypeChange: true })), {
        pc: 'its type is changed only while the device reports',
      });
      expect(world.isolated(id)).to.equal(true);
      // It was onboarded meanwhile.
      world.control.setMachine(id, { onboardingStatus: 'Onboarded', healthStatus: 'Active' });
      world.pass('5m');
      const kept = succeeds(await world.up(pc(id, { isolationType: 'Full' })));
      expect(kept.text).to.contain('it is isolated as UnManagedDevice, declared is Full');
      expect(world.control.machine(id).isolation).to.include({ type: 'UnManagedDevice' });
      succeeds(await world.up(pc(id, { isolationType: 'Full', allowTypeChange: true }), { mayRelease: [id] }));
      expect(world.control.machine(id).isolation).to.include({ isolated: true, type: 'Full' });
    }));

  it('are at most a hundred at a time: the next is refused before anything is sent for it, whoever contained the others', () =>
    inWorld({ config: { guardrails: { maxIsolations: 200 } } }, async (world) => {
      const theirs = Array.from({ length: 98 }, () => stranger(world));
      for (const id of theirs)
        world.control.isolate(id, { ...contained, isolationType: 'UnManagedDevice', latencySeconds: 0 });
      world.pass('1m');
      const gone = theirs.pop() ?? '';
      world.control.unisolate(gone, { latencySeconds: 0 });
      world.pass('1m');
      const ids = Array.from({ length: 4 }, () => stranger(world));
      const hosts = ids.map((machineId) => ({ machineId, comment: 'INC-1', ...contained }));
      const onboarded = world.host();
      const set = { q: quarantine({ hosts: [...hosts, { machineId: onboarded, comment: 'INC-1' }] }) };
      fails(await world.preview(set), { q: '100 devices are contained as UnManagedDevice already' });
      const run = fails(await world.up(set), { q: '100 devices are contained as UnManagedDevice already' });
      expect(run.failures.q).to.contain('Release some of them, then run again');
      expect(ids.filter((id) => world.isolated(id))).to.have.length(3);
      expect(world.ours('Isolate')).to.have.length(4);
      expect(world.isolated(onboarded), 'others are not held up').to.equal(true);
      // The refused one has its place as soon as another is released.
      world.control.unisolate(theirs[0] ?? '', { latencySeconds: 0 });
      world.pass('5m');
      succeeds(await world.up(set));
      expect(ids.filter((id) => world.isolated(id))).to.have.length(4);
    }));

  it('in a set are declared by the same word, and state keeps it', () =>
    inWorld({}, async (world) => {
      const id = stranger(world);
      const manifest = `version: 1\ncomment: INC-1\nhosts:\n  - machineId: "${id}"\n    isolationType: UnManagedDevice\n`;
      succeeds(await world.up({ q: quarantine({ manifest }) }));
      expect(world.held()[id]?.declared.inputs.isolationType).to.equal('UnManagedDevice');
      expect(world.control.machine(id).isolation).to.include({ type: 'UnManagedDevice' });
      await world.settled({ q: quarantine({ manifest }) });
    }));
});
