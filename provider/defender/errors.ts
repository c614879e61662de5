/**
 * What kind of failure a DefenderError is; decisions are made on this, never on message text.
 *
 * - `invalid-configuration`: our own settings cannot work (URL, cloud, credential); no call was made.
 * - `sign-in`: no token was to be had (wrong secret, wrong tenant, expired secret, login host down).
 * - `unauthorized`: 401 also with a fresh token. `forbidden`: 403. `not-found`: 404.
 * - `active-request`: 400 ActiveRequestAlreadyExists. `rejected`: any other 4xx; it would fail again.
 * - `throttled`: 429 past the patience of this call. `server`: 5xx; a write may have been carried out all the same.
 * - `not-sent`: the connection was never made, so the service cannot have seen the request.
 * - `lost`: the request may have been received, but its answer never came, or was unreadable, or speaks of something
 *   that was not asked.
 * - `aborted`: our own signal ended it before the request was sent; a write aborted after sending is `lost`, a read
 *   that our signal ended is always `aborted`.
 * - `not-started`: its turn did not come before the time by which it was to start, so it was not sent.
 * - `untrusted`: a redirect, a nextLink to another origin, or an answer about another machine than was asked for.
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
  | 'not-started'
  | 'untrusted';

export interface DefenderErrorDetail {
  readonly kind: DefenderErrorKind;
  /** The setting at fault, as the user spells it; only with `invalid-configuration`. */
  readonly property?: string | undefined;
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

/** Two bundles of this file in one process (plugin and dynamic class) are two classes; this is what both carry. */
const brand = Symbol.for('pulumi-mde.DefenderError');

/** Every failure of the Defender client. Its message holds no secret, token or URL query. */
export class DefenderError extends Error {
  readonly [brand] = true;
  readonly kind: DefenderErrorKind;
  readonly property: string | undefined;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly target: string | undefined;
  readonly route: string | undefined;
  readonly next: string | undefined;

  constructor(message: string, detail: DefenderErrorDetail) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'DefenderError';
    this.kind = detail.kind;
    this.property = detail.property;
    this.status = detail.status;
    this.code = detail.code;
    this.target = detail.target;
    this.route = detail.route;
    this.next = detail.next;
  }
}

/** Holds for errors of any copy of this module in the process. */
export function isDefenderError(error: unknown): error is DefenderError {
  return typeof error === 'object' && error !== null && brand in error;
}

/**
 * Whether a write that ended in this error may have been carried out, so that the history has to be looked at before
 * anything is sent again.
 */
export function mayHaveHappened(error: DefenderError): boolean {
  return error.kind === 'lost' || error.kind === 'server' || error.kind === 'active-request';
}
