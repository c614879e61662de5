/**
 * What kind of failure a DefenderError is; decisions are made on this, never on message text.
 *
 * - `invalid-configuration`: our own settings cannot work (URL, cloud, credential); no call was made.
 * - `sign-in`: no token was to be had (wrong secret, wrong tenant, expired secret, login host down).
 * - `unauthorized`: 401 also with a fresh token. `forbidden`: 403. `not-found`: 404.
 * - `active-request`: 400 ActiveRequestAlreadyExists. `rejected`: any other 4xx; it would fail again.
 * - `throttled`: 429 past the patience of this call. `server`: 5xx.
 * - `not-sent`: the connection was never made, so the service cannot have seen the request.
 * - `lost`: the request may have been received, but its answer never came (or was unreadable).
 * - `aborted`: our own signal ended it before the request was sent; an abort after sending is `lost`.
 * - `untrusted`: a redirect, or a nextLink to another origin.
 */
export type DefenderErrorKind =
  | 'invalid-configuration'
  | 'sign-in'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'active-request'
  | 'rejected'
  | 'throttled'
  | 'server'
  | 'not-sent'
  | 'lost'
  | 'aborted'
  | 'untrusted';

export interface DefenderErrorDetail {
  readonly kind: DefenderErrorKind;
  /** HTTP status, where one was received. */
  readonly status?: number | undefined;
  /** MDE's `error.code`; may be empty. */
  readonly code?: string | undefined;
  /** `error.target`: the correlation id to quote to Microsoft's support. */
  readonly target?: string | undefined;
  /** `GET machineactions`, `POST machines/{id}/isolate`, …: the method and route, never the whole URL. */
  readonly route?: string | undefined;
  /** What the person should do next, one sentence. */
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

/** Every failure of the Defender client. Its message holds no secret, token or URL query. */
export class DefenderError extends Error {
  readonly kind: DefenderErrorKind;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly target: string | undefined;
  readonly route: string | undefined;
  readonly next: string | undefined;

  constructor(message: string, detail: DefenderErrorDetail) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'DefenderError';
    this.kind = detail.kind;
    this.status = detail.status;
    this.code = detail.code;
    this.target = detail.target;
    this.route = detail.route;
    this.next = detail.next;
  }
}

export function isDefenderError(error: unknown): error is DefenderError {
  return error instanceof DefenderError;
}
