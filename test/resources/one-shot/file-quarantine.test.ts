import { expect } from 'chai';
import type { PropertyMap } from '../../../provider/resources/resource.ts';
import { eachWorld, fails, inWorld, killed, succeeds, type World } from '../host.ts';
import { asked, file, fileType } from './requests.ts';

const ada = 'ada@contoso.com';
const quarantine = 'StopAndQuarantineFile';
const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const other = 'ab'.repeat(20);

const requests = (world: World) => asked(world, quarantine);
const quarantined = (world: World, id: string) => world.control.machine(id).quarantinedFiles;
const lines = (world: World, name = 'f') => world.outputs(name).machines as Readonly<Record<string, string>>;

describe('FileQuarantine', function () {
  this.timeout(30_000);

  it('asks each machine once; one that joins is asked, one that leaves is not, and deletion sends nothing', () =>
    inWorld({}, async (world) => {
      const [a, b, c] = [world.host(), world.host(), world.host()];
      const of = (...machineIds: string[]) => ({ f: file({ sha1: sha1.toUpperCase(), machineIds }) });
      const preview = succeeds(await world.preview(of(a, b)));
      expect(preview.text).to.contain('quarantine (2)').and.to.contain('pc-2.contoso.com');
      const run = succeeds(await world.up(of(a, b)));
      expect(run.summary).to.contain('file quarantined: 2 (pc-1.contoso.com, pc-2.contoso.com)');
      expect(world.outputs('f')).to.include({ sha1, summary: '2 machines: 2 quarantined' });
      await world.settled(of(b, a));
      succeeds(await world.up({ f: file({ sha1, machineIds: [b, a], comment: 'INC-2' }) }));
      expect(requests(world)).to.have.length(2);
      succeeds(await world.up(of(a, b, c)));
      expect(requests(world).map(({ machineId }) => machineId)).to.have.members([a, b, c]);
      expect([a, b, c].map((id) => quarantined(world, id))).to.deep.equal([[sha1], [sha1], [sha1]]);

      const left = succeeds(await world.up(of(a)));
      expect(left.warnings.join('\n'))
        .to.contain(`file ${sha1} stays in quarantine on pc-2`)
        .and.to.contain('MpCmdRun.exe -Restore');
      expect(Object.keys(lines(world))).to.deep.equal([a]);
      expect(succeeds(await world.destroy()).warnings.join('\n')).to.contain('MpCmdRun.exe -Restore');
      expect(requests(world)).to.have.length(3);
    }));

  it('another file is a replacement: it is quarantined, and nothing is undone for the old one', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      succeeds(await world.up({ f: file({ sha1, machineIds: [id] }) }));
      const run = succeeds(await world.up({ f: file({ sha1: other, machineIds: [id] }) }));
      expect(run.steps.f).to.equal('replace');
      expect(run.warnings.join('\n')).to.contain(`file ${sha1} stays in quarantine`);
      expect(quarantined(world, id)).to.deep.equal([sha1, other]);
    }));

  it('semantics 4.2: a request for this file that runs is adopted; one for another file is waited for where it must be, and never told as ours', () =>
    eachWorld(
      (['machine-and-hash', 'machine'] as const).flatMap((fileConflictKey) => [
        { fileConflictKey, duplicateOfFileOrPackage: 'reject-400' as const },
        {
          fileConflictKey,
          duplicateOfFileOrPackage: 'as-others' as const,
          duplicateRequest: 'return-pending' as const,
        },
      ]),
      async (world) => {
        const [same, different] = [world.host(), world.host()];
        world.control.act(same, quarantine, { by: ada, sha1, latencySeconds: 200 });
        const theirs = world.control.act(different, quarantine, { by: ada, sha1: other, latencySeconds: 200 });
        const program = { f: file({ sha1, machineIds: [same, different] }) };
        succeeds(await world.up(program));
        expect(requests(world).map(({ machineId }) => machineId)).to.deep.equal([different]);
        expect(quarantined(world, different)).to.have.members([sha1, other]);
        expect(lines(world)[different])
          .to.match(/^quarantined/)
          .and.not.to.contain(theirs.id);
        await world.settled(program);
      },
    ));

  it('semantics 4.2: two files of one machine are both quarantined, whatever requests exclude each other', () =>
    eachWorld([{ fileConflictKey: 'machine-and-hash' }, { fileConflictKey: 'machine' }], async (world) => {
      const id = world.host();
      const program = { f: file({ sha1, machineIds: [id] }), g: file({ sha1: other, machineIds: [id] }) };
      succeeds(await world.up(program));
      expect(quarantined(world, id)).to.have.members([sha1, other]);
      expect(requests(world)).to.have.length(2);
      await world.settled(program);
    }));

  it('semantics 4.2: it is not sent where the other request does not end in time', () =>
    inWorld({ switches: { fileConflictKey: 'machine' } }, async (world) => {
      const id = world.host({ online: false });
      world.control.act(id, quarantine, { by: ada, sha1: other });
      fails(await world.up({ f: file({ sha1, machineIds: [id] }) }), {
        f: /one request of this type at a time.*ada@contoso.com is still Pending/,
      });
      expect(requests(world)).to.deep.equal([]);
      expect(world.stack.entries).to.deep.equal([]);
    }));

  it('semantics 3.1, 4.1: neither a killed run nor a lost answer is asked again', () =>
    eachWorld([{ listDelaySeconds: 0 }, { listDelaySeconds: 5 }], async (world) => {
      const ids = [world.host(), world.host({ online: false })];
      const program = { f: file({ sha1, machineIds: ids }) };
      world.control.addFault({
        route: 'POST machines/{id}/StopAndQuarantineFile',
        effect: { kind: 'reset-after' },
        count: 1,
      });
      await killed(world.up(program, { killAfter: 25_000 }));
      expect(world.stack.entries).to.deep.equal([]);
      world.pass('1h');
      const run = fails(await world.up(program), { f: /NOT QUARANTINED YET: pc-2/ });
      expect(run.text).to.contain('an earlier run of this declaration has done it');
      expect(requests(world)).to.have.length(2);
    }));

  it('semantics 4.3: a partial failure keeps what worked, tells the preconditions, and only the rest is asked again', () =>
    eachWorld([{ fileNotPresent: 'fail' }, { fileNotPresent: 'succeed' }], async (world) => {
      const [good, without, away] = [world.host(), world.host({ files: [] }), world.host({ online: false })];
      const program = { f: file({ sha1, machineIds: [good, without, away] }) };
      const isFailing = world.control.switches().fileNotPresent === 'fail';
      const run = fails(await world.up(program), { f: /NOT QUARANTINED YET: pc-3/ });
      if (isFailing) expect(run.failures.f).to.match(/NOT QUARANTINED: pc-2.*Windows only.*last 30 days.*Microsoft/);
      expect(run.summary).to.contain('NOT QUARANTINED YET (1)').and.to.contain('pc-1');
      expect(lines(world)[good]).to.match(
        /^quarantined, at=2026-01-05T12:00:\d\dZ, actionId=\S+, deviceName=pc-1.contoso.com$/,
      );
      world.control.setMachine(without, { files: null });
      const again = succeeds(await world.up(program));
      expect(again.text).to.contain('NOT QUARANTINED YET: pc-3');
      expect(requests(world).map(({ machineId }) => machineId)).to.deep.equal(
        isFailing ? [good, without, away, without] : [good, without, away],
      );
      await world.settled(program);
      world.control.setMachine(away, { online: true });
      world.pass('1h');
      await world.settled(program);
      expect(world.outputs('f').summary).to.equal('3 machines: 3 quarantined');
    }));

  it('semantics 6.1, 6.2: a name is bound at first, twins are refused, and a machine named twice is asked once', () =>
    inWorld({}, async (world) => {
      const id = world.host({ outcomes: { [quarantine]: { status: 'Failed' } } });
      const names = {
        f: file({ sha1, deviceNames: ['PC-1.contoso.com', 'no-pc.contoso.com'], machineIds: [world.host()] }),
      };
      fails(await world.preview(names), { f: /no machine is named no-pc/ });
      const run = fails(await world.up(names), { f: /no machine is named no-pc/ });
      expect(run.failures.f).to.contain('NOT QUARANTINED: pc-1');
      expect(requests(world)).to.have.length(2);

      const twice = { g: file({ sha1: other, deviceNames: ['pc-1.contoso.com'], machineIds: [id] }) };
      fails(await world.preview(twice), { g: new RegExp(`${id} and pc-1.contoso.com are the same machine`) });

      world.control.rename(id, 'pc-9.contoso.com');
      const taker = world.host({ computerDnsName: 'pc-1.contoso.com' });
      const moved = fails(await world.up(names), {
        f: new RegExp(`was bound to machine ${id} and now means machine ${taker}`),
      });
      expect(moved.failures.f).to.contain('Nothing was sent to either');
      expect(requests(world)).to.have.length(2);
    }));

  it('semantics 6.3: a state of another tenant is refused before any call', () =>
    inWorld({}, async (world) => {
      const program = { f: file({ sha1, machineIds: [world.host()] }) };
      succeeds(await world.up(program));
      const entry = world.stack.entry('f');
      if (entry === undefined) throw new Error('not in state');
      entry.outputs = { ...entry.outputs, tenantId: '11111111-0000-4000-8000-000000000000' };
      const writes = world.writes();
      const run = await world.up({ f: file({ sha1, machineIds: [world.host()] }) });
      expect(run.text).to.contain('this was asked for in tenant 11111111');
      expect(world.writes()).to.equal(writes);
    }));

  it('semantics 1.2: on a list that is not complete nothing is sent', () =>
    inWorld({}, async (world) => {
      const program = { f: file({ sha1, machineIds: [world.host()] }) };
      const fault = world.control.addFault({ route: 'GET machineactions', effect: { kind: 'list', countError: 1 } });
      fails(await world.up(program), { f: /could not be observed.*Nothing was sent/ });
      expect(world.writes()).to.equal(0);
      world.control.removeFault(fault);
      succeeds(await world.up(program));
      expect(requests(world)).to.have.length(1);
    }));

  it('forty machines: one list observes them, and the row tells how far it has come', () =>
    inWorld({}, async (world) => {
      const { ids } = world.hosts(40);
      succeeds(await world.up({ f: file({ sha1, machineIds: ids }) }));
      const { byRoute } = world.control.statistics();
      expect(byRoute['POST machines/{id}/StopAndQuarantineFile']).to.equal(40);
      expect(byRoute['GET machineactions']).to.be.lessThan(40);
      expect(world.outputs('f').summary).to.equal('40 machines: 40 quarantined');
    }));

  it('import takes over the newest request of each machine, and the next run has nothing to do', () =>
    inWorld({}, async (world) => {
      const [a, b, c] = [world.host(), world.host(), world.host()];
      world.control.act(a, quarantine, { by: ada, sha1, comment: 'by hand', latencySeconds: 0 });
      world.control.act(b, quarantine, { by: ada, sha1, comment: 'by hand', latencySeconds: 0 });
      world.control.act(c, quarantine, { by: ada, sha1: other, latencySeconds: 0 });
      const inputs = await world.import('f', `${sha1.toUpperCase()}/${a},${b}`, { type: fileType });
      expect(inputs).to.deep.include({ sha1, machineIds: [a, b], comment: 'by hand' });
      await world.settled({ f: file({ sha1, machineIds: [a, b], comment: 'by hand' }) });
      for (const [wrong, told] of [
        [`${sha1}/${a},${c}`, /nothing was imported/],
        [`${'ab'.repeat(32)}/${a}`, /SHA-256/],
        [sha1, /SHA1\/MACHINEID/],
      ] as const) {
        const failure = await world.import('x', wrong, { type: fileType }).then(
          () => 'imported',
          (error: Error) => error.message,
        );
        expect(failure).to.match(told);
      }
    }));

  const id = 'a'.repeat(40);
  const bad: readonly (readonly [string, PropertyMap, RegExp])[] = [
    ['sha1', { machineIds: [id] }, /is missing/],
    ['sha1', { sha1: 'ab'.repeat(32), machineIds: [id] }, /SHA-256.*Get-FileHash/],
    ['machineIds', { sha1 }, /names no machine/],
    ['machineIds', { sha1, machineIds: [] }, /names no machine/],
    ['machineIds', { sha1, machineIds: id }, /must be a list/],
    ['machineIds[1]', { sha1, machineIds: [id, id.toUpperCase()] }, /declared twice; first as machineIds\[0\]/],
    ['deviceNames[1]', { sha1, deviceNames: ['pc-1', 'PC-1'] }, /declared twice/],
    ['deviceNames[0]', { sha1, deviceNames: ['pc-*'] }, /no device name/],
    ['comment', { sha1, machineIds: [id], comment: '' }, /is blank/],
    ['sha', { sha: sha1, sha1, machineIds: [id] }, /did you mean sha1/],
  ];
  it('bad input is told by property, and sends nothing', () =>
    inWorld({}, async (world) => {
      for (const [property, inputs, told] of bad) {
        const run = await world.up({ f: file(inputs) });
        expect(run.refused[`f.${property}`], property).to.match(told);
      }
      const hosts = [world.host({ osPlatform: 'Ubuntu' }), world.host({ onboardingStatus: 'CanBeOnboarded' })];
      const program = { f: file({ sha1, machineIds: [id, ...hosts] }) };
      const failure = fails(await world.preview(program), { f: /404/ }).failures.f ?? '';
      expect(failure)
        .to.match(/Windows only/)
        .and.to.match(/not onboarded/);
      fails(await world.up(program), { f: /404/ });
      expect(world.writes()).to.equal(0);
      expect(world.stack.entries).to.deep.equal([]);
    }));
});
