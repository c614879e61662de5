import { expect } from 'chai';
import { failed, succeeded, tells } from '../outcome.ts';
import { type Fleet, inline, makeFleet } from '../quarantine/fleet.ts';
import type { Declared } from '../world.ts';

describe('semantics 6.3: a resource that is given another provider, on the real engine', () => {
  let fleet: Fleet;
  let providers: Readonly<Record<string, Declared>>;
  let hosts: readonly string[];
  const fabrikam = 'fab00000-0000-4000-8000-000000000001';

  before(async () => {
    fleet = await makeFleet();
    hosts = fleet.addHosts(3);
    const { control, simulator } = fleet;
    control.addTenant(fabrikam, 'fabrikam.onmicrosoft.com');
    // A host of the same name is there, too.
    control.addMachine({ computerDnsName: hosts[0] ?? '' }, { tenantId: fabrikam });
    const app = control.addApp({ tenantId: fabrikam });
    const { apiUrl, authorityHost, credentials } = simulator;
    const provider = (settings: Record<string, string>): Declared => ({
      type: 'pulumi:providers:mde',
      properties: { apiUrl, authorityHost, ...settings },
    });
    providers = {
      contoso: provider({ ...credentials }),
      fabrikam: provider({ tenantId: fabrikam, clientId: app.clientId, clientSecret: app.clientSecret }),
    };
    declare();
    succeeded(await fleet.up());
    expect(fleet.isolates()).to.have.length(3);
  });
  after(() => fleet.end());

  /** A single host and a set, both with this provider; without one it is the stack's own. */
  function declare(provider?: 'contoso' | 'fabrikam'): void {
    const options = provider === undefined ? {} : { provider: `\${${provider}}` };
    fleet.declare({
      ...providers,
      single: { properties: { deviceName: hosts[0], comment: 'INC-1' }, options },
      set: { ...inline(hosts.slice(1)), options },
    });
  }
  const nothingChanged = (sent: number) => {
    expect(fleet.writes()).to.equal(sent);
    expect(hosts.map((host) => fleet.isIsolated(host))).to.deep.equal([true, true, true]);
  };

  it('one of another tenant is refused, in preview and run: nothing is sent in either tenant', async () => {
    const sent = fleet.writes();
    declare('fabrikam');
    tells(failed(await fleet.preview()), fabrikam, 'tenant');
    tells(failed(await fleet.up('--continue-on-error')), fabrikam, 'tenant');
    nothingChanged(sent);
    const contoso = fleet.simulator.credentials.tenantId;
    expect((await fleet.state()).single).to.include({ tenantId: contoso, state: 'isolated' });
    expect(fleet.control.machine(hosts[0] ?? '', { tenantId: fabrikam }).isolation.isolated).to.equal(false);
  });

  it('one of the same tenant takes over without a request, and the run after it is empty', async () => {
    const sent = fleet.writes();
    declare('contoso');
    succeeded(await fleet.up());
    succeeded(await fleet.up('--expect-no-changes'));
    nothingChanged(sent);
  });
});
