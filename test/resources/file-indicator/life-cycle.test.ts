import { expect } from 'chai';
import { eachWorld, fails, inWorld, killed, succeeds } from '../host.ts';
import { ada, block, only, otherSha1, sha1, shown } from './declared.ts';

describe('FileIndicator', function () {
  this.timeout(60_000);

  it('is set as declared, changes nothing in a second run, and is deleted with its resource', () =>
    inWorld({}, async (world) => {
      const host = world.host();
      const program = { f: block() };
      const preview = succeeds(await world.preview(program));
      expect(preview.text).to.contain(`would set an indicator: BlockAndRemediate Sha1 ${sha1}`);
      const run = succeeds(await world.up(program));
      expect(run.summary).to.equal('file indicators set: 1 (f)');
      expect(only(world)).to.deep.include({
        indicatorValue: sha1,
        indicatorType: 'FileSha1',
        action: 'BlockAndRemediate',
        title: 'INC-4711',
        severity: 'High',
        generateAlert: true,
        expirationTime: null,
        rbacGroupNames: [],
      });
      expect(world.control.machine(host).blockedFiles).to.deep.equal([sha1]);
      expect(world.stack.entry('f')?.id).to.equal(sha1);
      expect(world.outputs('f')).to.deep.include({ indicatorId: '1', state: 'active', indicatorType: 'FileSha1' });
      await world.settled(program);
      const gone = succeeds(await world.up({}));
      expect(gone.text).to.contain('the file may run again from now on; copies in quarantine stay there');
      expect(gone.summary).to.equal('file indicators deleted: 1 (f)');
      expect(shown(world)).to.deep.equal([]);
      expect(world.control.machine(host).blockedFiles).to.deep.equal([]);
    }));

  it('takes a hash in capitals, of each kind', () =>
    inWorld({}, async (world) => {
      const program = {
        one: block({ indicatorValue: sha1.toUpperCase() }),
        two: block({ indicatorValue: 'A'.repeat(64) }),
        three: block({ indicatorValue: 'b'.repeat(32) }),
      };
      succeeds(await world.up(program));
      expect(world.control.indicators().map(({ indicatorType }) => indicatorType)).to.have.members([
        'FileSha1',
        'FileSha256',
        'FileMd5',
      ]);
      await world.settled(program);
    }));

  it('is changed in place, property by property, also back to nothing', () =>
    inWorld({}, async (world) => {
      world.host({ rbacGroupName: 'servers', rbacGroupId: 7 });
      succeeds(await world.up({ f: block() }));
      const all = {
        action: 'Block',
        severity: 'Low',
        recommendedActions: 'call floor 3',
        generateAlert: false,
        expirationTime: '2026-03-01T08:00:00.5Z',
        rbacGroupNames: ['servers'],
        title: 'INC-4712',
      };
      const run = succeeds(await world.up({ f: block(all) }));
      expect(run.text).to.contain('title INC-4711 → INC-4712');
      expect(only(world)).to.deep.include({
        ...all,
        id: '1',
        expirationTime: '2026-03-01T08:00:00Z',
        lastUpdatedBy: world.simulator.credentials.clientId,
      });
      await world.settled({ f: block(all) });
      succeeds(await world.up({ f: block() }));
      expect(only(world)).to.deep.include({
        id: '1',
        action: 'BlockAndRemediate',
        expirationTime: null,
        rbacGroupNames: [],
        severity: 'High',
      });
      expect(only(world).recommendedActions ?? '').to.equal('');
      await world.settled({ f: block() });
    }));

  it('writes its device groups in the way that the service takes', () =>
    eachWorld(
      [{ rbacGroupNames: 'array' }, { rbacGroupNames: 'text' }, { rbacGroupNames: 'either' }],
      async (world) => {
        world.host({ rbacGroupName: 'servers', rbacGroupId: 7 });
        world.host({ rbacGroupName: 'floor 3', rbacGroupId: 8 });
        const program = { f: block({ rbacGroupNames: ['servers', 'floor 3'] }) };
        succeeds(await world.up(program));
        expect(only(world).rbacGroupNames).to.deep.equal(['servers', 'floor 3']);
        // The order is no difference.
        await world.settled({ f: block({ rbacGroupNames: ['floor 3', 'servers'] }) });
      },
    ));

  it('does not take for declared what the service keeps otherwise, and says how it is made anew', () =>
    inWorld({ switches: { indicatorUpdate: 'merge' } }, async (world) => {
      succeeds(await world.up({ f: block({ expirationTime: '2026-03-01T08:00:00Z' }) }));
      fails(await world.up({ f: block() }), {
        f: /keeps indicator 1 .* otherwise: expirationTime is 2026-03-01 08:00 UTC, not never\. Delete it in the Defender portal/,
      });
      world.control.removeIndicator('1');
      succeeds(await world.up({ f: block() }));
      expect(only(world).expirationTime).to.equal(null);
      await world.settled({ f: block() });
    }));

  it('another hash replaces it: the new one is set before the old one is deleted', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      const run = succeeds(await world.up({ f: block({ indicatorValue: otherSha1 }) }));
      expect(run.steps.f).to.equal('replace');
      expect(only(world)).to.include({ id: '2', indicatorValue: otherSha1 });
    }));

  it('one that is gone is shown by a refresh and a preview, and made again', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      world.control.removeIndicator(sha1);
      await world.refresh();
      expect(world.outputs('f')).to.include({ state: 'missing', indicatorId: '1' });
      expect((await world.preview({ f: block() })).text).to.contain('would make the indicator again, which is gone');
      const run = succeeds(await world.up({ f: block() }));
      expect(run.text).to.contain('made again indicator 2');
      expect(world.outputs('f')).to.include({ state: 'active', indicatorId: '2' });
      await world.settled({ f: block() });
    }));

  it('one that is changed by hand is shown property by property, and changed back', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      world.control.addIndicator({ indicatorValue: sha1, action: 'Allowed', title: 'tested, fine', by: ada });
      await world.refresh();
      expect(world.outputs('f')).to.include({
        action: 'Allowed',
        title: 'tested, fine',
        updatedBy: ada,
        indicatorId: '1',
      });
      const preview = await world.preview({ f: block() });
      expect(preview.text)
        .to.contain('action Allowed → BlockAndRemediate')
        .and.contain('title tested, fine → INC-4711');
      succeeds(await world.up({ f: block() }));
      expect(only(world)).to.include({ action: 'BlockAndRemediate', title: 'INC-4711' });
    }));

  it('one that has expired is in sync: nothing is made again, and it may go', () =>
    inWorld({}, async (world) => {
      const program = { f: block({ expirationTime: '2026-01-06T12:00:00Z' }) };
      succeeds(await world.up(program));
      world.pass('48h');
      expect(shown(world)).to.deep.equal([]);
      await world.settled(program);
      expect(world.outputs('f')).to.include({ state: 'expired' });
      const longer = { f: block({ expirationTime: '2026-02-06T12:00:00Z' }) };
      succeeds(await world.up(longer));
      expect(world.outputs('f')).to.include({ state: 'active', indicatorId: '2' });
      world.pass('1000h');
      expect(succeeds(await world.up({})).text).to.contain('is gone already');
    }));

  it('is imported by its id or by its hash, and a run after it changes nothing', () =>
    inWorld({}, async (world) => {
      world.host({ rbacGroupName: 'servers', rbacGroupId: 7 });
      const { id } = world.control.addIndicator({
        indicatorValue: sha1.toUpperCase(),
        action: 'Block',
        title: 'by hand',
        description: 'why',
        severity: 'Medium',
        generateAlert: true,
        expirationTime: '2026-03-01T08:00:00Z',
        rbacGroupNames: ['servers'],
        by: ada,
      });
      const found = await world.import('one', id, { type: 'mde:index:FileIndicator' });
      expect(found).to.deep.equal({
        indicatorValue: sha1,
        indicatorType: 'FileSha1',
        action: 'Block',
        title: 'by hand',
        description: 'why',
        severity: 'Medium',
        generateAlert: true,
        expirationTime: '2026-03-01T08:00:00Z',
        rbacGroupNames: ['servers'],
      });
      expect(world.stack.entry('one')?.id).to.equal(sha1);
      await world.settled({ one: block(found) });
      world.stack.entries = [];
      expect(await world.import('two', sha1, { type: 'mde:index:FileIndicator' })).to.deep.equal(found);
      // It is ours on purpose, though nobody of ours has written it.
      succeeds(await world.up({}));
      expect(shown(world)).to.deep.equal([]);
    }));

  it('imports nothing that is not there, not for a file, or not meant for certain', () =>
    inWorld({}, async (world) => {
      world.control.addIndicator({ indicatorValue: '10.0.0.7', indicatorType: 'IpAddress', action: 'Block' });
      const failure = (id: string) =>
        world.import('f', id, { type: 'mde:index:FileIndicator' }).then(
          () => 'it was imported',
          (error: Error) => error.message,
        );
      expect(await failure('1')).to.contain('is for a IpAddress; a FileIndicator is for the hash of a file');
      expect(await failure('7')).to.contain('does not exist');
      expect(await failure(sha1)).to.contain('does not exist');
      expect(await failure('dropper.exe')).to.contain("is neither an indicator's id (digits) nor the hash of a file");
    }));

  it('a run that was killed finds what it made, without any state (semantics 3.1)', () =>
    inWorld({}, async (world) => {
      const program = { f: block() };
      world.control.addFault({ route: 'POST indicators', effect: { kind: 'reset-after' }, count: 1 });
      await killed(world.up(program, { killAfter: 3000 }));
      expect(shown(world)).to.have.length(1);
      expect(world.stack.entries).to.deep.equal([]);
      const before = world.writes();
      const run = succeeds(await world.up(program));
      expect(world.writes()).to.equal(before);
      expect(run.steps.f).to.equal('create');
      expect(world.outputs('f')).to.include({ state: 'active', indicatorId: '1' });
    }));

  it('where another action makes a second one, the declared one is left alone in force, whatever breaks in between', () =>
    inWorld({ switches: { indicatorKey: 'value-and-action' } }, async (world) => {
      succeeds(await world.up({ f: block({ action: 'Block' }) }));
      succeeds(await world.up({ f: block() }));
      expect(shown(world)).to.deep.equal(['2 BlockAndRemediate INC-4711']);
      expect(world.outputs('f')).to.include({ indicatorId: '2' });
      await world.settled({ f: block() });
      const fault = world.control.addFault({ method: 'DELETE', effect: { kind: 'answer', status: 503 } });
      fails(await world.up({ f: block({ action: 'Warn' }) }), {
        f: 'indicator 2 (BlockAndRemediate, "INC-4711", by',
      });
      expect(shown(world)).to.have.length(2);
      world.control.removeFault(fault);
      succeeds(await world.up({ f: block({ action: 'Warn' }) }));
      expect(shown(world)).to.deep.equal(['3 Warn INC-4711']);
      succeeds(await world.up({}));
      expect(shown(world)).to.deep.equal([]);
    }));

  it('all that a killed change left behind is found by the next run, and goes with the resource', () =>
    inWorld({ switches: { indicatorKey: 'value-and-action' } }, async (world) => {
      succeeds(await world.up({ f: block() }));
      for (const next of ['up', 'destroy'] as const) {
        world.control.addFault({ route: 'POST indicators', effect: { kind: 'reset-after' }, count: 1 });
        await killed(world.up({ f: block({ action: 'Warn' }) }, { killAfter: 3000 }));
        expect(shown(world)).to.have.length(2);
        if (next === 'up') {
          succeeds(await world.up({ f: block() }));
          expect(only(world).action).to.equal('BlockAndRemediate');
        } else {
          succeeds(await world.destroy());
          expect(shown(world)).to.deep.equal([]);
        }
      }
    }));
});
