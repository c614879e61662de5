import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const main = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command; `onOutput` sees what it printed so far and may end it by the signal that it returns. */
async function run(
  args: readonly string[],
  onOutput?: (stdout: string) => NodeJS.Signals | undefined | Promise<NodeJS.Signals | undefined>,
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    void Promise.resolve(onOutput?.(stdout)).then((signal) => signal !== undefined && child.kill(signal));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe('npm run simulator', () => {
  it('prints what a client needs as one JSON object, and ends cleanly on Ctrl-C', async () => {
    let certificateWasThere = false;
    const { code, stdout, stderr } = await run(
      ['--json', '--machines', '3', '--seed', '5', '--speed', '60'],
      (text) => {
        if (!text.endsWith('\n')) return undefined;
        certificateWasThere = existsSync(JSON.parse(text).caPath);
        return 'SIGINT';
      },
    );
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    const told = JSON.parse(stdout);
    expect(told.environment).to.have.keys(
      'NODE_EXTRA_CA_CERTS',
      'MDE_API_URL',
      'AZURE_AUTHORITY_HOST',
      'AZURE_TENANT_ID',
      'AZURE_CLIENT_ID',
      'AZURE_CLIENT_SECRET',
    );
    expect(certificateWasThere).to.equal(true);
    expect(existsSync(told.caPath)).to.equal(false);
  });

  it('prints the same for people, to be pasted', async () => {
    const { code, stdout } = await run(['--machines', '2'], (text) =>
      text.includes('Ctrl-C ends it') ? 'SIGTERM' : undefined,
    );
    expect(code).to.equal(0);
    expect(stdout).to.contain('with 2 machines');
    expect(stdout).to.match(/^export AZURE_CLIENT_SECRET=\S+$/m);
  });

  it('is started with other rate limits', async () => {
    const limits = ['--per-minute', '7', '--per-hour', '70', '--minute-length', '3s', '--hour-length', '1m30s'];
    let told: unknown;
    const { code } = await run(['--json', ...limits], async (text) => {
      if (!text.endsWith('\n')) return undefined;
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${JSON.parse(text).controlUrl}/limits`, { method: 'POST', body: '{}', headers });
      told = await answer.json();
      return 'SIGINT';
    });
    expect(code).to.equal(0);
    expect(told).to.deep.equal({ perMinute: 7, perHour: 70, minuteMs: 3_000, hourMs: 90_000 });
  });

  it('explains itself, and what it does not understand', async function () {
    // Eight processes, one after the other.
    this.timeout(60_000);
    const help = await run(['--help']);
    expect(help.code).to.equal(0);
    expect(help.stdout).to.contain('--machines');
    for (const args of [
      ['--machines', 'many'],
      ['--speed', '-1'],
      ['--port', '70000'],
      ['--per-minute', '0'],
      ['--minute-length', 'soon'],
      ['--colour'],
      ['stray'],
    ]) {
      const wrong = await run(args);
      expect(wrong.code, args.join(' ')).to.equal(2);
      expect(wrong.stderr, args.join(' ')).to.contain('--help');
      expect(wrong.stderr, args.join(' ')).not.to.contain('    at ');
      expect(wrong.stdout).to.equal('');
    }
  });
});
