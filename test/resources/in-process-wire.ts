import { endpointOf } from '../../provider/defender/endpoint.ts';
import { DefenderError } from '../../provider/defender/errors.ts';
import type { Http, HttpRequest, HttpResult } from '../../provider/defender/http.ts';
import type { Clock, Timer } from '../../provider/defender/ports.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';
import { createTokens, type Tokens } from '../../provider/defender/tokens.ts';
import { whenAborted } from '../../provider/defender/when-aborted.ts';
import type { InProcessEnding, InProcessRequest, InProcessSimulator } from '../../simulator/in-process.ts';
import { durationMs } from '../../simulator/time.ts';

/** What a request, and what an answer takes on the wire, ms. */
const wireMs = 30;
/** As the real client has it, ms. */
const overallMs = 120_000;

/** The time that the wire lives in: what is on its way arrives, though whoever sent it may be gone. */
export interface WireTime {
  after(ms: number, run: () => void): void;
  /** A call is about to be sent, `POST /api/machines/…`. */
  sending(call: string): void;
}

type Exchanged = Exclude<InProcessEnding, { kind: 'later' }>;

/** Sends to a simulator in the same process: same faults as over sockets, none of their real time. */
function exchange(
  simulator: InProcessSimulator,
  time: WireTime,
  request: InProcessRequest,
  done: (ending: Exchanged) => void,
): void {
  time.sending(`${request.method} ${new URL(request.url).pathname}`);
  const arrived = (ending: InProcessEnding): void => {
    if (ending.kind === 'later') time.after(durationMs(ending.afterMs), () => arrived(ending.carryOut()));
    else if (ending.kind !== 'silent')
      time.after(wireMs + (ending.kind === 'answer' ? ending.afterMs : 0), () => done(ending));
  };
  time.after(wireMs, () => arrived(simulator.request(request)));
}

/** In the place of the client's sockets. */
export function inProcessHttp(simulator: InProcessSimulator, time: WireTime, deadline: Timer): Http {
  let isClosed = false;
  return {
    send: (request) => {
      if (request.signal?.aborted === true || isClosed) return Promise.resolve(failed('signal', false, 'ABORTED'));
      return new Promise((resolve) => {
        let unlisten = () => {};
        const end = (result: HttpResult) => {
          unlisten();
          cancel();
          resolve(result);
        };
        const cancel = deadline.after(overallMs, () => end(failed('deadline', true, 'ERR_CANCELED')));
        if (request.signal !== undefined)
          unlisten = whenAborted(request.signal, () => end(failed('signal', true, 'ERR_CANCELED')));
        exchange(simulator, time, asSent(request), (ending) => end(resultOf(ending)));
      });
    },
    close: () => {
      isClosed = true;
    },
  };
}

function asSent({ method, url, token, body }: HttpRequest): InProcessRequest {
  return {
    method,
    url,
    body: body === undefined ? '' : JSON.stringify(body),
    authorization: `Bearer ${token}`,
    correlationId: undefined,
  };
}

function resultOf(ending: Exchanged): HttpResult {
  switch (ending.kind) {
    case 'answer': {
      const { status, headers, body } = ending.reply;
      return { kind: 'response', status, body, date: headers.Date, retryAfter: headers['Retry-After'] };
    }
    case 'refused':
      return failed('fault', false, 'ECONNREFUSED');
    case 'reset':
      return failed('fault', true, ending.answering ? 'ERR_BAD_RESPONSE' : 'ECONNRESET');
    case 'endless':
      return failed('size', true, 'TOO_LARGE');
    case 'silent':
      return failed('deadline', true, 'ERR_CANCELED');
  }
}

function failed(by: Extract<HttpResult, { kind: 'failed' }>['by'], sent: boolean, code: string): HttpResult {
  return { kind: 'failed', by, sent, code };
}

/** In the place of @azure/identity: asks the simulated login host as that does, by a secret. */
export function inProcessSignIn(
  simulator: InProcessSimulator,
  time: WireTime,
  settings: DefenderSettings,
  { clock, deadline }: { readonly clock: Clock; readonly deadline: Timer },
): Tokens {
  const { scope, authorityHost } = endpointOf(settings, {});
  const { tenantId = '', clientId = '', clientSecret = '' } = settings;
  const ask = (): Promise<Exchanged> => {
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope };
    const request: InProcessRequest = {
      method: 'POST',
      url: `${authorityHost}/${tenantId}/oauth2/v2.0/token`,
      body: new URLSearchParams(form).toString(),
      authorization: undefined,
      correlationId: undefined,
    };
    return new Promise((resolve) => exchange(simulator, time, request, resolve));
  };
  return createTokens({
    scope,
    clock,
    deadline,
    open: async () => ({
      async getToken() {
        const ending = await ask();
        if (ending.kind !== 'answer' || ending.reply.status !== 200)
          throw new Error(ending.kind === 'answer' ? `HTTP ${ending.reply.status}` : ending.kind);
        const answer = JSON.parse(ending.reply.body) as { access_token: string; expires_in: number };
        return { token: answer.access_token, expiresOnTimestamp: clock.wall() + answer.expires_in * 1000 };
      },
    }),
    explain: (error) =>
      new DefenderError(`Sign-in failed: ${error instanceof Error ? error.message : String(error)}`, {
        kind: 'sign-in',
        next: 'Run it again.',
      }),
  });
}
