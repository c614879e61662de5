import { DefenderError, type DefenderErrorKind } from './errors.ts';
import { type ErrorEnvelope, errorEnvelope, parseObject } from './json-body.ts';
import { missingGroups, nameFor, scopeOf } from './permissions.ts';
import type { Route } from './routes.ts';
import type { TokenClaims } from './token-claims.ts';

/** What the error codes that this product can do something about mean to a person. */
const nextByCode: ReadonlyMap<string, string> = new Map(
  Object.entries({
    OsPlatformNotSupported:
      'The operating system of this device cannot do this; isolate it by other means, or take it out of the declaration.',
    ClientVersionNotSupported: 'Update the Defender sensor on this device, or contain it by other means.',
    DisabledFeature: 'Turn the feature on in the Microsoft Defender portal (Settings, Endpoints, Advanced features).',
    DisallowedOperation:
      'The tenant does not allow this operation on this device; ask whoever administers Microsoft Defender.',
    ActiveRequestAlreadyExists: 'Look at the actions of the device: one of the same kind is under way.',
    ResourceNotFound: 'Check the id in the Microsoft Defender portal; devices past the retention time are not found.',
    InvalidRequestBody: 'The service did not understand the request; report this with the correlation id.',
    MissingRequiredParameter: 'The service did not understand the request; report this with the correlation id.',
  }),
);

export interface ErrorContext {
  readonly route: Route;
  /** The host that answered. */
  readonly host: string;
  /** What the request was signed with: to be taken out of whatever quotes it. */
  readonly token?: string | undefined;
  /** Who asked, where the token can be read. */
  readonly claims?: TokenClaims | undefined;
  /** The resource that the token was asked for. */
  readonly scope: string;
}

/** The error that an answer with this status (not 2xx) is; any body will do. */
export function responseError(status: number, bodyText: string, context: ErrorContext): DefenderError {
  const envelope = errorEnvelope(parseObject(bodyText), context.token);
  const kind = kindOf(status, envelope, context.route);
  const code = envelope === undefined || envelope.code === '' ? '' : ` ${envelope.code}`;
  const text = envelope === undefined ? noEnvelope(status, context.host) : envelope.message;
  const message = `${context.route.key}: HTTP ${status}${code}${text === '' ? '' : `: ${text}`}`;
  return new DefenderError(message, {
    kind,
    status,
    code: envelope?.code,
    target: envelope?.target,
    route: context.route.key,
    next: nextStep(kind, status, envelope, context),
  });
}

/**
 * The error of a write for which the token holds no role, which is not even sent; undefined where it holds what is needed,
 * or does not tell what it holds.
 */
export function notPermitted(context: ErrorContext): DefenderError | undefined {
  const { route, claims } = context;
  if (claims === undefined) return undefined;
  const { identity } = claims;
  const missing = missingGroups(route.roles, identity);
  if (missing.length === 0) return undefined;
  const names = missing.map((group) => nameFor(identity, group[0] ?? ''));
  const what = `${identity.delegated ? 'scope' : 'role'}${names.length > 1 ? 's' : ''}`;
  return new DefenderError(`${route.key}: not sent: this sign-in lacks the ${what} ${listed(names)}`, {
    kind: 'forbidden',
    route: route.key,
    next: forbiddenNext(context),
  });
}

function kindOf(status: number, envelope: ErrorEnvelope | undefined, route: Route): DefenderErrorKind {
  if (status >= 300 && status < 400) return 'untrusted';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  // A 404 that the API itself did not write says nothing about a device: a wrong base URL or a gateway looks like that.
  if (status === 404) return envelope === undefined ? 'rejected' : 'not-found';
  if (status === 429) return 'throttled';
  if (status === 400 && envelope?.code === 'ActiveRequestAlreadyExists') return 'active-request';
  if (status >= 500) return 'server';
  // A gateway gave up waiting for a request that it may have passed on.
  if (status === 408 && route.method !== 'GET') return 'lost';
  return status >= 400 ? 'rejected' : 'lost';
}

function noEnvelope(status: number, host: string): string {
  return status >= 300 && status < 400
    ? `${host} answered with a redirect, which is not followed`
    : `${host} answered without the API's error body`;
}

function nextStep(
  kind: DefenderErrorKind,
  status: number,
  envelope: ErrorEnvelope | undefined,
  context: ErrorContext,
): string | undefined {
  if (kind === 'forbidden') {
    const known = envelope?.code === 'Forbidden' ? undefined : nextByCode.get(envelope?.code ?? '');
    return known ?? forbiddenNext(context);
  }
  switch (kind) {
    case 'unauthorized':
      return 'The service refuses the token also when it is fresh: check that cloud, apiUrl and tenantId belong together.';
    case 'untrusted':
      return `Set apiUrl to the API's own address; ${context.host} redirects.`;
    case 'throttled':
      return 'Other tools share this budget: give this stack its own app registration, or lower rateLimits.share.';
    case 'server':
      return `Try again later${quoting(envelope)}.`;
    case 'lost':
      return lookBeforeRepeating(context.route);
    default:
      if (envelope === undefined)
        return `Check apiUrl: HTTP ${status} came from something other than the Defender API.`;
      return nextByCode.get(envelope.code) ?? `The same request would be refused again${quoting(envelope)}.`;
  }
}

function isAboutIndicators(route: Route): boolean {
  return route.key.includes('indicators');
}

/** What a person does about a write whose answer is not known. */
export function lookBeforeRepeating(route: Route): string {
  return isAboutIndicators(route)
    ? 'Look at the indicators of the tenant before sending it again.'
    : 'Look at the actions of the device before sending it again.';
}

function quoting(envelope: ErrorEnvelope | undefined): string {
  return envelope?.target === undefined ? '' : `; if it stays, quote ${envelope.target} to Microsoft's support`;
}

function forbiddenNext({ route, claims, scope }: ErrorContext): string {
  const wanted = listed(route.roles.map((group) => group[0] ?? ''));
  const resource = scope.replace(/\/\.default$/, '');
  if (claims?.audience !== undefined && !sameResource(claims.audience, resource)) {
    return `The token is for ${claims.audience}, but this host wants one for ${resource}: check cloud and apiUrl.`;
  }
  if (claims?.identity.delegated) {
    const scopes = `and the delegated scopes ${listed(route.roles.map((group) => scopeOf(group[0] ?? '')))}`;
    if (isAboutIndicators(route))
      return `The signed-in user needs the Defender permission "Manage security settings", ${scopes}.`;
    const permission = route.method === 'POST' ? 'Active remediation actions' : 'View Data';
    return `The signed-in user needs the Defender permission "${permission}" for the device's group, ${scopes}.`;
  }
  const missing = route.roles.filter((group) => !group.some((role) => claims?.identity.roles.includes(role)));
  if (claims !== undefined && missing.length > 0) {
    const names = listed(missing.map((group) => group[0] ?? ''));
    return `Grant the app registration the application permission ${names} of WindowsDefenderATP, with admin consent; then sign in anew.`;
  }
  if (claims !== undefined) {
    return `The token holds what this call needs (${wanted}): check that it was not taken away since the token was given out, that the tenant is licensed, and that cloud and apiUrl are its own.`;
  }
  return `Grant the app registration the application permissions ${wanted} of WindowsDefenderATP, with admin consent.`;
}

/** Tokens name their audience with or without a trailing slash, or by the resource's GUID, which tells nothing. */
function sameResource(audience: string, resource: string): boolean {
  return !audience.includes('://') || audience.replace(/\/$/, '').toLowerCase() === resource.toLowerCase();
}

function listed(names: readonly string[]): string {
  return names.join(' and ');
}
