import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { makeWorld, pluginFolder, shown, type World } from './world.ts';

describe('examples/yaml-files: a file, a scan and a package, on the real engine and the simulated fleet', () => {
  const example = fileURLToPath(new URL('../../examples/yaml-files', import.meta.url));
  const hosts = ['ber-laptop-0004.contoso.com', 'sin-laptop-0007.contoso.com'];
  // As the program writes it.
  const reference = ['$', '{sha1}'].join('');
  let world: World;
  const said: string[] = [];
  const pulumi = async (...args: string[]) => {
    const run = await world.pulumi(args);
    said.push(shown(run));
    return run;
  };
  const up = (...args: string[]) => pulumi('up', '--yes', '--skip-preview', ...args);
  const link = async () => (await world.pulumi(['stack', 'output', 'package', '--show-secrets'])).stdout.trim();
  const quarantined = () => hosts.map((host) => world.control.machine(host).quarantinedFiles.length);
  const declare = (change: (program: string) => string) => {
    const file = join(world.folder, 'Pulumi.yaml');
    const program = readFileSync(file, 'utf8');
    const changed = change(program);
    expect(changed).to.not.equal(program);
    writeFileSync(file, changed);
  };

  before(async () => {
    world = await makeWorld({ machines: 25 });
    cpSync(example, world.folder, { recursive: true, filter: (path) => !/Pulumi\..+\.yaml$/.test(path) });
    declare((program) => program.replace('path: ../../dist/plugin', `path: ${JSON.stringify(pluginFolder)}`));
    succeeded(await world.pulumi(['stack', 'init']));
    succeeded(await world.pulumi(['config', 'set', 'mde:apiUrl', world.simulator.apiUrl]));
  });
  after(() => world.end());

  it('is asked once, and every later run has nothing to do', async () => {
    tells(succeeded(await pulumi('preview')), 'quarantine (2)', ...hosts, 'would collect the investigation package');
    expect(world.writes()).to.equal(0);
    tells(succeeded(await up()), 'file quarantined: 2', 'scanned: 1', 'investigation package collected: 1');
    expect(quarantined()).to.deep.equal([1, 1]);
    expect(world.writes()).to.equal(4);
    succeeded(await up('--expect-no-changes'));
    succeeded(await pulumi('preview', '--expect-no-changes'));
  });

  it('the link to the package is a secret, and a refresh fetches a new one', async () => {
    const first = await link();
    expect(first).to.match(/^https:.*sig=/);
    succeeded(await up('--refresh', '--diff'));
    const second = await link();
    expect(second)
      .to.match(/^https:.*sig=/)
      .and.not.to.equal(first);
    const told = [...said, await world.exportState()].join('\n');
    for (const uri of [first, second]) expect(told.includes(uri.split('sig=')[1] ?? ''), 'in clear').to.equal(false);
    succeeded(await up('--expect-no-changes'));
  });

  it('a changed trigger scans again; bad input and another hash are told, and send nothing', async () => {
    declare((program) => program.replace(`file: ${reference}`, `file: ${reference}-again`));
    tells(succeeded(await up()), 'scanned: 1');
    expect(world.control.machine(hosts[0] ?? '').scans).to.have.length(2);
    const writes = world.writes();
    declare((program) => program.replace(`sha1: ${reference}`, `sha1: ${'ab'.repeat(32)}`));
    tells(failed(await up()), 'is a SHA-256', 'Get-FileHash -Algorithm SHA1');
    expect(world.writes()).to.equal(writes);
    declare((program) => program.replace(`sha1: ${'ab'.repeat(32)}`, `sha1: ${reference}`));
  });

  it('what is imported needs nothing, and destroy changes no host and says how a file is restored', async () => {
    const ids = hosts.map((host) => world.control.machine(host).id);
    const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
    const id = `${sha1}/${ids.join(',')}`;
    tells(
      succeeded(await world.pulumi(['import', 'mde:index:FileQuarantine', 'taken', id, '--yes', '--protect=false'])),
      'comment: rehearsal of pulumi-mde',
    );
    const taken = {
      type: 'mde:FileQuarantine',
      properties: { sha1, machineIds: ids, comment: 'rehearsal of pulumi-mde' },
    };
    declare((program) => program.replace('resources:\n', `resources:\n  taken: ${JSON.stringify(taken)}\n`));
    const writes = world.writes();
    succeeded(await up('--expect-no-changes'));
    tells(succeeded(await pulumi('destroy', '--yes', '--skip-preview')), 'MpCmdRun.exe -Restore');
    expect(world.writes()).to.equal(writes);
    expect(quarantined()).to.deep.equal([1, 1]);
  });
});
