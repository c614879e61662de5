/** A host that the API answers to, and the audiences that it takes. */
export interface ApiHost {
  readonly pattern: RegExp;
  readonly audiences: readonly string[];
}

/** The application id of the Defender for Endpoint API (`WindowsDefenderATP`), which may stand as audience too. */
const defenderAppId = 'fc780465-2017-40d4-a0c5-307022471b92';

const commercial: readonly string[] = [
  'https://api.securitycenter.microsoft.com',
  'https://api.securitycenter.windows.com',
  'https://securitycenter.onmicrosoft.com/windowsatpservice',
  defenderAppId,
];

/**
 * Which audience a host takes. `api.security.microsoft.com` takes the *securitycenter* audience on the routes of
 * Defender for Endpoint; a token for its own name is for XDR calls, and gets 403 here.
 */
const apiHosts: readonly ApiHost[] = [
  { pattern: /^([a-z]+\.)?api\.security\.microsoft\.com$/, audiences: commercial },
  { pattern: /^api(-[a-z]+)?\.securitycenter\.microsoft\.com$/, audiences: commercial },
  { pattern: /^api(-[a-z]+)?\.securitycenter\.windows\.com$/, audiences: commercial },
  {
    pattern: /^api-gcc\.securitycenter\.microsoft\.us$/,
    audiences: ['https://api-gcc.securitycenter.microsoft.us', defenderAppId],
  },
  {
    pattern: /^api-gov\.securitycenter\.microsoft\.us$/,
    audiences: ['https://api-gov.securitycenter.microsoft.us', defenderAppId],
  },
  { pattern: /^(localhost|127\.0\.0\.1)$/, audiences: commercial },
];

/** The host that takes `name` (no port, lower case), or undefined: not one of the API's. */
export function apiHost(name: string): ApiHost | undefined {
  return apiHosts.find(({ pattern }) => pattern.test(name));
}

const anyCloud = [
  'https://api.security.microsoft.com',
  'https://graph.microsoft.com',
  'https://management.azure.com',
  'https://management.core.windows.net',
];

/** Hosts that sign in, and the resources that tenants behind each know. Those of other services are real, and of no use here: 403. */
const loginHosts: readonly { readonly pattern: RegExp; readonly resources: readonly string[] }[] = [
  {
    pattern: /^(login\.microsoftonline\.com|login\.windows\.net)$/,
    resources: [...commercial, 'https://api-gcc.securitycenter.microsoft.us', ...anyCloud],
  },
  {
    pattern: /^login\.microsoftonline\.us$/,
    resources: ['https://api-gov.securitycenter.microsoft.us', defenderAppId, ...anyCloud],
  },
  {
    pattern: /^(localhost|127\.0\.0\.1)$/,
    resources: [
      ...commercial,
      'https://api-gcc.securitycenter.microsoft.us',
      'https://api-gov.securitycenter.microsoft.us',
      ...anyCloud,
    ],
  },
];

/** Whether a host (no port, lower case) signs in; loopback does too. */
export function signsIn(host: string): boolean {
  return loginHosts.some(({ pattern }) => pattern.test(host));
}

/** The resource as it will stand in `aud`, or undefined where tenants behind this login host know none of that name. */
export function knownResource(name: string, host: string): string | undefined {
  const bare = name.replace(/\/+$/, '').toLowerCase();
  const resources = loginHosts.find(({ pattern }) => pattern.test(host))?.resources ?? [];
  return resources.find((resource) => resource.toLowerCase() === bare);
}

/** Names that the certificate is good for, so that a test can map them to loopback. */
export const certificateNames: readonly string[] = [
  'localhost',
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.windows.net',
  'api.security.microsoft.com',
  '*.api.security.microsoft.com',
  'api.securitycenter.microsoft.com',
  'api-us.securitycenter.microsoft.com',
  'api-eu.securitycenter.microsoft.com',
  'api-uk.securitycenter.microsoft.com',
  'api.securitycenter.windows.com',
  'api-gcc.securitycenter.microsoft.us',
  'api-gov.securitycenter.microsoft.us',
];

/** Whether a name is a login host's alone; on loopback the path tells sign-in and API apart. */
export function isLoginHost(name: string): boolean {
  return signsIn(name) && apiHost(name) === undefined;
}
