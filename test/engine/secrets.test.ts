import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { makeWorld, shown, type World } from './world.ts';

describe('secrets, on the real engine', () => {
  let world: World;
  let id: string;
  const outputs: string[] = [];
  const secrets: string[] = [];

  /** The secret comes from the stack's configuration, not from the environment. */
  const withoutEnvironment = { AZURE_CLIENT_SECRET: '', AZURE_CLIENT_ID: '', AZURE_TENANT_ID: '' };
  const pulumi = async (...args: string[]) => {
    const run = await world.pulumi(args, { env: withoutEnvironment });
    outputs.push(shown(run));
    return run;
  };
  const up = () => pulumi('up', '--yes', '--skip-preview', '--logtostderr', '-v=1');

  const expectWrapped = async () => {
    const state = await world.exportState();
    expect(state).to.include('ciphertext');
    for (const secret of secrets) expect(state.includes(secret), 'a secret in clear in the state').to.equal(false);
  };

  before(async () => {
    world = await makeWorld();
    const { credentials } = world.simulator;
    id = world.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
    secrets.push(credentials.clientSecret);
    world.declare(
      { pc: { properties: { machineId: id, comment: 'INC-1' } } },
      { tenantId: credentials.tenantId, clientId: credentials.clientId },
    );
  });
  after(() => world.end());

  it('one that was set without --secret is wrapped before it reaches state', async () => {
    succeeded(await pulumi('config', 'set', 'mde:clientSecret', secrets[0] ?? '', '--plaintext'));
    succeeded(await up());
    expect(world.isIsolated(id)).to.equal(true);
    await expectWrapped();
  });

  it('one that was set with --secret signs in, and is wrapped in state', async () => {
    succeeded(await pulumi('config', 'set', 'mde:clientSecret', secrets[0] ?? '', '--secret'));
    succeeded(await up());
    await expectWrapped();
  });

  it('after a rotation, with the old secret still in state, refresh, up and preview work', async () => {
    const { clientId } = world.simulator.credentials;
    world.control.expireSecrets(clientId);
    tells(failed(await up()), 'AADSTS7000222', 'the client secret has expired', 'set clientSecret');
    const fresh = world.control.addSecret(clientId);
    secrets.push(fresh);
    succeeded(await pulumi('config', 'set', 'mde:clientSecret', fresh, '--secret'));
    succeeded(await pulumi('refresh', '--yes', '--skip-preview', '--expect-no-changes'));
    succeeded(await pulumi('preview', '--diff'));
    succeeded(await up());
    expect(world.writes()).to.equal(1);
  });

  it('and so does destroy, after one more', async () => {
    const { clientId } = world.simulator.credentials;
    world.control.expireSecrets(clientId);
    const fresh = world.control.addSecret(clientId);
    secrets.push(fresh);
    succeeded(await pulumi('config', 'set', 'mde:clientSecret', fresh, '--secret'));
    succeeded(await pulumi('destroy', '--yes', '--skip-preview'));
    expect(world.isIsolated(id)).to.equal(false);
  });

  it('one from the environment never reaches state', async () => {
    const { clientId, tenantId } = world.simulator.credentials;
    succeeded(await world.pulumi(['config', 'rm', 'mde:clientSecret']));
    const env = { AZURE_CLIENT_SECRET: secrets.at(-1) ?? '', AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: tenantId };
    const run = await world.pulumi(['up', '--yes', '--skip-preview'], { env });
    succeeded(run);
    outputs.push(shown(run));
    const state = await world.exportState();
    expect(state).to.not.include('clientSecret');
    for (const secret of secrets) expect(state).to.not.include(secret);
  });

  it('none was ever printed, sent in a comment, or part of what the analyst sees', () => {
    const comments = world.control.actions().map((action) => action.requestorComment);
    for (const secret of secrets) {
      for (const text of [...outputs, ...comments]) expect(text.includes(secret), text.slice(0, 200)).to.equal(false);
    }
  });
});
