import {
  type Cloud,
  type CloudName,
  clouds,
  cloudsOfApi,
  cloudsOfLogin,
  type GeoRegion,
  geoHosts,
  knownHosts,
} from './clouds.ts';
import { type DefenderSettings, given, type SettingProblem, settingError } from './settings.ts';

/** Where calls go and what signs them in. */
export interface Endpoint {
  readonly cloud: CloudName;
  /** Without a trailing slash and without `/api`. */
  readonly apiUrl: string;
  /** Without a trailing slash. */
  readonly authorityHost: string;
  /** Whether the login host is none of Microsoft's own: then nobody else is to be asked whether it is genuine. */
  readonly privateAuthority: boolean;
  readonly scope: string;
  readonly loopback: boolean;
}

type Resolved = { readonly endpoint: Endpoint } | { readonly problems: readonly SettingProblem[] };

/** The endpoint, or every reason why these settings name none. Reads only `AZURE_AUTHORITY_HOST` of `env`. */
export function resolveEndpoint(
  settings: DefenderSettings,
  env: Readonly<Record<string, string | undefined>>,
): Resolved {
  const problems: SettingProblem[] = [];
  const cloudName = given(settings.cloud);
  const region = given(settings.region);
  const apiUrlText = given(settings.apiUrl);

  const declared = cloudName === undefined ? undefined : clouds.find((row) => sameWord(row.name, cloudName));
  if (cloudName !== undefined && declared === undefined) {
    problems.push({
      property: 'cloud',
      reason: `"${shown(cloudName)}" is not a known cloud; use one of ${clouds.map((row) => row.name).join(', ')}`,
    });
  }

  const geo = region === undefined ? undefined : geoHosts[region.toLowerCase() as GeoRegion];
  if (region !== undefined && (geo === undefined || !Object.hasOwn(geoHosts, region.toLowerCase()))) {
    problems.push({
      property: 'region',
      reason: `"${shown(region)}" has no API host of its own; use one of ${Object.keys(geoHosts).join(', ')}, or leave it out`,
    });
  } else if (region !== undefined && declared !== undefined && declared.name !== 'Commercial') {
    problems.push({
      property: 'region',
      reason: `the cloud ${declared.name} has one API host for all regions; leave region out, or set cloud to Commercial`,
    });
  }

  const apiUrl = apiUrlText === undefined ? undefined : parseBaseUrl('apiUrl', apiUrlText, problems);
  if (apiUrl !== undefined && region !== undefined) {
    problems.push({
      property: 'apiUrl',
      reason: 'it contradicts region: both name the API host; leave one of them out',
    });
  }
  const known = apiUrl === undefined ? undefined : knownHosts.find((row) => row.host === apiUrl.hostname);
  const intended = declared?.name ?? known?.clouds[0] ?? 'Commercial';
  const isGuess = declared === undefined && cloudName === undefined && known === undefined;
  const butCloudIs = `but cloud is ${intended}${isGuess ? ' unless it is set' : ''}`;
  const served = apiUrl === undefined ? undefined : cloudsOfApi(apiUrl.hostname);
  if (apiUrl !== undefined && served !== undefined && !served.includes(intended)) {
    problems.push({
      property: 'apiUrl',
      reason: `${apiUrl.hostname} belongs to the cloud ${orList(served)}, ${butCloudIs}`,
    });
  }

  const fromSetting = given(settings.authorityHost);
  const fromEnvironment = given(env.AZURE_AUTHORITY_HOST);
  const authorityText = fromSetting ?? fromEnvironment;
  const authorityProperty = fromSetting === undefined ? 'AZURE_AUTHORITY_HOST' : 'authorityHost';
  const authority =
    authorityText === undefined ? undefined : parseAuthority(authorityProperty, authorityText, problems);
  // A secret that is sent to another cloud's login host is a secret told to strangers.
  const signsInTo = authority === undefined ? undefined : cloudsOfLogin(new URL(authority).hostname);
  if (signsInTo !== undefined && !signsInTo.includes(intended)) {
    const where =
      signsInTo.length === 0
        ? 'a cloud in which Defender for Endpoint has no API host that is known here'
        : `the cloud ${orList(signsInTo)}`;
    problems.push({
      property: authorityProperty,
      reason: `${authority} signs in to ${where}, ${butCloudIs}; leave it out, since cloud chooses the login host, or set cloud to the tenant's`,
    });
  }

  // A simulator's environment was pasted, and the one setting that names its API was not made.
  const simulated = authority !== undefined && fromSetting === undefined && isLoopback(new URL(authority).hostname);
  if (simulated && apiUrlText === undefined) {
    problems.push({
      property: 'apiUrl',
      reason: `it is missing: ${authorityProperty} signs in at a simulator (${authority}), whose tokens Microsoft's API does not take. Set it to the simulator's address`,
    });
  }

  if (problems.length > 0) return { problems };

  const cloud = declared ?? cloudNamed(intended);
  const authorityHost = authority ?? cloud.authorityHost;
  return {
    endpoint: {
      cloud: cloud.name,
      apiUrl: apiUrl === undefined ? `https://${geo ?? cloud.apiHost}` : withoutApi(apiUrl),
      authorityHost,
      privateAuthority: cloudsOfLogin(new URL(authorityHost).hostname) === undefined,
      scope: known?.scope ?? cloud.scope,
      loopback: apiUrl !== undefined && isLoopback(apiUrl.hostname),
    },
  };
}

