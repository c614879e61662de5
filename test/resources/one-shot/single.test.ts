import { expect } from 'chai';
import { eachWorld, fails, inWorld, killed, succeeds } from '../host.ts';
import { asked, collect, scan } from './requests.ts';

const ada = 'ada@contoso.com';
const scanned = 'RunAntiVirusScan';
const collected = 'CollectInvestigationPackage';

describe('one-shot actions on one host', function () {
  this.timeout(30_000);

  it('a scan and a package: asked once, again when a trigger changes, and never because a comment does', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = {
        s: scan({ machineId: id, triggers: { build: 7 } }),
        p: collect({ deviceName: 'PC-1.contoso.com' }),
      };
      const preview = succeeds(await world.preview(program));
      expect(preview.text)
        .to.contain('would scan pc-1')
        .and.to.contain('would collect the investigation package of pc-1');
      const run = succeeds(await world.up(program));
      expect(run.summary).to.contain('scanned: 1 (pc-1').and.to.contain('investigation package collected: 1');
      const { actionId } = world.outputs('s');
      expect(world.outputs('s')).to.include({ status: 'Succeeded', scanType: 'Quick', machineId: id });
      expect(world.control.machine(id).scans.map((each) => each.actionId)).to.deep.equal([actionId]);
      await world.settled(program);

      const other = { ...program, s: scan({ machineId: id, triggers: { build: 7 }, comment: 'INC-2' }) };
      expect(succeeds(await world.up(other)).steps.s).to.equal('update');
      expect(world.outputs('s')).to.include({ actionId, comment: 'INC-2' });
      expect(asked(world, scanned)).to.have.length(1);

      for (const triggers of [{ build: 8 }, { build: 7 }]) {
        expect(succeeds(await world.up({ ...program, s: scan({ machineId: id, triggers }) })).steps.s).to.equal(
          'replace',
        );
      }
      expect(asked(world, scanned)).to.have.length(3);
      expect(
        succeeds(await world.up({ ...program, s: scan({ machineId: id, triggers: { build: 7 }, scanType: 'Full' }) }))
          .steps.s,
      ).to.equal('replace');
      expect(asked(world, scanned).map(({ scope }) => scope)).to.deep.equal(['Quick', 'Quick', 'Quick', 'Full']);
      const writes = world.writes();
      succeeds(await world.destroy());
      expect(world.writes()).to.equal(writes);
    }));

  it('semantics 3.1, 4.1: a run that was killed after its request does not ask again, whatever has become of it', () =>
    eachWorld([{ listDelaySeconds: 0 }, { listDelaySeconds: 4 }], async (world) => {
      const id = world.host();
      const program = { s: scan({ machineId: id, scanType: 'Full' }), p: collect({ machineId: id }) };
      await killed(world.up(program, { killAfter: 6_000 }));
      expect(world.stack.entries).to.deep.equal([]);
      expect(world.writes()).to.equal(2);
      world.pass('1h');
      const run = succeeds(await world.up(program));
      expect(run.text).to.contain('an earlier run of this declaration has done it');
      expect(world.writes()).to.equal(2);
      await world.settled(program);
    }));

  it('semantics 4.1: a lost answer is looked for, not asked again', () =>
    eachWorld([{ scopeInAnswer: 'always-null' }, { scopeInAnswer: 'filled' }], async (world) => {
      const id = world.host();
      world.control.addFault({
        route: 'POST machines/{id}/runAntiVirusScan',
        effect: { kind: 'reset-after' },
        count: 1,
      });
      succeeds(await world.up({ s: scan({ machineId: id, scanType: 'Full' }) }));
      expect(asked(world, scanned)).to.have.length(1);
    }));

  it('semantics 4.2: a scan of another that runs is adopted; one that is less thorough is waited for', () =>
    eachWorld([{ duplicateRequest: 'return-pending' }, { duplicateRequest: 'reject-400' }], async (world) => {
      const [quick, full] = [world.host(), world.host()];
      for (const id of [quick, full])
        world.control.act(id, scanned, { by: ada, scanType: 'Quick', latencySeconds: 120 });
      const program = { quick: scan({ machineId: quick }), full: scan({ machineId: full, scanType: 'Full' }) };
      succeeds(await world.up(program));
      expect(world.outputs('quick')).to.include({ status: 'Succeeded', requestor: ada });
      expect(world.outputs('full')).to.include({ status: 'Succeeded', requestor: 'pulumi-mde' });
      expect(asked(world, scanned).map(({ machineId }) => machineId)).to.deep.equal([full]);
      expect(world.control.machine(full).scans.map((each) => each.scanType)).to.deep.equal(['Quick', 'Full']);
      await world.settled(program);
    }));

  for (const status of ['Failed', 'TimeOut'] as const) {
    it(`semantics 4.3: one that ends ${status} is told with what must hold, kept in state, and asked again by the next run`, () =>
      inWorld({}, async (world) => {
        const id = world.host({ outcomes: { [scanned]: { status }, [collected]: { status } } });
        const program = { s: scan({ machineId: id }), p: collect({ machineId: id }) };
        const run = fails(await world.up(program), { s: /NOT SCANNED: pc-1/, p: /NOT COLLECTED: pc-1/ });
        if (status === 'Failed') expect(run.text).to.contain('Microsoft Defender Antivirus must run');
        expect(run.summary).to.contain('NOT SCANNED (1)').and.not.to.contain('unchanged');
        expect(world.outputs('s')).to.include({ status });
        world.control.setMachine(id, { outcomes: { [scanned]: null, [collected]: null } });
        expect(succeeds(await world.preview(program)).text).to.contain('would scan');
        succeeds(await world.up(program));
        expect(asked(world, scanned)).to.have.length(2);
        expect(world.outputs('s')).to.include({ status: 'Succeeded' });
        expect(world.outputs('p')).to.have.property('packageUri');
        await world.settled(program);
      }));
  }

  it('semantics 4.3: one that an analyst cancels is told with who and why, and asked again by the next run', () =>
    inWorld({}, async (world) => {
      const id = world.host({ latencySeconds: { [scanned]: 120 } });
      const program = { s: scan({ machineId: id }) };
      world.after('30s', () => {
        for (const action of asked(world, scanned)) world.control.cancel(action.id, { by: ada, comment: 'not now' });
      });
      fails(await world.up(program), { s: /ended Cancelled by ada@contoso.com: not now. The next run asks again/ });
      succeeds(await world.up(program));
      expect(asked(world, scanned)).to.have.length(2);
    }));

  it('semantics 4.3: a device that is away: NOT … YET, then in sync with a warning, then followed to its end', () =>
    inWorld({}, async (world) => {
      const id = world.host({ online: false });
      const program = { s: scan({ machineId: id }), p: collect({ machineId: id }) };
      fails(await world.up(program), { s: /NOT SCANNED YET.*MDE tries until/, p: /NOT COLLECTED YET/ });
      const later = await world.settled(program);
      expect(later.text).to.contain('NOT SCANNED YET').and.to.contain('NOT COLLECTED YET');
      expect(later.summary).to.contain('NOT COLLECTED YET (1)');
      world.control.setMachine(id, { online: true });
      world.pass('1h');
      succeeds(await world.up(program));
      expect(world.outputs('s')).to.include({ status: 'Succeeded' });
      expect(world.outputs('p')).to.include({ status: 'Succeeded' }).and.to.have.property('packageUri');
      await world.settled(program);
      expect(world.writes()).to.equal(2);
    }));

  it('waitFor Submitted asks and does not wait', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const run = succeeds(await world.up({ s: scan({ machineId: id, waitFor: 'Submitted' }) }));
      expect(run.text).to.contain('NOT SCANNED YET');
      expect(run.summary).not.to.match(/^scanned/m);
      expect(world.outputs('s')).to.include({ status: 'Pending' });
    }));

  it('the link of a package is fetched anew by a refresh alone', () =>
    eachWorld([{ packageUri: 'plain' }, { packageUri: 'quoted' }], async (world) => {
      const program = { p: collect({ machineId: world.host() }) };
      succeeds(await world.up(program));
      const { packageUri } = world.outputs('p');
      expect(packageUri).to.match(/^https:\/\/\S+sig=[0-9a-f]+$/);
      await world.settled(program);
      expect(world.outputs('p').packageUri).to.equal(packageUri);
      succeeds(await world.refresh());
      expect(world.outputs('p').packageUri)
        .to.match(/^https:/)
        .and.not.to.equal(packageUri);
      const run = await world.settled(program);
      expect(run.text).not.to.contain('sig=');
    }));

  it('a link that cannot be fetched fails nothing', () =>
    inWorld({}, async (world) => {
      const program = { p: collect({ machineId: world.host() }) };
      const answer = { kind: 'answer', status: 200, body: '{"value":"javascript:steal()//secret"}' } as const;
      world.control.addFault({ route: 'GET machineactions/{id}/getPackageUri', effect: answer, count: 1 });
      const run = succeeds(await world.up(program));
      expect(run.text).to.contain('pulumi up --refresh fetches the link').and.not.to.contain('steal');
      expect(world.outputs('p')).not.to.have.property('packageUri');
      succeeds(await world.refresh());
      expect(world.outputs('p')).to.have.property('packageUri');
    }));

  it('import takes over what has succeeded or runs, and the next preview is empty', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const { id: action } = world.control.act(id, scanned, {
        by: ada,
        scanType: 'Full',
        comment: 'by hand',
        latencySeconds: 0,
      });
      const inputs = await world.import('s', `${id}/${action}`, { type: 'mde:index:AntivirusScan' });
      expect(inputs).to.include({ machineId: id, scanType: 'Full', comment: 'by hand' });
      await world.settled({ s: scan({ machineId: id, scanType: 'Full', comment: 'by hand' }) });
      for (const wrong of [id, `${id}/x`, `${'0'.repeat(40)}/${action}`]) {
        const failed = await world.import('x', wrong, { type: 'mde:index:AntivirusScan' }).then(
          () => 'imported',
          (error: Error) => error.message,
        );
        expect(failed).to.match(/MACHINEID\/ACTIONID|nothing was imported/);
      }
    }));

  const bad: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['machineId', { machineId: 'nobody' }, /no machine id/],
    ['machineId', {}, /both are missing/],
    ['deviceName', { machineId: 'a'.repeat(40), deviceName: 'pc-1' }, /not both/],
    ['comment', { machineId: 'a'.repeat(40), comment: ' ' }, /say why the host is scanned/],
    ['scanType', { machineId: 'a'.repeat(40), scanType: 'full' }, /none of Quick, Full; did you mean Full/],
    ['triggers', { machineId: 'a'.repeat(40), triggers: ['a'] }, /no map/],
    ['triggers["a"]', { machineId: 'a'.repeat(40), triggers: { a: { b: 1 } } }, /must be text/],
    ['scantype', { machineId: 'a'.repeat(40), scantype: 'Full' }, /did you mean scanType/],
  ];
  it('bad input is told by property, and sends nothing', () =>
    inWorld({}, async (world) => {
      for (const [property, inputs, told] of bad) {
        const run = await world.up({ s: scan(inputs as never) });
        expect(run.refused[`s.${property}`], property).to.match(told);
      }
      const away = world.host({ onboardingStatus: 'CanBeOnboarded' });
      const program = {
        gone: scan({ machineId: 'a'.repeat(40) }),
        away: scan({ machineId: away }),
        named: scan({ deviceName: 'no-pc' }),
      };
      fails(await world.preview(program), { gone: /404/, away: /not onboarded/, named: /no machine is named/ });
      fails(await world.up(program), { gone: /404/, away: /not onboarded/, named: /no machine is named/ });
      expect(world.writes()).to.equal(0);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('a role that is missing is a note in a preview, and an error in up', () =>
    inWorld({}, async (world) => {
      world.control.setRoles(world.simulator.credentials.clientId, ['Machine.Read.All']);
      const program = { s: scan({ machineId: world.host() }) };
      expect(succeeds(await world.preview(program)).text).to.contain('lacks the role Machine.Scan');
      fails(await world.up(program), { s: /Machine\.Scan/ });
    }));
});
