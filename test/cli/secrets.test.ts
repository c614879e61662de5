import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  issueTokens,
  json,
  loopbackCertificate,
  type Respond,
  type StandIn,
  startStandIn,
} from '../defender/stand-in.ts';
import { inWorld } from '../resources/host.ts';
import { runIn, runOffline } from './run.ts';

const planted = {
  AZURE_CLIENT_SECRET: 'planted~secret.of.the-environment',
  AZURE_CLIENT_CERTIFICATE_PASSWORD: 'planted-password',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'planted-request-token',
  SYSTEM_ACCESSTOKEN: 'planted-system-access-token',
  IDENTITY_HEADER: 'planted-identity-header',
  HTTPS_PROXY: 'http://user:planted-p%40ssword@127.0.0.1:1',
};
const secrets = [...Object.values(planted).slice(0, -1), 'planted-p@ssword', 'planted-p%40ssword'];

function expectNone(text: string, besides: readonly string[] = []): void {
  for (const secret of [...secrets, ...besides]) {
    expect(text.includes(secret), `a secret that begins with ${secret.slice(0, 12)}`).to.equal(false);
  }
}

describe('secrets of whoever runs the command line', function () {
  this.timeout(60_000);

  it('are in no format of status, also where a comment in Defender holds one', () =>
    inWorld({}, async (world) => {
      const machine = world.control.addMachine({ computerDnsName: 'pc-1.contoso.com' });
      world.control.isolate(machine.id, { comment: `token ${planted.SYSTEM_ACCESSTOKEN} of the pipeline` });
      world.control.advance(120);
      for (const format of ['text', 'json', 'markdown']) {
        const env = { SYSTEM_ACCESSTOKEN: planted.SYSTEM_ACCESSTOKEN, HTTPS_PROXY: planted.HTTPS_PROXY };
        const ran = await runIn(world, ['status', '--format', format], { env });
        expect(ran.code, ran.err).to.equal(0);
        expect(ran.out).to.contain('pc-1.contoso.com');
        expectNone(ran.out + ran.err, [world.simulator.credentials.clientSecret]);
        if (format === 'json') JSON.parse(ran.out);
      }
    }));

  it('are in no finding on a file that holds one', async () => {
    const file = `version: 1\n${planted.AZURE_CLIENT_SECRET}: x\nhosts: [{ deviceName: "${planted.IDENTITY_HEADER} x" }]\n`;
    for (const format of ['text', 'json', 'github']) {
      const ran = await runOffline(['validate', '--format', format, 'q.yaml'], {
        files: { 'q.yaml': file },
        env: planted,
      });
      expect(ran.code, ran.err).to.equal(1);
      expectNone(ran.out + ran.err);
    }
  });

  describe('as a process', () => {
    let folder: string;
    let service: StandIn;
    const login = issueTokens();
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'mde-cli-secrets-'));
      service = await startStandIn(login, { secure: true });
      writeFileSync(join(folder, 'ca.pem'), (await loopbackCertificate()).cert);
    });
    after(async () => {
      await service.close();
      rmSync(folder, { recursive: true });
    });

    const run = async (args: readonly string[], respond: Respond, more: Readonly<Record<string, string>> = {}) => {
      service.respond = (request, response, socket) =>
        (request.path.startsWith('/api/') ? respond : login)(request, response, socket);
      const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
      const env = {
        PATH: process.env.PATH ?? '',
        ...planted,
        AZURE_TENANT_ID: 'contoso.com',
        AZURE_CLIENT_ID: 'app',
        AZURE_AUTHORITY_HOST: service.url,
        MDE_API_URL: service.url,
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
        ...more,
      };
      const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
      }
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, text };
    };
    const everything: Respond = (request, response) =>
      json(response, 403, {
        error: { code: 'Forbidden', message: `${Object.values(planted).join(' ')} ${JSON.stringify(request.headers)}` },
      });

    for (const args of [
      ['status', '--json'],
      ['release', '--machine', 'ab'.repeat(20), '--comment', 'INC-1', '--yes-release', '1'],
    ]) {
      it(`are in nothing that \`${args[0]}\` tells where the API quotes them all back`, async () => {
        const { code, text } = await run(args, everything);
        expect(code).to.equal(1);
        expect(text).to.contain('Forbidden');
        expectNone(text, ['eyJ']);
      });
    }

    it('are not printed by Node where an error comes up that nobody foresaw', async () => {
      const stray = join(folder, 'stray.mjs');
      writeFileSync(
        stray,
        `const token = process.env.AZURE_CLIENT_SECRET;
        setInterval(() => {
          // Once the command runs.
          if (process.listenerCount('uncaughtException') > 0)
            throw Object.assign(new Error('stray ' + token), { config: { token } });
        }, 50).unref();`,
      );
      const hang: Respond = () => {};
      const { code, text } = await run(['status'], hang, { NODE_OPTIONS: `--import=${stray}` });
      expect(code).to.equal(1);
      expect(text).to.contain('an error that it did not foresee: stray [secret]');
      expect(text).not.to.match(/^\s+at /m);
      expectNone(text, ['eyJ']);
    });
  });
});
