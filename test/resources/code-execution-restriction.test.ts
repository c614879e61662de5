import { expect } from 'chai';
import type { PropertyMap } from '../../provider/resources/resource.ts';
import { Declaration, type MixedProgram } from './engine.ts';
import { eachWorld, fails, inWorld, killed, pc, restriction, succeeds, type World } from './host.ts';

const ada = 'ada@contoso.com';
const restrict = 'RestrictCodeExecution';
const lift = 'UnrestrictCodeExecution';

/** Done by hand in the portal, at once. */
const byHand = (world: World, type: typeof restrict | typeof lift, id: string, more: object = {}) =>
  world.control.act(id, type, { by: ada, latencySeconds: 0, ...more });

describe('CodeExecutionRestriction', function () {
  this.timeout(60_000);

  it('restricts a host, says so in its own words, changes nothing in a second run, and lifts the restriction when it goes', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = { r: restriction(id) };
      const preview = succeeds(await world.preview(program));
      expect(preview.text).to.contain(`would restrict pc-1.contoso.com (${id}): it is not restricted`);
      const run = succeeds(await world.up(program));
      expect(run.text).to.contain(`restricted pc-1.contoso.com (${id})`);
      expect(run.summary).to.equal('restricted: 1 (pc-1.contoso.com)');
      expect(world.restricted(id)).to.equal(true);
      expect(world.isolated(id)).to.equal(false);
      const [sent] = world.ours(restrict, id);
      expect(sent?.requestorComment).to.match(/^\[mde:[0-9a-f]{16}\] dev\/r: INC-2$/);
      expect(world.outputs('r')).to.deep.include({
        machineId: id,
        deviceName: 'pc-1.contoso.com',
        state: 'restricted',
        owned: true,
        actionId: sent?.id,
        comment: 'INC-2',
        restrictedAt: sent?.lastUpdateDateTimeUtc.replace(/\.\d+Z$/, 'Z'),
      });
      expect(world.outputs('r')).to.not.have.any.keys(
        ...['isolationType', 'coveredUntil', 'leaseStartedBy', 'leaseStartedAfter', 'renewBefore', 'isolatedAt'],
      );
      await world.settled(program);
      const gone = succeeds(await world.up({}));
      expect(gone.text).to.contain(`unrestricted pc-1.contoso.com (${id})`);
      expect(gone.summary).to.equal('unrestricted: 1 (pc-1.contoso.com)');
      expect(world.restricted(id)).to.equal(false);
    }));

  it('semantics 2.7: it has no lease: months later nothing is sent, and the summary promises no end of it', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = { r: restriction(id) };
      succeeds(await world.up(program));
      for (const days of [8, 30, 200]) {
        world.pass(`${days * 24}h`);
        const run = await world.settled(program);
        expect(run.text).to.not.match(/until|renew|lease/);
        expect(world.outputs('r')).to.include({ state: 'restricted', owned: true });
      }
      expect(world.ours(restrict, id)).to.have.length(1);
      succeeds(await world.up({}));
      expect(world.restricted(id)).to.equal(false);
    }));

  it('semantics 1.9: a host may be isolated and restricted at once, by two resources: neither touches the other', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const both: MixedProgram = { ...pc(id), r: restriction(id) };
      const run = succeeds(await world.up(both));
      expect(run.summary).to.contain('isolated: 1 (pc-1.contoso.com)');
      expect(run.summary).to.contain('restricted: 1 (pc-1.contoso.com)');
      expect([world.isolated(id), world.restricted(id)]).to.deep.equal([true, true]);
      await world.settled(both);
      succeeds(await world.up({ r: restriction(id) }));
      expect([world.isolated(id), world.restricted(id)]).to.deep.equal([false, true]);
      succeeds(await world.up(both));
      succeeds(await world.up(pc(id)));
      expect([world.isolated(id), world.restricted(id)]).to.deep.equal([true, false]);
    }));

  it('semantics 6.4: two restrictions of one machine are an error, and nothing is sent', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const named = new Declaration('mde:index:CodeExecutionRestriction', {
        deviceName: 'PC-1.contoso.com',
        comment: 'INC-2',
      });
      fails(await world.up({ a: restriction(id), b: restriction(id) }), {
        'b.machineId': 'is already declared by a; a machine has one declaration',
      });
      fails(await world.up({ a: restriction(id), b: named }), { b: 'is already declared by a' });
      expect(world.ours(restrict, id).length).to.be.at.most(1);
    }));

  it('semantics 6.4: a renamed restriction, and one that is declared by its name, lift nothing', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up({ a: restriction(id) }));
      succeeds(await world.up({ b: restriction(id) }));
      const named = new Declaration('mde:index:CodeExecutionRestriction', {
        deviceName: 'pc-1.contoso.com',
        comment: 'INC-2',
      });
      succeeds(await world.up({ b: named }));
      expect(world.requests(lift, id)).to.have.length(0);
      expect(world.requests(restrict, id)).to.have.length(1);
      expect(world.outputs('b')).to.include({ owned: true, state: 'restricted' });
    }));

  it('semantics 4: what an analyst lifted is seen by the preview, and restricted again by the next run', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = { r: restriction(id) };
      succeeds(await world.up(program));
      world.pass('2h');
      byHand(world, lift, id);
      const preview = succeeds(await world.preview(program));
      expect(preview.steps).to.deep.equal({ r: 'update' });
      expect(preview.text).to.match(/would restrict .*it was unrestricted by ada@contoso.com at /);
      succeeds(await world.up(program));
      expect(world.restricted(id)).to.equal(true);
    }));

  it('semantics 7.1, 7.2: a lift by hand is respected where it is to be, until the declaration changes', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const holds = (comment: string) => ({ r: restriction(id, { onManualRelease: 'hold', comment }) });
      succeeds(await world.up(holds('INC-2')));
      byHand(world, lift, id);
      const held = succeeds(await world.up(holds('INC-2')));
      expect(held.text).to.contain('NOT RESTRICTED: pc-1.contoso.com');
      expect(held.summary).to.contain('unrestricted by hand, and left so (1):');
      expect(world.restricted(id)).to.equal(false);
      succeeds(await world.up(holds('INC-2 again')));
      expect(world.restricted(id)).to.equal(true);
      const plain = { r: restriction(id, { comment: 'INC-2 again' }) };
      succeeds(await world.up(plain));
      byHand(world, lift, id, { comment: 'mde-hold: false alarm' });
      const asked = succeeds(await world.up(plain));
      expect(asked.text).to.contain('with mde-hold');
      expect(world.restricted(id)).to.equal(false);
    }));

  it('semantics 7.3: after two lifts by hand within a day of ours it is disputed', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = { r: restriction(id) };
      succeeds(await world.up(program));
      world.pass('2h');
      byHand(world, lift, id);
      succeeds(await world.up(program));
      world.pass('2h');
      byHand(world, lift, id);
      fails(await world.up(program), { r: 'is disputed: unrestricted by ada@contoso.com' });
      expect(world.ours(restrict, id)).to.have.length(2);
    }));

  it('semantics 1.3, 3.3: what somebody else restricted months ago is seen, kept and left', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      byHand(world, restrict, id);
      world.pass('2400h');
      const program = { r: restriction(id) };
      const run = succeeds(await world.up(program));
      expect(world.requests(restrict, id)).to.have.length(1);
      expect(run.text).to.not.contain('would');
      expect(world.outputs('r')).to.include({ state: 'restricted', owned: false, requestor: ada });
      await world.settled(program);
      const gone = succeeds(await world.up({}));
      expect(gone.text).to.contain('the restriction is not ours: ada@contoso.com requested');
      expect(gone.text).to.contain('It is left restricted. It stands until somebody lifts it.');
      expect(gone.summary).to.contain('left restricted (1):');
      expect(world.restricted(id)).to.equal(true);
    }));

  it('semantics 3.2, 3.3: takeOwnership makes it ours, and releaseForeign lifts it for a run', () =>
    inWorld({ config: { guardrails: { maxReleasePercent: 100 } } }, async (world) => {
      const [taken, freed] = [world.host(), world.host()];
      for (const id of [taken, freed]) byHand(world, restrict, id);
      world.pass('1h');
      succeeds(await world.up({ t: restriction(taken, { takeOwnership: true }), f: restriction(freed) }));
      expect(world.outputs('t')).to.include({ owned: true });
      succeeds(
        await world.up({
          t: restriction(taken, { takeOwnership: true }),
          f: restriction(freed, { releaseForeign: true }),
        }),
      );
      succeeds(await world.up({}));
      expect([world.restricted(taken), world.restricted(freed)]).to.deep.equal([false, false]);
    }));

  it('semantics 5.4: with onDelete retain it stays, and the warning says for how long', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up({ r: restriction(id, { onDelete: 'retain' }) }));
      const run = succeeds(await world.up({}));
      expect(run.warnings.join()).to.contain('it is left as it is (restricted). It stands until somebody lifts it.');
      expect(world.restricted(id)).to.equal(true);
    }));

  it('semantics 8.7: releaseAt lifts it in the first run after it', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = { r: restriction(id, { releaseAt: '2026-01-06T12:00:00Z' }) };
      succeeds(await world.up(program));
      world.pass('25h');
      const run = succeeds(await world.up(program, { mayRelease: [id] }));
      expect(run.text).to.contain('unrestricted pc-1.contoso.com');
      expect(world.restricted(id)).to.equal(false);
      expect(world.outputs('r')).to.include({ state: 'unrestricted' });
      await world.settled(program);
    }));

  it('imports what is restricted, as ours, and changes nothing after it', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      byHand(world, restrict, id, { comment: 'INC-7 odd macros' });
      world.pass('700h');
      const type = 'mde:index:CodeExecutionRestriction';
      const found = await world.import('r', id, { type });
      expect(found).to.deep.include({ machineId: id, comment: 'INC-7 odd macros' });
      expect(found).to.not.have.any.keys('isolationType', 'renewBefore');
      const program = { r: new Declaration(type, { machineId: id, comment: 'INC-7 odd macros' }) };
      await world.settled(program);
      expect(world.outputs('r')).to.include({ owned: true, state: 'restricted' });
      const free = world.host();
      let refusal = '';
      await world.import('x', free, { type }).catch((error: Error) => {
        refusal = error.message;
      });
      expect(refusal).to.contain('is not restricted, so there is nothing to import');
      succeeds(await world.up({}));
      expect(world.restricted(id)).to.equal(false);
    }));

  it('semantics 4.3: a device that is away is told as not restricted yet, kept in state, and in sync for later runs', () =>
    inWorld({}, async (world) => {
      const id = world.host({ online: false });
      const program = { r: restriction(id) };
      const run = fails(await world.up(program), { r: 'NOT RESTRICTED YET: pc-1.contoso.com' });
      expect(run.summary).to.contain('NOT RESTRICTED YET (1):');
      expect(world.outputs('r')).to.include({ state: 'restricting', owned: true });
      world.pass('1h');
      const later = succeeds(await world.up(program));
      expect(later.text).to.contain('NOT RESTRICTED YET');
      world.control.setMachine(id, { online: true });
      world.pass('1h');
      await world.settled(program);
      expect(world.outputs('r')).to.include({ state: 'restricted' });
      expect(world.ours(restrict, id)).to.have.length(1);
    }));

  it('semantics 4.3: with waitFor Submitted the run does not wait, and claims nothing', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const run = succeeds(await world.up({ r: restriction(id, { waitFor: 'Submitted' }) }));
      expect(run.text).to.contain('NOT RESTRICTED YET');
      expect(run.summary).to.contain('NOT RESTRICTED YET (1):');
      expect(world.outputs('r')).to.include({ state: 'restricting' });
    }));

  it('semantics 5.2: a lift for a device that is away stays in state as unrestricting, and nobody is told that it is done', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = { r: restriction(id) };
      succeeds(await world.up(program));
      world.control.setMachine(id, { online: false });
      const run = fails(await world.up({}), { r: 'NOT UNRESTRICTED YET: pc-1.contoso.com' });
      expect(run.summary).to.contain('NOT UNRESTRICTED YET (1):');
      await world.refresh();
      expect(world.outputs('r')).to.include({ state: 'unrestricting', owned: true });
      world.control.setMachine(id, { online: true });
      world.pass('1h');
      succeeds(await world.up({}));
      expect(world.ours(lift, id)).to.have.length(1);
    }));

  it('semantics 4.2: a host that is restricted again while it is in doubt gets one request, whether the service carries it out or not', () =>
    eachWorld([{ restrictWhenRestricted: 'succeed' }, { restrictWhenRestricted: 'stay-pending' }], async (world) => {
      const id = world.host({ outcomes: { [lift]: { status: 'Failed', executed: false } } });
      const program = { r: restriction(id) };
      succeeds(await world.up(program));
      byHand(world, lift, id);
      world.pass('1m');
      await world.up(program);
      expect(world.ours(restrict, id)).to.have.length(2);
      expect(world.restricted(id)).to.equal(true);
      await world.up(program);
      expect(world.ours(restrict, id)).to.have.length(2);
    }));

  it('semantics 4.1, 3.4: a run that was killed finds its request again', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = { r: restriction(id) };
      await killed(world.up(program, { killAfter: 20_000 }));
      world.pass('10m');
      succeeds(await world.up(program));
      expect(world.ours(restrict, id)).to.have.length(1);
      expect(world.outputs('r')).to.include({ owned: true, state: 'restricted' });
    }));

  it('semantics 6.3: a state of another tenant is refused before any call', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up({ r: restriction(id) }));
      const entry = world.stack.entry('r');
      if (entry !== undefined) entry.outputs = { ...entry.outputs, tenantId: '11111111-2222-3333-4444-555555555555' };
      const before = world.writes();
      fails(await world.up({}), { r: 'in tenant 11111111-2222-3333-4444-555555555555' });
      expect(world.writes()).to.equal(before);
    }));

  it('semantics 2.7: a restriction of which Defender has forgotten the record stands all the same, and is lifted when it goes', () =>
    inWorld({}, async (world) => {
      const [id, forgotten] = [world.host(), world.host()];
      succeeds(await world.up({ r: restriction(id) }));
      world.pass('4800h');
      // As if it were another host, of which nothing is recorded.
      const entry = world.stack.entry('r');
      if (entry === undefined) throw new Error('r is in state');
      entry.id = forgotten;
      entry.inputs = { ...entry.inputs, machineId: forgotten };
      entry.outputs = { ...entry.outputs, machineId: forgotten, deviceName: 'pc-2.contoso.com' };
      await world.settled({ r: restriction(forgotten) });
      expect(world.outputs('r')).to.include({ state: 'restricted', owned: true });
      succeeds(await world.up({}));
      expect(world.ours(lift, forgotten)).to.have.length(1);
    }));

  it('semantics 8.1: lifts are counted for themselves, and neither count loosens the other', () =>
    inWorld({}, async (world) => {
      const ids = Array.from({ length: 10 }, () => world.host());
      const isolated = Object.fromEntries(ids.map((machineId, i) => [`i${i}`, { machineId, comment: 'INC-1' }]));
      const restricted = Object.fromEntries(ids.map((id, i) => [`r${i}`, restriction(id)]));
      succeeds(await world.up({ ...isolated, ...restricted }));
      // Of ten, two may go a run: two isolations and two restrictions.
      const { i0: _i0, i1: _i1, ...fewer } = isolated;
      const { r0: _r0, r1: _r1, ...less } = restricted;
      succeeds(await world.up({ ...fewer, ...less }));
      const { i2: _i2, i3: _i3, ...few } = fewer;
      // Eight isolations: one may go, whatever is restricted.
      const refused = fails(await world.up({ ...few, ...less }), { i2: 'allow 1', i3: 'allow 1' });
      const override = /allowReleases (\d+-[0-9a-f]{8})/.exec(refused.text)?.[1] ?? '';
      const { r2: _r2, r3: _r3, ...rest } = less;
      const both = await world.up({ ...few, ...rest });
      const lifting = /unrestrict 2 hosts.*allowReleases (\d+-[0-9a-f]{8})/.exec(both.failures.r2 ?? '')?.[1] ?? '';
      expect([override, lifting, override === lifting].map(String)).to.deep.equal([override, lifting, 'false']);
      const wrong = await world.up({ ...few, ...less }, { config: { allowReleases: lifting } });
      expect(wrong.failures, 'one for restrictions frees nobody from isolation').to.have.all.keys('i2', 'i3');
      succeeds(await world.up({ ...few, ...rest }, { config: { allowReleases: `${override}, ${lifting}` } }));
      expect(ids.map((id) => world.restricted(id)).filter((each) => each)).to.have.length(6);
      expect(ids.map((id) => world.isolated(id)).filter((each) => each)).to.have.length(6);
    }));

  it('semantics 8.4: the override for the isolations of some hosts holds for their restrictions, too', () =>
    inWorld({}, async (world) => {
      const ids = Array.from({ length: 4 }, () => world.host());
      const program: MixedProgram = Object.fromEntries(
        ids.flatMap((id, i) => [
          [`i${i}`, { machineId: id, comment: 'INC-1' }],
          [`r${i}`, restriction(id)],
        ]),
      );
      succeeds(await world.up(program));
      const refused = await world.destroy();
      const override = /would release 4 hosts.*allowReleases (\d+-[0-9a-f]{8})/.exec(refused.text)?.[1] ?? '';
      succeeds(await world.destroy({ config: { allowReleases: override } }));
      expect(ids.some((id) => world.restricted(id) || world.isolated(id))).to.equal(false);
    }));

  it('semantics 8.6: under hold nothing is lifted', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up({ r: restriction(id) }));
      fails(await world.up({}, { config: { releases: 'hold' } }), { r: 'it stays restricted and in state' });
      expect(world.restricted(id)).to.equal(true);
    }));

  it('semantics 8.2: what is protected is not restricted, unless that is allowed', () =>
    inWorld({}, async (world) => {
      const id = world.host({ deviceValue: 'High' });
      for (const run of [await world.preview({ r: restriction(id) }), await world.up({ r: restriction(id) })])
        fails(run, { r: 'Set allowProtected: true on this resource to restrict it all the same' });
      expect(world.writes()).to.equal(0);
      succeeds(await world.up({ r: restriction(id, { allowProtected: true }) }));
      expect(world.restricted(id)).to.equal(true);
    }));

  const platforms: readonly (readonly [string, string | undefined, boolean])[] = [
    ['Windows10', '21H2', true],
    ['Windows10', '1709', true],
    ['Windows10', '1703', false],
    ['Windows11', '23H2', true],
    ['WindowsServer2019', undefined, true],
    ['WindowsServer2022', undefined, true],
    ['WindowsServer2016', undefined, false],
    ['WindowsServer2012R2', undefined, false],
    ['Windows8.1', undefined, false],
    ['Ubuntu', undefined, false],
    ['macOS', undefined, false],
  ];
  it('tells in preview where code execution cannot be restricted, and what to do instead', () =>
    inWorld({}, async (world) => {
      for (const [osPlatform, version, can] of platforms) {
        const id = world.host({ osPlatform, ...(version === undefined ? {} : { version }) });
        const program = { r: restriction(id) };
        const preview = await world.preview(program);
        if (can) expect(preview.failures, osPlatform).to.deep.equal({});
        else fails(preview, { r: /cannot be restricted on .* Windows 10 \(1709 or later\).* isolate it instead/ });
      }
      expect(world.writes()).to.equal(0);
    }));

  it('a refusal of the service itself is told with what the device must have', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      world.control.addFault({
        route: 'POST machines/{id}/restrictCodeExecution',
        effect: {
          kind: 'answer',
          status: 400,
          body: JSON.stringify({ error: { code: 'OsPlatformNotSupported', message: 'OS Platform is not supported' } }),
        },
      });
      fails(await world.up({ r: restriction(id) }), {
        r: /NOT RESTRICTED: pc-1.*OsPlatformNotSupported.*A restriction needs Windows 10/s,
      });
      world.control.clearFaults();
      const failing = world.host({ outcomes: { [restrict]: { status: 'Failed', executed: false } } });
      fails(await world.up({ r: restriction(failing) }), { r: /ended Failed.*A restriction needs/s });
    }));

  it('a sign-in that may not restrict can preview, and is told the role that is missing', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      world.control.setRoles(world.simulator.credentials.clientId, ['Machine.Read.All', 'Machine.Isolate']);
      const preview = succeeds(await world.preview({ r: restriction(id) }));
      expect(preview.text).to.contain('this sign-in lacks the role Machine.RestrictExecution');
      fails(await world.up({ r: restriction(id) }), { r: 'Machine.RestrictExecution' });
      expect(world.restricted(id)).to.equal(false);
    }));

  const faults = {
    'is reset after the request was accepted': { kind: 'reset-after' },
    'is reset before it': { kind: 'reset-before' },
    'brings an answer that cannot be read': { kind: 'garbage' },
  } as const;
  for (const [what, effect] of Object.entries(faults)) {
    it(`semantics 4.1: where the connection ${what}, nothing is sent twice, and the next run converges`, () =>
      inWorld({}, async (world) => {
        const id = world.host();
        const program = { r: restriction(id) };
        const once = (path: string) => ({ route: `POST machines/{id}/${path}`, effect, count: 1 });
        world.control.addFault(once('restrictCodeExecution'));
        await world.up(program);
        world.pass('10m');
        succeeds(await world.up(program));
        expect(world.restricted(id)).to.equal(true);
        expect(world.requests(restrict, id)).to.have.length(1);
        world.control.addFault(once('unrestrictCodeExecution'));
        await world.up({});
        world.pass('10m');
        succeeds(await world.up({}));
        expect(world.restricted(id)).to.equal(false);
        expect(world.requests(lift, id)).to.have.length(1);
      }));
  }

  it('bad input names the property, and nothing is sent', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const rows: [PropertyMap, string, string][] = [
        [{ machineId: '123' }, 'machineId', '40 hex digits'],
        [{ comment: '   ' }, 'comment', 'say why the host is restricted'],
        [{ waitFor: 'Done' }, 'waitFor', 'is none of'],
        [{ releaseAt: 'tomorrow' }, 'releaseAt', 'RFC 3339'],
        [{ releaseAt: '2025-01-01T08:00:00Z' }, 'releaseAt', 'remove the resource to unrestrict the host now'],
        [{ takeOwnership: 'yes' }, 'takeOwnership', 'true or false'],
        [{ machine_id: id }, 'machine_id', 'did you mean machineId?'],
        [{ isolationType: 'Full' }, 'isolationType', 'CodeExecutionRestriction has no property isolationType'],
        [{ renewBefore: '96h' }, 'renewBefore', 'CodeExecutionRestriction has no property renewBefore'],
        [{ deviceName: 'pc-1.contoso.com' }, 'deviceName', 'not both'],
      ];
      for (const [change, property, reason] of rows) {
        const program = { r: restriction(id, change) };
        for (const run of [await world.preview(program), await world.up(program)])
          fails(run, { [`r.${property}`]: reason });
      }
      fails(await world.up({ r: restriction('f'.repeat(40)) }), { r: 'Defender knows no machine with this id (404)' });
      expect(world.writes()).to.equal(0);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('a Ctrl-C sends nothing after it', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const program = { r: restriction(id) };
      await world.up(program, { cancelAfter: 5_000 });
      const sent = world.ours(restrict, id).length;
      expect(sent).to.be.at.most(1);
      world.pass('10m');
      succeeds(await world.up(program));
      expect(world.restricted(id)).to.equal(true);
      expect(world.ours(restrict, id)).to.have.length(1);
    }));
});
