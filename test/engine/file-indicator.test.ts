import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { type Declared, makeWorld, pluginFolder, type StateResource, type World } from './world.ts';

const type = 'mde:index:FileIndicator';
const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const other = 'f'.repeat(40);
const block = (more: Record<string, unknown> = {}): Declared => ({
  type,
  properties: { indicatorValue: sha1, title: 'INC-4711', description: 'dropper', ...more },
});

describe('FileIndicator, on the real engine', () => {
  let world: World;

  const shown = () => world.control.indicators().map(({ action, title }) => `${action} ${title}`);
  const outputs = async (name: string) => {
    const { deployment } = JSON.parse(await world.exportState()) as { deployment: { resources?: StateResource[] } };
    return deployment.resources?.find(({ urn }) => urn.endsWith(`::${name}`))?.outputs ?? {};
  };
  const settled = async () => succeeded(await world.pulumi(['up', '--yes', '--expect-no-changes']));

  before(async () => {
    world = await makeWorld();
  });
  after(() => world.end());

  it('sets it, after a preview that only looks, and a second up is empty', async () => {
    world.declare({ f: block() });
    tells(succeeded(await world.preview()), `would set an indicator: BlockAndRemediate Sha1 ${sha1}`);
    expect(shown()).to.deep.equal([]);
    tells(succeeded(await world.up()), 'file indicators set: 1 (f)');
    expect(shown()).to.deep.equal(['BlockAndRemediate INC-4711']);
    expect(await outputs('f')).to.include({ state: 'active', indicatorType: 'FileSha1', severity: 'High' });
    await settled();
  });

  it('what is changed by hand is seen by a plain preview and by a refresh, and changed back', async () => {
    world.control.addIndicator({ indicatorValue: sha1, action: 'Audit', generateAlert: true, title: 'by hand' });
    tells(succeeded(await world.preview()), 'action Audit → BlockAndRemediate', 'title by hand → INC-4711');
    succeeded(await world.pulumi(['refresh', '--yes']));
    expect(await outputs('f')).to.include({ action: 'Audit', title: 'by hand' });
    succeeded(await world.up());
    expect(shown()).to.deep.equal(['BlockAndRemediate INC-4711']);
  });

  it('one that is gone is kept in state, shown, and made again', async () => {
    world.control.removeIndicator(sha1);
    tells(succeeded(await world.preview()), 'would make the indicator again, which is gone');
    tells(succeeded(await world.up()), 'made again indicator');
    expect(shown()).to.deep.equal(['BlockAndRemediate INC-4711']);
    await settled();
  });

  it('is changed in place, and one that is weaker is told so', async () => {
    world.declare({ f: block({ action: 'Warn' }) });
    tells(succeeded(await world.preview()), 'WEAKER: action BlockAndRemediate becomes Warn');
    succeeded(await world.up());
    expect(shown()).to.deep.equal(['Warn INC-4711']);
  });

  it('one that somebody else made is an error until it is imported; then up is empty', async () => {
    const { id } = world.control.addIndicator({
      indicatorValue: other,
      title: 'theirs',
      description: 'why',
      severity: 'Low',
      generateAlert: true,
    });
    const both = {
      f: block({ action: 'Warn' }),
      g: block({ indicatorValue: other, title: 'theirs', description: 'why', severity: 'Low' }),
    };
    world.declare(both);
    tells(failed(await world.up()), `there is indicator ${id}`, 'takeOwnership: true', 'Nothing was sent');
    const imported = ['import', type, 'g', id, '--yes', '--protect=false'];
    tells(succeeded(await world.pulumi(imported)), 'title: theirs', `indicatorValue: ${other}`);
    await settled();
  });

  it('bad input names the property, and nothing is sent', async () => {
    const before = shown();
    world.declare({ f: block({ action: 'Warn', expirationTime: '2020-01-01T00:00:00Z' }) });
    tells(failed(await world.up()), 'expirationTime', 'is past');
    expect(shown()).to.deep.equal(before);
  });

  it('semantics 11.3: destroy is held under releases: hold, and deletes without it', async () => {
    const both = { f: block({ action: 'Warn' }) };
    world.declare(both, { releases: 'hold' });
    tells(failed(await world.destroy()), 'NOT DELETED', 'mde:releases apply');
    expect(shown()).to.have.length(2);
    world.declare(both);
    tells(succeeded(await world.destroy()), 'the file may run again from now on', 'file indicators deleted: 2');
    expect(shown()).to.deep.equal([]);
  });
});

describe('examples/yaml-indicator, on the real engine', () => {
  const example = fileURLToPath(new URL('../../examples/yaml-indicator', import.meta.url));
  let world: World;

  before(async () => {
    world = await makeWorld();
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
    const host = world.control.addMachine().id;
    tells(succeeded(await world.preview()), 'would set an indicator');
    succeeded(await world.up());
    expect(world.control.machine(host).blockedFiles).to.have.length(1);
    succeeded(await world.up('--expect-no-changes'));
    succeeded(await world.destroy());
    expect(world.control.machine(host).blockedFiles).to.deep.equal([]);
  });
});
