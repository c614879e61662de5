import { asObject, asText, parseObject } from './json-body.ts';

/**
 * What happened on the wire while @azure/identity signed in. Its own errors reach us wrapped once or twice and keep
 * only text of some of this.
 */
export interface SignInTrace {
  /** The last host asked. */
  host?: string;
  /** Node's code, where the host could not be reached; `ETIMEDOUT` also where it did not answer in time. */
  networkCode?: string;
  /** Of the last answer. */
  status?: number;
  /** OAuth's `error` and the number behind AADSTS, of the last answer that was an error. */
  oauthError?: string;
  aadsts?: string;
}

/** Takes the codes out of an answer that is an error, and no other text: it may quote what was sent. */
export function noteAnswer(trace: SignInTrace, bodyText: string): void {
  const body = parseObject(bodyText);
  delete trace.oauthError;
  delete trace.aadsts;
  if (typeof body?.error === 'string' && /^[a-z][a-z0-9_]{0,59}$/.test(body.error)) trace.oauthError = body.error;
  const codes = body?.error_codes;
  const [first] = Array.isArray(codes) ? codes : [];
  // The identity service of a machine hands Entra's own refusal through, without the list of its numbers.
  const code =
    typeof first === 'number' || typeof first === 'string' ? String(first) : aadstsIn(asText(body?.error_description));
  if (code !== undefined && /^\d{4,8}$/.test(code)) trace.aadsts = code;
}

/** The number behind the first AADSTS in a text. */
export function aadstsIn(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /\bAADSTS(\d{4,8})\b/.exec(text)?.[1];
}

/** Node's code anywhere among the causes, else `UNREACHABLE`. */
export function networkCode(error: unknown): string {
  for (let at = asObject(error), depth = 0; at !== undefined && depth < 6; depth += 1) {
    if (typeof at.code === 'string' && at.code !== 'REQUEST_SEND_ERROR') return at.code;
    at = asObject(at.cause);
  }
  return 'UNREACHABLE';
}
