import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { generate } from 'selfsigned';
import type { Defender } from '../../provider/defender/api.ts';
import { createDefender } from '../../provider/defender/client.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import { type Ports, systemPorts, type Timer } from '../../provider/defender/ports.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { json, loopbackCertificate, type Respond, type StandIn, startStandIn } from './stand-in.ts';
import { startTunnel, useProxy } from './tunnel.ts';

/** Looked for in everything that is shown. */
const secrets = {
  password: 'pAssw0rd-of-the-key',
  requestToken: 'request-token-of-the-job',
  systemAccessToken: 'system-access-token-of-the-job',
};

/** Real credentials of @azure/identity, real TLS and processes; the simulator judges every token that they bring. */
describe('each way to sign in', function () {
  this.timeout(30_000);
  let simulator: Simulator;
  let service: StandIn;
  let folder: string;
  let trusted: string[];
  const environment = { ...process.env };

  before(async () => {
    trusted = tls.getCACertificates('default');
    simulator = await startSimulator({ machines: 3 });
    tls.setDefaultCACertificates([...trusted, simulator.caPem, (await loopbackCertificate()).cert]);
    service = await startStandIn(() => {}, { secure: true });
    folder = await mkdtemp(join(tmpdir(), 'mde-ways-'));
  });
  after(async () => {
    await service.close();
    await simulator.stop();
    await rm(folder, { recursive: true });
    tls.setDefaultCACertificates(trusted);
  });
  beforeEach(() => {
    service.received.length = 0;
  });
  afterEach(() => {
    for (const name of ['PATH', 'SYSTEM_OIDCREQUESTURI']) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
  });

  const open = (settings: DefenderSettings, env: Record<string, string> = {}, ports: Partial<Ports> = {}) =>
    createDefender(
      { apiUrl: simulator.apiUrl, authorityHost: simulator.authorityHost, ...settings },
      { ...systemPorts(), env, ...ports },
    );
  const machinesSeen = async (settings: DefenderSettings, env: Record<string, string> = {}) => {
    const defender = open(settings, env);
    try {
      return (await defender.listMachines(100))?.items.length;
    } finally {
      defender.close();
    }
  };
  /** How the sign-in failed, after looking for secrets in all that an error would show. */
  const failure = async (settings: DefenderSettings, env: Record<string, string> = {}) => {
    const error = await machinesSeen(settings, env).catch((reason: unknown) => reason);
    if (!isDefenderError(error)) throw new Error(`it did not fail as it should: ${inspect(error)}`);
    const all = inspect(error, { depth: 9, showHidden: true });
    for (const secret of Object.values(secrets)) expect(all).not.to.contain(secret);
    return error;
  };
  const file = async (name: string, text: string | Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };

  describe('with a certificate', () => {
    let pair: { readonly key: string; readonly cert: string };
    let app: { readonly tenantId: string; readonly clientId: string };
    let encrypted: string;

    before(async () => {
      const made = await generate([{ name: 'commonName', value: 'app' }], { keySize: 2048, algorithm: 'sha256' });
      pair = { key: `${made.private.trim()}\n`, cert: `${made.cert.trim()}\n` };
      const { tenantId, clientId } = simulator.control.addApp({ certificates: [made.cert] });
      app = { tenantId, clientId };
      encrypted = createPrivateKey(made.private)
        .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: secrets.password })
        .toString();
    });

    it('and its key in one PEM file, in either order', async () => {
      const keyFirst = await file('key-first.pem', pair.key + pair.cert);
      const certificateFirst = await file('certificate-first.pem', pair.cert + pair.key);
      expect(await machinesSeen({ ...app, clientCertificatePath: keyFirst })).to.equal(3);
      const env = { AZURE_CLIENT_CERTIFICATE_PATH: certificateFirst };
      expect(await machinesSeen(app, env)).to.equal(3);
    });

    it('whose key is encrypted, with the password from the settings or the environment', async () => {
      const path = await file('encrypted.pem', pair.cert + encrypted);
      const settings = { ...app, clientCertificatePath: path };
      expect(await machinesSeen({ ...settings, clientCertificatePassword: secrets.password })).to.equal(3);
      expect(await machinesSeen(settings, { AZURE_CLIENT_CERTIFICATE_PASSWORD: secrets.password })).to.equal(3);
    });

    it('whose key does not open: the password is named, and whether it is wrong or missing', async () => {
      const path = await file('locked.pem', pair.cert + encrypted);
      const missing = await failure({ ...app, clientCertificatePath: path });
      expect(missing).to.include({ kind: 'invalid-configuration', property: 'clientCertificatePassword' });
      expect(missing.message).to.contain('is encrypted; set it, or AZURE_CLIENT_CERTIFICATE_PASSWORD');
      const wrong = await failure({
        ...app,
        clientCertificatePath: path,
        clientCertificatePassword: `${secrets.password}!`,
      });
      expect(wrong).to.include({ kind: 'invalid-configuration', property: 'clientCertificatePassword' });
      expect(wrong.message).to.contain('it does not open the private key in');
    });

    it('that cannot be used: not there, a .pfx file, an elliptic key', async () => {
      const { cert, key } = await loopbackCertificate();
      const absent = join(folder, 'absent.pem');
      for (const [path, reason] of [
        [absent, `the file ${absent} cannot be read`],
        [await file('app.pfx', Uint8Array.of(0x30, 0x82, 0x0a, 0x00, 0xff)), 'openssl pkcs12'],
        [await file('elliptic.pem', key + cert), 'no RSA key'],
        [await file('other.pem', pair.key + cert), 'holds no certificate with its own private key'],
      ] as const) {
        const error = await failure({ ...app, clientCertificatePath: path });
        expect(error).to.include({ kind: 'invalid-configuration', property: 'clientCertificatePath' });
        expect(error.message).to.contain(reason);
      }
    });

    it('that the app does not know', async () => {
      const made = await generate([{ name: 'commonName', value: 'stranger' }], { keySize: 2048, algorithm: 'sha256' });
      const path = await file('stranger.pem', made.private + made.cert);
      const error = await failure({ ...app, clientCertificatePath: path });
      expect(error).to.include({ kind: 'sign-in', code: 'AADSTS700027' });
      expect(error.message).to.contain('client certificate').and.contain('not registered with the app');
      expect(error.next).to.contain('Upload the public certificate');
    });
  });

  describe('with a federated token', () => {
    const trust = { issuer: 'https://pipelines.test', subject: 'repo:contoso/quarantine:main' };
    let app: { readonly tenantId: string; readonly clientId: string };
    before(() => {
      const { tenantId, clientId } = simulator.control.addApp({ federated: [trust] });
      app = { tenantId, clientId };
    });
    const token = (subject = trust.subject) => simulator.control.federatedToken({ ...trust, subject });

    it('in a file, which is read again for each token, since what wrote it rotates it', async () => {
      const path = await file('rotated', token());
      let skew = 0;
      const clock = { wall: () => Date.now() + skew, monotonic: () => performance.now() + skew };
      const defender = open({ ...app, oidcTokenFilePath: path }, {}, { clock });
      try {
        expect((await defender.listMachines(100))?.items).to.have.length(3);
        // The service takes the old token no longer, and the file holds somebody else's.
        await writeFile(path, token('repo:contoso/quarantine:fork'));
        simulator.control.expireTokens();
        const error = await defender.listMachines(100).catch((reason: unknown) => reason);
        expect(error).to.include({ kind: 'sign-in', code: 'AADSTS700213' });
        await writeFile(path, token());
        // A failed sign-in is remembered for as long.
        skew = 10_000;
        expect((await defender.listMachines(100))?.items).to.have.length(3);
      } finally {
        defender.close();
      }
    });

    it('that names another subject, or is missing from its file', async () => {
      const fork = await failure({
        ...app,
        oidcTokenFilePath: await file('fork', token('repo:contoso/quarantine:fork')),
      });
      expect(fork).to.include({ kind: 'sign-in', code: 'AADSTS700213' });
      expect(fork.message).to.contain('federated token file');
      expect(fork.next).to.contain('Add a federated credential for this repository, branch or environment');
      const empty = await failure({ ...app, oidcTokenFilePath: await file('empty', '\n') });
      expect(empty).to.include({ kind: 'invalid-configuration', property: 'oidcTokenFilePath' });
      expect(empty.message).to.contain('is empty; it must hold the token');
    });

    const github = () => ({
      ACTIONS_ID_TOKEN_REQUEST_URL: `${service.url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: secrets.requestToken,
    });

    it("of GitHub Actions' token service", async () => {
      service.respond = (_request, response) => json(response, 200, { value: token() });
      expect(await machinesSeen({ ...app, useOidc: true }, github())).to.equal(3);
      expect(service.received[0]?.headers.authorization).to.equal(`Bearer ${secrets.requestToken}`);
      service.respond = (_request, response) => json(response, 200, { value: token('repo:contoso/quarantine:fork') });
      expect(await failure({ ...app, useOidc: true }, github())).to.include({ code: 'AADSTS700213' });
    });

    const pipelines = () => {
      process.env.SYSTEM_OIDCREQUESTURI = `${service.url}/oidctoken`;
      return {
        SYSTEM_OIDCREQUESTURI: process.env.SYSTEM_OIDCREQUESTURI,
        SYSTEM_ACCESSTOKEN: secrets.systemAccessToken,
        AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: 'connection-1',
      };
    };

    it("of Azure Pipelines' token service", async () => {
      service.respond = (_request, response) => json(response, 200, { oidcToken: token() });
      expect(await machinesSeen({ ...app, useOidc: true }, pipelines())).to.equal(3);
      const [request] = service.received;
      expect(request?.method).to.equal('POST');
      expect(request?.headers.authorization).to.equal(`Bearer ${secrets.systemAccessToken}`);
      expect(request?.query.get('serviceConnectionId')).to.equal('connection-1');
    });

    it("of Azure Pipelines' token service, which refuses, or knows no such connection", async () => {
      const refusals: readonly Respond[] = [
        (_request, response) => json(response, 401, { message: 'no' }),
        (_request, response) => json(response, 200, { message: 'no such connection' }),
      ];
      for (const respond of refusals) {
        service.respond = respond;
        const error = await failure({ ...app, useOidc: true }, pipelines());
        expect(error.kind).to.equal('sign-in');
        expect(error.message).to.match(
          /^Sign-in \(Azure Pipelines token, tenant .*\) failed: Azure Pipelines' token service \(.*\) answered HTTP (401|200)/,
        );
        expect(error.next).to.contain('SYSTEM_ACCESSTOKEN: $(System.AccessToken)');
      }
      const { SYSTEM_OIDCREQUESTURI } = pipelines();
      const unmapped = await failure({ ...app, useOidc: true }, { SYSTEM_OIDCREQUESTURI });
      expect(unmapped).to.include({ kind: 'invalid-configuration', property: 'useOidc' });
      expect(unmapped.message).to.contain('SYSTEM_ACCESSTOKEN: $(System.AccessToken)');
    });
  });

  describe('as whoever is signed in to the Azure CLI', () => {
    /** An `az` that is found first, and what it does. */
    const standIn = async (script: string): Promise<void> => {
      await chmod(await file('az', `#!/bin/sh\n${script}\n`), 0o755);
      process.env.PATH = [folder, environment.PATH].join(delimiter);
    };
    const signedIn = (tenantId = simulator.credentials.tenantId) =>
      JSON.stringify({
        accessToken: simulator.control.mintToken({ tenantId, appId: 'person', scopes: ['Machine.Read'] }),
        expiresOn: '2099-01-01 00:00:00.000000',
        expires_on: 4_070_908_800,
        tenant: tenantId,
        tokenType: 'Bearer',
      });
    const useAzureCli = true;

    it('with a token for the resource of the cloud, and the tenant that is set', async () => {
      await standIn(`echo "$*" >'${folder}/asked'\necho '${signedIn()}'`);
      const { tenantId } = simulator.credentials;
      expect(await machinesSeen({ useAzureCli, tenantId })).to.equal(3);
      expect(await readFile(join(folder, 'asked'), 'utf8')).to.equal(
        `account get-access-token --output json --resource https://api.securitycenter.microsoft.com --tenant ${tenantId}\n`,
      );
      expect(await machinesSeen({ useAzureCli })).to.equal(3);
    });

    it('where nobody is: says how to sign in, and how to see what stands in the way', async () => {
      await standIn(`echo "ERROR: Please run 'az login' to setup account." >&2\nexit 1`);
      const error = await failure({ useAzureCli });
      expect(error.kind).to.equal('sign-in');
      expect(error.message).to.equal('Sign-in (Azure CLI) failed: no token was issued');
      expect(error.next).to.equal(
        'Sign in with "az login"; what stands in the way is told by "az account get-access-token --query tenant --resource https://api.securitycenter.microsoft.com".',
      );
      const government = await failure({ useAzureCli, cloud: 'GCCHigh' });
      expect(government.next).to.contain('after "az cloud set --name AzureUSGovernment"');
      expect(government.next).to.contain('--resource https://api-gov.securitycenter.microsoft.us');
    });

    it('where Entra refuses it: by its number, in our words', async () => {
      await standIn(`echo "ERROR: AADSTS90002: Tenant 'x' not found. Trace ID: 1" >&2\nexit 1`);
      const error = await failure({ useAzureCli, tenantId: '99999999-2222-4333-8444-555555555555' });
      expect(error).to.include({ kind: 'sign-in', code: 'AADSTS90002' });
      expect(error.message).to.contain('AADSTS90002: there is no such tenant').and.not.to.contain('Trace ID');
      expect(error.next).to.contain('az login --tenant 99999999-2222-4333-8444-555555555555');
    });

    it("with a token of another tenant than is set: it is refused, and no host of that tenant's is read", async () => {
      const other = '77777777-2222-4333-8444-555555555555';
      await standIn(`echo '${signedIn(other)}'`);
      simulator.control.resetStatistics();
      const error = await failure({ useAzureCli, tenantId: simulator.credentials.tenantId });
      expect(error.message).to.contain(`the token is for the tenant ${other}, but tenantId is`);
      expect(simulator.control.requests()).to.deep.equal([]);
    });

    it('where there is none, or it answers with nonsense', async () => {
      process.env.PATH = join(folder, 'nowhere');
      const absent = await failure({ useAzureCli });
      expect(absent.message).to.equal('Sign-in (Azure CLI) failed: there is no az on the PATH');
      expect(absent.next).to.contain('Install the Azure CLI').and.contain('az login');
      await standIn('echo "a warning, and no JSON"');
      expect((await failure({ useAzureCli })).message).to.equal('Sign-in (Azure CLI) failed: no token was issued');
    });

    it('that hangs, and all that it started: waited for 30 s and no longer', async () => {
      // Until the folder goes, with the test.
      await standIn(`while [ -e '${folder}/az' ]; do sleep 0.2; done &\nwait`);
      const deadline = manualDeadline();
      const defender = open({ useAzureCli }, {}, { deadline });
      const outcome = failed(defender);
      await deadline.set(30_000);
      deadline.pass(30_000);
      const error = await outcome;
      expect(error.message).to.equal('Sign-in (Azure CLI) failed: az did not answer within 30 s');
      expect(error.next).to.contain('az account get-access-token');
      defender.close();
    });
  });

  describe('where nobody answers', () => {
    const hang: Respond = () => {};
    const app = { tenantId: '11111111-2222-4333-8444-555555555555', clientId: 'client', clientSecret: 'secret' };

    it('ends after 30 s for one answer of the login host, and names it; after 10 s where it is this machine', async () => {
      service.respond = hang;
      const proxy = await startTunnel([], 0, 'hang');
      const unproxy = useProxy(proxy.url);
      try {
        for (const [ms, authorityHost] of [
          [30_000, 'https://login.microsoftonline.com'],
          [10_000, service.url],
        ] as const) {
          const deadline = manualDeadline();
          const defender = open({ ...app, authorityHost }, {}, { deadline });
          const outcome = failed(defender);
          await deadline.set(ms);
          deadline.pass(ms);
          const error = await outcome;
          expect(error).to.include({ kind: 'sign-in', code: 'ETIMEDOUT' });
          expect(error.message).to.contain(`${new URL(authorityHost).host}: it could not be reached (ETIMEDOUT)`);
          expect(error.next).to.contain('HTTPS_PROXY');
          defender.close();
        }
      } finally {
        unproxy();
        await proxy.close();
      }
    });

    it('ends after 90 s in all, and says who was asked last; the socket is closed', async () => {
      let closed: Promise<unknown> | undefined;
      const asked = new Promise<void>((resolve) => {
        service.respond = (_request, _response, socket) => {
          closed = once(socket, 'close');
          resolve();
        };
      });
      const deadline = manualDeadline();
      const defender = open({ ...app, authorityHost: service.url }, {}, { deadline });
      const outcome = failed(defender);
      await asked;
      deadline.pass(90_000);
      const error = await outcome;
      expect(error.message).to.match(/: 127\.0\.0\.1:\d+ was asked last, and there was no token within 90 s$/);
      await closed;
      defender.close();
    });

    it("ends after 10 s at a machine's identity service, with the signal of a run at once", async () => {
      const hanging = await startStandIn(hang);
      // The library keeps the first service that it finds for the life of the process; no other test asks one in this.
      process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = hanging.url;
      try {
        const deadline = manualDeadline();
        const defender = open({ useManagedIdentity: true }, {}, { deadline });
        const outcome = failed(defender);
        await received(hanging, 1);
        deadline.pass(10_000);
        const error = await outcome;
        expect(error.message).to.match(
          /^Sign-in \(managed identity\) failed: the identity service of this machine .*ETIMEDOUT/,
        );
        expect(error.next).to.contain('another way to sign in');
        defender.close();
        const other = open({ useManagedIdentity: true });
        const run = new AbortController();
        const cancelled = failed(other, run.signal);
        await received(hanging, 2);
        run.abort();
        expect(await cancelled).to.include({ kind: 'aborted' });
        other.close();
      } finally {
        delete process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
        await hanging.close();
      }
    });

    it("ends after 30 s at GitHub's token service", async () => {
      service.respond = hang;
      const deadline = manualDeadline();
      const env = { ACTIONS_ID_TOKEN_REQUEST_URL: `${service.url}/token`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' };
      const { tenantId, clientId } = simulator.credentials;
      const defender = open({ tenantId, clientId, useOidc: true }, env, { deadline });
      const outcome = failed(defender);
      await received(service, 1);
      deadline.pass(30_000);
      const error = await outcome;
      expect(error.message).to.contain("GitHub's token service could not be reached (ETIMEDOUT)");
      defender.close();
    });

    it('ends at once with the signal of a run, and with the client: its socket is closed', async () => {
      let closed: Promise<unknown> | undefined;
      const asked = new Promise<void>((resolve) => {
        service.respond = (_request, _response, socket) => {
          closed = once(socket, 'close');
          resolve();
        };
      });
      const defender = open({ ...app, authorityHost: service.url });
      const run = new AbortController();
      const outcome = failed(defender, run.signal);
      await asked;
      run.abort();
      expect(await outcome).to.include({ kind: 'aborted' });
      defender.close();
      await closed;
    });
  });

  /** A deadline that passes when the test says so. */
  function manualDeadline() {
    const waiting = new Map<() => void, number>();
    const listeners = new Set<() => void>();
    const has = (ms: number) => [...waiting.values()].includes(ms);
    const deadline: Timer & { set(ms: number): Promise<void>; pass(ms: number): void } = {
      after(ms, run) {
        waiting.set(run, ms);
        for (const listener of [...listeners]) listener();
        return () => waiting.delete(run);
      },
      set: (ms) =>
        new Promise((resolve) => {
          const look = () => {
            if (!has(ms)) return;
            listeners.delete(look);
            resolve();
          };
          listeners.add(look);
          look();
        }),
      pass(ms) {
        for (const [run, after] of [...waiting]) if (after === ms && waiting.delete(run)) run();
      },
    };
    return deadline;
  }

  async function failed(defender: Defender, signal?: AbortSignal) {
    const error = await defender.identity({ signal }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!isDefenderError(error)) throw new Error(`it did not fail as it should: ${inspect(error)}`);
    return error;
  }

  /** Waits until so many requests came. */
  async function received(standIn: StandIn, count: number): Promise<void> {
    const { respond } = standIn;
    if (standIn.received.length >= count) return;
    await new Promise<void>((resolve) => {
      standIn.respond = (request, response, socket) => {
        respond(request, response, socket);
        if (standIn.received.length >= count) resolve();
      };
    });
  }
});
