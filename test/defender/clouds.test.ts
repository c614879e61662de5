import tls from 'node:tls';
import { expect } from 'chai';
import { createDefender } from '../../provider/defender/client.ts';
import { endpointOf } from '../../provider/defender/endpoint.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';
import { certificateNames } from '../../simulator/clouds.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { createHurriedTime } from './fake-time.ts';
import { startTunnel, type Tunnel, useProxy } from './tunnel.ts';

const commercialLogin = 'login.microsoftonline.com';
const governmentLogin = 'login.microsoftonline.us';
const center = 'https://api.securitycenter.microsoft.com';
const regions = ['us', 'eu', 'uk', 'au', 'swa', 'ina'] as const;

/** Settings, the login host and API host that they lead to, and the resource of the token. */
const rows: readonly (readonly [DefenderSettings, string, string, string])[] = [
  [{}, commercialLogin, 'api.security.microsoft.com', center],
  [{ cloud: 'Commercial' }, commercialLogin, 'api.security.microsoft.com', center],
  ...regions.map((region) => [{ region }, commercialLogin, `${region}.api.security.microsoft.com`, center] as const),
  [
    { cloud: 'GCC' },
    commercialLogin,
    'api-gcc.securitycenter.microsoft.us',
    'https://api-gcc.securitycenter.microsoft.us',
  ],
  ...(['GCCHigh', 'DoD'] as const).map(
    (cloud) =>
      [
        { cloud },
        governmentLogin,
        'api-gov.securitycenter.microsoft.us',
        'https://api-gov.securitycenter.microsoft.us',
      ] as const,
  ),
  // Hosts of earlier years, and of single regions, by their address.
  ...['', '-us', '-eu', '-uk'].map(
    (part) =>
      [
        { apiUrl: `https://api${part}.securitycenter.microsoft.com/api` },
        commercialLogin,
        `api${part}.securitycenter.microsoft.com`,
        center,
      ] as const,
  ),
  [
    { apiUrl: 'https://api.securitycenter.windows.com' },
    commercialLogin,
    'api.securitycenter.windows.com',
    'https://api.securitycenter.windows.com',
  ],
];

/** The real client, credential, TLS and host names; a proxy leads the names to the simulator, which judges. */
describe('every cloud and geographic host', function () {
  this.timeout(30_000);
  let simulator: Simulator;
  let tunnel: Tunnel;
  let trusted: string[];
  let unproxy: () => void;

  before(async () => {
    trusted = tls.getCACertificates('default');
    simulator = await startSimulator({ machines: 2 });
    tls.setDefaultCACertificates([...trusted, simulator.caPem]);
    const names = certificateNames
      .filter((name) => name !== 'localhost')
      .flatMap((name) =>
        name.startsWith('*') ? [...regions, 'no-1'].map((region) => name.replace('*', region)) : [name],
      );
    tunnel = await startTunnel(names, Number(new URL(simulator.apiUrl).port));
    unproxy = useProxy(tunnel.url);
  });
  after(async () => {
    unproxy();
    await tunnel.close();
    await simulator.stop();
    tls.setDefaultCACertificates(trusted);
  });

  // Waits between tries are skipped, deadlines are not.
  const open = (settings: DefenderSettings) =>
    createDefender(
      { ...simulator.credentials, ...settings },
      { ...systemPorts(), env: {}, timer: createHurriedTime().timer },
    );

  for (const [settings, login, api, resource] of rows) {
    const [[name, value] = ['default', '']] = Object.entries(settings);
    it(`${name} ${value}: signs in at ${login} for ${resource}, and reads at ${api}`, async () => {
      expect(endpointOf(settings, {}).scope).to.equal(`${resource}/.default`);
      tunnel.asked.length = 0;
      simulator.control.resetStatistics();
      const defender = open(settings);
      try {
        const machines = await defender.listMachines(100);
        expect(machines?.items).to.have.length(2);
      } finally {
        defender.close();
      }
      expect([...new Set(tunnel.asked)]).to.deep.equal([`${login}:443`, `${api}:443`]);
      const served = simulator.control
        .requests()
        .map(({ method, url, status }) => `${method} ${url.replace(/\?.*/, '')} ${status}`);
      expect(served).to.include(`POST /${simulator.credentials.tenantId}/oauth2/v2.0/token 200`);
      expect(served).to.include('GET /api/machines 200');
    });
  }

  const failure = async (settings: DefenderSettings) => {
    const defender = open(settings);
    try {
      const error = await defender.listMachineActions({ types: [] }).catch((reason: unknown) => reason);
      if (!isDefenderError(error)) throw new Error(`it did not fail as it should: ${String(error)}`);
      return error;
    } finally {
      defender.close();
    }
  };

  it("refuses another cloud's audience, and says which settings to look at", async () => {
    const error = await failure({ cloud: 'GCC', apiUrl: simulator.apiUrl });
    expect(error).to.include({ kind: 'forbidden', status: 403 });
    expect(error.next).to.match(/cloud and apiUrl/);
  });

  it('refuses a host that is none of the service', async () => {
    const error = await failure({ apiUrl: 'https://no-1.api.security.microsoft.com' });
    expect(error).to.include({ kind: 'not-found', status: 404 });
  });

  it('names a host that cannot be reached', async () => {
    const error = await failure({ apiUrl: 'https://mars.api.security.microsoft.com' });
    expect(error.kind).to.equal('not-sent');
    expect(error.message).to.contain('mars.api.security.microsoft.com');
  });

  it('asks nobody anything where cloud and login host contradict each other', () => {
    tunnel.asked.length = 0;
    expect(() => open({ cloud: 'GCCHigh', authorityHost: 'https://login.windows.net' })).to.throw(
      'authorityHost: https://login.windows.net signs in to the cloud Commercial or GCC, but cloud is GCCHigh',
    );
    expect(tunnel.asked).to.deep.equal([]);
  });
});
