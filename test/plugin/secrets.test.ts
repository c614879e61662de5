import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { jwt } from '../defender/entities.ts';
import {
  issueTokens,
  json,
  loginHost,
  loopbackCertificate,
  type Received,
  type StandIn,
  startStandIn,
} from '../defender/stand-in.ts';
import { CallFailed, type PluginUnderTest, type StartOptions, startPlugin } from './fake-engine.ts';
import { secret } from './structs.ts';

const script = fileURLToPath(new URL('../../provider/plugin/main.ts', import.meta.url));
const machineId = 'ab'.repeat(20);

/** One in every place that can hold a secret; each is to be recognised wherever it turns up. */
const planted = {
  clientSecret: 'planted~client.secret',
  certificatePassword: 'planted-password-of-the-key',
  environmentSecret: 'planted~secret.of.the-environment',
  environmentPassword: 'planted-password-of-the-environment',
  requestToken: 'planted-request-token',
  systemAccessToken: 'planted-system-access-token',
  identityHeader: 'planted-identity-header',
  proxyPassword: 'planted-p@ss:word',
  comment: 'planted comment on a suspect',
  deviceName: 'planted-host.contoso.com',
  federatedToken: jwt({ sub: 'planted', aud: 'api://AzureADTokenExchange' }),
};
const proxy = `http://user:${encodeURIComponent(planted.proxyPassword)}@127.0.0.1:1`;
const inEnvironment = {
  AZURE_CLIENT_SECRET: planted.environmentSecret,
  AZURE_CLIENT_CERTIFICATE_PASSWORD: planted.environmentPassword,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: planted.requestToken,
  SYSTEM_ACCESSTOKEN: planted.systemAccessToken,
  IDENTITY_HEADER: planted.identityHeader,
  HTTPS_PROXY: proxy,
};
/** Every spelling that would give one away, and what is left of one that was cut off. */
const spellings = Object.values(planted).flatMap((value) => [
  value.slice(0, 20),
  encodeURIComponent(value),
  Buffer.from(`user:${value}`).toString('base64'),
]);

function expectNone(text: string, where: string, besides: readonly string[] = []): void {
  for (const spelling of [...spellings, ...besides]) {
    expect(text.includes(spelling), `${where} holds a secret that begins with ${spelling.slice(0, 12)}`).to.equal(
      false,
    );
  }
}

/** What a service writes that quotes the request, and knows whatever else the plugin was given. */
const everything = ({ headers, body }: Received, known: typeof planted) =>
  [...Object.values(known), proxy, JSON.stringify(headers), body].join(' | ');

