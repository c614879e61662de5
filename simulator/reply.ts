import { ApiError, ODataError } from './errors.ts';
import type { SwitchSettings } from './switches.ts';

/** An answer before it is put on the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const odataType = 'application/json; odata.metadata=minimal';

export function jsonReply(status: number, json: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'Content-Type': odataType, ...headers }, body: json };
}

/** 204: done, and nothing to say. */
export function emptyReply(): Reply {
  return { status: 204, headers: {}, body: '' };
}

/** The service's envelope; `target` is the correlation id to quote to support. */
export function errorReply(
  status: number,
  code: string,
  message: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const body = JSON.stringify({ error: { code, message, target } });
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body };
}

/** The answer to whatever a handler threw. */
export function replyToError(error: unknown, target: string, settings: SwitchSettings): Reply {
  if (error instanceof ApiError) return errorReply(error.status, error.code, error.message, target);
  if (error instanceof ODataError) {
    if (settings.odataError === 'documented') return errorReply(400, 'ODataError', error.message, target);
    const body = JSON.stringify({ error: { code: '', message: error.message, details: [] } });
    return { status: 400, headers: { 'Content-Type': odataType }, body };
  }
  return errorReply(500, 'InternalServerError', '', target);
}
