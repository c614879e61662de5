import { expect } from 'chai';
import { fails, inWorld, killed, succeeds } from '../host.ts';
import { ada, block, only, otherSha1, sha1, shown } from './declared.ts';

const hold = { config: { releases: 'hold' } };
const reader = ['Machine.Read.All'];

describe('FileIndicator, where a file would run again', function () {
  this.timeout(60_000);

  it('semantics 11.3: a weaker one is told in words by the preview, and is sent', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      const weaker = { f: block({ action: 'Audit' }) };
      const preview = succeeds(await world.preview(weaker));
      expect(preview.warnings.join()).to.contain('WEAKER: action BlockAndRemediate becomes Audit');
      const run = succeeds(await world.up(weaker));
      expect(run.text).to.contain('it is WEAKER than before: action BlockAndRemediate becomes Audit');
      expect(only(world).action).to.equal('Audit');
    }));

  it('semantics 11.3: under releases: hold, weakening and deletion wait, and strengthening does not', () =>
    inWorld({}, async (world) => {
      world.host({ rbacGroupName: 'servers', rbacGroupId: 7 });
      succeeds(await world.up({ f: block({ action: 'Block' }) }));
      for (const more of [
        { action: 'Warn' },
        { action: 'Block', expirationTime: '2026-03-01T08:00:00Z' },
        { action: 'Block', rbacGroupNames: ['servers'] },
      ]) {
        const before = world.writes();
        const held = succeeds(await world.up({ f: block(more) }, hold));
        expect(held.warnings.join()).to.contain('releases is hold').and.contain('mde:releases apply');
        expect(held.summary).to.contain('file indicators left as strong as they were');
        expect((await world.preview({ f: block(more) }, hold)).warnings.join()).to.contain('releases is hold');
        expect(world.writes()).to.equal(before);
      }
      succeeds(await world.up({ f: block({ action: 'BlockAndRemediate', title: 'INC-2' }) }, hold));
      expect(only(world)).to.include({ action: 'BlockAndRemediate', title: 'INC-2' });
      const before = world.writes();
      const kept = fails(await world.up({}, hold), { f: /NOT DELETED: .* releases is hold/ });
      expect(kept.summary).to.contain('FILE INDICATORS NOT DELETED (1):');
      fails(await world.destroy(hold), { f: 'NOT DELETED' });
      expect(world.writes()).to.equal(before);
      succeeds(await world.destroy());
      expect(shown(world)).to.deep.equal([]);
    }));

  it('under hold a change that waited is made by the first run without it', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      succeeds(await world.up({ f: block({ action: 'Audit' }) }, hold));
      expect(only(world).action).to.equal('BlockAndRemediate');
      succeeds(await world.up({ f: block({ action: 'Audit' }) }));
      expect(only(world).action).to.equal('Audit');
      // What blocks nothing may go under hold too.
      succeeds(await world.up({}, hold));
      expect(shown(world)).to.deep.equal([]);
    }));

  it('semantics 1.2: a list that is not complete, or fails, leads neither to a request nor to a deletion', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      for (const effect of [
        { kind: 'list', countError: 1 } as const,
        { kind: 'garbage' } as const,
        { kind: 'answer', status: 500 } as const,
      ]) {
        const fault = world.control.addFault({ route: 'GET indicators', effect });
        const before = world.writes();
        const run = await world.up({ f: block(), g: block({ indicatorValue: otherSha1 }) });
        expect(Object.keys(run.failures)).to.include('g');
        expect(run.unhealthy.f, JSON.stringify(effect)).to.contain('could not be observed');
        fails(await world.up({}), { f: 'NOT DELETED' });
        expect(world.writes()).to.equal(before);
        expect(world.outputs('f')).to.include({ state: 'active', indicatorId: '1' });
        world.control.removeFault(fault);
      }
      await world.settled({ f: block() });
    }));

  it('semantics 6.3: a token of another tenant touches nothing', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      const elsewhere = '22222222-2222-4222-8222-222222222222';
      const { clientId, clientSecret } = world.control.addApp({ tenantId: elsewhere });
      const other = { config: { tenantId: elsewhere, clientId, clientSecret } };
      const before = world.writes();
      fails(await world.up({ f: block() }, other), { f: 'this indicator is kept in tenant' });
      fails(await world.destroy(other), { f: /NOT DELETED: .* this indicator is kept in tenant/ });
      expect(world.writes()).to.equal(before);
    }));

  it('a sign-in without the role gets a note in a preview, and the exact role in a run', () =>
    inWorld({}, async (world) => {
      world.control.setRoles(world.simulator.credentials.clientId, reader);
      const preview = succeeds(await world.preview({ f: block() }));
      expect(preview.notes.join()).to.contain('application permission Ti.ReadWrite.All of WindowsDefenderATP');
      fails(await world.up({ f: block() }), { f: 'Ti.ReadWrite.All' });
      expect(world.control.indicators()).to.deep.equal([]);
    }));

  it('a preview by a sign-in that only reads machines works on a stack that has indicators', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      world.control.setRoles(world.simulator.credentials.clientId, reader);
      const preview = succeeds(await world.preview({ f: block() }));
      expect(preview.text).to.contain('Ti.ReadWrite.All');
      fails(await world.up({ f: block() }), { f: 'nothing was sent' });
    }));

  it('semantics 4.1: a lost answer is looked for, and asked for once more only where nothing is there', () =>
    inWorld({}, async (world) => {
      for (const kind of ['reset-after', 'half-body'] as const) {
        const before = world.writes();
        world.control.addFault({ route: 'POST indicators', effect: { kind }, count: 1 });
        succeeds(await world.up({ f: block({ title: kind }) }));
        expect(world.writes() - before, kind).to.equal(1);
        expect(only(world).title).to.equal(kind);
      }
      world.control.addFault({ route: 'POST indicators', effect: { kind: 'answer', status: 503 }, count: 1 });
      const before = world.writes();
      succeeds(await world.up({ f: block({ title: 'once more' }) }));
      expect(world.writes() - before).to.equal(2);
      expect(only(world).title).to.equal('once more');
      await world.settled({ f: block({ title: 'once more' }) });
    }));

  it('what may be there is in state: the next run finds it, and a destroy deletes it', () =>
    inWorld({}, async (world) => {
      const lookFails = () => world.control.addFault({ route: 'GET indicators', effect: { kind: 'garbage' } });
      for (const next of ['up', 'destroy'] as const) {
        world.control.addFault({ route: 'POST indicators', effect: { kind: 'reset-after' }, count: 1 });
        let fault: string | undefined;
        world.before('POST indicators', () => {
          fault = lookFails();
        });
        fails(await world.up({ f: block() }), { f: 'whether the indicator is there cannot be told' });
        world.control.removeFault(fault ?? '');
        expect(world.outputs('f')).to.include({ state: 'unknown' });
        expect(shown(world)).to.have.length(1);
        if (next === 'up') succeeds(await world.up({ f: block() }));
        succeeds(await world.destroy());
        expect(shown(world)).to.deep.equal([]);
      }
    }));

  it('a lost answer to a deletion is looked for, and the deletion repeated only where it is still there', () =>
    inWorld({}, async (world) => {
      const rows = [
        [{ kind: 'reset-after' }, 1],
        [{ kind: 'answer', status: 503 }, 2],
        [{ kind: 'answer', status: 404, body: '' }, 2],
      ] as const;
      for (const [effect, writes] of rows) {
        succeeds(await world.up({ f: block() }));
        world.control.addFault({ method: 'DELETE', effect, count: 1 });
        const before = world.writes();
        const run = await world.up({});
        if (effect.kind === 'answer' && effect.status === 404) {
          // Somebody in between said so; the indicator is there, and so it stays in state.
          fails(run, { f: 'NOT DELETED' });
          succeeds(await world.up({}));
        } else succeeds(run);
        expect(world.writes() - before, JSON.stringify(effect)).to.equal(writes);
        expect(shown(world)).to.deep.equal([]);
      }
    }));

  it('one that goes between the look and the deletion is deleted', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      world.control.addFault({
        method: 'DELETE',
        effect: { kind: 'answer', status: 404, body: '{"error":{"code":"ResourceNotFound","message":""}}' },
        count: 1,
      });
      succeeds(await world.up({}));
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('nothing is sent after Ctrl-C', () =>
    inWorld({}, async (world) => {
      world.control.addFault({ route: 'POST indicators', effect: { kind: 'answer', status: 503 } });
      await world.up({ f: block() }, { cancelAfter: 3000 });
      expect(world.writes()).to.equal(1);
    }));

  it('a deletion that was killed is finished by the next run', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      world.control.addFault({ method: 'DELETE', effect: { kind: 'reset-after' }, count: 1 });
      await killed(world.up({}, { killAfter: 3000 }));
      expect(world.stack.entry('f')).to.not.equal(undefined);
      succeeds(await world.up({}));
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('a tenant that holds as many as it may is told so', () =>
    inWorld({ switches: { mostIndicators: 1 } }, async (world) => {
      world.control.addIndicator({ indicatorValue: otherSha1, by: ada });
      fails(await world.up({ f: block() }), {
        f: 'If the tenant holds 15,000 indicators, the most that Defender takes',
      });
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('a device group that does not exist is told as such, and nothing is lost', () =>
    inWorld({}, async (world) => {
      fails(await world.up({ f: block({ rbacGroupNames: ['no such group'] }) }), {
        f: /no device group no such group.*Check that the device groups exist/,
      });
      expect(shown(world)).to.deep.equal([]);
    }));

  it('bad input is told by property, and nothing is sent', () =>
    inWorld({}, async (world) => {
      const rows = [
        [{ indicatorValue: 'abc' }, 'indicatorValue', 'has 3 hex digits'],
        [{ indicatorValue: sha1, indicatorType: 'FileSha256' }, 'indicatorType', 'that is FileSha1'],
        [{ title: ' ' }, 'title', 'is blank'],
        [{ action: 'Blok' }, 'action', 'did you mean Block?'],
        [{ expirationTime: '2020-01-01T00:00:00Z' }, 'expirationTime', 'is past'],
        [{ acton: 'Block' }, 'acton', 'did you mean action?'],
      ] as const;
      for (const [more, property, reason] of rows)
        fails(await world.up({ f: block(more) }), { [`f.${property}`]: reason });
      expect(world.writes()).to.equal(0);
    }));
});
