import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { cutPower, processTree } from '../../demo/process-tree.ts';

describe('a power cut', () => {
  let shell: ChildProcess;

  // A shell that started another one, in a process group of its own as the engine's plugins are.
  beforeEach(async function () {
    if (process.platform !== 'linux') this.skip();
    shell = spawn('/bin/sh', ['-c', 'set -m; sh -c "sleep 60 & echo ready; wait" & wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (shell.stdout !== null) await once(shell.stdout, 'data');
  });

  afterEach(() => {
    if (shell?.pid !== undefined && shell.signalCode === null) cutPower(shell.pid);
  });

  it('reaches what a process started, and what that started', () => {
    expect(processTree(shell.pid ?? 0).length).to.be.at.least(3);
  });

  it('ends all of them at once', async () => {
    const tree = processTree(shell.pid ?? 0);
    const ended = once(shell, 'exit');
    const closed = shell.stdout === null ? undefined : once(shell.stdout.resume(), 'close');
    cutPower(shell.pid ?? 0);
    expect((await ended)[1]).to.equal('SIGKILL');
    // The last of them that held the pipe is gone.
    await closed;
    expect(tree.flatMap((pid) => processTree(pid).slice(1))).to.deep.equal([]);
  });

  it('does not mind a process that has ended', () => {
    expect(() => cutPower(2 ** 22 + 1)).to.not.throw();
  });
});
