import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { DefenderSettings } from '../../provider/defender/settings.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { json, type Received, type StandIn, startStandIn } from './stand-in.ts';

const script = fileURLToPath(new URL('./sign-in-process.ts', import.meta.url));
const userAssigned = '0f0f0f0f-1111-4222-8333-444444444444';
const notAssigned = '0e0e0e0e-1111-4222-8333-444444444444';
const systemAssigned = '0d0d0d0d-1111-4222-8333-444444444444';
const otherTenant = '99999999-1111-4222-8333-444444444444';
const identityHeader = 'hEader-of-the-identity-service';

interface Outcome {
  readonly machines?: number;
  readonly appId?: string;
  readonly kind?: string;
  readonly message?: string;
  readonly next?: string;
  readonly property?: string;
}

/**
 * The real credentials in processes of their own, with the environment that a machine of Azure gives them. Its
 * identity service is a stand-in on loopback, the token's judge the simulator. Nothing asks 169.254.169.254.
 */
describe('a managed identity, and the default chain', function () {
  this.timeout(60_000);
  let simulator: Simulator;
  let service: StandIn;
  let gone: string;
  let folder: string;

  before(async () => {
    simulator = await startSimulator({ machines: 3 });
    service = await startStandIn((request, response) => answer(request, response));
    const closed = await startStandIn(() => {});
    await closed.close();
    gone = closed.url;
    folder = await mkdtemp(join(tmpdir(), 'mde-managed-identity-'));
  });
  after(async () => {
    await service.close();
    await simulator.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    service.received.length = 0;
  });

  /** As the services of a VM and of App Service answer; the same but for how they know their caller. */
  function answer({ query, headers, path }: Received, response: Parameters<typeof json>[0]): void {
    const isCaller =
      path === '/msi/token' ? headers['x-identity-header'] === identityHeader : headers.metadata === 'true';
    const appId = query.get('client_id') ?? systemAssigned;
    const refuse = (error: string, words: string) => json(response, 400, { error, error_description: words });
    if (!isCaller) refuse('invalid_request', 'Required metadata header not specified');
    else if (appId === notAssigned) refuse('invalid_request', 'Identity not found');
    else if (query.get('resource') !== 'https://api.securitycenter.microsoft.com') {
      refuse('invalid_resource', `AADSTS500011: The resource principal named ${query.get('resource')} was not found`);
    } else {
      json(response, 200, {
        access_token: simulator.control.mintToken({ appId, roles: ['Machine.Read.All'] }),
        // So short that the library does not keep it for the next in this process.
        expires_on: String(Math.floor(Date.now() / 1000) + 200),
        resource: query.get('resource'),
        token_type: 'Bearer',
        client_id: appId,
      });
    }
  }

  const run = async (
    env: Record<string, string>,
    settings: readonly DefenderSettings[],
  ): Promise<readonly Outcome[]> => {
    const { apiUrl, caPath, authorityHost } = simulator;
    const all = settings.map((one) => ({ apiUrl, authorityHost, ...one }));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, JSON.stringify(all)], {
      env: {
        PATH: folder,
        HOME: folder,
        NODE_EXTRA_CA_CERTS: caPath,
        NODE_NO_WARNINGS: '1',
        // Whatever goes to a proxy is lost: the identity service is never asked through one.
        HTTP_PROXY: gone,
        HTTPS_PROXY: gone,
        AZURE_LOG_LEVEL: 'verbose',
        ...env,
      },
    });
    expect(stderr).to.equal('');
    expect(stdout).not.to.contain(identityHeader);
    return JSON.parse(stdout) as readonly Outcome[];
  };
  const vm = () => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: service.url });

  it('of a VM signs in, system-assigned or by clientId, and reads machines; each refusal says what to do', async () => {
    const outcomes = await run(vm(), [
      { useManagedIdentity: true },
      { useManagedIdentity: true, clientId: userAssigned },
      { useManagedIdentity: true, clientId: notAssigned },
      { useManagedIdentity: true, cloud: 'DoD' },
      { useManagedIdentity: true, tenantId: otherTenant },
    ]);
    expect(outcomes[0]).to.include({ machines: 3, appId: systemAssigned });
    expect(outcomes[1]).to.include({ machines: 3, appId: userAssigned });
    expect(service.received[0]?.path).to.match(/^\/metadata\/identity\/oauth2\/token\/?$/);
    expect(Object.fromEntries(service.received[0]?.query ?? [])).to.deep.equal({
      'api-version': '2018-02-01',
      resource: 'https://api.securitycenter.microsoft.com',
    });
    expect(outcomes[2]?.message).to.match(
      /^Sign-in \(managed identity\) failed: the identity service of this machine \(127\.0\.0\.1:\d+\) answered HTTP 400 invalid_request, without a token$/,
    );
    expect(outcomes[2]?.next).to.contain(`Assign the identity ${notAssigned}`).and.contain('leave clientId out');
    expect(outcomes[3]?.message).to.contain('AADSTS500011: the tenant knows no Defender for Endpoint API');
    expect(outcomes[3]?.next).to.contain('Check that cloud is right');
    expect(outcomes[4]).to.include({ kind: 'sign-in' });
    expect(outcomes[4]?.message).to.contain(
      `the token is for the tenant ${simulator.credentials.tenantId}, but tenantId is ${otherTenant}`,
    );
    expect(outcomes[4]?.next).to.match(/^Nothing was sent\./);
  });

  it('of App Service signs in by its endpoint and header, and reads machines', async () => {
    const env = { IDENTITY_ENDPOINT: `${service.url}/msi/token`, IDENTITY_HEADER: identityHeader };
    const [system, user, unknown] = await run(env, [
      { useManagedIdentity: true },
      { useManagedIdentity: true, clientId: userAssigned },
      { useManagedIdentity: true, clientId: notAssigned },
    ]);
    expect(system).to.include({ machines: 3, appId: systemAssigned });
    expect(user).to.include({ machines: 3, appId: userAssigned });
    expect(unknown?.message).to.contain('answered HTTP 400 invalid_request');
    expect(service.received.map(({ path }) => path)).to.deep.equal(['/msi/token', '/msi/token', '/msi/token']);
    expect(service.received[1]?.query.get('api-version')).to.equal('2019-08-01');
    expect(service.received[1]?.query.get('client_id')).to.equal(userAssigned);
  });

  it('is told apart from no identity service at all; the chain says every way to sign in', async () => {
    const [identity, chain] = await run({ AZURE_POD_IDENTITY_AUTHORITY_HOST: gone }, [
      { useManagedIdentity: true },
      {},
    ]);
    expect(identity?.message).to.match(
      /^Sign-in \(managed identity\) failed: the identity service of this machine \(127\.0\.0\.1:\d+\): it could not be reached \(ECONNREFUSED\)$/,
    );
    expect(identity?.next).to.contain('Only a machine of Azure').and.contain('another way to sign in');
    expect(chain?.message).to.equal('Sign-in (default chain) failed: no credential was found');
    for (const word of ['tenantId', 'clientSecret', 'useOidc', 'useManagedIdentity', 'az login']) {
      expect(chain?.next).to.contain(word);
    }
  });

  it('is found by the chain with nothing set; with AZURE_CLIENT_ID it is that one', async () => {
    const [found] = await run(vm(), [{}]);
    expect(found).to.include({ machines: 3, appId: systemAssigned });
    const [named] = await run({ ...vm(), AZURE_CLIENT_ID: userAssigned }, [{}]);
    expect(named).to.include({ machines: 3, appId: userAssigned });
  });

  it('is left out of the chain where AZURE_TOKEN_CREDENTIALS names another part, and a wrong name is told', async () => {
    const az = join(folder, 'az');
    const token = simulator.control.mintToken({ appId: 'person', scopes: ['Machine.Read'] });
    await writeFile(az, `#!/bin/sh\necho '${JSON.stringify({ accessToken: token, expires_on: 4_000_000_000 })}'\n`);
    await chmod(az, 0o755);
    try {
      const [found] = await run({ ...vm(), AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential' }, [{}]);
      expect(found).to.include({ machines: 3, appId: 'person' });
      expect(service.received).to.deep.equal([]);
      const [wrong] = await run({ AZURE_TOKEN_CREDENTIALS: 'AzureCli' }, [{}]);
      expect(wrong).to.include({ kind: 'invalid-configuration', property: 'AZURE_TOKEN_CREDENTIALS' });
      expect(wrong?.message).to.contain('dev, prod, or a name such as AzureCliCredential');
    } finally {
      await rm(az);
    }
  });

  it('on Kubernetes is the federated token, exchanged at the login host that is configured', async () => {
    const trust = { issuer: 'https://cluster.test', subject: 'system:serviceaccount:ops:quarantine' };
    const { tenantId, clientId } = simulator.control.addApp({ federated: [trust] });
    const file = join(folder, 'azure-identity-token');
    await writeFile(file, simulator.control.federatedToken(trust));
    const env = { AZURE_FEDERATED_TOKEN_FILE: file, AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId };
    const outcomes = await run(env, [{}, { useOidc: true }, { useManagedIdentity: true }, { useOidc: false }]);
    for (const outcome of outcomes.slice(0, 3)) expect(outcome).to.include({ machines: 3, appId: clientId });
    expect(outcomes[3]).to.include({ kind: 'invalid-configuration', property: 'useOidc' });
    expect(outcomes[3]?.message).to.contain('AZURE_FEDERATED_TOKEN_FILE is set and would be used');
  });
});
