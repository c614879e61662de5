import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { makeWorld, pluginFolder, type World } from './world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Writes a YAML program with variables, each a call of a function; a resource is isolated by what one of them says. */
function declare(
  world: World,
  calls: Readonly<Record<string, readonly [string, object]>>,
  resources: object = {},
  outputs: object = {},
) {
  const program = {
    name: 'containment',
    runtime: 'yaml',
    plugins: { providers: [{ name: 'mde', path: pluginFolder }] },
    config: { 'mde:apiUrl': { value: world.simulator.apiUrl } },
    variables: Object.fromEntries(
      Object.entries(calls).map(([name, [called, args]]) => [
        name,
        { 'fn::invoke': { function: `mde:${called}`, arguments: args } },
      ]),
    ),
    resources,
    outputs,
  };
  // JSON is YAML.
  writeFileSync(join(world.folder, 'Pulumi.yaml'), JSON.stringify(program, null, 2));
}

/** A place of the program, as YAML names it. */
const of = (place: string) => `\${${place}}`;
const noStack = (text: string) => expect(text).not.to.match(/^\s+at .*:\d+:\d+/m);
const outputsOf = async (world: World) => JSON.parse((await world.pulumi(['stack', 'output', '--json'])).stdout);

describe('functions in a YAML stack, on the real engine', () => {
  let world: World;

  before(async () => {
    world = await makeWorld({ speed: 3600 });
    for (const name of ['pc-1', 'pc-2']) {
      world.control.addMachine({ computerDnsName: `${name}.contoso.com`, machineTags: ['floor-3'] });
    }
    world.control.isolate('pc-2.contoso.com', { comment: 'by hand' });
    world.control.advance('5m');
  });
  after(() => world.end());

  it('what they answer feeds resources and outputs, in preview, up and refresh; what is not known yet waits', async () => {
    const calls = {
      machine: ['getMachine', { deviceName: 'pc-1.contoso.com' }],
      floor: ['getMachines', { machineTag: 'floor-3', limit: 10 }],
      // Their arguments come from the resource; that of the last is known only once it is isolated.
      isolation: ['getIsolation', { machineId: of('pc.machineId') }],
      requests: ['getMachineActions', { machineId: of('pc.machineId'), types: ['Isolate'] }],
      since: ['getMachineActions', { requestedSince: of('pc.isolatedAt') }],
      isolated: ['getIsolatedMachines', {}],
    } as const;
    const properties = { machineId: of('machine.machineId'), comment: 'INC-1' };
    const outputs = {
      floor: of('floor.machines'),
      state: of('isolation.state'),
      requests: of('requests.actions'),
      since: of('since.actions'),
      by: of('isolated.machines[0].requestor'),
    };
    declare(world, calls, { pc: { type: 'mde:MachineIsolation', properties } }, outputs);
    tells(succeeded(await world.preview()), 'would isolate pc-1.contoso.com');
    expect(world.writes()).to.equal(0);
    succeeded(await world.up());
    expect(world.isIsolated('pc-1.contoso.com')).to.equal(true);
    const told = await outputsOf(world);
    expect(told.floor.map(({ deviceName }: { deviceName: string }) => deviceName)).to.deep.equal([
      'pc-1.contoso.com',
      'pc-2.contoso.com',
    ]);
    expect(told).to.include({ state: 'isolated' });
    expect(told.since).to.deep.equal([]);
    expect(told.by).to.equal('analyst@contoso.com');
    expect(told.requests).to.have.length(1);
    expect(told.requests[0]).to.include({ type: 'Isolate', ours: true, stack: 'dev', resource: 'pc' });
    succeeded(await world.pulumi(['refresh', '--yes', '--run-program']));
    expect(world.writes()).to.equal(1);
  });

  it('an error names the function and what to do, without a stack; nothing is written', async () => {
    world.control.addMachine({ computerDnsName: 'pc-2.contoso.com' });
    const writes = world.writes();
    const wrong: readonly (readonly [string, object, readonly string[]])[] = [
      ['getMachine', { deviceName: 'pc-2.contoso.com' }, ['getMachine', 'ambiguous', 'last seen', 'Active']],
      ['getMachines', { machineTag: 'a', limit: 0 }, ['limit', 'whole number from 1 to 10000']],
      ['getIsolation', { machineId: 'ffffffffffffffffffffffffffffffffffffffff' }, ['knows no machine', 'retention']],
    ];
    for (const [called, args, parts] of wrong) {
      declare(world, { looked: [called, args] }, {}, { looked: of('looked') });
      const text = failed(await world.preview());
      tells(text, ...parts);
      noStack(text);
    }
    expect(world.writes()).to.equal(writes);
  });
});

