import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { type Declared, makeWorld, pluginFolder, type StateResource, type World } from './world.ts';

const type = 'mde:index:CodeExecutionRestriction';
const restricts = (machineId: string, comment = 'INC-2'): Declared => ({ type, properties: { machineId, comment } });

describe('CodeExecutionRestriction, on the real engine', () => {
  let world: World;
  let id: string;
  let other: string;

  const restricted = (machine: string) => world.control.machine(machine).codeRestricted;
  const outputs = async () => {
    const { deployment } = JSON.parse(await world.exportState()) as { deployment: { resources?: StateResource[] } };
    return (deployment.resources ?? []).filter((each) => each.type === type).map((each) => each.outputs ?? {});
  };

  before(async () => {
    world = await makeWorld();
    id = world.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
    other = world.control.addMachine({ computerDnsName: 'pc-2.contoso.com' }).id;
  });
  after(() => world.end());

  it('restricts a host that is isolated besides, and a second up with its preview is empty', async () => {
    world.declare({ isolated: { properties: { machineId: id, comment: 'INC-1' } }, restricted: restricts(id) });
    tells(succeeded(await world.preview()), `would restrict pc-1.contoso.com (${id}): it is not restricted`);
    expect(world.writes()).to.equal(0);
    tells(succeeded(await world.up()), 'isolated: 1 (pc-1.contoso.com)', 'restricted: 1 (pc-1.contoso.com)');
    expect([restricted(id), world.isIsolated(id)]).to.deep.equal([true, true]);
    expect(await outputs()).to.have.length(1);
    expect((await outputs())[0]).to.include({ state: 'restricted', owned: true, machineId: id });
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    expect(world.writes()).to.equal(2);
  });

  it('what an analyst lifts is seen by a plain preview, and restricted again', async () => {
    world.control.act(id, 'UnrestrictCodeExecution', { latencySeconds: 0 });
    tells(succeeded(await world.preview()), 'would restrict', 'it was unrestricted by analyst@contoso.com');
    succeeded(await world.up());
    expect(restricted(id)).to.equal(true);
  });

  it('one that an analyst made is imported, and up is empty', async () => {
    world.control.act(other, 'RestrictCodeExecution', { comment: 'found by hand', latencySeconds: 0 });
    const imported = ['import', type, 'taken', other, '--yes', '--protect=false'];
    tells(succeeded(await world.pulumi(imported)), 'comment: found by hand', `machineId: ${other}`);
    world.declare({
      isolated: { properties: { machineId: id, comment: 'INC-1' } },
      restricted: restricts(id),
      taken: restricts(other, 'found by hand'),
    });
    const before = world.writes();
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    expect(world.writes()).to.equal(before);
  });

  it('semantics 1.9: a host of a manifest is isolated and restricted by one line; without the flag it stays isolated', async () => {
    const third = world.control.addMachine({ computerDnsName: 'pc-3.contoso.com' }).id;
    const set = (...more: readonly string[]): Declared => ({
      type: 'mde:index:Quarantine',
      properties: {
        manifest: ['version: 1', 'comment: INC-4', 'hosts:', `  - machineId: "${third}"`, ...more].join('\n'),
      },
    });
    const others = {
      isolated: { properties: { machineId: id, comment: 'INC-1' } },
      restricted: restricts(id),
      taken: restricts(other, 'found by hand'),
    };
    world.declare({ ...others, set: set('    restrictCodeExecution: true') });
    tells(succeeded(await world.preview()), 'isolate 1, restrict 1, unchanged 0 of 1');
    tells(succeeded(await world.up()), '1 host: 1 isolated; 1 restricted');
    expect([restricted(third), world.isIsolated(third)]).to.deep.equal([true, true]);
    succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));
    world.declare({ ...others, set: set() });
    tells(succeeded(await world.up()), 'unrestricted: 1 (pc-3.contoso.com)');
    expect([restricted(third), world.isIsolated(third)]).to.deep.equal([false, true]);
  });

  it('bad input names the property, and nothing is sent', async () => {
    const before = world.writes();
    const bad: Declared = { type, properties: { machineId: id, comment: '  ' } };
    world.declare({ isolated: { properties: { machineId: id, comment: 'INC-1' } }, restricted: bad });
    tells(failed(await world.up()), 'comment', 'say why the host is restricted');
    expect(world.writes()).to.equal(before);
    expect(restricted(id)).to.equal(true);
  });

  it('destroy lifts what is ours, imported or made', async () => {
    const config = { guardrails: { maxReleasePercent: 100 } };
    world.declare({ isolated: { properties: { machineId: id, comment: 'INC-1' } } }, config);
    tells(succeeded(await world.destroy()), 'unrestricted: 2');
    expect([restricted(id), restricted(other), world.isIsolated(id)]).to.deep.equal([false, false, false]);
  });
});

describe('examples/yaml-restriction, on the real engine and the simulated fleet that it names', () => {
  const example = fileURLToPath(new URL('../../examples/yaml-restriction', import.meta.url));
  let world: World;

  before(async () => {
    world = await makeWorld({ machines: 25 });
    cpSync(example, world.folder, { recursive: true, filter: (path) => !/Pulumi\..+\.yaml$/.test(path) });
    const program = readFileSync(join(example, 'Pulumi.yaml'), 'utf8');
    const here = program.replace('path: ../../dist/plugin', `path: ${JSON.stringify(pluginFolder)}`);
    expect(here).to.not.equal(program);
    writeFileSync(join(world.folder, 'Pulumi.yaml'), here);
    succeeded(await world.pulumi(['stack', 'init']));
    succeeded(await world.pulumi(['config', 'set', 'mde:apiUrl', world.simulator.apiUrl]));
  });
  after(() => world.end());

  it('does what its README says', async () => {
    const laptop = 'ber-laptop-0004.contoso.com';
    tells(succeeded(await world.preview()), `would restrict ${laptop}`);
    succeeded(await world.up());
    expect(world.control.machine(laptop).codeRestricted).to.equal(true);
    succeeded(await world.up('--expect-no-changes'));
    succeeded(await world.destroy());
    expect(world.control.machine(laptop).codeRestricted).to.equal(false);
  });
});
