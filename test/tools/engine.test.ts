import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { buildEngine } from '../../tools/setup/engine-build.mjs';
import { engineOnPath, isNewEnough } from '../../tools/setup/engine-on-path.mjs';
import { engineParts, isEngine } from '../../tools/setup/engine-parts.mjs';
import { buildKey, pinnedVersions } from '../../tools/setup/engine-pins.mjs';
import { checksumOf, downloadRelease } from '../../tools/setup/engine-release.mjs';
import { failureOf, plainPath, type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the engine of set-up', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  describe('on PATH', () => {
    const look = () => engineOnPath({ PATH: `${folder.path}/bin` });

    function install(version: string, parts: readonly string[] = engineParts): void {
      for (const part of parts) folder.script(`bin/${part}`, `echo ${version}`);
    }

    it('is taken where it is whole and new enough', async () => {
      install('v3.190.0');
      expect(await look()).to.deep.equal({ bin: `${folder.path}/bin` });
    });

    it('is passed over where it is too old, with the reason', async () => {
      install('v3.189.4');
      expect(await look())
        .to.have.property('because')
        .that.contains('v3.189.4')
        .and.contains('3.190');
    });

    it('is passed over where a language host is missing, with its name', async () => {
      install('v3.259.0', ['pulumi', 'pulumi-language-nodejs', 'pulumi-resource-pulumi-nodejs']);
      expect(await look())
        .to.have.property('because')
        .that.contains('pulumi-language-yaml');
    });

    it('is passed over where it does not answer', async () => {
      install('v3.259.0');
      folder.script('bin/pulumi', 'exit 1');
      expect(await look())
        .to.have.property('because')
        .that.contains('does not tell its version');
    });

    it('is absent', async () => expect(await look()).to.deep.equal({ bin: undefined, because: 'no pulumi on PATH' }));

    for (const [version, expected] of [
      ['v3.190.0', true],
      ['3.259.0', true],
      ['v4.0.0', true],
      ['v3.189.9', false],
      ['v2.300.0', false],
      ['nonsense', false],
    ] as const) {
      it(`${version} is ${expected ? 'new enough' : 'too old'}`, () => expect(isNewEnough(version)).to.equal(expected));
    }
  });

  describe('from the pinned modules', () => {
    beforeEach(() => {
      cpSync(join(root, 'tools/engine'), join(folder.path, 'tools/engine'), { recursive: true });
      folder.script('node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs', 'exit 0');
    });

    const build = (path: string) =>
      buildEngine({
        root: folder.path,
        folder: join(folder.path, 'cache', 'built'),
        env: { PATH: path },
        goFolders: [],
      });

    it('are named by what is pinned: another go.sum is another engine', () => {
      const before = buildKey(folder.path);
      expect(before).to.match(/^3\.\d+\.\d+-\w+-\w+-[0-9a-f]{12}$/);
      folder.write('tools/engine/nodejs/go.sum', 'changed');
      expect(buildKey(folder.path)).to.not.equal(before);
    });

    it('is built without C, trimmed and stamped with the pinned versions, and gets the host of dynamic providers', async () => {
      folder.script(
        'bin/go',
        'case $1 in',
        '  env) echo go1.99 ;;',
        `  build) echo "$CGO_ENABLED $@" >> ${folder.path}/calls`,
        '    while [ "$1" != -o ]; do shift; done',
        '    for part in pulumi pulumi-language-yaml pulumi-language-nodejs; do echo > "$2$part"; chmod +x "$2$part"; done ;;',
        'esac',
      );
      expect(await build(`${folder.path}/bin:${plainPath}`)).to.deep.equal({ done: true });
      expect(isEngine(join(folder.path, 'cache/built/bin'))).to.equal(true);
      const calls = readFileSync(join(folder.path, 'calls'), 'utf8').trim().split('\n');
      expect(calls).to.have.length(2);
      const { pulumi, yaml } = pinnedVersions(root);
      for (const call of calls) {
        expect(call).to.match(/^0 build -trimpath /);
        expect(call).to.contain(`sdk/v3/go/common/version.Version=${pulumi} `);
        expect(call).to.contain(`pulumi-yaml/pkg/version.Version=${yaml} `);
      }
    });

    it('is not built without Go, with the reason', async () => {
      const outcome = await build(folder.path);
      expect(outcome).to.have.property('because').that.contains('no Go');
    });

    it('is not built by a Go that cannot, with what it says', async () => {
      folder.script('bin/go', 'echo "go.mod requires go >= 1.99" >&2', 'exit 1');
      const outcome = await build(`${folder.path}/bin:${plainPath}`);
      expect(outcome).to.have.property('because').that.contains('requires go >= 1.99');
    });

    it('whose build fails ends set-up and leaves no cached folder', async () => {
      folder.script('bin/go', 'if [ "$1" = build ]; then echo "no space left on device" >&2; exit 1; fi');
      const failure = await failureOf(build(`${folder.path}/bin:${plainPath}`));
      expect(failure.message).to.contain('no space left on device');
      expect(existsSync(join(folder.path, 'cache/built'))).to.equal(false);
    });
  });

  describe('from the official release', () => {
    const version = 'v3.259.0';
    const archive = `pulumi-${version}-${process.platform}-${process.arch}.tar.gz`;
    let server: Server;
    let files: Map<string, Buffer>;

    beforeEach(async () => {
      files = new Map();
      server = createServer((request, response) => {
        const content = files.get(request.url ?? '');
        response.writeHead(content === undefined ? 404 : 200).end(content);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach((done) => {
      // One test has closed it already.
      server.close(() => done());
      server.closeAllConnections();
    });

    const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const download = (bases = [base()]) =>
      downloadRelease({
        folder: join(folder.path, 'cache', 'release'),
        version,
        bases,
        env: { PATH: `${dirname(process.execPath)}:${plainPath}` },
      });

    function publish(parts: readonly string[] = engineParts, sum?: string): void {
      for (const part of parts) folder.script(`packed/pulumi/${part}`, 'exit 0');
      const file = join(folder.path, archive);
      const packed = spawnSync('tar', ['-czf', file, '-C', join(folder.path, 'packed'), 'pulumi']);
      expect(packed.status).to.equal(0);
      const content = readFileSync(file);
      files.set(`/${archive}`, content);
      const real = createHash('sha256').update(content).digest('hex');
      files.set(
        '/pulumi-3.259.0-checksums.txt',
        Buffer.from(`${'0'.repeat(64)}  other.tar.gz\n${sum ?? real}  ${archive}\n`),
      );
    }

    it('is unpacked where it matches its published checksum', async () => {
      publish();
      expect(await download()).to.deep.equal({ done: true });
      expect(isEngine(join(folder.path, 'cache/release/bin'))).to.equal(true);
    });

    it('looks for each file at every place where it is published', async () => {
      publish();
      expect(await download([`${base()}/elsewhere`, base()])).to.deep.equal({ done: true });
    });

    it('is refused where it does not match, and nothing of it is kept', async () => {
      publish(engineParts, 'f'.repeat(64));
      const failure = await failureOf(download());
      expect(failure.name).to.equal('SetupFailure');
      expect(failure.message).to.contain('checksum');
      expect(existsSync(join(folder.path, 'cache/release'))).to.equal(false);
    });

    it('is left where it lacks a language host', async () => {
      publish(['pulumi', 'pulumi-language-nodejs']);
      expect(await download())
        .to.have.property('because')
        .that.contains('lacks a language host');
      expect(existsSync(join(folder.path, 'cache/release'))).to.equal(false);
    });

    it('is left where nothing answers', async () => {
      const gone = base();
      await new Promise((resolve) => server.close(resolve));
      expect(await download([gone]))
        .to.have.property('because')
        .that.contains('not reachable');
    });

    it('has its checksum read by the exact file name', () => {
      const sum = 'a'.repeat(64);
      expect(checksumOf(`${sum}  pulumi.tar.gz\n`, 'pulumi.tar.gz')).to.equal(sum);
      expect(checksumOf(`${sum} *pulumi.tar.gz`, 'pulumi.tar.gz')).to.equal(sum);
      expect(checksumOf(`${sum}  pulumi.tar.gz.sig`, 'pulumi.tar.gz')).to.equal(undefined);
      expect(checksumOf('not-a-sum  pulumi.tar.gz', 'pulumi.tar.gz')).to.equal(undefined);
    });
  });
});
