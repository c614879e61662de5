import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { succeeded, tells } from '../outcome.ts';
import { makeWorld, pluginFolder, type World } from '../world.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const infected = ['ber-laptop-0004.contoso.com', 'sin-laptop-0007.contoso.com'];
const suspect = 'nyc-laptop-0013.contoso.com';
const neighbour = 'ber-laptop-0008.contoso.com';

interface Told {
  readonly isolated: readonly unknown[];
  readonly asked: readonly unknown[];
}

/** Each example with what it has read back of its own deeds. */
const examples: Readonly<Record<string, (told: Told) => void>> = {
  'yaml-response': ({ isolated, asked }) => {
    expect(isolated).to.have.lengthOf(2);
    for (const [index, name] of infected.entries()) expect(isolated[index]).to.match(new RegExp(`^${name}.* isolated`));
    const types = (asked as readonly { type: string }[][]).map((actions) => actions.map(({ type }) => type));
    expect(types).to.deep.equal([['RestrictCodeExecution'], ['RunAntiVirusScan']]);
  },
  'typescript-response': ({ isolated, asked }) => {
    const names = (isolated as readonly { deviceName: string }[]).map(({ deviceName }) => deviceName);
    expect(names).to.deep.equal([...infected].sort());
    const types = (asked as readonly { type: string }[]).map(({ type }) => type);
    expect(types.sort()).to.deep.equal([
      'Isolate',
      'Isolate',
      'RestrictCodeExecution',
      'RunAntiVirusScan',
      'StopAndQuarantineFile',
      'StopAndQuarantineFile',
    ]);
  },
};

for (const [example, expectReadBack] of Object.entries(examples)) {
  describe(`examples/${example}, on the real engine and the simulated fleet that it names`, () => {
    let world: World;

    before(async () => {
      world = await makeWorld({ machines: 25 });
      const { folder, simulator } = world;
      const left = /^(node_modules|Pulumi\..+\.yaml)$/;
      const from = join(root, 'examples', example);
      cpSync(from, folder, { recursive: true, filter: (path) => !left.test(basename(path)) });
      const program = readFileSync(join(from, 'Pulumi.yaml'), 'utf8');
      const here = program.replace('path: ../../dist/plugin', `path: ${JSON.stringify(pluginFolder)}`);
      expect(here).to.not.equal(program);
      writeFileSync(join(folder, 'Pulumi.yaml'), here);
      if (example.startsWith('typescript')) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      succeeded(await world.pulumi(['stack', 'init']));
      succeeded(await world.pulumi(['config', 'set', 'mde:apiUrl', simulator.apiUrl]));
    });
    after(() => world.end());

    const isolated = () =>
      world.control
        .machines()
        .filter((machine) => machine.isolation.isolated)
        .map((machine) => machine.computerDnsName)
        .sort();

    it('preview says what would be done to each host, and writes nothing', async () => {
      tells(succeeded(await world.preview()), ...infected, suspect, neighbour);
      expect(world.writes()).to.equal(0);
    });

    it('up does all of it, once, and reads it back', async () => {
      succeeded(await world.up());
      const { control } = world;
      expect(isolated()).to.deep.equal([...infected].sort());
      for (const name of infected) expect(control.machine(name).quarantinedFiles).to.deep.equal([sha1]);
      expect(control.indicators().map(({ indicatorValue }) => indicatorValue)).to.deep.equal([sha1]);
      expect(control.machine(suspect).codeRestricted).to.equal(true);
      expect(control.machine(neighbour).scans.map(({ scanType }) => scanType)).to.deep.equal(['Quick']);
      const told = JSON.parse((await world.pulumi(['stack', 'output', '--json'])).stdout);
      expect(told).to.include({ blocked: 'BlockAndRemediate', suspect: 'restricted', neighbour: 'Succeeded' });
      expectReadBack(told);
    });

    it('a second up asks nothing of any host', async () => {
      const writes = world.writes();
      succeeded(await world.up('--expect-no-changes'));
      expect(world.writes()).to.equal(writes);
    });

    it('destroy undoes what can be undone, and says what cannot', async () => {
      tells(succeeded(await world.destroy()), 'MpCmdRun.exe', sha1);
      const { control } = world;
      expect(isolated()).to.deep.equal([]);
      expect(control.machine(suspect).codeRestricted).to.equal(false);
      expect(control.indicators()).to.deep.equal([]);
      for (const name of infected) expect(control.machine(name).quarantinedFiles).to.deep.equal([sha1]);
    });
  });
}
