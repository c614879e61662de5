import { expect } from 'chai';
import { eachWorld, fails, inWorld, succeeds } from '../host.ts';
import { ada, block, only, otherSha1, sha1, shown } from './declared.ts';

const role = (world: { simulator: { credentials: { clientId: string } } }) => world.simulator.credentials.clientId;

describe('FileIndicator and indicators of others', function () {
  this.timeout(60_000);

  it('one that is there for the file is an error that names it, and nothing is written', () =>
    inWorld({}, async (world) => {
      world.control.addIndicator({ indicatorValue: sha1, action: 'Allowed', title: 'our own tool', by: ada });
      const refusal =
        /there is indicator 1 \(Allowed, "our own tool", by ada@contoso\.com\) for Sha1 .* already.*takeOwnership: true.*import it/;
      fails(await world.preview({ f: block() }), { f: refusal });
      const before = world.writes();
      const run = fails(await world.up({ f: block() }), { f: refusal });
      expect(run.summary).to.contain('FILE INDICATORS NOT AS DECLARED (1):\n  f: there is indicator 1');
      expect(world.writes()).to.equal(before);
      expect(shown(world)).to.deep.equal(['1 Allowed our own tool']);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('takes one over on purpose, and deletes it with its resource', () =>
    inWorld({}, async (world) => {
      world.control.addIndicator({ indicatorValue: sha1, action: 'Allowed', title: 'our own tool', by: ada });
      const program = { f: block({ takeOwnership: true }) };
      expect((await world.preview(program)).text).to.contain('would take over indicator 1');
      succeeds(await world.up(program));
      expect(only(world)).to.include({ id: '1', action: 'BlockAndRemediate', createdBy: ada });
      await world.settled(program);
      succeeds(await world.up({}));
      expect(shown(world)).to.deep.equal([]);
    }));

  it('two declarations of one file are an error, and a wrong one lets nothing be deleted (semantics 6.4)', () =>
    inWorld({}, async (world) => {
      fails(await world.up({ f: block(), g: block({ indicatorValue: sha1.toUpperCase() }) }), {
        'g.indicatorValue': `${sha1} is already declared by f; a file has one FileIndicator`,
      });
      expect(world.writes()).to.equal(1);
    }));

  it('a resource under another name takes its indicator over: nothing is deleted meanwhile (semantics 6.4)', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      const before = world.writes();
      const run = succeeds(await world.up({ g: block() }));
      expect(run.steps).to.deep.equal({ g: 'create', f: 'delete' });
      expect(run.text).to.contain(`the indicator for Sha1 ${sha1} stays: g declares it now`);
      expect(world.writes()).to.equal(before);
      expect(shown(world)).to.deep.equal(['1 BlockAndRemediate INC-4711']);
      await world.settled({ g: block() });
    }));

  it('two resources change their files with each other, and both files stay blocked', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block(), g: block({ indicatorValue: otherSha1 }) }));
      const run = await world.up({ f: block({ indicatorValue: otherSha1 }), g: block() });
      // While the first is checked, the second still claims its file.
      if (Object.keys(run.refused).length === 0) succeeds(run);
      expect(world.control.indicators().map(({ indicatorValue }) => indicatorValue)).to.have.members([sha1, otherSha1]);
    }));

  it('one that somebody else has changed since is left in place, with a warning that names who (semantics 3.3)', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      world.control.addIndicator({ indicatorValue: sha1, title: 'still investigating', by: ada });
      const run = succeeds(await world.up({}));
      expect(run.warnings.join('\n')).to.contain('is left in place: ada@contoso.com has changed it since');
      expect(run.summary).to.contain('file indicators left in place (1):');
      expect(shown(world)).to.deep.equal(['1 BlockAndRemediate still investigating']);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('deletes one that somebody else touched and that is as declared, or that is taken over on purpose', () =>
    inWorld({}, async (world) => {
      for (const more of [{}, { takeOwnership: true }]) {
        succeeds(await world.up({ f: block(more) }));
        const same = {
          title: 'INC-4711',
          description: 'dropper of the ransomware',
          severity: 'High',
          generateAlert: true,
        };
        const title = 'takeOwnership' in more ? 'mine' : same.title;
        world.control.addIndicator({ indicatorValue: sha1, ...same, title, by: ada });
        succeeds(await world.up({}));
        expect(shown(world)).to.deep.equal([]);
      }
    }));

  it('one that was made again by somebody else is not deleted, nor overwritten', () =>
    inWorld({}, async (world) => {
      succeeds(await world.up({ f: block() }));
      world.control.removeIndicator(sha1);
      world.control.addIndicator({ indicatorValue: sha1, action: 'Allowed', title: 'tested, fine', by: ada });
      fails(await world.up({ f: block() }), {
        f: 'there is indicator 2 (Allowed, "tested, fine", by ada@contoso.com)',
      });
      const run = succeeds(await world.up({}));
      expect(run.text).to.contain('is gone already').and.contain('indicator 2');
      expect(shown(world)).to.deep.equal(['2 Allowed tested, fine']);
    }));

  it('with Ti.ReadWrite alone, nothing is overwritten unseen, and its own is managed', () =>
    eachWorld([{ foreignIndicator: 'update' }, { foreignIndicator: 'forbid' }], async (world, { foreignIndicator }) => {
      world.control.addIndicator({ indicatorValue: sha1, action: 'Allowed', title: 'unseen', by: ada });
      world.control.setRoles(role(world), ['Machine.Read.All', 'Ti.ReadWrite']);
      const blind =
        /whether somebody else has an indicator for this file cannot be seen.*Grant Ti\.ReadWrite\.All, or set takeOwnership: true/;
      fails(await world.preview({ f: block() }), { f: blind });
      fails(await world.up({ f: block() }), { f: blind });
      expect(shown(world)).to.deep.equal(['1 Allowed unseen']);
      const taken = await world.up({ f: block({ takeOwnership: true }) });
      if (foreignIndicator === 'forbid') fails(taken, { f: 'HTTP 403' });
      else
        expect(succeeds(taken).warnings.join()).to.contain('indicator 1 was there already: ada@contoso.com created it');
      world.stack.entries = [];
      const own = { g: block({ indicatorValue: otherSha1, takeOwnership: true }) };
      succeeds(await world.up(own));
      await world.settled(own);
      expect(world.outputs('g')).to.include({ state: 'active' });
    }));

  it('with Ti.ReadWrite alone, one of another app is not taken for gone', () =>
    inWorld({}, async (world) => {
      world.control.addIndicator({ indicatorValue: sha1, by: ada });
      const inputs = await world.import('f', sha1, { type: 'mde:index:FileIndicator' });
      world.control.setRoles(role(world), ['Ti.ReadWrite']);
      const before = world.writes();
      const run = await world.up({ f: block(inputs) });
      expect(run.unhealthy.f).to.contain(
        'ada@contoso.com created it, and this sign-in is shown only what it created itself',
      );
      fails(run, { f: 'nothing was sent' });
      fails(await world.up({}), { f: 'NOT DELETED' });
      expect(world.writes()).to.equal(before);
      expect(shown(world)).to.have.length(1);
    }));
});