/** As `resolveEndpoint`, but throws the first problem as a DefenderError. */
export function endpointOf(settings: DefenderSettings, env: Readonly<Record<string, string | undefined>>): Endpoint {
  const resolved = resolveEndpoint(settings, env);
  if ('endpoint' in resolved) return resolved.endpoint;
  const [first] = resolved.problems;
  throw settingError(first ?? { property: 'apiUrl', reason: 'it could not be resolved' });
}

/** Whether a URL's host can only be this very machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

function parseBaseUrl(property: string, text: string, problems: SettingProblem[]): URL | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    problems.push({
      property,
      reason: 'it is not a URL; write it with its scheme, such as https://api.security.microsoft.com',
    });
    return undefined;
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    problems.push({
      property,
      reason: `it must be https (plain http only on loopback), since it carries tokens; got ${url.protocol}//${url.host}`,
    });
    return undefined;
  }
  if (url.username !== '' || url.password !== '') {
    problems.push({ property, reason: 'it must not hold a user name or password' });
    return undefined;
  }
  if (url.search !== '' || url.hash !== '') {
    problems.push({ property, reason: 'it must be a plain base URL, without a query or fragment' });
    return undefined;
  }
  return url;
}

function parseAuthority(property: string, text: string, problems: SettingProblem[]): string | undefined {
  // Tools that share this variable write it with and without the scheme.
  const url = parseBaseUrl(property, text.includes('://') ? text : `https://${text}`, problems);
  if (url === undefined) return undefined;
  if (url.protocol !== 'https:') {
    problems.push({ property, reason: '@azure/identity signs in over https only, also on loopback; use an https URL' });
    return undefined;
  }
  if (url.pathname !== '/') {
    problems.push({
      property,
      reason: `it names only the login host, such as https://login.microsoftonline.com; leave "${shown(url.pathname)}" out (the tenant goes into tenantId)`,
    });
    return undefined;
  }
  return url.origin;
}

function cloudNamed(name: CloudName): Cloud {
  const found = clouds.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no such cloud: ${name}`);
  return found;
}

function orList(names: readonly string[]): string {
  const [last = '', ...others] = [...names].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} or ${last}`;
}

function withoutApi(url: URL): string {
  return url.origin + url.pathname.replace(/\/+$/, '').replace(/\/api$/i, '');
}

function sameWord(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** A value from configuration, cut and stripped of control characters before it is shown. */
function shown(text: string): string {
  return text.replace(/\p{Cc}/gu, '').slice(0, 60);
}
