import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const setup = fileURLToPath(new URL('../../tools/setup.mjs', import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [setup, ...args], { encoding: 'utf8' });

describe('set-up', function () {
  this.timeout(60_000);

  it('runs a command with a Node that runs TypeScript, and says nothing where all is there', () => {
    const { status, stdout, stderr } = run(
      '--for',
      'check',
      '--',
      'node',
      '-p',
      'process.versions.node.split(".")[0] >= 22',
    );
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: 'true\n', stderr: '' });
  });

  it('ends as the command ends', () => {
    expect(run('--for', 'check', '--', 'sh', '-c', 'exit 7').status).to.equal(7);
    expect(run('--for', 'check', '--', 'sh', '-c', 'kill -9 $$').status).to.equal(1);
  });

  it('hands a polite end on to the command', async () => {
    const child = spawn(
      process.execPath,
      [
        setup,
        '--for',
        'check',
        '--',
        'sh',
        '-c',
        'trap "exit 9" TERM; echo ready; for each in $(seq 400); do sleep 0.05; done',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await once(child.stdout, 'data');
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).to.deep.equal([9, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  for (const args of [[], ['--for'], ['--for', 'lunch'], ['--for', 'check', 'true']]) {
    it(`says how it is used when started with [${args.join(' ')}]`, () => {
      const { status, stderr } = run(...args);
      expect(status).to.equal(1);
      expect(stderr).to.contain('usage: node tools/setup.mjs --for demo|test').and.not.contain('    at ');
    });
  }

  it('says when there is no such command', () => {
    const { status, stderr } = run('--for', 'check', '--', 'no-such-command');
    expect(status).to.equal(1);
    expect(stderr).to.contain('cannot run no-such-command').and.not.contain('    at ');
  });
});
