import type { Method } from './routes.ts';

/** How one attempt of a call ended, as far as repeating it is concerned. */
export type Outcome =
  | { readonly kind: 'response'; readonly status: number; readonly retryAfterMs: number | undefined }
  /** A 2xx whose body cannot be what was asked for. */
  | { readonly kind: 'unreadable' }
  /** The connection was never made; `permanent` where it would not be next time either (an untrusted certificate). */
  | { readonly kind: 'not-sent'; readonly permanent: boolean }
  /** The request may have been received; no answer came. */
  | { readonly kind: 'lost' };

export interface Attempt {
  readonly method: Method;
  /** Attempts of each sort that failed before, this one included. */
  readonly faults: number;
  readonly refusals: number;
  /** What this call spent so far on attempts that met a fault and waited after them, ms; not its waits for a turn. */
  readonly faultWaitMs: number;
  /** What it waited so far after refusals, ms. */
  readonly refusalWaitMs: number;
  /** Whether the token was already renewed for this call. */
  readonly renewed: boolean;
}

export type RetryDecision =
  | { readonly kind: 'retry'; readonly afterMs: number }
  /** Get a new token, then repeat at once. */
  | { readonly kind: 'renew-token' }
  | { readonly kind: 'give-up' };

export interface Patience {
  /** Attempts of one call that may fail for faults of network or service. */
  readonly faults: number;
  /** 429s of one call. */
  readonly refusals: number;
  /** The sum of a call's time of each sort stays within these, ms. */
  readonly faultMs: number;
  readonly refusalMs: number;
}

/** Faults pass within minutes or need a person; a spent hourly budget needs up to an hour. */
export const defaultPatience: Patience = { faults: 6, refusals: 20, faultMs: 3 * 60_000, refusalMs: 65 * 60_000 };

/** Where a 429 does not say: the shorter of the service's two windows. */
export const defaultRetryAfterMs = 60_000;

const firstBackoffMs = 500;
const longestBackoffMs = 30_000;

/** Doubling from half a second to 30 s, each between half and all of it, so that callers do not march in step. */
export function backoff(faults: number, random: () => number): number {
  const whole = Math.min(longestBackoffMs, firstBackoffMs * 2 ** (faults - 1));
  return Math.round(whole * (0.5 + random() / 2));
}

/** So many refusals are taken at their word, however short the wait that they ask for. */
const trustedRefusals = 3;

/**
 * How long to wait after a 429. Some say one second whatever the wait is; a call that is refused again and again waits
 * longer each time, up to a minute, so that all its refusals together outlast ten minutes.
 * @param refusals of this call, this one included
 */
export function waitAfterRefusal(refusals: number, retryAfterMs: number | undefined): number {
  const asked = retryAfterMs ?? defaultRetryAfterMs;
  if (refusals <= trustedRefusals) return asked;
  return Math.max(asked, Math.min(defaultRetryAfterMs, 1_000 * 2 ** (refusals - trustedRefusals - 1)));
}

/**
 * What to do after a failed attempt. A read is repeated after any fault that may pass. A write is repeated only where
 * the service cannot have carried it out (semantics 4.1): it said 429 or 401, or the connection was never made.
 * Pure but for `random`.
 */
export function decideRetry(
  attempt: Attempt,
  outcome: Outcome,
  random: () => number,
  patience: Patience = defaultPatience,
): RetryDecision {
  const giveUp: RetryDecision = { kind: 'give-up' };
  const after = (afterMs: number, waitedMs: number, limitMs: number): RetryDecision =>
    waitedMs + afterMs > limitMs ? giveUp : { kind: 'retry', afterMs };

  if (outcome.kind === 'response') {
    if (outcome.status === 401) return attempt.renewed ? giveUp : { kind: 'renew-token' };
    if (outcome.status === 429) {
      if (attempt.refusals >= patience.refusals) return giveUp;
      return after(waitAfterRefusal(attempt.refusals, outcome.retryAfterMs), attempt.refusalWaitMs, patience.refusalMs);
    }
    const mayPass = outcome.status === 408 || outcome.status >= 500;
    if (attempt.method !== 'GET' || !mayPass) return giveUp;
  }
  if (attempt.method !== 'GET' && outcome.kind !== 'not-sent') return giveUp;
  if (outcome.kind === 'not-sent' && outcome.permanent) return giveUp;
  if (attempt.faults >= patience.faults) return giveUp;
  const asked = outcome.kind === 'response' ? (outcome.retryAfterMs ?? 0) : 0;
  return after(Math.max(asked, backoff(attempt.faults, random)), attempt.faultWaitMs, patience.faultMs);
}
