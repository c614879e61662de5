import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

describe('bench/main.ts as a program', () => {
  const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
  const run = (...args: readonly string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });

  it('refuses an unknown bench on stderr, with exit code 2', () => {
    const { status, stdout, stderr } = run('--json', 'plugin-strat');
    expect([status, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.include('there is no bench named plugin-strat').and.to.include('plugin-start');
  });

  it('explains itself', () => {
    const { status, stdout, stderr } = run('--help');
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.include('plugin-start').and.to.include('refresh-shared').and.to.include('--json');
  });
});