describe('functions in a TypeScript stack, on the real engine', () => {
  let world: World;

  before(async () => {
    world = await makeWorld();
    for (const name of ['pc-1', 'pc-2', 'other']) {
      world.control.addMachine({
        computerDnsName: `${name}.contoso.com`,
        machineTags: name === 'other' ? [] : ['infected'],
      });
    }
    const { folder, simulator } = world;
    const project = {
      name: 'containment',
      runtime: 'nodejs',
      plugins: { providers: [{ name: 'mde', path: pluginFolder }] },
      config: { 'mde:apiUrl': { value: simulator.apiUrl } },
    };
    writeFileSync(join(folder, 'Pulumi.yaml'), JSON.stringify(project));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'containment', main: 'index.ts' }));
    cpSync(join(root, 'examples/typescript/tsconfig.json'), join(folder, 'tsconfig.json'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  });
  after(() => world.end());

  const program = (text: string) => writeFileSync(join(world.folder, 'index.ts'), text);

  it('what they answer feeds a set of hosts, by their tokens and by their classes', async () => {
    program(`
      import * as pulumi from '@pulumi/pulumi';
      import * as mde from 'pulumi-mde/plugin';
      async function isolate() {
        const { machines } = await pulumi.runtime.invoke('mde:index:getMachines', { machineTag: 'infected' });
        return machines.map(({ machineId }: { machineId: string }) => ({ machineId, comment: 'INC-1' }));
      }
      const infected = new mde.Quarantine('infected', { hosts: pulumi.output(isolate()) });
      const one = mde.getMachineOutput({ deviceName: 'pc-1.contoso.com' });
      const isolation = mde.getIsolationOutput({ machineId: one.machineId }, { dependsOn: [infected] });
      const all = mde.getIsolatedMachinesOutput({}, { dependsOn: [infected] });
      const requests = mde.getMachineActionsOutput({ deviceName: 'pc-2.contoso.com' }, { dependsOn: [infected] });
      export const state = isolation.state;
      export const names = all.machines.apply((each) => each.map(({ deviceName }) => deviceName));
      export const types = requests.actions.apply((each) => each.map(({ type }) => type));
    `);
    tells(succeeded(await world.preview()), 'isolate (2)');
    expect(world.writes()).to.equal(0);
    succeeded(await world.up());
    expect(['pc-1', 'pc-2', 'other'].map((name) => world.isIsolated(`${name}.contoso.com`))).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect(await outputsOf(world)).to.deep.equal({
      state: 'isolated',
      names: ['pc-1.contoso.com', 'pc-2.contoso.com'],
      types: ['Isolate'],
    });
  });

  it('a wrong argument is told by its name, with the one that was meant', async () => {
    program(`
      import * as pulumi from '@pulumi/pulumi';
      export const one = pulumi.runtime.invoke('mde:index:getMachine', { deviceNam: 'pc-1' });
    `);
    tells(failed(await world.preview()), 'did you mean deviceName?', '(deviceNam)');
  });
});

describe('examples/yaml-lookups, on the real engine and the simulated fleet that it names', () => {
  const example = join(root, 'examples/yaml-lookups');
  const laptop = 'ber-laptop-0004.contoso.com';
  let world: World;

  before(async () => {
    world = await makeWorld({ machines: 25 });
    const text = readFileSync(join(example, 'Pulumi.yaml'), 'utf8');
    const here = text.replace('path: ../../dist/plugin', `path: ${JSON.stringify(pluginFolder)}`);
    expect(here).to.not.equal(text);
    writeFileSync(join(world.folder, 'Pulumi.yaml'), here);
    succeeded(await world.pulumi(['stack', 'init']));
    succeeded(await world.pulumi(['config', 'set', 'mde:apiUrl', world.simulator.apiUrl]));
  });
  after(() => world.end());

  it('does what its README says', async () => {
    tells(succeeded(await world.preview()), `would isolate ${laptop}`);
    expect(world.writes()).to.equal(0);
    succeeded(await world.up());
    const told = await outputsOf(world);
    expect(told.isolation).to.match(new RegExp(`^${laptop} is isolated \\(Full\\) since .* rehearsal of pulumi-mde$`));
    expect(told.isolated).to.deep.equal([]);
    expect(told.requests).to.have.length(1);
    expect(told.laptops).to.have.length.greaterThan(1);
    expect(told.moreLaptops).to.equal(false);
    expect(told.suspect.deviceName).to.equal(laptop);
    succeeded(await world.up());
    const { isolated } = await outputsOf(world);
    expect(isolated.map(({ deviceName }: { deviceName: string }) => deviceName)).to.deep.equal([laptop]);
    succeeded(await world.destroy());
    expect(world.isIsolated(laptop)).to.equal(false);
  });
});
