/**
 * Microsoft's clouds, as data. Sources: Microsoft Learn, "Supported Microsoft Defender for Endpoint APIs" (commercial
 * hosts, geographic hosts) and "Microsoft Defender for Endpoint for US Government customers" (login and API hosts).
 */

export type CloudName = 'Commercial' | 'GCC' | 'GCCHigh' | 'DoD';
export type GeoRegion = 'us' | 'eu' | 'uk' | 'au' | 'swa' | 'ina';

export interface Cloud {
  readonly name: CloudName;
  readonly authorityHost: string;
  readonly apiHost: string;
  readonly scope: string;
}

/**
 * The audience trap: `/api/machines` on api.security.microsoft.com still wants a token for the *securitycenter*
 * resource; one for api.security.microsoft.com, which the XDR routes take, is answered with 403.
 */
const commercialScope = 'https://api.securitycenter.microsoft.com/.default';

export const clouds: readonly Cloud[] = [
  {
    name: 'Commercial',
    authorityHost: 'https://login.microsoftonline.com',
    apiHost: 'api.security.microsoft.com',
    scope: commercialScope,
  },
  {
    name: 'GCC',
    authorityHost: 'https://login.microsoftonline.com',
    apiHost: 'api-gcc.securitycenter.microsoft.us',
    scope: 'https://api-gcc.securitycenter.microsoft.us/.default',
  },
  {
    name: 'GCCHigh',
    authorityHost: 'https://login.microsoftonline.us',
    apiHost: 'api-gov.securitycenter.microsoft.us',
    scope: 'https://api-gov.securitycenter.microsoft.us/.default',
  },
  {
    name: 'DoD',
    authorityHost: 'https://login.microsoftonline.us',
    apiHost: 'api-gov.securitycenter.microsoft.us',
    scope: 'https://api-gov.securitycenter.microsoft.us/.default',
  },
];

interface LoginHost {
  readonly host: string;
  /** None: it signs in to a cloud in which the service has no API host. */
  readonly clouds: readonly CloudName[];
}

/**
 * Every name that Microsoft's login hosts go by. Source: the instance metadata that MSAL carries, whose aliases these
 * are. A login host that is not here is somebody's own.
 */
const loginHosts: readonly LoginHost[] = [
  ...['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'].map(
    (host): LoginHost => ({ host, clouds: ['Commercial', 'GCC'] }),
  ),
  ...['login.microsoftonline.us', 'login.usgovcloudapi.net'].map(
    (host): LoginHost => ({ host, clouds: ['GCCHigh', 'DoD'] }),
  ),
  ...[
    'login-us.microsoftonline.com',
    'login.partner.microsoftonline.cn',
    'login.chinacloudapi.cn',
    'login.microsoftonline.de',
  ].map((host): LoginHost => ({ host, clouds: [] })),
];

export const geoHosts: Readonly<Record<GeoRegion, string>> = {
  us: 'us.api.security.microsoft.com',
  eu: 'eu.api.security.microsoft.com',
  uk: 'uk.api.security.microsoft.com',
  au: 'au.api.security.microsoft.com',
  swa: 'swa.api.security.microsoft.com',
  ina: 'ina.api.security.microsoft.com',
};

/** A host of Microsoft's that `apiUrl` may name: which clouds it serves, and the scope it wants. */
export interface KnownHost {
  readonly host: string;
  readonly clouds: readonly CloudName[];
  readonly scope: string;
}

const commercialHosts = [
  'api.security.microsoft.com',
  'api.securitycenter.microsoft.com',
  'api-us.securitycenter.microsoft.com',
  'api-eu.securitycenter.microsoft.com',
  'api-uk.securitycenter.microsoft.com',
  ...Object.values(geoHosts),
];

export const knownHosts: readonly KnownHost[] = [
  ...commercialHosts.map((host): KnownHost => ({ host, clouds: ['Commercial'], scope: commercialScope })),
  // The oldest host takes tokens for its own name.
  {
    host: 'api.securitycenter.windows.com',
    clouds: ['Commercial'],
    scope: 'https://api.securitycenter.windows.com/.default',
  },
  {
    host: 'api-gcc.securitycenter.microsoft.us',
    clouds: ['GCC'],
    scope: 'https://api-gcc.securitycenter.microsoft.us/.default',
  },
  {
    host: 'api-gov.securitycenter.microsoft.us',
    clouds: ['GCCHigh', 'DoD'],
    scope: 'https://api-gov.securitycenter.microsoft.us/.default',
  },
];

/** Clouds by the end of an API host's name, for hosts that are younger than the table. */
const domains: readonly { readonly end: string; readonly clouds: readonly CloudName[] }[] = [
  { end: '.microsoft.com', clouds: ['Commercial'] },
  { end: '.windows.com', clouds: ['Commercial'] },
  { end: '.microsoft.us', clouds: ['GCC', 'GCCHigh', 'DoD'] },
];

/** The clouds that a login host signs in to; undefined where it is none of Microsoft's. */
export function cloudsOfLogin(host: string): readonly CloudName[] | undefined {
  const name = withoutDot(host);
  return loginHosts.find((row) => row.host === name)?.clouds;
}

/** The clouds that an API host serves; undefined where it is none of Microsoft's, such as a gateway. */
export function cloudsOfApi(host: string): readonly CloudName[] | undefined {
  const name = withoutDot(host);
  return knownHosts.find((row) => row.host === name)?.clouds ?? domains.find(({ end }) => name.endsWith(end))?.clouds;
}

/** A name may be written with the dot of the root at its end, and is the same host. */
function withoutDot(host: string): string {
  return host.replace(/\.$/, '');
}
