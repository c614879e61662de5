import { signsIn } from './clouds.ts';
import { type Entra, SignInError } from './entra.ts';
import type { Reply } from './reply.ts';

/** A call to the login host, its body read. */
export interface SignInRequest {
  readonly method: string;
  /** `Host` of the request, with its port. */
  readonly host: string;
  /** Path in pieces, decoded. */
  readonly segments: readonly string[];
  readonly body: string;
  readonly correlationId: string | undefined;
}

export interface SignInParts {
  readonly entra: Entra;
  newGuid(): string;
  /** Ms since 1970, for the time in an error. */
  now(): number;
}

/** Who asked for a token, for the statistics. */
export interface SignInAnswer {
  readonly reply: Reply;
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
}

/** What a path is called in faults and statistics. */
export function signInRoute(segments: readonly string[]): 'token' | 'discovery' {
  return segments.at(-1)?.toLowerCase() === 'token' ? 'token' : 'discovery';
}

/** Answers a call to the login host as Entra would. */
export function answerSignIn(request: SignInRequest, parts: SignInParts): SignInAnswer {
  const form = new URLSearchParams(request.body);
  const asker = { tenantId: request.segments[0], appId: form.get('client_id') ?? undefined };
  try {
    return { reply: serve(request, form, parts.entra), ...asker };
  } catch (error) {
    return { reply: errorBody(error, request, parts), ...asker };
  }
}

const notFound: Reply = {
  status: 404,
  headers: { 'Content-Type': 'text/html' },
  body: '<html><body>404 Not Found</body></html>',
};

function serve(request: SignInRequest, form: URLSearchParams, entra: Entra): Reply {
  const { method, host } = request;
  const origin = `https://${host}`;
  if (!signsIn(host.replace(/:\d+$/, '').toLowerCase())) return notFound;
  const [tenant = '', ...rest] = request.segments;
  const path = `${method} ${rest.join('/').toLowerCase()}`;
  switch (path) {
    case 'POST oauth2/token': {
      const { accessToken, expiresIn, resource, notBefore } = entra.token({ tenant, version: 1, form, origin });
      // The older endpoint writes its numbers as text.
      return reply(200, {
        token_type: 'Bearer',
        expires_in: String(expiresIn),
        ext_expires_in: String(expiresIn),
        expires_on: String(notBefore + expiresIn),
        not_before: String(notBefore),
        resource,
        access_token: accessToken,
      });
    }
    case 'POST oauth2/v2.0/token': {
      const { accessToken, expiresIn } = entra.token({ tenant, version: 2, form, origin });
      return reply(200, {
        token_type: 'Bearer',
        expires_in: expiresIn,
        ext_expires_in: expiresIn,
        access_token: accessToken,
      });
    }
    case 'GET .well-known/openid-configuration':
      return reply(200, discovery(origin, entra.tenantId(tenant), ''));
    case 'GET v2.0/.well-known/openid-configuration':
      return reply(200, discovery(origin, entra.tenantId(tenant), 'v2.0/'));
    case 'GET discovery/keys':
    case 'GET discovery/v2.0/keys':
      return reply(200, entra.keys());
    case 'GET discovery/instance':
      return reply(200, instances(origin, host));
    default:
      return notFound;
  }
}

function discovery(origin: string, tenantId: string, version: '' | 'v2.0/'): object {
  const tenantUrl = `${origin}/${tenantId}`;
  return {
    token_endpoint: `${tenantUrl}/oauth2/${version}token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${tenantUrl}/discovery/${version}keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${tenantUrl}/${version}`.replace(/\/$/, ''),
    authorization_endpoint: `${tenantUrl}/oauth2/${version}authorize`,
    end_session_endpoint: `${tenantUrl}/oauth2/${version}logout`,
    tenant_region_scope: 'EU',
  };
}

function instances(origin: string, host: string): object {
  return {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

function errorBody(error: unknown, request: SignInRequest, parts: SignInParts): Reply {
  if (!(error instanceof SignInError)) {
    return { status: 500, headers: { 'Content-Type': 'text/html' }, body: '<html><body>500</body></html>' };
  }
  const traceId = parts.newGuid();
  const correlationId = request.correlationId ?? parts.newGuid();
  const timestamp = new Date(parts.now()).toISOString().replace(/T(.*)\.\d+Z/, ' $1Z');
  return reply(error.status, {
    error: error.error,
    error_description: `${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [error.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://${request.host}/error?code=${error.code}`,
  });
}

function reply(status: number, body: object): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store, no-cache' },
    body: JSON.stringify(body),
  };
}
