import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseDocument } from 'yaml';
import { failed, succeeded, tells } from '../outcome.ts';
import { pluginFolder } from '../world.ts';
import { type Fleet, makeFleet } from './fleet.ts';

const example = fileURLToPath(new URL('../../../examples/yaml-quarantine', import.meta.url));

describe('examples/yaml-quarantine, on the real engine and the simulated fleet that it names', () => {
  let fleet: Fleet;

  const isolated = () => fleet.control.machines().filter(({ isolation }) => isolation.isolated);
  /** The example's manifest without its last hosts. */
  const without = (count: number): void => {
    const file = join(fleet.folder, 'quarantine.yaml');
    const document = parseDocument(readFileSync(join(example, 'quarantine.yaml'), 'utf8'));
    for (let at = 2; at > 2 - count; at -= 1) document.deleteIn(['hosts', at]);
    writeFileSync(file, document.toString());
  };

  before(async () => {
    fleet = await makeFleet({ machines: 25 });
    cpSync(example, fleet.folder, { recursive: true, filter: (path) => !/Pulumi\..+\.yaml$/.test(path) });
    const program = readFileSync(join(example, 'Pulumi.yaml'), 'utf8');
    expect(join(example, '../../dist/plugin')).to.equal(pluginFolder);
    const here = program.replace('path: ../../dist/plugin', `path: ${JSON.stringify(pluginFolder)}`);
    expect(here).to.not.equal(program);
    writeFileSync(join(fleet.folder, 'Pulumi.yaml'), here);
    succeeded(await fleet.pulumi(['stack', 'init']));
    succeeded(await fleet.pulumi(['config', 'set', 'mde:apiUrl', fleet.simulator.apiUrl]));
  });
  after(() => fleet.end());

  it('does what its README says: isolates three, releases one, refuses two, and goes by the override', async () => {
    tells(succeeded(await fleet.preview('--diff')), 'isolate 3, unchanged 0 of 3');
    succeeded(await fleet.up());
    expect(
      isolated()
        .map(({ isolation }) => isolation.isolated && isolation.type)
        .sort(),
    ).to.deep.equal(['Full', 'Full', 'Selective']);
    without(2);
    tells(
      failed(await fleet.preview()),
      'sin-laptop-0007.contoso.com',
      'nyc-laptop-0013.contoso.com',
      'the guardrails allow 1',
    );
    without(1);
    tells(succeeded(await fleet.up()), 'released: 1 (nyc-laptop-0013.contoso.com)');
    expect(isolated()).to.have.length(2);
    const refused = failed(await fleet.destroy());
    const override = /pulumi config set mde:allowReleases (\S+)/.exec(refused)?.[1] ?? '';
    succeeded(await fleet.pulumi(['config', 'set', 'mde:allowReleases', override]));
    succeeded(await fleet.destroy());
    expect(isolated()).to.deep.equal([]);
  });
});
