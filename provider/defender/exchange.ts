import type { CallOptions } from './api.ts';
import type { Endpoint } from './endpoint.ts';
import { DefenderError } from './errors.ts';
import type { Http, HttpResult } from './http.ts';
import { errorEnvelope, type JsonObject, parseObject } from './json-body.ts';
import { isCertificateFault } from './network-faults.ts';
import { type Ports, pause } from './ports.ts';
import { lookBeforeRepeating, notPermitted, responseError } from './response-error.ts';
import { decideRetry, defaultPatience, type Outcome, type Patience, waitAfterRefusal } from './retry.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { Route } from './routes.ts';
import type { ServiceClock } from './service-clock.ts';
import { notStarted, type Throttle } from './throttle.ts';
import type { Token, Tokens } from './tokens.ts';

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  /** The service's clock when it answered, where it said so. */
  readonly asOf: number | undefined;
}

/** Calls with everything around them: turn, token, repeats, and what the failures mean. */
export interface Exchange {
  read(route: Route, url: string, maxBytes: number, options?: CallOptions): Promise<Answer>;
  write(route: Route, url: string, body: JsonObject, maxBytes: number, options?: CallOptions): Promise<Answer>;
  /** Deletes; the answer has no body (204). */
  remove(route: Route, url: string, options?: CallOptions): Promise<void>;
  token(signal?: AbortSignal): Promise<Token>;
  /** Ends connections and every call under way. */
  close(): void;
}

export interface ExchangeParts {
  readonly endpoint: Endpoint;
  readonly ports: Ports;
  readonly serviceClock: ServiceClock;
  readonly tokens: Tokens;
  readonly throttle: Throttle;
  readonly http: Http;
  readonly patience?: Patience | undefined;
}

interface Call {
  readonly route: Route;
  readonly url: string;
  readonly body: JsonObject | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly priority: number | undefined;
  readonly startBy: number | undefined;
}

/** More than an error takes; a deletion that worked is answered with nothing. */
const deletedBytes = 256 * 1024;

/** A way a call can have gone: its answer, or the error to give up with and what that means for a repeat. */
type Ending =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | {
      readonly kind: 'failure';
      readonly error: DefenderError;
      readonly outcome: Outcome | undefined;
      readonly reason: string;
    };

/** `POST machines/{id}/isolate` with the id filled in. */
export function callName(route: Route, id: string): string {
  return route.key.replace('{id}', id);
}

