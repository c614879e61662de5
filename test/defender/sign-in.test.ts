import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { generate } from 'selfsigned';
import { createDefender } from '../../provider/defender/client.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';
import {
  clientId,
  clientSecret,
  issueTokens,
  json,
  loginHost,
  loopbackCertificate,
  type Respond,
  type StandIn,
  startStandIn,
  tenantId,
  trustLoopback,
} from './stand-in.ts';

/** Entra's error body. */
const entraError =
  (status: number, error: string, code: number): Respond =>
  (_request, response) =>
    json(response, status, {
      error,
      error_description: `AADSTS${code}: words. Trace ID: x`,
      error_codes: [code],
      timestamp: '2026-01-05 12:00:00Z',
      trace_id: 'x',
      correlation_id: 'y',
    });

describe("sign-in through @azure/identity's own credentials", function () {
  this.timeout(30_000);
  let login: StandIn;
  let distrust: () => void;
  let folder: string;
  before(async () => {
    distrust = await trustLoopback();
    folder = await mkdtemp(join(tmpdir(), 'mde-sign-in-'));
    login = await startStandIn(issueTokens(), { secure: true });
  });
  after(async () => {
    await login.close();
    await rm(folder, { recursive: true });
    distrust();
  });
  beforeEach(() => {
    login.received.length = 0;
    login.respond = issueTokens();
  });

  const open = (settings: DefenderSettings, env: Record<string, string> = {}) =>
    createDefender({ tenantId, clientId, authorityHost: login.url, ...settings }, { ...systemPorts(), env });

  /** The error of a failed sign-in, after looking for the secret in all that it would show. */
  const failure = async (settings: DefenderSettings, env: Record<string, string> = {}) => {
    const defender = open(settings, env);
    try {
      const error = await defender.identity().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!isDefenderError(error)) throw new Error(`no DefenderError: ${inspect(error)}`);
      expect(inspect(error, { depth: 9, showHidden: true })).not.to.contain(clientSecret);
      return error;
    } finally {
      defender.close();
    }
  };

  it('with a secret: one request to the tenant of the login host, for the right scope', async () => {
    const defender = open({ clientSecret });
    const identity = await defender.identity();
    expect(identity).to.deep.include({
      tenantId,
      appId: clientId,
      delegated: false,
      roles: ['Machine.Read.All', 'Machine.Isolate'],
    });
    await defender.identity();
    const requests = login.received.filter((one) => one.method === 'POST');
    expect(requests).to.have.length(1);
    expect(requests[0]?.path).to.equal(`/${tenantId}/oauth2/v2.0/token`);
    expect(new URLSearchParams(requests[0]?.body).get('scope')).to.contain(
      'https://api.securitycenter.microsoft.com/.default',
    );
    expect(new URLSearchParams(requests[0]?.body).get('client_secret')).to.equal(clientSecret);
    defender.close();
  });

  it('with a certificate', async () => {
    const made = await generate([{ name: 'commonName', value: 'app' }], { keySize: 2048, algorithm: 'sha256' });
    const path = join(folder, 'client.pem');
    await writeFile(path, `${made.private}\n${made.cert}`);
    const defender = open({ clientCertificatePath: path });
    expect((await defender.identity()).appId).to.equal(clientId);
    const form = new URLSearchParams(login.received.find((one) => one.method === 'POST')?.body);
    expect(form.get('client_assertion')?.split('.')).to.have.length(3);
    defender.close();
  });

  it('with a certificate that is not there, or is none', async () => {
    expect(await failure({ clientCertificatePath: join(folder, 'absent.pem') })).to.include({
      kind: 'invalid-configuration',
      property: 'clientCertificatePath',
    });
    const bad = join(folder, 'bad.pem');
    const { cert } = await loopbackCertificate();
    for (const text of [
      'no certificate',
      cert,
      `-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${cert}`,
    ]) {
      await writeFile(bad, text);
      const error = await failure({ clientCertificatePath: bad });
      expect(error).to.include({ kind: 'invalid-configuration', property: 'clientCertificatePath' });
      expect(error.message).to.match(/holds no certificate with its own private key/);
    }
  });

  it('with a federated token file', async () => {
    const path = join(folder, 'token');
    await writeFile(path, 'federated.token.text');
    const defender = open({ oidcTokenFilePath: path });
    await defender.identity();
    const form = new URLSearchParams(login.received.find((one) => one.method === 'POST')?.body);
    expect(form.get('client_assertion')).to.equal('federated.token.text');
    expect(form.get('client_assertion_type')).to.equal('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    defender.close();
    expect(await failure({ oidcTokenFilePath: join(folder, 'absent') })).to.include({
      kind: 'invalid-configuration',
      property: 'oidcTokenFilePath',
    });
  });

  it("with the token of GitHub's service", async () => {
    const github = await startStandIn((_request, response) => json(response, 200, { value: 'github.token.text' }));
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
    };
    try {
      const defender = open({ useOidc: true }, env);
      await defender.identity();
      expect(github.received[0]?.headers.authorization).to.equal('Bearer request-token');
      expect(Object.fromEntries(github.received[0]?.query ?? [])).to.deep.equal({
        'api-version': '2.0',
        audience: 'api://AzureADTokenExchange',
      });
      expect(
        new URLSearchParams(login.received.find((one) => one.method === 'POST')?.body).get('client_assertion'),
      ).to.equal('github.token.text');
      defender.close();
      github.respond = (_request, response) => json(response, 403, '{}');
      const error = await failure({ useOidc: true }, env);
      expect(error.kind).to.equal('sign-in');
      expect(error.message).to.contain('HTTP 403 without a token');
      expect(error.next).to.contain('id-token: write');
    } finally {
      await github.close();
    }
  });

  const refusals: [string, Respond, string, RegExp, RegExp][] = [
    [
      'a wrong secret',
      entraError(401, 'invalid_client', 7000215),
      'AADSTS7000215',
      /the client secret is wrong/,
      /value \(not its id\)/,
    ],
    [
      'an expired secret',
      entraError(401, 'invalid_client', 7000222),
      'AADSTS7000222',
      /has expired/,
      /Create a new secret/,
    ],
    [
      'an unknown app',
      entraError(400, 'unauthorized_client', 700016),
      'AADSTS700016',
      /not known in this tenant/,
      /Check clientId and tenantId/,
    ],
    ['an unknown tenant', entraError(400, 'invalid_request', 90002), 'AADSTS90002', /no such tenant/, /Check tenantId/],
    ['the wrong cloud', entraError(400, 'invalid_request', 900382), 'AADSTS900382', /another cloud/, /Set cloud/],
    [
      'no Defender in the tenant',
      entraError(400, 'invalid_resource', 500011),
      'AADSTS500011',
      /knows no Defender/,
      /licensed/,
    ],
    [
      'a code that nobody knows',
      entraError(400, 'invalid_grant', 987654),
      'AADSTS987654',
      /AADSTS987654/,
      /error\?code=987654/,
    ],
    [
      'an answer that is a web page',
      (_request, response) => json(response, 404, '<html>'),
      '',
      /HTTP 404/,
      /Check tenantId/,
    ],
  ];
  for (const [name, respond, code, message, next] of refusals) {
    it(`tells ${name} by its code, and what to do`, async () => {
      login.respond = loginHost(respond);
      const error = await failure({ clientSecret });
      expect(error.kind).to.equal('sign-in');
      if (code !== '') expect(error.code).to.equal(code);
      expect(error.message).to.match(message).and.contain(tenantId).and.contain('client secret');
      expect(error.next).to.match(next);
    });
  }

  it('tells a tenant that the login host does not know at all', async () => {
    login.respond = entraError(400, 'invalid_tenant', 90002);
    expect(await failure({ clientSecret })).to.include({ kind: 'sign-in', code: 'AADSTS90002' });
  });

  it('tells a host that is no login host', async () => {
    for (const body of ['{}', '<html>', '[]', '']) {
      login.respond = (_request, response) => json(response, 200, body);
      const error = await failure({ clientSecret });
      expect(error.message).to.contain('does not answer as a login host does');
      expect(error.next).to.contain('authorityHost');
    }
  });

  it('tells that the login host cannot be reached', async () => {
    const gone = await startStandIn(() => {});
    await gone.close();
    const error = await failure({ clientSecret, authorityHost: gone.url.replace('http:', 'https:') });
    expect(error).to.include({ kind: 'sign-in', code: 'ECONNREFUSED' });
    expect(error.message).to.contain('could not be reached');
    expect(error.next).to.contain('authorityHost');
  });

  it("tells that the login host's certificate is not trusted", async () => {
    distrust();
    try {
      const error = await failure({ clientSecret });
      expect(error).to.include({ kind: 'sign-in', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      expect(error.next).to.contain('NODE_EXTRA_CA_CERTS');
    } finally {
      distrust = await trustLoopback();
    }
  });

  it('never goes to loopback through a proxy', async () => {
    const before = process.env.HTTPS_PROXY;
    process.env.HTTPS_PROXY = 'http://127.0.0.1:1';
    try {
      const defender = open({ clientSecret });
      expect((await defender.identity()).appId).to.equal(clientId);
      defender.close();
    } finally {
      if (before === undefined) delete process.env.HTTPS_PROXY;
      else process.env.HTTPS_PROXY = before;
    }
  });
});
