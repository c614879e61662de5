import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { build as bundle, type Metafile } from 'esbuild';
import { lazyLibraries, librariesSource, loadedAtStart, packageFilesInBoth } from '../../tools/build/lazy-libraries.ts';
import { commandShim, shellShim } from '../../tools/build/shims.ts';
import { writeChanged } from '../../tools/build/write-changed.ts';
import { plainPath, type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe('the build', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  describe('keeps slow libraries in a second file', function () {
    this.timeout(30_000);
    const options = { bundle: true, platform: 'node', format: 'cjs', supported: { 'dynamic-import': false } } as const;

    function writePackages(): void {
      for (const name of ['heavy', 'light']) {
        folder.write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
        folder.write(`node_modules/${name}/index.js`, `console.log('${name} loads'); exports.named = '${name}';`);
      }
      folder.write('package.json', '{"type":"module"}');
      folder.write('same.ts', 'export class Same {}');
      folder.write(
        'later.ts',
        `import { named } from 'heavy'; import { Same } from './same.ts'; export const make = () => [named, new Same()] as const;`,
      );
    }

    async function bundled(main: string): Promise<Metafile> {
      writePackages();
      folder.write('main.ts', main);
      const { metafile } = await bundle({
        ...options,
        absWorkingDir: folder.path,
        entryPoints: ['main.ts'],
        outfile: 'out/main.cjs',
        plugins: [lazyLibraries(['heavy'], './libraries.cjs')],
        metafile: true,
      });
      return metafile;
    }

    async function bundledLibraries(): Promise<Metafile> {
      const { metafile } = await bundle({
        ...options,
        absWorkingDir: folder.path,
        stdin: { contents: librariesSource(['heavy']), resolveDir: folder.path },
        outfile: 'out/libraries.cjs',
        metafile: true,
      });
      return metafile;
    }

    it('that is read when the first of them is used, with our own classes the same on both sides', async () => {
      const metafile = await bundled(`
        import { Same } from './same.ts';
        import { named } from 'light';
        console.log('started with', named);
        void import('./later.ts').then(({ make }) => console.log(make()[0], make()[1] instanceof Same));
      `);
      const libraries = await bundledLibraries();
      expect(loadedAtStart(metafile, 'main.ts')).to.deep.equal([]);
      expect(packageFilesInBoth(metafile, libraries)).to.deep.equal([]);
      const { stdout } = spawnSync(process.execPath, [join(folder.path, 'out/main.cjs')], { encoding: 'utf8' });
      expect(stdout.trim().split('\n')).to.deep.equal([
        'light loads',
        'started with light',
        'heavy loads',
        'heavy true',
      ]);
    });

    it('and says by which imports one of them would be read at the start', async () => {
      const metafile = await bundled(`import { make } from './later.ts'; console.log(make());`);
      expect(loadedAtStart(metafile, 'main.ts')).to.deep.equal(['main.ts → later.ts → heavy']);
    });

    it('and finds a package that both files would hold', async () => {
      const metafile = await bundled(`import 'light'; import 'heavy';`);
      folder.write('node_modules/heavy/index.js', `require('light');`);
      expect(packageFilesInBoth(metafile, await bundledLibraries())).to.deep.equal(['node_modules/light/index.js']);
    });
  });

  describe('writes a start script', () => {
    function install(): void {
      folder.script('plugin/pulumi-resource-mde');
      writeChanged(join(folder.path, 'plugin/pulumi-resource-mde'), shellShim, 0o755);
      folder.write('plugin/pulumi-resource-mde.cjs', `console.log(process.argv.slice(2).join('|'));`);
    }

    const path = `${process.execPath.replace(/\/[^/]*$/, '')}:${plainPath}`;

    it('that hands on its arguments as they are', () => {
      install();
      const { stdout } = spawnSync(join(folder.path, 'plugin/pulumi-resource-mde'), ['-a', 'b c', ''], {
        encoding: 'utf8',
        env: { PATH: path },
      });
      expect(stdout).to.equal('-a|b c|\n');
    });

    it('that finds the plugin through links, absolute and relative', () => {
      install();
      symlinkSync(join(folder.path, 'plugin/pulumi-resource-mde'), join(folder.path, 'absolute'));
      symlinkSync('absolute', join(folder.path, 'relative'));
      const { stdout } = spawnSync(join(folder.path, 'relative'), ['127.0.0.1:7'], {
        encoding: 'utf8',
        env: { PATH: path },
      });
      expect(stdout).to.equal('127.0.0.1:7\n');
    });

    it('that says what is missing where there is no Node', () => {
      install();
      const { status, stderr } = spawnSync('/bin/sh', [join(folder.path, 'plugin/pulumi-resource-mde')], {
        encoding: 'utf8',
        env: { PATH: folder.path },
      });
      expect(status).to.equal(1);
      expect(stderr).to.contain('Node.js');
    });

    it('also for Windows, with its line ends', () => expect(commandShim).to.match(/^@echo off\r\n.*%\*\r\n$/));
  });

  it('writes only what changed', () => {
    const file = join(folder.path, 'a', 'b.txt');
    expect(writeChanged(file, 'one')).to.equal(true);
    expect(writeChanged(file, 'one')).to.equal(false);
    expect(writeChanged(file, 'two')).to.equal(true);
    expect(readFileSync(file, 'utf8')).to.equal('two');
    expect(writeChanged(file, 'two', 0o755)).to.equal(true);
    expect(statSync(file).mode & 0o777).to.equal(0o755);
    expect(existsSync(`${file}.${process.pid}.partial`)).to.equal(false);
  });
});
