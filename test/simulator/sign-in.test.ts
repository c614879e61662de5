import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import { expect } from 'chai';
import { generate } from 'selfsigned';
import { defaultRoles } from '../../simulator/control.ts';
import { decodeJwt } from '../../simulator/jwt.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { type Answer, Client } from './client.ts';

const scope = 'https://api.securitycenter.microsoft.com/.default';

describe('sign-in', () => {
  let simulator: Simulator;
  let client: Client;
  let folder: string;

  before(async () => {
    simulator = await startSimulator({ speed: 0, machines: 3 });
    client = new Client(simulator);
    folder = mkdtempSync(join(tmpdir(), 'sign-in-test-'));
  });

  after(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const options = () => ({
    authorityHost: simulator.authorityHost,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: simulator.caPem },
  });

  function withSecret(changes: Partial<Simulator['credentials']> = {}): TokenCredential {
    const { tenantId, clientId, clientSecret } = { ...simulator.credentials, ...changes };
    return new ClientSecretCredential(tenantId, clientId, clientSecret, options());
  }

  async function tokenOf(credential: TokenCredential, wanted = scope): Promise<string> {
    return (await credential.getToken(wanted))?.token ?? expect.fail('no token');
  }

  async function refusalOf(credential: TokenCredential, wanted = scope): Promise<string> {
    try {
      await credential.getToken(wanted);
    } catch (error) {
      return (error as Error).message;
    }
    return expect.fail('it got a token');
  }

  async function certificate(keyType: 'rsa' | 'ec' = 'rsa'): Promise<{ pem: string; path: string }> {
    const pems = await generate([{ name: 'commonName', value: 'app' }], { keyType, algorithm: 'sha256' });
    const path = join(folder, `${Math.abs(pems.fingerprint.length)}-${pems.fingerprint.replaceAll(':', '')}.pem`);
    writeFileSync(path, pems.private + pems.cert);
    return { pem: pems.cert, path };
  }

  function form(version: '' | 'v2.0/', fields: Record<string, string>, tenant = simulator.credentials.tenantId) {
    const { clientId, clientSecret } = simulator.credentials;
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      ...fields,
    });
    return client.post(`/${tenant}/oauth2/${version}token`, body.toString(), {
      token: '',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
  }

  it("gives Azure's own secret credential a token that the API takes", async () => {
    const token = await tokenOf(withSecret());
    expect((await client.get('/api/machines', { token })).status).to.equal(200);
  });

  it('writes tenant, app, name, roles and audience into the token', async () => {
    const claims = decodeJwt(await tokenOf(withSecret()))?.claims;
    expect(claims).to.include({
      aud: 'https://api.securitycenter.microsoft.com',
      tid: simulator.credentials.tenantId,
      appid: simulator.credentials.clientId,
      app_displayname: 'pulumi-mde',
    });
    expect(claims?.roles).to.deep.equal(defaultRoles);
    expect(claims?.oid).to.match(/^[0-9a-f-]{36}$/);
    expect(Number(claims?.exp) * 1000).to.be.greaterThan(simulator.control.now().getTime());
  });

  it("gives Azure's own certificate credential a token", async () => {
    const { pem, path } = await certificate();
    const { tenantId, clientId } = simulator.control.addApp({ certificates: [pem] });
    const token = await tokenOf(new ClientCertificateCredential(tenantId, clientId, path, options()));
    expect((await client.get('/api/machines', { token })).status).to.equal(200);
  });

  it('refuses a certificate that is not registered', async () => {
    const { pem } = await certificate();
    const { path } = await certificate();
    const { tenantId, clientId } = simulator.control.addApp({ certificates: [pem] });
    const refusal = await refusalOf(new ClientCertificateCredential(tenantId, clientId, path, options()));
    expect(refusal).to.contain('AADSTS700027');
  });

  it("gives Azure's own workload identity credential a token", async () => {
    const trust = { issuer: 'https://pipelines.test', subject: 'repo:contoso/quarantine:main' };
    const { tenantId, clientId } = simulator.control.addApp({ federated: [trust] });
    const tokenFilePath = join(folder, 'federated');
    writeFileSync(tokenFilePath, simulator.control.federatedToken(trust));
    const credential = new WorkloadIdentityCredential({ tenantId, clientId, tokenFilePath, ...options() });
    expect((await client.get('/api/machines', { token: await tokenOf(credential) })).status).to.equal(200);
  });

  it('refuses a federated token for another subject, or of another key', async () => {
    const trust = { issuer: 'https://pipelines.test', subject: 'repo:contoso/quarantine:main' };
    const { publicKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const other = simulator.control.addApp({ federated: [{ ...trust, publicKeyPem: publicKey }] });
    const known = simulator.control.addApp({ federated: [trust] });
    const tokenFilePath = join(folder, 'federated-wrong');
    writeFileSync(
      tokenFilePath,
      simulator.control.federatedToken({ ...trust, subject: 'repo:contoso/quarantine:fork' }),
    );
    const fork = new WorkloadIdentityCredential({ ...known, tokenFilePath, ...options() });
    expect(await refusalOf(fork)).to.contain('AADSTS700213');
    writeFileSync(tokenFilePath, simulator.control.federatedToken(trust));
    const forged = new WorkloadIdentityCredential({ ...other, tokenFilePath, ...options() });
    expect(await refusalOf(forged)).to.contain('AADSTS5000142');
  });

  it('names a wrong secret, an expired one, an unknown app and an unknown tenant as Entra does', async () => {
    expect(await refusalOf(withSecret({ clientSecret: 'wrong' }))).to.contain('AADSTS7000215');
    const old = simulator.control.addApp();
    simulator.control.expireSecrets(old.clientId);
    expect(await refusalOf(withSecret(old))).to.contain('AADSTS7000222');
    const clientSecret = simulator.control.addSecret(old.clientId);
    expect(await tokenOf(withSecret({ ...old, clientSecret }))).to.be.a('string');
    expect(await refusalOf(withSecret({ clientId: '11111111-2222-4333-8444-555555555555' }))).to.contain(
      'AADSTS700016',
    );
    // A tenant is looked up before anything is sent, so the library reports its own error first.
    const foreign = '99999999-2222-4333-8444-555555555555';
    expect(await refusalOf(withSecret({ tenantId: foreign }))).to.match(/endpoints_resolution_error|AADSTS90002/);
  });

  it('answers refusals with the statuses and the shape of Entra', async () => {
    const check = (answer: Answer, status: number, error: string, code: number): void => {
      expect(answer.status).to.equal(status);
      expect(answer.body).to.include({ error });
      expect(answer.body.error_codes).to.deep.equal([code]);
      expect(answer.body.error_description).to.match(
        new RegExp(`^AADSTS${code}: .* Trace ID: \\S{36} Correlation ID: \\S{36} Timestamp: [\\d-]{10} [\\d:]{8}Z$`),
      );
      expect(Object.keys(answer.body)).to.deep.equal([
        'error',
        'error_description',
        'error_codes',
        'timestamp',
        'trace_id',
        'correlation_id',
        'error_uri',
      ]);
    };
    check(await form('v2.0/', { scope, client_secret: 'wrong' }), 401, 'invalid_client', 7000215);
    check(await form('v2.0/', { scope, client_id: 'nobody' }), 400, 'unauthorized_client', 700016);
    check(await form('v2.0/', { scope }, '99999999-2222-4333-8444-555555555555'), 400, 'invalid_tenant', 90002);
    check(await form('v2.0/', { scope }, 'nonsense'), 400, 'invalid_request', 900023);
    check(await form('v2.0/', { scope: 'https://unknown.test/.default' }), 400, 'invalid_resource', 500011);
    check(await form('v2.0/', { scope: 'https://graph.microsoft.com/User.Read' }), 400, 'invalid_scope', 1002012);
    check(await form('v2.0/', {}), 400, 'invalid_request', 900144);
    check(await form('v2.0/', { scope, grant_type: 'password' }), 400, 'unsupported_grant_type', 70003);
    check(
      await client.get('/99999999-2222-4333-8444-555555555555/v2.0/.well-known/openid-configuration'),
      400,
      'invalid_tenant',
      90002,
    );
  });

  it('never repeats a secret in a refusal', async () => {
    const answer = await form('v2.0/', { scope, client_secret: 'tell-nobody' });
    expect(answer.text).not.to.contain('tell-nobody');
  });

  it('gives tokens at the older endpoint too, which writes its numbers as text', async () => {
    const answer = await form('', { resource: 'https://api.securitycenter.microsoft.com' });
    expect(answer.body).to.include({
      token_type: 'Bearer',
      expires_in: '3599',
      resource: 'https://api.securitycenter.microsoft.com',
    });
    expect((await client.get('/api/machines', { token: answer.body.access_token })).status).to.equal(200);
  });

  it('takes the tenant by its domain, and the older scope', async () => {
    const older = 'https://securitycenter.onmicrosoft.com/windowsatpservice/.default';
    const answer = await form('v2.0/', { scope: older }, 'contoso.onmicrosoft.com');
    expect(answer.body.expires_in).to.equal(3599);
    expect((await client.get('/api/machines', { token: answer.body.access_token })).status).to.equal(200);
  });

  it('refuses a token for the audience that the host itself is called, as the service does', async () => {
    const token = await tokenOf(withSecret(), 'https://api.security.microsoft.com/.default');
    const answer = await client.get('/api/machines', { token, host: 'api.security.microsoft.com' });
    expect(answer.status).to.equal(403);
    expect(answer.body.error.code).to.equal('Forbidden');
    expect((await client.get('/api/machines', { host: 'api.security.microsoft.com' })).status).to.equal(200);
  });

  it('takes at a government host only the audience of that host', async () => {
    const host = 'api-gov.securitycenter.microsoft.us';
    expect((await client.get('/api/machines', { host })).status).to.equal(403);
    const token = simulator.control.mintToken({ audience: `https://${host}` });
    expect((await client.get('/api/machines', { host, token })).status).to.equal(200);
    expect((await client.get('/api/machines', { token })).status).to.equal(403);
  });

  it("knows behind each login host the resources of that host's clouds, and signs in at no other host", async () => {
    const { tenantId, clientId, clientSecret } = simulator.credentials;
    const ask = async (host: string, resource: string) => {
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: `${resource}/.default`,
      });
      const answer = await client.post(`/${tenantId}/oauth2/v2.0/token`, body.toString(), { token: '', host });
      return answer.body?.error_codes?.[0] ?? answer.status;
    };
    const commercial = 'https://api.securitycenter.microsoft.com';
    const gcc = 'https://api-gcc.securitycenter.microsoft.us';
    const government = 'https://api-gov.securitycenter.microsoft.us';
    expect(await ask('login.microsoftonline.com', commercial)).to.equal(200);
    expect(await ask('login.microsoftonline.com', gcc)).to.equal(200);
    expect(await ask('login.microsoftonline.com', government)).to.equal(500011);
    expect(await ask('login.microsoftonline.us', government)).to.equal(200);
    expect(await ask('login.microsoftonline.us', commercial)).to.equal(500011);
    expect(await ask('login.microsoftonline.us', gcc)).to.equal(500011);
    expect(await ask('login-1.api.security.microsoft.com', commercial)).to.equal(404);
  });

  it('refuses no token, a damaged one, and a foreign one, with 401', async () => {
    const token = simulator.control.mintToken();
    const damaged = `${token.slice(0, -6)}AAAAAA`;
    for (const wrong of ['', 'abc', damaged]) {
      const answer = await client.get('/api/machines', { token: wrong });
      expect(answer.status).to.equal(401);
      expect(answer.body.error).to.have.keys('code', 'message', 'target');
      expect(answer.body.error.code).to.equal('Unauthorized');
    }
    const other = await startSimulator({ speed: 0, seed: 2 });
    const foreign = await client.get('/api/machines', { token: other.control.mintToken() });
    await other.stop();
    expect(foreign.status).to.equal(401);
  });

  it('lets the roles of the token decide', async () => {
    const reader = simulator.control.mintToken({ roles: ['Machine.Read.All'] });
    const isolator = simulator.control.mintToken({ roles: ['Machine.Isolate'] });
    const writer = simulator.control.mintToken({ roles: ['Machine.ReadWrite.All'] });
    const id = simulator.control.addMachine().id;
    expect((await client.get('/api/machines', { token: reader })).status).to.equal(200);
    expect((await client.get('/api/machineactions', { token: writer })).status).to.equal(200);
    const refused = await client.get('/api/machines', { token: isolator });
    expect(refused.status).to.equal(403);
    expect(refused.body.error).to.include({
      code: 'Forbidden',
      message:
        'Missing application roles. API required roles: Machine.Read.All,Machine.ReadWrite.All, application roles: Machine.Isolate.',
    });
    const body = { Comment: 'x', IsolationType: 'Full' };
    expect((await client.post(`/api/machines/${id}/isolate`, body, { token: reader })).status).to.equal(403);
    const done = await client.post(`/api/machines/${id}/isolate`, body, { token: isolator });
    expect(done.status).to.equal(201);
    const cancel = `/api/machineactions/${done.body.id}/cancel`;
    expect((await client.post(cancel, { Comment: 'x' }, { token: reader })).status).to.equal(403);
    const scanner = simulator.control.mintToken({ roles: ['Machine.Scan'] });
    expect((await client.post(cancel, { Comment: 'x' }, { token: scanner })).status).to.equal(200);
  });

  it('takes the delegated permissions of a person, and records the person', async () => {
    const id = simulator.control.addMachine().id;
    const token = simulator.control.mintToken({
      scopes: ['Machine.Read', 'Machine.Isolate'],
      userPrincipalName: 'ada@contoso.com',
    });
    const answer = await client.post(`/api/machines/${id}/isolate`, { Comment: 'x', IsolationType: 'Full' }, { token });
    expect(answer.body.requestor).to.equal('ada@contoso.com');
    const reader = simulator.control.mintToken({ scopes: ['Machine.Read'] });
    expect((await client.post(`/api/machines/${id}/unisolate`, { Comment: 'x' }, { token: reader })).status).to.equal(
      403,
    );
  });

  it('changes the roles of the next token, not of those given out', async () => {
    const app = simulator.control.addApp();
    const before = await tokenOf(withSecret(app));
    simulator.control.setRoles(app.clientId, []);
    const after = await tokenOf(withSecret(app));
    expect((await client.get('/api/machines', { token: before })).status).to.equal(200);
    expect((await client.get('/api/machines', { token: after })).status).to.equal(403);
  });

  it('ends the life of tokens when told to', async () => {
    const token = simulator.control.mintToken();
    simulator.control.expireTokens();
    expect((await client.get('/api/machines', { token })).status).to.equal(401);
    expect((await client.get('/api/machines', { token: simulator.control.mintToken() })).status).to.equal(200);
  });

  it('keeps tenants apart', async () => {
    const tenantId = '77777777-2222-4333-8444-555555555555';
    simulator.control.addTenant(tenantId);
    const app = simulator.control.addApp({ tenantId });
    simulator.control.addMachine({ computerDnsName: 'elsewhere.fabrikam.com' }, { tenantId });
    const token = await tokenOf(withSecret(app));
    const answer = await client.get('/api/machines', { token });
    expect(answer.body.value).to.have.length(1);
    expect(answer.body.value[0].computerDnsName).to.equal('elsewhere.fabrikam.com');
  });

  it('publishes its keys and its instances', async () => {
    const keys = await client.get('/common/discovery/v2.0/keys', { token: '' });
    expect(keys.body.keys[0]).to.include({ kty: 'EC', alg: 'ES256' });
    const instances = await client.get('/common/discovery/instance?api-version=1.1', { token: '' });
    expect(instances.body.metadata[0].aliases).to.have.length(1);
  });
});
