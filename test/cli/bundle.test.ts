import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { build } from '../../tools/build.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('dist/cli.cjs', function () {
  this.timeout(60_000);
  let folder: string;
  let simulator: Simulator;

  before(async () => {
    await build(root);
    folder = mkdtempSync(join(tmpdir(), 'mde-cli-'));
    simulator = await startSimulator({ machines: 3 });
  });

  after(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true });
  });

  async function run(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    onOutput?: () => NodeJS.Signals,
  ) {
    const { PATH, SystemRoot } = process.env;
    const child = spawn(process.execPath, [join(root, 'dist/cli.cjs'), ...args], {
      cwd: folder,
      env: { PATH, SystemRoot, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (onOutput !== undefined && out.includes('Ctrl-C ends it')) child.kill(onOutput());
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err };
  }

  it('helps, and judges a manifest, without a network or a sign-in', async () => {
    const help = await run(['--help']);
    expect(help).to.deep.include({ code: 0, err: '' });
    expect(help.out).to.contain('pulumi-mde release --mark');
    writeFileSync(join(folder, 'good.yaml'), 'version: 1\ncomment: INC-1\nhosts: [{ deviceName: pc-1.contoso.com }]\n');
    writeFileSync(join(folder, 'bad.yaml'), 'version: 1\nhosts: [{ deviceNam: pc-1 }]\n');
    expect(await run(['validate', 'good.yaml'])).to.deep.include({ code: 0, out: '' });
    const bad = await run(['validate', 'good.yaml', 'bad.yaml', '.', 'gone.yaml']);
    expect(bad.code).to.equal(1);
    expect(bad.out).to.match(/^bad\.yaml:2:11: .*did you mean deviceName/m);
    expect(bad.out).to.contain('.: the file cannot be read: it is a folder');
    expect(bad.out).to.contain('gone.yaml: the file cannot be read: there is no such file');
  });

  it('signs in, tells how hosts stand, and ends at once', async () => {
    const [machine] = simulator.control.machines();
    simulator.control.isolate(machine?.id ?? '', { latencySeconds: 0 });
    const ran = await run(['status', '--json'], simulator.environment());
    expect(ran).to.deep.include({ code: 0, err: '' });
    const { hosts } = JSON.parse(ran.out) as { hosts: { machineId: string; state: string }[] };
    expect(hosts.map(({ machineId, state }) => [machineId, state])).to.deep.equal([[machine?.id, 'isolated']]);
  });

  it('releases nothing where nobody can confirm', async () => {
    const [machine] = simulator.control.machines();
    const args = ['release', '--machine', machine?.id ?? '', '--comment', 'INC-9'];
    const ran = await run(args, simulator.environment());
    expect(ran.code).to.equal(1);
    expect(ran.err).to.contain('there is no terminal to confirm at').and.to.contain('--yes-release 1');
    expect(simulator.control.machine(machine?.id ?? '').isolation.isolated).to.equal(true);
  });

  it('starts a simulator, prints the environment to paste, and ends on Ctrl-C', async () => {
    // Also where one of the same seed was pasted before.
    const ran = await run(['simulate', '--machines', '2'], simulator.environment(), () => 'SIGINT');
    expect(ran).to.deep.include({ code: 0, err: '' });
    expect(ran.out)
      .to.contain('with 2 machines')
      .and.to.match(/^export MDE_API_URL=https:\/\/localhost:\d+$/m);
    expect(ran.out).to.contain(`export AZURE_CLIENT_SECRET=${simulator.credentials.clientSecret}`);
    const wrong = await run(['simulate', '--machines', 'many']);
    expect(wrong).to.deep.include({ code: 2, out: '' });
  });
});
