import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { engineBin } from '../../tools/engine-bin.ts';
import { makeEngineEnv, withoutUsersSettings } from '../../tools/engine-env.ts';
import { engineParts } from '../../tools/setup/engine-parts.mjs';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe("an engine's environment", () => {
  let folder: TemporaryFolder;
  let before: string | undefined;
  beforeEach(() => {
    folder = temporaryFolder();
    for (const part of engineParts) folder.script(`bin/${part}`, 'env', 'echo problem >&2', 'exit 3');
    before = process.env.PULUMI_MDE_ENGINE_BIN;
    process.env.PULUMI_MDE_ENGINE_BIN = join(folder.path, 'bin');
  });
  afterEach(() => {
    if (before === undefined) delete process.env.PULUMI_MDE_ENGINE_BIN;
    else process.env.PULUMI_MDE_ENGINE_BIN = before;
    folder.remove();
  });

  it('keeps nothing of the settings that the user has for Pulumi, Azure and proxies', () => {
    const left = withoutUsersSettings({
      PATH: '/bin',
      HOME: '/home/me',
      PULUMI_ACCESS_TOKEN: 'x',
      PULUMI_HOME: 'x',
      AZURE_CLIENT_SECRET: 'x',
      ARM_CLIENT_SECRET: 'x',
      IDENTITY_ENDPOINT: 'x',
      HTTPS_PROXY: 'x',
      https_proxy: 'x',
      no_proxy: 'x',
      NODE_EXTRA_CA_CERTS: 'x',
    });
    expect(left).to.deep.equal({ PATH: '/bin', HOME: '/home/me' });
  });

  it('has a home, a state and a passphrase of its own, and what is added', async () => {
    using engine = makeEngineEnv({ NODE_EXTRA_CA_CERTS: '/some/ca.pem' });
    const { code, stdout, stderr } = await engine.run(['up'], { cwd: folder.path, env: { EXTRA: 'yes' } });
    expect(code).to.equal(3);
    expect(stderr).to.equal('problem\n');
    const lines = stdout.split('\n');
    expect(lines).to.include(`PULUMI_HOME=${engine.folder}/home`);
    expect(lines).to.include(`PULUMI_BACKEND_URL=file://${engine.folder}/state`);
    expect(lines).to.include(`AZURE_CONFIG_DIR=${engine.folder}/azure`);
    expect(lines).to.include.members(['NODE_EXTRA_CA_CERTS=/some/ca.pem', 'EXTRA=yes', 'PULUMI_SKIP_UPDATE_CHECK=1']);
    expect(lines.filter((line) => /^PULUMI_CONFIG_PASSPHRASE=.{16,}/.test(line))).to.have.length(1);
  });

  it('is another each time, and gone when it is done with', () => {
    const [one, other] = [makeEngineEnv(), makeEngineEnv()];
    expect(one.folder).to.not.equal(other.folder);
    expect(one.env.PULUMI_CONFIG_PASSPHRASE).to.not.equal(other.env.PULUMI_CONFIG_PASSPHRASE);
    for (const { folder: path, remove } of [one, other]) {
      expect(existsSync(path)).to.equal(true);
      remove();
      expect(existsSync(path)).to.equal(false);
    }
  });

  it('is left by Ctrl-C when its signal ends', async () => {
    folder.script(
      'bin/pulumi',
      `trap 'echo interrupted > ${folder.path}/seen; exit 7' INT`,
      'echo ready',
      'while :; do sleep 0.05; done',
    );
    using engine = makeEngineEnv();
    const controller = new AbortController();
    const { code } = await engine.run(['up'], {
      cwd: folder.path,
      signal: controller.signal,
      onOutput: () => controller.abort(),
    });
    expect(code).to.equal(7);
    expect(readFileSync(join(folder.path, 'seen'), 'utf8')).to.equal('interrupted\n');
  });

  it('tells the process id of what it runs', async () => {
    folder.script('bin/pulumi', 'echo $$');
    using engine = makeEngineEnv();
    const pids: number[] = [];
    const { stdout } = await engine.run(['up'], { cwd: folder.path, onStart: (pid) => pids.push(pid) });
    expect(pids).to.deep.equal([Number(stdout)]);
  });

  it('is found on PATH where set-up did not name it, and says how to get one where there is none', () => {
    expect(engineBin({ PATH: `/nowhere:${folder.path}/bin` })).to.equal(join(folder.path, 'bin'));
    expect(() => engineBin({ PATH: '/nowhere' })).to.throw('tools/setup.mjs');
  });
});