describe('secrets planted wherever the plugin takes one', function () {
  this.timeout(60_000);
  let folder: string;
  let service: StandIn;
  const plugins: PluginUnderTest[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mde-secrets-'));
    service = await startStandIn(issueTokens(), { secure: true });
    writeFileSync(join(folder, 'ca.pem'), (await loopbackCertificate()).cert);
    writeFileSync(join(folder, 'federated'), planted.federatedToken);
  });
  after(async () => {
    await service.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const plugin of plugins.splice(0)) await plugin.dispose();
  });

  const start = async (options: StartOptions = {}) => {
    const env = { ...inEnvironment, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), ...options.env };
    const plugin = await startPlugin({ script, type: 'mde:index:MachineIsolation', ...options, env });
    plugins.push(plugin);
    return plugin;
  };
  const app = () => ({
    tenantId: 'contoso.com',
    clientId: 'app',
    clientCertificatePassword: secret(planted.certificatePassword),
    apiUrl: service.url,
    authorityHost: service.url,
  });
  const signIns: Readonly<Record<string, () => Record<string, unknown>>> = {
    'a client secret': () => ({ ...app(), clientSecret: secret(planted.clientSecret) }),
    'a federated token': () => ({ ...app(), oidcTokenFilePath: join(folder, 'federated') }),
  };
  const failureOf = async (call: Promise<unknown>): Promise<CallFailed> => {
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof CallFailed)) throw new Error('it did not fail');
    return error;
  };
  /** All that leaves the plugin but for its answers. */
  const told = ({ printed, logs }: PluginUnderTest) => JSON.stringify([printed, logs.map(({ text }) => text)]);
  const inputs = () => ({ deviceName: secret(planted.deviceName), comment: secret(planted.comment) });
  const login = issueTokens({ roles: ['Machine.Read.All', 'Machine.Isolate'] });

  for (const [how, settings] of Object.entries(signIns)) {
    const known = () => ('clientSecret' in settings() ? planted : { ...planted, clientSecret: '' });
    it(`are in nothing that is told where the API quotes them all back to one who signed in with ${how}`, async () => {
      const tokens: string[] = [];
      service.respond = (request, response, socket) => {
        if (!request.path.startsWith('/api/')) return login(request, response, socket);
        tokens.push(request.headers.authorization ?? '');
        json(response, 403, { error: { code: 'Forbidden', message: everything(request, known()) } });
      };
      const plugin = await start({ config: settings() });
      for (const work of [
        () => plugin.create('pc', inputs()),
        () => plugin.create('pc', inputs(), { preview: true }),
        () => plugin.read('pc', machineId, { outputs: { machineId }, inputs: inputs() }),
        () => plugin.invoke('mde:index:getMachine', { deviceName: secret(planted.deviceName) }),
      ]) {
        const failure = await failureOf(work());
        expect(failure.message + JSON.stringify(failure.initFailed)).to.contain('Forbidden');
        expectNone(`${failure.message}${JSON.stringify(failure.initFailed?.reasons)}`, 'an error', ['eyJ']);
      }
      expect(tokens[0]).to.match(/^Bearer eyJ/);
      await plugin.end();
      expectNone(told(plugin), 'what was printed or logged', ['eyJ']);
    });

    it(`are in nothing that is told where the login host quotes them all back to one who signs in with ${how}`, async () => {
      service.respond = loginHost((request, response) =>
        json(response, 400, {
          error: everything(request, known()),
          error_description: everything(request, known()),
          error_codes: [1],
        }),
      );
      const plugin = await start({ config: settings() });
      const failure = await failureOf(plugin.create('pc', inputs()));
      expect(failure.message).to.contain('Sign-in (').and.to.contain('HTTP 400');
      await plugin.end();
      expectNone(failure.message + told(plugin), 'a failed sign-in', ['eyJ']);
    });
  }

  it('are refused by name where one stands in the place of a path or a host, and are not shown', async () => {
    const plugin = await start();
    const given = {
      clientCertificatePath: '-----BEGIN PRIVATE KEY-----planted-key',
      oidcTokenFilePath: planted.federatedToken,
      apiUrl: `https://user:${encodeURIComponent(planted.proxyPassword)}@mde.test`,
      authorityHost: `https://user:${encodeURIComponent(planted.proxyPassword)}@login.test`,
    };
    for (const [name, value] of Object.entries(given)) {
      const { failures } = await plugin.checkConfig({ [name]: value });
      // The engine prints the value of a property that is named.
      expect(
        failures.map(({ property }) => property),
        name,
      ).to.deep.equal(['']);
      expect(failures[0]?.reason).to.match(new RegExp(`^${name}: it (holds|must not hold)`));
      expectNone(JSON.stringify(failures), name, ['planted-key']);
    }
    await plugin.end();
    expectNone(told(plugin), 'what was printed or logged');
  });

  it('are in no message where the environment has one in the place of a path', async () => {
    const env = { AZURE_CLIENT_SECRET: '', AZURE_FEDERATED_TOKEN_FILE: planted.federatedToken };
    const plugin = await start({ env, config: app() });
    const failure = await failureOf(plugin.create('pc', inputs()));
    expect(failure.message).to.contain('the file [secret] cannot be read');
    await plugin.end();
    expectNone(failure.message + told(plugin), 'the error');
  });

  describe('are not printed', () => {
    let simulator: Simulator;
    before(async () => {
      simulator = await startSimulator({ machines: 1, speed: 120 });
    });
    after(() => simulator.stop());

    const simulated = (env: Readonly<Record<string, string>>) =>
      start({
        env: { ...simulator.environment(), ...env },
        config: { apiUrl: simulator.apiUrl, clientSecret: secret(simulator.credentials.clientSecret) },
        currentConfig: { apiUrl: simulator.apiUrl, clientSecret: simulator.credentials.clientSecret },
      });
    const isolate = (plugin: PluginUnderTest) =>
      plugin.create('pc', { machineId: simulator.control.machines()[0]?.id, comment: secret(planted.comment) });

    it("by the libraries' own logs, whatever the environment asks them for", async () => {
      const plugin = await simulated({
        AZURE_LOG_LEVEL: 'verbose',
        DEBUG: '*',
        NODE_DEBUG: 'http,https,tls',
        GRPC_TRACE: 'all',
        GRPC_VERBOSITY: 'DEBUG',
      });
      await isolate(plugin);
      await plugin.end();
      expect(plugin.printed.stderr).to.contain('HTTP ').and.to.contain("Authorization: 'Bearer [secret]'");
      expectNone(told(plugin), 'what was printed or logged', ['eyJ', simulator.credentials.clientSecret]);
    });

    it('in a report that Node writes about the process', async () => {
      const flags = `--report-on-signal --report-signal=SIGUSR2 --report-directory=${folder}`;
      const plugin = await simulated({ NODE_OPTIONS: flags });
      await isolate(plugin);
      plugin.child.kill('SIGUSR2');
      const report = await reportIn(folder);
      expect(report).to.contain('"javascriptStack"');
      expectNone(report, 'the report', ['eyJ', simulator.credentials.clientSecret]);
    });

    it('by a process that is killed', async () => {
      const plugin = await simulated({});
      await isolate(plugin);
      await plugin.signal('SIGKILL');
      expectNone(told(plugin), 'what was printed or logged', ['eyJ', simulator.credentials.clientSecret]);
    });
  });
});

/** The report, as soon as it is whole. */
async function reportIn(folder: string): Promise<string> {
  for (;;) {
    const name = readdirSync(folder).find((each) => each.startsWith('report.'));
    const text = name === undefined ? '' : readFileSync(join(folder, name), 'utf8');
    if (text.trimEnd().endsWith('}') && isJson(text)) return text;
    await sleep(50);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
