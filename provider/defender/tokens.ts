import type { TokenCredential } from '@azure/identity';
import { DefenderError } from './errors.ts';
import type { Clock, Timer } from './ports.ts';
import { readClaims, type TokenClaims } from './token-claims.ts';
import { whenAborted } from './when-aborted.ts';

export interface Token {
  readonly token: string;
  /** Wall clock, ms since the epoch. */
  readonly expiresAt: number;
  readonly claims: TokenClaims;
}

export interface TokensOptions {
  /** Makes a credential with an empty cache; `signal` ends whatever it waits for. */
  readonly open: (signal: AbortSignal) => Promise<TokenCredential>;
  readonly scope: string;
  readonly clock: Clock;
  readonly deadline: Timer;
  /** What a failure of `open` or of the credential is to the user. */
  readonly explain: (error: unknown) => DefenderError;
  /** Throws where a token says something that it must not. */
  readonly accept?: ((claims: TokenClaims) => void) | undefined;
  readonly onRenewed?: (() => void) | undefined;
}

/** What `explain` is given where a sign-in has no end. */
export class NoTokenInTime extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super(`no token within ${seconds} s`);
    this.name = 'NoTokenInTime';
    this.seconds = seconds;
  }
}

/** The access token, fetched once for all callers and renewed before it ends. */
export interface Tokens {
  /** @throws DefenderError `sign-in`, `invalid-configuration`, `aborted` */
  get(signal?: AbortSignal): Promise<Token>;
  /** A token other than `refused`, which the service did not take: got by a new credential, past every cache. */
  renew(refused: Token, signal?: AbortSignal): Promise<Token>;
  /** Ends the sign-in that is under way, with its sockets and timers. */
  close(): void;
}

/** A token is replaced this long before it ends, or after half its life where that is shorter. */
const aheadMs = 5 * 60_000;
/** After a failure callers get the same answer for this long, so that a fleet does not lock an account out. */
const rememberFailureMs = 10_000;
/** The whole of a sign-in, retries included. */
const signInMs = 90_000;

export function createTokens(options: TokensOptions): Tokens {
  const { clock } = options;
  let held: { readonly token: Token; readonly renewAt: number } | undefined;
  let flight: Promise<Token> | undefined;
  let failed: { readonly error: DefenderError; readonly until: number } | undefined;
  let ending = new AbortController();

  const signIn = async (signal: AbortSignal): Promise<Token> => {
    // A new one each time: its cache may hand out the token that we want to replace.
    const credential = await options.open(signal);
    const signedIn = await credential.getToken(options.scope);
    if (signedIn === null) throw new DefenderError('Sign-in failed: no token was issued', { kind: 'sign-in' });
    const claims = readClaims(signedIn.token);
    options.accept?.(claims);
    return { token: signedIn.token, expiresAt: signedIn.expiresOnTimestamp, claims };
  };

  const fetchToken = async (): Promise<Token> => {
    ending = new AbortController();
    const { signal } = ending;
    try {
      const token = await untilAborted(withDeadline(signIn(signal), options.deadline), signal);
      const now = clock.wall();
      held = { token, renewAt: token.expiresAt - Math.min(aheadMs, Math.max(0, token.expiresAt - now) / 2) };
      failed = undefined;
      return token;
    } catch (error) {
      const explained = options.explain(error);
      failed = { error: explained, until: clock.monotonic() + rememberFailureMs };
      throw explained;
    } finally {
      // What a sign-in that came too late still waits for would hold the process.
      ending.abort();
    }
  };

  const oneFlight = (): Promise<Token> => {
    if (flight === undefined) {
      if (failed !== undefined && clock.monotonic() < failed.until) return Promise.reject(failed.error);
      flight = fetchToken().finally(() => {
        flight = undefined;
      });
    }
    return flight;
  };

  return {
    async get(signal) {
      const now = clock.wall();
      if (held !== undefined && now < held.renewAt) return held.token;
      const current = held;
      try {
        return await untilAborted(oneFlight(), signal);
      } catch (error) {
        // The login host may be away for a moment; the token that we hold is still good.
        const aborted = signal?.aborted === true;
        if (!aborted && current !== undefined && clock.wall() < current.token.expiresAt) return current.token;
        throw error;
      }
    },
    async renew(refused, signal) {
      if (held !== undefined && held.token.token !== refused.token) return held.token;
      if (held !== undefined) {
        held = undefined;
        options.onRenewed?.();
      }
      return await untilAborted(oneFlight(), signal);
    },
    close: () => ending.abort(),
  };
}

/** The caller's wait ends with its signal; the flight goes on for the others. */
async function untilAborted<T>(flight: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await flight;
  let unlisten = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(new DefenderError('cancelled during sign-in', { kind: 'aborted' }));
    if (signal.aborted) onAbort();
    else unlisten = whenAborted(signal, onAbort);
  });
  flight.catch(() => {});
  try {
    return await Promise.race([flight, aborted]);
  } finally {
    unlisten();
  }
}

async function withDeadline(flight: Promise<Token>, deadline: Timer): Promise<Token> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = deadline.after(signInMs, () => reject(new NoTokenInTime(signInMs / 1000)));
  });
  flight.catch(() => {});
  try {
    return await Promise.race([flight, late]);
  } finally {
    cancel();
  }
}
