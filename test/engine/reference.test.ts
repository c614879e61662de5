import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, parse as parsePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readSchema, shortName } from '../../schema/schema-document.ts';
import { succeeded } from './outcome.ts';
import { makeWorld, pluginFolder, type World } from './world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = join(root, 'examples/reference');
const schema = readSchema();
const names = [...Object.keys(schema.resources), ...Object.keys(schema.functions)].map(shortName);
type Program = Readonly<Record<'resources' | 'variables' | 'outputs', Readonly<Record<string, unknown>> | undefined>>;

/** All examples of the reference in one stack: each is a part of a program that people copy into their own. */
describe('the examples of the reference, on the real engine', () => {
  let world: World;

  beforeEach(async () => {
    world = await makeWorld();
    for (let number = 1; number <= 6; number += 1) {
      world.control.addMachine({ computerDnsName: `laptop-${number}.contoso.com`, riskScore: 'High' });
    }
  });
  afterEach(() => world.end());

  /** What the hosts have come to, by what the examples say. */
  function expectCarriedOut(): void {
    const { control } = world;
    const isolated = control.machines().filter((machine) => machine.isolation.isolated);
    expect(isolated.map((machine) => machine.computerDnsName).sort()).to.deep.equal(
      [1, 2, 3].map((number) => `laptop-${number}.contoso.com`),
    );
    const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
    for (const number of [2, 3])
      expect(control.machine(`laptop-${number}.contoso.com`).quarantinedFiles).to.deep.equal([sha1]);
    expect(control.indicators().map(({ indicatorValue }) => indicatorValue)).to.deep.equal([sha1]);
    expect(control.machine('laptop-4.contoso.com').codeRestricted).to.equal(true);
    expect(control.machine('laptop-5.contoso.com').scans.map(({ scanType }) => scanType)).to.deep.equal(['Full']);
    expect(control.machine('laptop-1.contoso.com').packages).to.have.lengthOf(1);
  }

  async function outputs(): Promise<Record<string, unknown>> {
    const { stdout } = await world.pulumi(['stack', 'output', '--json']);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  it('in YAML: all of them go up, do what they say, and a second run is empty', async () => {
    const programs = names.map(
      (name) => parse(readFileSync(join(examples, 'yaml', `${name}.yaml`), 'utf8')) as Program,
    );
    const merged = (section: keyof Program) => {
      const parts = programs.flatMap((program) => Object.entries(program[section] ?? {}));
      expect(new Set(parts.map(([key]) => key)).size, `names of ${section}`).to.equal(parts.length);
      return Object.fromEntries(parts);
    };
    const stack = parse(readFileSync(join(world.folder, 'Pulumi.yaml'), 'utf8'));
    const whole = {
      ...stack,
      resources: merged('resources'),
      variables: merged('variables'),
      outputs: merged('outputs'),
    };
    writeFileSync(join(world.folder, 'Pulumi.yaml'), JSON.stringify(whole));
    succeeded(await world.up());
    expectCarriedOut();
    expect(await outputs()).to.include({ evidenceUri: '[secret]', suspectIs: 'restricted', scanned: 'Succeeded' });
    succeeded(await world.up('--expect-no-changes'));
  });

  it('in TypeScript: all of them compile, go up, do what they say, and a second run is empty', async () => {
    const files = readdirSync(join(examples, 'typescript')).map((file) => parsePath(file).name);
    expect(files.sort()).to.deep.equal([...names].sort());
    const { folder } = world;
    mkdirSync(join(folder, 'examples'));
    cpSync(join(examples, 'typescript'), join(folder, 'examples'), { recursive: true });
    const stack = parse(readFileSync(join(folder, 'Pulumi.yaml'), 'utf8'));
    const project = { name: stack.name, runtime: 'nodejs', plugins: stack.plugins, config: stack.config };
    expect(stack.plugins.providers[0].path).to.equal(pluginFolder);
    writeFileSync(join(folder, 'Pulumi.yaml'), JSON.stringify(project));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'examples', main: 'index.ts' }));
    cpSync(join(root, 'examples/typescript/tsconfig.json'), join(folder, 'tsconfig.json'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const lines = names.map((name) => `export * from './examples/${name}';`);
    writeFileSync(join(folder, 'index.ts'), `${lines.join('\n')}\n`);
    succeeded(await world.up());
    expectCarriedOut();
    expect(await outputs()).to.include({ evidenceUri: '[secret]', suspectIs: 'restricted', scanned: 'Succeeded' });
    succeeded(await world.up('--expect-no-changes'));
  });
});
