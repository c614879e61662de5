import { answer } from './api.ts';
import type { ApiParts, ListDistortion } from './call.ts';
import type { Destination } from './destination.ts';
import { type FaultEffect, type Faults, faultAnswers } from './faults.ts';
import type { Reply } from './reply.ts';
import { answerSignIn } from './sign-in.ts';
import type { RequestLog } from './statistics.ts';

/** What a listener serves. */
export interface ServerParts extends ApiParts {
  readonly faults: Faults;
  readonly log: RequestLog;
}

/** What a request brings beside its destination. */
export interface RequestContent {
  readonly body: string;
  readonly authorization: string | undefined;
  readonly correlationId: string | undefined;
}

export interface Answered {
  readonly reply: Reply;
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
}

/** Carries a request out, whoever brought it. */
export function carryOut(
  parts: ServerParts,
  destination: Destination,
  { body, authorization, correlationId }: RequestContent,
  distortion: ListDistortion,
): Answered {
  // What fell due while the body was on its way comes first.
  parts.clock.settle();
  if (destination.kind === 'login') {
    return answerSignIn(
      { ...destination, body, correlationId },
      { entra: parts.entra, newGuid: parts.newGuid, now: () => parts.clock.now() },
    );
  }
  const call = { ...destination, body, parameters: destination.url.searchParams, authorization };
  const { reply, bearer } = answer(call, parts, distortion);
  return { reply, tenantId: bearer?.tenantId, appId: bearer?.appId };
}

/** Puts a request on record. */
export function record(
  { clock, log }: ServerParts,
  { method, route, url }: Destination,
  answered: Answered | undefined,
  status: number | undefined,
  fault: string | undefined,
): void {
  log.add({
    at: new Date(clock.now()).toISOString(),
    route: route ?? `${method} ${url.pathname}`,
    method,
    url: url.pathname + url.search,
    tenantId: answered?.tenantId,
    appId: answered?.appId,
    status,
    fault,
  });
}

/** The answer that stands in for the service's own. */
export function madeUpReply(effect: Extract<FaultEffect, { kind: 'answer' | 'redirect' }>, target: string): Reply {
  if (effect.kind === 'redirect') {
    return { status: effect.status ?? 307, headers: { Location: effect.location }, body: '' };
  }
  const preset = faultAnswers[effect.status];
  return {
    status: effect.status,
    headers: { ...preset?.headers, ...effect.headers },
    body: effect.body ?? preset?.body(target) ?? '',
  };
}

/** 200 with something that is no JSON, or with the first part of it. */
export function spoiltReply(effect: Extract<FaultEffect, { kind: 'garbage' | 'truncated' }>, reply: Reply): Reply {
  const body =
    effect.kind === 'garbage'
      ? (effect.body ?? '\u0000\u0001 this is no JSON \uFFFD')
      : reply.body.slice(0, Math.floor(reply.body.length * 0.6));
  return { ...reply, status: 200, body };
}
