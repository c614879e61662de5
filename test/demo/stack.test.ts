import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { FleetStack, manifestText } from '../../demo/fleet-stack.ts';
import { TypeScriptStack, YamlStack } from '../../demo/stack.ts';
import { readManifest } from '../../provider/manifest/manifest.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Program {
  readonly plugins: { readonly providers: readonly { readonly path: string }[] };
  readonly config: Readonly<Record<string, { readonly default: string }>>;
  readonly resources: Readonly<Record<string, unknown>>;
}

function program(folder: string): Program {
  return parse(readFileSync(join(folder, 'Pulumi.yaml'), 'utf8')) as Program;
}

describe('the stacks of the demo', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-demo-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('take the plugin that is built here', () => {
    const { plugins } = program(new YamlStack(root, join(folder, 'yaml')).folder);
    expect(plugins.providers.map(({ path }) => path)).to.deep.equal([join(root, 'dist/plugin')]);
  });

  it('show what they declare', () => {
    const yaml = new YamlStack(root, join(folder, 'yaml'));
    const typescript = new TypeScriptStack(root, join(folder, 'typescript'));
    expect(yaml.declaration.join('\n')).to.match(/^resources:\n {2}patient-zero:.*comment: \$\{comment\}$/s);
    expect(typescript.declaration.join('\n')).to.match(/new MachineIsolation\(.*\);$/s);
  });

  it('rename the resource and nothing else', () => {
    const yaml = new YamlStack(root, join(folder, 'yaml'));
    const before = program(yaml.folder).resources;
    yaml.rename('patient-zero', 'sales-laptop');
    expect(program(yaml.folder).resources).to.deep.equal({ 'sales-laptop': before['patient-zero'] });
  });
});

describe('the fleet of the demo', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-demo-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("is the pipelines' example, whose plugin is the one of this repository", () => {
    const fleet = new FleetStack(root, join(folder, 'fleet'));
    expect(fleet.declaration.join('\n')).to.match(
      /^resources:\n {2}fleet:\n.*mde:index:Quarantine.*quarantine\.yaml$/s,
    );
    const [provider] = program(fleet.folder).plugins.providers;
    expect(realpathSync(join(fleet.folder, 'node_modules/pulumi-mde'))).to.equal(realpathSync(root));
    expect(provider?.path).to.equal('node_modules/pulumi-mde/dist/plugin');
  });

  it('is declared by a valid manifest, with and without an override', async () => {
    const hosts = ['pc-1.contoso.com', 'pc-2.contoso.com'];
    for (const allowReleases of [undefined, '60-ab12cd34']) {
      const text = manifestText({
        comment: 'INC-1 worm, all of sales',
        hosts,
        ...(allowReleases && { allowReleases }),
      });
      const { manifest, problems } = await readManifest(text);
      expect(problems).to.deep.equal([]);
      expect(manifest?.hosts.map(({ deviceName }) => deviceName)).to.deep.equal(hosts);
      expect(manifest?.guardrails.allowReleases).to.equal(allowReleases);
    }
  });
});

describe('the YAML stacks of the repository', () => {
  let simulator: Simulator;

  before(async () => {
    simulator = await startSimulator({ speed: 0, machines: 25 });
  });

  after(() => simulator.stop());

  for (const folder of ['.', 'examples/yaml']) {
    it(`${folder} declares, by default, a laptop of the simulator's fleet that can be isolated`, () => {
      const { config } = program(join(root, folder));
      const machine = simulator.control.machine(config.machineId?.default ?? '');
      expect(machine).to.include({ online: true, onboardingStatus: 'Onboarded', osPlatform: 'Windows11' });
      expect(machine.body).to.include({ deviceValue: 'Normal' });
      expect(machine.computerDnsName).to.equal('ber-laptop-0004.contoso.com');
    });

    it(`${folder} names the folder that the build writes`, () => {
      const [provider] = program(join(root, folder)).plugins.providers;
      expect(join(root, folder, provider?.path ?? '')).to.equal(join(root, 'dist/plugin'));
    });
  }
});
