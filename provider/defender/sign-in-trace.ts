import https from 'node:https';
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import { isLoopback } from './endpoint.ts';
import { asObject, parseObject } from './json-body.ts';

/**
 * What happened on the wire while @azure/identity signed in. Its own errors reach us wrapped once or twice and keep
 * only text of some of this.
 */
export interface SignInTrace {
  /** The last host asked. */
  host?: string;
  /** Node's code, where the host could not be reached. */
  networkCode?: string;
  /** Of the last answer. */
  status?: number;
  /** OAuth's `error` and the number behind AADSTS, of the last answer that was an error. */
  oauthError?: string;
  aadsts?: string;
}

/** A login host gets this long for one answer, ms. */
const answerMs = 30_000;

/** Keeps `trace` up to date, bounds the time of each request, and keeps loopback off any proxy. */
export function signInPolicy(trace: SignInTrace): PipelinePolicy {
  let direct: https.Agent | undefined;
  return {
    name: 'pulumiMdeSignIn',
    async sendRequest(request, next) {
      const url = new URL(request.url);
      trace.host = url.host;
      delete trace.networkCode;
      delete trace.status;
      if (request.timeout === 0) request.timeout = answerMs;
      if (isLoopback(url.hostname) && url.protocol === 'https:') {
        direct ??= new https.Agent({ keepAlive: false });
        request.agent = direct;
      }
      let response: PipelineResponse;
      try {
        response = await next(request);
      } catch (error) {
        trace.networkCode = networkCode(error);
        throw error;
      }
      trace.status = response.status;
      if (response.status >= 400) note(trace, response.bodyAsText ?? '');
      return response;
    },
  };
}

function note(trace: SignInTrace, bodyText: string): void {
  const body = parseObject(bodyText);
  delete trace.oauthError;
  delete trace.aadsts;
  if (typeof body?.error === 'string') trace.oauthError = body.error.slice(0, 60);
  const codes = body?.error_codes;
  const [first] = Array.isArray(codes) ? codes : [];
  if (typeof first === 'number' || typeof first === 'string') trace.aadsts = String(first).slice(0, 12);
}

/** Node's code anywhere among the causes, else `UNREACHABLE`. */
export function networkCode(error: unknown): string {
  for (let at = asObject(error), depth = 0; at !== undefined && depth < 6; depth += 1) {
    if (typeof at.code === 'string' && at.code !== 'REQUEST_SEND_ERROR') return at.code;
    at = asObject(at.cause);
  }
  return 'UNREACHABLE';
}
