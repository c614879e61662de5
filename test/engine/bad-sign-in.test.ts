import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { makeWorld, type World } from './world.ts';

describe('bad input: sign-in and service, on the real engine', () => {
  let world: World;
  let id: string;

  const declare = (config: Record<string, unknown> = {}) =>
    world.declare({ pc: { properties: { machineId: id, comment: 'INC-1' } } }, config);
  const run = (env: Record<string, string> = {}, args = ['up', '--yes', '--skip-preview']) =>
    world.pulumi(args, { env });

  before(async () => {
    world = await makeWorld();
    id = world.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
  });
  beforeEach(() => declare());
  afterEach(() => {
    expect(world.isolates()).to.deep.equal([]);
  });
  after(() => world.end());

  it('a wrong tenant', async () => {
    const tenant = '00000000-0000-4000-8000-000000000001';
    declare({ tenantId: tenant });
    tells(failed(await run()), `tenant ${tenant}`, 'there is no such tenant', 'Check tenantId');
  });

  it('a wrong secret', async () => {
    const text = failed(await run({ AZURE_CLIENT_SECRET: 'not-the-secret-at-all' }));
    tells(text, 'AADSTS7000215', 'the client secret is wrong', "Set clientSecret to the secret's value");
    expect(text).to.not.include('not-the-secret-at-all');
  });

  it('an expired secret', async () => {
    const { clientId, clientSecret } = world.control.addApp();
    world.control.expireSecrets(clientId);
    const text = failed(await run({ AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: clientSecret }));
    tells(text, 'AADSTS7000222', 'the client secret has expired', 'Create a new secret');
  });

  it('a token of another cloud than the host', async () => {
    declare({ cloud: 'GCCHigh' });
    tells(failed(await run()), 'HTTP 403', 'check that', 'cloud and apiUrl');
  });

  it('an app without the role to read: which one to grant', async () => {
    const { clientId, clientSecret } = world.control.addApp({ roles: ['Machine.Isolate'] });
    const text = failed(await run({ AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: clientSecret }));
    tells(text, 'Grant the app registration the application permission Machine.Read.All', 'admin consent');
  });

  it('an app without the role to isolate: a note in preview, and in up an error that says which one to grant', async () => {
    const { clientId, clientSecret } = world.control.addApp({ roles: ['Machine.Read.All'] });
    const env = { AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: clientSecret };
    tells(succeeded(await run(env, ['preview'])), 'lacks the role Machine.Isolate');
    const text = failed(await run(env));
    tells(text, /pc-1\.contoso\.com .*not sent: this sign-in lacks the role Machine\.Isolate/, 'admin consent');
    tells(text, /warning: this sign-in lacks Machine\.Isolate \(for MachineIsolation \w+\)/);
  });

  it('an http URL that is not loopback', async () => {
    declare({ apiUrl: 'http://defender.example.com' });
    tells(failed(await run()), 'apiUrl', 'https');
  });

  it('no credential at all', async () => {
    // The chain's other members would ask the network; here it ends at the environment.
    const nothing = {
      AZURE_CLIENT_ID: '',
      AZURE_CLIENT_SECRET: '',
      AZURE_TENANT_ID: '',
      AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
    };
    tells(failed(await run(nothing)), 'Sign-in', 'no token was issued', 'clientId');
  });

  it('a configuration key that does not exist', async () => {
    declare({ tenantID: 'x' });
    tells(failed(await run()), 'tenantID', 'tenantId');
  });
});
