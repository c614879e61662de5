import { expect } from 'chai';
import { fails, inWorld, killed, quarantine, succeeds, type World } from '../host.ts';
import { asked } from '../one-shot/requests.ts';

const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const other = 'ab'.repeat(20);
const action = 'StopAndQuarantineFile';

const manifest = (hosts: readonly string[], ...files: readonly string[]) =>
  quarantine({
    manifest: [
      'version: 1',
      'comment: INC-1',
      `hosts: ${JSON.stringify(hosts.map((machineId) => ({ machineId })))}`,
      ...(files.length === 0 ? [] : ['files:', ...files.map((each) => `  - ${each}`)]),
      '',
    ].join('\n'),
  });
const quarantined = (world: World, id: string) => world.control.machine(id).quarantinedFiles;
const lines = (world: World) => world.outputs('q').files as Readonly<Record<string, string>> | undefined;

describe('files of a Quarantine', function () {
  this.timeout(30_000);

  it('semantics 10.7: are quarantined on all its hosts, or on those that they name, once', () =>
    inWorld({}, async (world) => {
      const [a, b, c] = [world.host(), world.host(), world.host()];
      const files = [`sha1: ${sha1}`, `{ sha1: ${other}, deviceNames: [pc-3.contoso.com], comment: "a: b" }`];
      const program = { q: manifest([a, b], ...files) };
      const preview = succeeds(await world.preview(program));
      expect(preview.text).to.contain(`file ${sha1}`).and.to.contain('quarantine (2)').and.to.contain('isolate 2');
      const run = succeeds(await world.up(program));
      expect(run.summary).to.contain('isolated: 2').and.to.contain('file quarantined: 3');
      expect([a, b, c].map((id) => quarantined(world, id))).to.deep.equal([[sha1], [sha1], [other]]);
      expect(lines(world)?.[sha1]).to.match(/^2 machines: 2 quarantined \| [0-9a-f]{40} quarantined, at=/);
      await world.settled(program);
      succeeds(await world.refresh());
      await world.settled(program);

      succeeds(await world.up({ q: manifest([a, b, c], ...files) }));
      expect(quarantined(world, c)).to.deep.equal([other, sha1]);
      expect(asked(world, action)).to.have.length(4);

      const left = succeeds(await world.up({ q: manifest([a, b, c], `sha1: ${sha1}`) }));
      expect(left.warnings.join('\n'))
        .to.contain(`file ${other} stays in quarantine on pc-3`)
        .and.to.contain('MpCmdRun.exe -Restore');
      expect(Object.keys(lines(world) ?? {})).to.deep.equal([sha1]);
      succeeds(await world.up({ q: manifest([a, b, c]) }));
      expect(world.outputs('q')).not.to.have.property('files');
      expect(asked(world, action)).to.have.length(4);
    }));

  it('semantics 8.5: a file that fails holds up no isolation, is told, and only that is asked again', () =>
    inWorld({}, async (world) => {
      const [windows, linux] = [world.host({ files: [] }), world.host({ osPlatform: 'Linux' })];
      const program = { q: manifest([windows, linux], `sha1: ${sha1}`) };
      fails(await world.preview(program), { q: /Windows only/ });
      const run = fails(await world.up(program), { q: /NOT QUARANTINED: pc-1.*last 30 days/ });
      expect(run.failures.q)
        .to.match(/Windows only/)
        .and.to.contain(`file ${sha1}`);
      expect([windows, linux].map((id) => world.isolated(id))).to.deep.equal([true, true]);
      expect(run.summary).to.contain('NOT QUARANTINED (2)').and.to.contain('isolated: 2');
      world.control.setMachine(windows, { files: null });
      const only = { q: manifest([windows, linux], `{ sha1: ${sha1}, machineIds: ["${windows}"] }`) };
      succeeds(await world.up(only));
      expect(world.requests('Isolate')).to.have.length(2);
      expect(quarantined(world, windows)).to.deep.equal([sha1]);
      await world.settled(only);
    }));

  it('semantics 4.1: a killed run does not ask again', () =>
    inWorld({}, async (world) => {
      const program = { q: manifest([world.host()], `sha1: ${sha1}`) };
      await killed(world.up(program, { killAfter: 50_000 }));
      world.pass('1h');
      succeeds(await world.up(program));
      expect(asked(world, action)).to.have.length(1);
      await world.settled(program);
    }));

  it('semantics 4.3: a device that is away is told as NOT … YET, and in sync for later runs', () =>
    inWorld({}, async (world) => {
      const id = world.host();
      const away = world.host({ online: false });
      const program = { q: manifest([id], `{ sha1: ${sha1}, machineIds: ["${id}", "${away}"] }`) };
      fails(await world.up(program), { q: /NOT QUARANTINED YET: pc-2/ });
      expect((await world.settled(program)).text).to.contain('NOT QUARANTINED YET: pc-2');
      world.control.setMachine(away, { online: true });
      world.pass('1h');
      await world.settled(program);
      expect(lines(world)?.[sha1]).to.contain('2 quarantined');
      const writes = asked(world, action).length;
      expect(succeeds(await world.destroy()).warnings.join('\n')).to.contain('MpCmdRun.exe -Restore');
      expect(asked(world, action)).to.have.length(writes);
    }));

  it('stand inline beside hosts, with the comment of the resource, and nothing is sent for bad ones', () =>
    inWorld({}, async (world) => {
      const machineId = world.host();
      const hosts = [{ machineId }];
      const inline = { q: quarantine({ comment: 'INC-2', hosts, files: [{ sha1 }] }) };
      succeeds(await world.up(inline));
      expect(asked(world, action)[0]?.requestorComment).to.contain('INC-2');
      await world.settled(inline);
      const bad = [
        [{ comment: 'c', hosts, files: [{ sha1: 'ab'.repeat(32) }] }, 'q.files', /files\[0\]\.sha1: .*SHA-256/],
        [{ comment: 'c', hosts, files: [{ sha1, machines: [] }] }, 'q.files', /machines: is no property of a file/],
        [{ manifest: 'version: 1\nhosts: []\n', files: [{ sha1 }] }, 'q.files', /its files stand in it/],
        [
          { manifest: `version: 1\ncomment: c\nhosts: []\nfiles: [{ sha1: ${sha1} }]\n` },
          'q.manifest',
          /line 4, column \d+: files\[0\]/,
        ],
      ] as const;
      const before = world.writes();
      for (const [inputs, property, told] of bad) {
        const run = await world.up({ q: quarantine(inputs as never) });
        expect(run.refused[property], property).to.match(told);
      }
      expect(world.writes()).to.equal(before);
      expect(world.isolated(machineId)).to.equal(true);
    }));
});
