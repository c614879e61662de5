import { expect } from 'chai';
import { endpointOf, resolveEndpoint } from '../../provider/defender/endpoint.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';

const microsoftOnline = 'https://login.microsoftonline.com';
const microsoftOnlineUs = 'https://login.microsoftonline.us';
const center = 'https://api.securitycenter.microsoft.com/.default';

describe('the endpoint', () => {
  const rows: [string, DefenderSettings, string, string, string, string][] = [
    ['is commercial by default', {}, 'Commercial', 'https://api.security.microsoft.com', microsoftOnline, center],
    [
      'Commercial',
      { cloud: 'Commercial' },
      'Commercial',
      'https://api.security.microsoft.com',
      microsoftOnline,
      center,
    ],
    [
      'GCC',
      { cloud: 'GCC' },
      'GCC',
      'https://api-gcc.securitycenter.microsoft.us',
      microsoftOnline,
      'https://api-gcc.securitycenter.microsoft.us/.default',
    ],
    [
      'GCC High',
      { cloud: 'GCCHigh' },
      'GCCHigh',
      'https://api-gov.securitycenter.microsoft.us',
      microsoftOnlineUs,
      'https://api-gov.securitycenter.microsoft.us/.default',
    ],
    [
      'DoD',
      { cloud: 'DoD' },
      'DoD',
      'https://api-gov.securitycenter.microsoft.us',
      microsoftOnlineUs,
      'https://api-gov.securitycenter.microsoft.us/.default',
    ],
    [
      'minds no case in the cloud',
      { cloud: 'gcchigh' },
      'GCCHigh',
      'https://api-gov.securitycenter.microsoft.us',
      microsoftOnlineUs,
      'https://api-gov.securitycenter.microsoft.us/.default',
    ],
    ...(['us', 'eu', 'uk', 'au', 'swa', 'ina'] as const).map(
      (region): [string, DefenderSettings, string, string, string, string] => [
        `region ${region}`,
        { region },
        'Commercial',
        `https://${region}.api.security.microsoft.com`,
        microsoftOnline,
        center,
      ],
    ),
    [
      'the 2021 host wants the same audience',
      { apiUrl: 'https://api.securitycenter.microsoft.com' },
      'Commercial',
      'https://api.securitycenter.microsoft.com',
      microsoftOnline,
      center,
    ],
    [
      'the 2019 host wants its own',
      { apiUrl: 'https://api.securitycenter.windows.com/api/' },
      'Commercial',
      'https://api.securitycenter.windows.com',
      microsoftOnline,
      'https://api.securitycenter.windows.com/.default',
    ],
    [
      'a known host tells its cloud',
      { apiUrl: 'https://api-gcc.securitycenter.microsoft.us' },
      'GCC',
      'https://api-gcc.securitycenter.microsoft.us',
      microsoftOnline,
      'https://api-gcc.securitycenter.microsoft.us/.default',
    ],
    [
      'DoD shares its host with GCC High',
      { cloud: 'DoD', apiUrl: 'https://api-gov.securitycenter.microsoft.us' },
      'DoD',
      'https://api-gov.securitycenter.microsoft.us',
      microsoftOnlineUs,
      'https://api-gov.securitycenter.microsoft.us/.default',
    ],
    [
      "another host keeps the cloud's audience",
      { cloud: 'GCC', apiUrl: 'https://gateway.example/mde/api' },
      'GCC',
      'https://gateway.example/mde',
      microsoftOnline,
      'https://api-gcc.securitycenter.microsoft.us/.default',
    ],
    [
      'http on loopback',
      { apiUrl: 'http://127.0.0.1:8080' },
      'Commercial',
      'http://127.0.0.1:8080',
      microsoftOnline,
      center,
    ],
    [
      'http on loopback, IPv6',
      { apiUrl: 'http://[::1]:8080/' },
      'Commercial',
      'http://[::1]:8080',
      microsoftOnline,
      center,
    ],
    [
      'a commercial host that is younger than the table',
      { apiUrl: 'https://mars.api.security.microsoft.com' },
      'Commercial',
      'https://mars.api.security.microsoft.com',
      microsoftOnline,
      center,
    ],
    [
      'blank settings are absent ones',
      { cloud: ' ', region: '', apiUrl: '' },
      'Commercial',
      'https://api.security.microsoft.com',
      microsoftOnline,
      center,
    ],
  ];
  for (const [name, settings, cloud, apiUrl, authorityHost, scope] of rows) {
    it(name, () => {
      const endpoint = endpointOf(settings, {});
      expect(endpoint).to.include({ cloud, apiUrl, authorityHost, scope, privateAuthority: false });
    });
  }

  it('never asks for the audience of api.security.microsoft.com, which the machine routes refuse', () => {
    for (const settings of [{}, { region: 'eu' }, { apiUrl: 'https://api.security.microsoft.com' }]) {
      expect(endpointOf(settings, {}).scope).to.equal(center);
    }
  });

  it('takes the login host from the setting, then from AZURE_AUTHORITY_HOST, with or without scheme', () => {
    expect(endpointOf({ cloud: 'DoD' }, { AZURE_AUTHORITY_HOST: 'login.microsoftonline.us/' })).to.include({
      authorityHost: microsoftOnlineUs,
      privateAuthority: false,
    });
    expect(
      endpointOf({ authorityHost: 'https://login.example/' }, { AZURE_AUTHORITY_HOST: microsoftOnlineUs }),
    ).to.include({
      authorityHost: 'https://login.example',
      privateAuthority: true,
    });
  });

  const refused: [string, DefenderSettings, Record<string, string>, string, RegExp][] = [
    [
      'an unknown cloud',
      { cloud: 'China' },
      {},
      'cloud',
      /"China" is not a known cloud; use one of Commercial, GCC, GCCHigh, DoD/,
    ],
    ['an unknown region', { region: 'mars' }, {}, 'region', /"mars".*us, eu, uk, au, swa, ina/],
    ['a region that is a word of JavaScript', { region: 'constructor' }, {}, 'region', /no API host/],
    ['a region in a government cloud', { cloud: 'GCCHigh', region: 'us' }, {}, 'region', /GCCHigh has one API host/],
    [
      'a region beside an apiUrl',
      { region: 'eu', apiUrl: 'https://gateway.example' },
      {},
      'apiUrl',
      /contradicts region/,
    ],
    [
      'a host of another cloud',
      { cloud: 'Commercial', apiUrl: 'https://api-gov.securitycenter.microsoft.us' },
      {},
      'apiUrl',
      /belongs to the cloud GCCHigh or DoD, but cloud is Commercial/,
    ],
    ['plain http', { apiUrl: 'http://gateway.example' }, {}, 'apiUrl', /must be https/],
    [
      'http to a name that only looks like loopback',
      { apiUrl: 'http://127.0.0.1.example' },
      {},
      'apiUrl',
      /must be https/,
    ],
    ['another scheme', { apiUrl: 'ftp://127.0.0.1' }, {}, 'apiUrl', /must be https/],
    ['no URL', { apiUrl: 'api.security.microsoft.com' }, {}, 'apiUrl', /not a URL/],
    ['credentials in the URL', { apiUrl: 'https://user:word@gateway.example' }, {}, 'apiUrl', /user name or password/],
    ['a query', { apiUrl: 'https://gateway.example/?a=b' }, {}, 'apiUrl', /without a query/],
    ['a plain http login host', { authorityHost: 'http://login.example' }, {}, 'authorityHost', /must be https/],
    [
      'a plain http login host on loopback, which @azure/identity refuses',
      { authorityHost: 'http://127.0.0.1:1' },
      {},
      'authorityHost',
      /https only, also on loopback/,
    ],
    [
      'a tenant in the login host',
      { authorityHost: 'https://login.microsoftonline.com/contoso' },
      {},
      'authorityHost',
      /the tenant goes into tenantId/,
    ],
    [
      "a login host of another cloud's",
      { cloud: 'Commercial' },
      { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us' },
      'AZURE_AUTHORITY_HOST',
      /signs in to the cloud GCCHigh or DoD, but cloud is Commercial; leave it out/,
    ],
    ...['login.microsoftonline.com', 'login.windows.net', 'sts.windows.net', 'login.microsoftonline.com.'].map(
      (host): [string, DefenderSettings, Record<string, string>, string, RegExp] => [
        `to send a secret of the US government's cloud to ${host}`,
        { cloud: 'GCCHigh', authorityHost: `https://${host}` },
        {},
        'authorityHost',
        /signs in to the cloud Commercial or GCC, but cloud is GCCHigh; leave it out, since cloud chooses the login host/,
      ],
    ),
    [
      "a login host of a cloud that the service's table does not hold",
      { authorityHost: 'https://login.partner.microsoftonline.cn' },
      {},
      'authorityHost',
      /signs in to a cloud in which Defender for Endpoint has no API host .* but cloud is Commercial unless it is set/,
    ],
    [
      "a government host that the table does not hold, with a commercial tenant's token",
      { apiUrl: 'https://api-gov.security.microsoft.us' },
      {},
      'apiUrl',
      /belongs to the cloud GCC, GCCHigh or DoD, but cloud is Commercial unless it is set/,
    ],
    [
      'a commercial host that the table does not hold in a government cloud',
      { cloud: 'DoD', apiUrl: 'https://mars.api.security.microsoft.com' },
      {},
      'apiUrl',
      /belongs to the cloud Commercial, but cloud is DoD/,
    ],
    [
      'to guess between two clouds from their login host',
      { authorityHost: 'https://login.microsoftonline.us' },
      {},
      'authorityHost',
      /GCCHigh or DoD, but cloud is Commercial unless it is set/,
    ],
    [
      'a bad login host of the environment, by its own name',
      {},
      { AZURE_AUTHORITY_HOST: 'http://login.example' },
      'AZURE_AUTHORITY_HOST',
      /must be https/,
    ],
    [
      "a simulator's login host without the simulator's API",
      {},
      { AZURE_AUTHORITY_HOST: 'https://localhost:8443' },
      'apiUrl',
      /AZURE_AUTHORITY_HOST signs in at a simulator/,
    ],
  ];
  for (const [name, settings, env, property, reason] of refused) {
    it(`refuses ${name}`, () => {
      try {
        endpointOf(settings, env);
        expect.fail('it was taken');
      } catch (error) {
        if (!isDefenderError(error)) throw error;
        expect(error).to.include({ kind: 'invalid-configuration', property });
        expect(error.message)
          .to.match(reason)
          .and.to.match(new RegExp(`^${property}: `));
        expect(error.message).not.to.contain('word@');
      }
    });
  }

  it('reports every problem at once', () => {
    const resolved = resolveEndpoint({ cloud: 'Nowhere', region: 'mars', apiUrl: 'http://gateway.example' }, {});
    expect('problems' in resolved && resolved.problems.map((problem) => problem.property)).to.include.members([
      'cloud',
      'region',
      'apiUrl',
    ]);
  });
});
