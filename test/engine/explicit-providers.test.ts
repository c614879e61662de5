import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { failed, succeeded, tells } from './outcome.ts';
import { makeWorld, pluginFolder, type StateResource, type World } from './world.ts';

describe('two explicit providers in one YAML stack, on the real engine', () => {
  let world: World;
  /** By name of the provider: its settings, and the machine of its tenant. */
  let tenants: Readonly<Record<'contoso' | 'fabrikam', { settings: Record<string, string>; machine: string }>>;
  const fabrikam = 'fab00000-0000-4000-8000-000000000001';
  const guardrails = { maxReleases: 5, maxReleasePercent: 100 };

  before(async () => {
    world = await makeWorld();
    const { control, simulator } = world;
    control.addTenant(fabrikam, 'fabrikam.onmicrosoft.com');
    const app = control.addApp({ tenantId: fabrikam });
    const { apiUrl, authorityHost, credentials } = simulator;
    const there = { apiUrl, authorityHost };
    tenants = {
      contoso: {
        settings: { ...there, ...credentials },
        machine: control.addMachine({ computerDnsName: 'pc.contoso.com' }).id,
      },
      fabrikam: {
        settings: { ...there, tenantId: fabrikam, clientId: app.clientId, clientSecret: app.clientSecret },
        machine: control.addMachine({ computerDnsName: 'pc.fabrikam.com' }, { tenantId: fabrikam }).id,
      },
    };
  });
  after(() => world.end());

  /** Declares each provider with what `change` makes of its settings, and a host of each. */
  function declare(change: (settings: Record<string, unknown>, name: string) => Record<string, unknown>): void {
    const resources: Record<string, unknown> = {};
    for (const [name, { settings, machine }] of Object.entries(tenants)) {
      resources[name] = { type: 'pulumi:providers:mde', properties: change({ ...settings, guardrails }, name) };
      resources[`${name}-pc`] = {
        type: 'mde:index:MachineIsolation',
        properties: { machineId: machine, comment: 'INC-1' },
        options: { provider: `\${${name}}` },
      };
    }
    const plugins = { providers: [{ name: 'mde', path: pluginFolder }] };
    const program = { name: 'containment', runtime: 'yaml', plugins, resources };
    writeFileSync(join(world.folder, 'Pulumi.yaml'), JSON.stringify(program));
  }

  const isIsolated = (name: 'contoso' | 'fabrikam') => {
    const tenant = name === 'fabrikam' ? { tenantId: fabrikam } : {};
    return world.control.machine(tenants[name].machine, tenant).isolation.isolated;
  };
  const providers = async (): Promise<readonly StateResource[]> => {
    const { deployment } = JSON.parse(await world.exportState()) as { deployment: { resources: StateResource[] } };
    return deployment.resources.filter(({ type }) => type === 'pulumi:providers:mde');
  };

  it('a wrong setting is told with its provider, its property and what would be right, and nothing is sent', async () => {
    const wrong = { apiUrl: 'http://defender.example', maxRunTime: 'soon' };
    declare((settings, name) => (name === 'fabrikam' ? { ...settings, ...wrong } : settings));
    const text = failed(await world.preview());
    tells(text, "pulumi:providers:mde resource 'fabrikam'", 'apiUrl', 'https', 'maxRunTime', 'no duration such as 50m');
    expect(text).not.to.include(tenants.fabrikam.settings.clientSecret);
    expect(world.writes()).to.equal(0);
  });

  it('each contains its own host in its own tenant', async () => {
    declare((settings) => settings);
    succeeded(await world.up());
    expect(isIsolated('contoso')).to.equal(true);
    expect(isIsolated('fabrikam')).to.equal(true);
    const outputs = await world.state();
    expect(outputs['contoso-pc']).to.include({ tenantId: world.simulator.credentials.tenantId, state: 'isolated' });
    expect(outputs['fabrikam-pc']).to.include({ tenantId: fabrikam, state: 'isolated' });
  });

  it('secrets that the program gives in clear are encrypted in state', async () => {
    const text = await world.exportState();
    for (const { settings } of Object.values(tenants)) expect(text).not.to.include(settings.clientSecret);
    const both = await providers();
    expect(both).to.have.length(2);
    for (const { inputs } of both) expect(inputs?.clientSecret).to.have.property('ciphertext');
  });

  it('a second up, and a refresh, are empty', async () => {
    succeeded(await world.up('--expect-no-changes'));
    succeeded(await world.refresh('--expect-no-changes'));
    expect(world.writes()).to.equal(2);
  });

  it('after a rotation the next run goes on with the new secret of the program, and sends nothing', async () => {
    const { clientId = '', clientSecret: before = '' } = tenants.contoso.settings;
    world.control.expireSecrets(clientId);
    const clientSecret = world.control.addSecret(clientId);
    declare((settings, name) => (name === 'contoso' ? { ...settings, clientSecret } : settings));
    const text = succeeded(await world.up());
    for (const secret of [before, clientSecret]) expect(text).not.to.include(secret);
    succeeded(await world.up('--expect-no-changes'));
    expect(world.writes()).to.equal(2);
  });

  it('destroy releases both', async () => {
    const text = succeeded(await world.destroy());
    tells(text, 'released: 1 (pc.contoso.com)', 'released: 1 (pc.fabrikam.com)');
    expect(isIsolated('contoso')).to.equal(false);
    expect(isIsolated('fabrikam')).to.equal(false);
    expect(await world.state()).to.deep.equal({});
  });
});