export function createExchange(parts: ExchangeParts): Exchange {
  const { endpoint, ports, serviceClock, tokens, throttle, http } = parts;
  const { clock } = ports;
  const patience = parts.patience ?? defaultPatience;
  const host = new URL(endpoint.apiUrl).host;
  const closing = new AbortController();

  const ended = (call: Call, result: HttpResult & { kind: 'response' }, token: Token): Ending => {
    const asOf = serviceClock.observe(result.date);
    const { route } = call;
    const isDeleted = result.status === 204 || (result.status === 200 && result.body.trim() === '');
    if (route.method === 'DELETE' && isDeleted)
      return { kind: 'answer', answer: { status: result.status, body: {}, asOf } };
    if (result.status === 200 || result.status === 201) {
      const body = parseObject(result.body);
      const envelope = errorEnvelope(body, token.token);
      if (body !== undefined && envelope === undefined)
        return { kind: 'answer', answer: { status: result.status, body, asOf } };
      const what =
        envelope === undefined
          ? 'with an unreadable body'
          : `with an error in it: ${envelope.code}${envelope.message === '' ? '' : `: ${envelope.message}`}`;
      return {
        kind: 'failure',
        error: new DefenderError(`${route.key}: HTTP ${result.status} ${what}`, {
          kind: route.method === 'GET' ? 'server' : 'lost',
          status: result.status,
          code: envelope?.code,
          target: envelope?.target,
          route: route.key,
          next: afterLoss(route),
        }),
        outcome: { kind: 'unreadable' },
        reason: `HTTP ${result.status} that cannot be read`,
      };
    }
    const retryAfterMs = parseRetryAfter(result.retryAfter, asOf ?? serviceClock.now() ?? clock.wall());
    return {
      kind: 'failure',
      error: responseError(result.status, result.body, {
        route,
        host,
        token: token.token,
        claims: token.claims,
        scope: endpoint.scope,
      }),
      outcome: { kind: 'response', status: result.status, retryAfterMs },
      reason: `HTTP ${result.status}`,
    };
  };

  const failed = (call: Call, result: HttpResult & { kind: 'failed' }): Ending => {
    const { route } = call;
    const { code } = result;
    if (result.by === 'signal' && (route.method === 'GET' || !result.sent)) {
      return { kind: 'failure', error: aborted(route), outcome: undefined, reason: code };
    }
    if (!result.sent) {
      const permanent = isCertificateFault(code);
      const what = result.by === 'deadline' ? 'no connection in time' : `no connection (${code})`;
      return {
        kind: 'failure',
        error: new DefenderError(`${route.key}: ${host}: ${what}`, {
          kind: 'not-sent',
          code,
          route: route.key,
          next: permanent
            ? 'If its certificate is signed by a private CA, name its file in NODE_EXTRA_CA_CERTS before the process starts.'
            : 'Check the network, the proxy settings (HTTPS_PROXY, NO_PROXY) and apiUrl.',
        }),
        outcome: { kind: 'not-sent', permanent },
        reason: `no connection (${code})`,
      };
    }
    const what = {
      fault: `the connection broke before the whole answer came (${code})`,
      signal: 'cancelled after it was sent',
      deadline: 'no answer in time',
      size: `the answer is larger than ${Math.round(call.maxBytes / 1024)} KiB`,
    }[result.by];
    return {
      kind: 'failure',
      error: new DefenderError(`${route.key}: ${host}: ${what}`, {
        kind: 'lost',
        code,
        route: route.key,
        next: afterLoss(route),
      }),
      // What is too large, or what we ended ourselves, is not asked for again.
      outcome: result.by === 'size' || result.by === 'signal' ? undefined : { kind: 'lost' },
      reason: what,
    };
  };

  const run = async (call: Call): Promise<Answer> => {
    const { route, signal } = call;
    let faults = 0;
    let refusals = 0;
    let faultWaitMs = 0;
    let refusalWaitMs = 0;
    let renewed = false;
    let token = await tokens.get(signal);
    const unpermitted =
      route.method === 'GET' ? undefined : notPermitted({ route, host, claims: token.claims, scope: endpoint.scope });
    if (unpermitted !== undefined) throw unpermitted;
    for (;;) {
      const leave = await throttle.enter(route.key, { priority: call.priority, startBy: call.startBy, signal });
      const startedAt = clock.monotonic();
      let ending: Ending;
      try {
        // The wait for a turn may have been longer than the token had left.
        token = await tokens.get(signal);
        if (call.startBy !== undefined && clock.monotonic() > call.startBy) throw notStarted(route.key);
        const result = await http.send({
          method: route.method,
          url: call.url,
          token: token.token,
          body: call.body,
          maxBytes: call.maxBytes,
          signal,
        });
        ending = result.kind === 'response' ? ended(call, result, token) : failed(call, result);
        const { outcome } = ending.kind === 'failure' ? ending : { outcome: undefined };
        // Before the turn is given back, so that nobody slips in between.
        if (outcome?.kind === 'response' && outcome.status === 429) {
          throttle.refused(route.key, waitAfterRefusal(refusals + 1, outcome.retryAfterMs), startedAt);
        }
      } finally {
        leave();
      }
      if (ending.kind === 'answer') return ending.answer;
      const { error, outcome, reason } = ending;
      if (outcome === undefined) throw error;

      const refused = outcome.kind === 'response' && outcome.status === 429;
      if (refused) refusals += 1;
      else {
        faults += 1;
        // A service that accepts and never answers takes minutes for each attempt: those count too.
        faultWaitMs += clock.monotonic() - startedAt;
      }
      const decision = decideRetry(
        { method: route.method, faults, refusals, faultWaitMs, refusalWaitMs, renewed },
        outcome,
        ports.random,
        patience,
      );
      switch (decision.kind) {
        case 'give-up':
          throw error;
        case 'renew-token':
          renewed = true;
          faults -= 1;
          token = await tokens.renew(token, signal);
          break;
        case 'retry':
          ports.onEvent?.({ kind: 'retry', route: route.key, waitMs: decision.afterMs, reason });
          if (refused) refusalWaitMs += decision.afterMs;
          else faultWaitMs += decision.afterMs;
          // After a 429 the throttle holds the whole route back, this call with it.
          if (!refused) await pause(ports.timer, decision.afterMs, signal);
          if (signal.aborted) throw aborted(route);
          break;
      }
    }
  };

  // One for all calls of a signal: a fleet's thousands share theirs, and such a signal is large.
  const endings = new WeakMap<AbortSignal, AbortSignal>();
  const endOf = (signal: AbortSignal | undefined): AbortSignal => {
    if (signal === undefined) return closing.signal;
    const known = endings.get(signal);
    if (known !== undefined) return known;
    const end = AbortSignal.any([signal, closing.signal]);
    endings.set(signal, end);
    return end;
  };

  const start = (
    call: Omit<Call, 'signal' | 'priority' | 'startBy'>,
    options: CallOptions | undefined,
  ): Promise<Answer> =>
    run({
      ...call,
      signal: endOf(options?.signal),
      priority: options?.priority,
      startBy: options?.startBy,
    });

  return {
    read: (route, url, maxBytes, options) => start({ route, url, body: undefined, maxBytes }, options),
    write: (route, url, body, maxBytes, options) => start({ route, url, body, maxBytes }, options),
    async remove(route, url, options) {
      await start({ route, url, body: undefined, maxBytes: deletedBytes }, options);
    },
    token: (signal) => tokens.get(endOf(signal)),
    close() {
      closing.abort();
      tokens.close();
      http.close();
    },
  };
}

function aborted(route: Route): DefenderError {
  return new DefenderError(`${route.key}: cancelled`, { kind: 'aborted', route: route.key });
}

function afterLoss(route: Route): string {
  return route.method === 'GET'
    ? 'Try again; if it stays, check that apiUrl names the Defender API itself.'
    : lookBeforeRepeating(route);
}
