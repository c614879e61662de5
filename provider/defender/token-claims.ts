import type { TokenIdentity } from './api.ts';
import { asObject, asText, cleanText, type JsonObject } from './json-body.ts';

export interface TokenClaims {
  readonly identity: TokenIdentity;
  /** `aud`: the resource that the token is for. */
  readonly audience: string | undefined;
}

/**
 * What an access token says of itself. It is only read, not checked: the service does that. A token that is no JWT
 * says nothing, and every claim is undefined.
 */
export function readClaims(token: string): TokenClaims {
  const payload = payloadOf(token) ?? {};
  const roles = words(payload.roles);
  const scopes = words(payload.scp);
  return {
    identity: {
      tenantId: claim(payload.tid)?.toLowerCase(),
      appId: claim(payload.appid) ?? claim(payload.azp),
      appDisplayName: claim(payload.app_displayname),
      objectId: claim(payload.oid),
      userPrincipalName: claim(payload.upn) ?? claim(payload.preferred_username) ?? claim(payload.unique_name),
      roles: scopes.length > 0 ? scopes : roles,
      delegated: scopes.length > 0,
    },
    audience: claim(payload.aud),
  };
}

function payloadOf(token: string): JsonObject | undefined {
  const part = token.split('.')[1];
  if (part === undefined) return undefined;
  try {
    return asObject(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

function claim(value: unknown): string | undefined {
  const text = cleanText(asText(value) ?? '', 256);
  return text === '' ? undefined : text;
}

/** `roles` is a list, `scp` a text with spaces. */
function words(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string') : [];
}
