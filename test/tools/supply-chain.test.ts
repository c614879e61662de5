import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { shippedPackages } from '../../tools/build.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

/** Lock files of npm by their folder, the repository's own first. */
const locks = ['package-lock.json', ...globSync('tools/*/package-lock.json', { cwd: root }).sort()].map((path) => ({
  path,
  folder: dirname(path),
  packages: Object.entries(json(path).packages as Record<string, Locked>).filter(([place]) =>
    place.includes('node_modules/'),
  ),
}));

describe('the supply chain', () => {
  it('has a lock file beside every package.json that set-up installs from', () => {
    expect(locks.map(({ folder }) => folder)).to.deep.equal(['.', 'tools/azurite', 'tools/node', 'tools/stacks']);
  });

  for (const { path, folder, packages } of locks) {
    it(`${path} holds each package to its content`, () => {
      expect(packages.length).to.be.above(0);
      for (const [place, { link, integrity, version, resolved }] of packages) {
        // Of the repository itself.
        if (link === true) continue;
        expect(integrity, place).to.match(/^sha512-[A-Za-z0-9+/]{86}==$/);
        expect(version, place).to.match(/^\d+\.\d+\.\d+/);
        // From wherever npm is told to fetch, and from no place of its own.
        if (resolved !== undefined) expect(resolved, place).to.match(/^https:\/\/registry\.npmjs\.org\//);
      }
    });

    it(`${folder === '.' ? '' : `${folder}/`}package.json names exact versions`, () => {
      const { dependencies, devDependencies, optionalDependencies } = json(join(folder, 'package.json'));
      const named = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
      expect(named.length).to.be.above(0);
      for (const [name, version] of named) {
        expect(version, name).to.match(/^(?:npm:@?[\w./-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/);
      }
    });
  }

  it('brings packages that would run a script when installed, and never lets them', () => {
    const scripts = locks.flatMap(({ folder, packages }) =>
      packages.filter(([, each]) => each.hasInstallScript).map(([place]) => `${folder}: ${basename(place)}`),
    );
    // A new one is looked at before it is added here: does it work without?
    expect(scripts).to.deep.equal(['.: esbuild', '.: protobufjs', 'tools/stacks: protobufjs']);
    const installs = globSync('tools/**/*.{mjs,ts}', { cwd: root }).flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/\[\s*'(?:ci|install)',[^\]]*\]/g)].map(([args]) => [
        path,
        args,
      ]),
    );
    expect(installs.length).to.be.at.least(3);
    for (const [path, args] of installs) {
      // Of the package that was just packed, which has no scripts and no dependencies.
      if (path === 'tools/packed-package.ts' && args?.includes('packed.tarball')) continue;
      expect(args, path).to.contain("'--ignore-scripts'");
    }
  });

  it('ships no dependencies to be fetched later, and nothing that runs when it is installed', () => {
    const manifest = json('package.json');
    expect(manifest).not.to.have.any.keys('dependencies', 'optionalDependencies', 'bundleDependencies');
    expect(manifest.scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall', 'prepare');
  });

  it('ships code of locked packages alone', async function () {
    this.timeout(30_000);
    const [own] = locks;
    const known = new Set(
      own?.packages.map(([place, { version }]) => `${place.replace(/^.*node_modules\//, '')}@${version}`),
    );
    for (const { name, version } of await shippedPackages(root)) expect(known).to.include(`${name}@${version}`);
  });

  it('holds Go modules and Python packages to their content too', () => {
    for (const path of globSync('tools/**/go.mod', { cwd: root })) {
      const sums = readFileSync(join(root, dirname(path), 'go.sum'), 'utf8');
      expect(sums, path).to.match(/^\S+ v\S+ h1:/m);
      expect(readFileSync(join(root, path), 'utf8'), path).not.to.match(/\blatest\b|=> \.\./);
    }
    const requirements = readFileSync(join(root, 'tools/sdks/requirements.txt'), 'utf8').split(/\n(?=\w)/);
    const packages = requirements.filter((each) => /^\w[\w.-]*(\[.*\])?==/.test(each));
    expect(packages.length).to.be.above(0);
    for (const each of packages) expect(each).to.match(/--hash=sha256:[0-9a-f]{64}/);
    const install = readFileSync(join(root, 'tools/setup/sdks.mjs'), 'utf8');
    expect(install).to.contain('--require-hashes');
  });
});
