import type { ApiParts, ApiRequest, ListDistortion } from './call.ts';
import type { VirtualClock } from './clock.ts';
import { type ApiHost, apiHost } from './clouds.ts';
import type { Bearer, Entra } from './entra.ts';
import { ApiError } from './errors.ts';
import { checkPermissions } from './permissions.ts';
import { errorReply, type Reply, replyToError } from './reply.ts';
import { type ApiRoute, matchRoute } from './routes.ts';

/** Who called, for the statistics; undefined where the token was no good. */
export interface ApiAnswer {
  readonly reply: Reply;
  readonly bearer: Bearer | undefined;
}

/** Answers a call as the service would. */
export function answer(request: ApiRequest, parts: ApiParts, distortion: ListDistortion): ApiAnswer {
  const target = parts.newGuid();
  const host = apiHost(hostName(request.host));
  if (host === undefined) return { reply: errorReply(404, 'NotFound', 'No such host', target), bearer: undefined };
  const bearer = authenticate(request, parts.entra);
  if (bearer === undefined) {
    const reply = errorReply(401, 'Unauthorized', 'Invalid or expired authorization header', target, {
      'WWW-Authenticate': 'Bearer error="invalid_token"',
    });
    return { reply, bearer };
  }
  try {
    return { reply: serve(request, parts, distortion, host, bearer, target), bearer };
  } catch (error) {
    return { reply: replyToError(error, target, parts.settings), bearer };
  }
}

function serve(
  request: ApiRequest,
  parts: ApiParts,
  distortion: ListDistortion,
  host: ApiHost,
  bearer: Bearer,
  target: string,
): Reply {
  if (!host.audiences.includes(bearer.audience)) {
    throw new ApiError(403, 'Forbidden', 'The token was issued for another audience');
  }
  const match = matchRoute(request.method, request.segments);
  if (match === undefined)
    throw new ApiError(404, 'NotFound', `No resource was found for ${request.segments.join('/')}`);
  const { route: matched, id } = match;
  const throttled = refusedByThrottle(parts, bearer, matched, target);
  if (throttled !== undefined) return throttled;
  checkPermissions(matched, bearer);
  const estate = parts.estate(bearer.tenantId);
  return matched.handle({ ...request, parts, estate, bearer, distortion, id, route: matched.name });
}

function authenticate({ authorization }: ApiRequest, entra: Entra): Bearer | undefined {
  const match = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '');
  return match?.[1] === undefined ? undefined : entra.bearer(match[1]);
}

function refusedByThrottle(parts: ApiParts, bearer: Bearer, matched: ApiRoute, target: string): Reply | undefined {
  const { settings } = parts;
  const key = `${matched.name} ${bearer.appId} ${bearer.tenantId}`;
  const admission = parts.throttle.admit(key, parts.clock.now(), settings, matched.share);
  if (admission.kind === 'admitted') return undefined;
  const message = `API calls quota exceeded! maximum allowed ${admission.maximum} per ${admission.window}`;
  const seconds = { exact: String(admission.waitSeconds), short: '1', absent: undefined }[settings.retryAfter];
  return errorReply(
    429,
    settings.throttleCode,
    message,
    target,
    seconds === undefined ? {} : { 'Retry-After': seconds },
  );
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/** The moment that a `Date` header tells. */
export function httpDate(clock: VirtualClock): string {
  return new Date(clock.now()).toUTCString();
}
