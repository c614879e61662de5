import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ProviderProcess } from '../../bench/provider-process.ts';

describe('the process of a provider that is measured', () => {
  const signal = new AbortController().signal;
  const command = (program: string) => ({
    program: process.execPath,
    args: ['-e', program],
    cwd: tmpdir(),
    env: {},
    engineAddress: '127.0.0.1:9',
  });

  it('is timed to its port, its memory is read from the kernel, and it is ended', async () => {
    const provider = await ProviderProcess.start(command('console.log(4711); setInterval(() => {}, 1000)'), signal);
    try {
      expect(provider.msToPort).to.be.greaterThan(0);
      expect(provider.age()).to.be.at.least(provider.msToPort);
      expect(provider.residentMiB()).to.be.greaterThan(5);
    } finally {
      await provider.stop();
    }
    expect(() => provider.residentMiB()).to.throw();
  });

  for (const { what, program, says } of [
    { what: 'ends', program: 'console.error("no such file"); process.exit(3)', says: /ended \(3\).*no such file/ },
    {
      what: 'says something else',
      program: 'console.log("hello"); setInterval(() => {}, 1000)',
      says: /no port.*hello/,
    },
  ]) {
    it(`one that ${what} before its port is an error that says so`, async () => {
      const error = await ProviderProcess.start(command(program), signal).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message).to.match(says);
    });
  }

  it('is not started after Ctrl-C, and not waited for', async () => {
    const interruption = new AbortController();
    const starting = ProviderProcess.start(command('setInterval(() => {}, 1000)'), interruption.signal);
    interruption.abort(new Error('enough'));
    const error = await starting.catch((reason: unknown) => reason);
    expect((error as Error).message).to.equal('enough');
  });
});

describe('the probe that tells when the credential code is loaded', () => {
  const probe = fileURLToPath(new URL('../../bench/credential-probe.cjs', import.meta.url));
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-probe-'));
    writeFileSync(
      join(folder, 'libraries.cjs'),
      'module.exports = { get "@azure/identity"() { return { real: true }; }, get axios() { return {}; } };',
    );
    mkdirSync(join(folder, 'node_modules/@azure/identity'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/@azure/identity/index.js'), 'module.exports = { real: true };');
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What a program with the probe prints, and what the probe wrote meanwhile. */
  function run(program: string) {
    const args = ['--require', probe, '-e', program];
    const { stdout, stderr, output, status } = spawnSync(process.execPath, args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    expect(status, stderr).to.equal(0);
    return { stdout, told: output[3] };
  }

  it('is silent where it is not, though the bundle’s second file and its other libraries are', () => {
    expect(run('require("./libraries.cjs").axios').told).to.equal('');
  });

  for (const program of ['require("./libraries.cjs")["@azure/identity"]', 'require("@azure/identity")']) {
    it(`tells it once after ${program}, which gives what it gave`, () => {
      const { stdout, told } = run(`console.log(${program}.real, ${program}.real)`);
      expect(stdout).to.equal('true true\n');
      expect(told).to.equal('@azure/identity loaded\n');
    });
  }
});
