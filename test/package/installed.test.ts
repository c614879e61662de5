import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from '../../tools/build.ts';
import { installPackage, type PackedPackage, packPackage } from '../../tools/packed-package.ts';
import { writeSbom } from '../../tools/sbom.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the npm package, packed and installed in an empty project', function () {
  this.timeout(120_000);
  let folder: string;
  let packed: PackedPackage;
  let project: string;
  let installed: string;

  before(async () => {
    await build(root);
    await writeSbom(root);
    folder = mkdtempSync(join(tmpdir(), 'mde-package-'));
    packed = await packPackage(root, folder);
    project = join(folder, 'project');
    installed = await installPackage(packed, project);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const text = (path: string) => readFileSync(join(installed, path), 'utf8');

  it('holds what is needed and nothing else', () => {
    expect(packed.files.map(({ path }) => path).sort()).to.deep.equal(
      [
        'LICENSE',
        'README.md',
        'package.json',
        'dist/THIRD-PARTY-NOTICES',
        'dist/cli.cjs',
        'dist/dynamic-provider.cjs',
        ...['index', 'plugin'].flatMap((name) => ['cjs', 'd.cts', 'd.ts'].map((end) => `dist/${name}.${end}`)),
        'dist/plugin/libraries.cjs',
        'dist/sbom.cdx.json',
        ...['', '.cjs', '.cmd'].map((end) => `dist/plugin/pulumi-resource-mde${end}`),
        'schema/quarantine.schema.json',
        'schema/schema.json',
      ].sort(),
    );
  });

  it('brings nothing else into the project, and needs nothing from the network for it', () => {
    expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).to.deep.equal([
      'pulumi-mde',
    ]);
    const manifest = JSON.parse(text('package.json')) as Record<string, unknown>;
    expect(manifest).not.to.have.any.keys('dependencies', 'optionalDependencies', 'bundleDependencies');
    expect(manifest.peerDependenciesMeta).to.deep.equal({ '@pulumi/pulumi': { optional: true } });
  });

  it('carries its licence, and those of all that is bundled', () => {
    expect(text('LICENSE')).to.contain('Apache License').and.to.contain('Version 2.0, January 2004');
    const notices = text('dist/THIRD-PARTY-NOTICES');
    // Of the plugin, its libraries, and the command line, in this order.
    for (const name of ['@grpc/grpc-js', '@azure/identity', 'commander']) expect(notices).to.contain(`\n${name} `);
  });

  it('lists what is bundled for machines too, the same packages as for people', () => {
    const { components } = JSON.parse(text('dist/sbom.cdx.json')) as {
      components: { name: string; version: string }[];
    };
    const [, list = ''] = text('dist/THIRD-PARTY-NOTICES').split('\n\n').slice(1);
    const named = list.split('\n').map((line) => line.replace(/ \(.*$/, ''));
    expect(components.map(({ name, version }) => `${name} ${version}`)).to.have.members(named);
  });

  it('runs nothing when it is installed', () => {
    const { scripts = {} } = JSON.parse(text('package.json')) as { scripts?: Record<string, string> };
    expect(scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall', 'prepare');
  });

  it('tells nothing of the machine that it was made on, and names no source map that is not there', () => {
    for (const { path } of packed.files) {
      expect(text(path), path).not.to.contain(root);
      expect(text(path), path).not.to.match(/^\/\/[#@] sourceMappingURL=/m);
    }
  });

  /** Runs it as a person does at a terminal, and sends Ctrl-C to all that runs there once the output matches. */
  async function npx(args: readonly string[], env: Readonly<Record<string, string>> = {}, endAt?: RegExp) {
    const { PATH, SystemRoot, HOME } = process.env;
    const child = spawn('npx', ['--offline', 'pulumi-mde', ...args], {
      cwd: project,
      env: { PATH, SystemRoot, HOME, npm_config_cache: join(folder, 'npx.cache'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let out = '';
    let err = '';
    let ending: Promise<void> | undefined;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
      if (endAt?.test(out) !== true) return;
      ending ??= meanwhile(out).finally(() => process.kill(-(child.pid ?? Number.NaN), 'SIGINT'));
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    await ending;
    return { code, out, err };
  }

  /** What is done while a simulator runs, by what it printed. */
  let meanwhile: (out: string) => Promise<void> = async () => {};

  it('helps by `npx pulumi-mde --help`', async () => {
    const { code, out, err } = await npx(['--help']);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(out).to.contain('pulumi-mde').and.to.contain('simulate').and.to.contain('release');
  });

  it('simulates by `npx pulumi-mde simulate`, and asks that simulator for its hosts by `npx pulumi-mde status`', async () => {
    let status: Awaited<ReturnType<typeof npx>> | undefined;
    meanwhile = async (out) => {
      const told = [...out.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]);
      status = await npx(['status', '--json'], Object.fromEntries(told));
    };
    const simulated = await npx(['simulate', '--machines', '2'], {}, /Ctrl-C ends it/);
    expect(simulated.out).to.contain('with 2 machines');
    expect(status).to.include({ code: 0, err: '' });
    expect(JSON.parse(status?.out ?? ''))
      .to.have.property('hosts')
      .that.deep.equals([]);
  });
});
