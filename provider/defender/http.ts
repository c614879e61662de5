import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import axios, { type AxiosInstance } from 'axios';
import type { Timer } from './ports.ts';
import type { Method } from './routes.ts';
import { whenAborted } from './when-aborted.ts';

export interface HttpRequest {
  readonly method: Method;
  /** Absolute. */
  readonly url: string;
  readonly token: string;
  readonly body?: unknown;
  /** Bytes of answer, unpacked, above which it is not read on. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How an exchange ended. `sent: false` is certain: no byte of the request can have left, since the (TLS) connection
 * was never up. Everything else counts as sent.
 */
export type HttpResult =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly body: string;
      readonly date: string | undefined;
      readonly retryAfter: string | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly sent: boolean;
      /** Why we ended it ourselves, or `fault`. */
      readonly by: 'fault' | 'signal' | 'deadline' | 'size';
      /** Node's code, such as ECONNREFUSED; never free text. */
      readonly code: string;
    };

export interface HttpOptions {
  readonly loopback: boolean;
  readonly userAgent: string;
  readonly deadline: Timer;
  /** To make the connection, TLS and proxy included, ms. */
  readonly connectMs?: number | undefined;
  /** For the whole exchange, ms. */
  readonly overallMs?: number | undefined;
}

export interface Http {
  send(request: HttpRequest): Promise<HttpResult>;
  close(): void;
}

/**
 * One exchange at a time over axios: no redirects followed, no status judged, the body as text, nothing thrown.
 * Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY; loopback is never proxied.
 */
export function createHttp(options: HttpOptions): Http {
  const connectMs = options.connectMs ?? 20_000;
  const overallMs = options.overallMs ?? 120_000;
  const reading = agents(true);
  // A write never goes out on an idle connection: the server may just have closed that one, and then nobody can tell
  // whether the request was received. TLS sessions are still resumed.
  const writing = agents(false);

  const client: AxiosInstance = axios.create({
    maxRedirects: 0,
    validateStatus: () => true,
    responseType: 'text',
    transformResponse: [(text: unknown) => text],
    transitional: { silentJSONParsing: false, forcedJSONParsing: false },
    maxBodyLength: 1024 * 1024,
    ...(options.loopback ? { proxy: false } : {}),
    headers: { common: {}, 'User-Agent': options.userAgent, Accept: 'application/json' },
  });

  return {
    async send(request) {
      const controller = new AbortController();
      let by: 'fault' | 'signal' | 'deadline' = 'fault';
      const end = (reason: 'signal' | 'deadline') => {
        if (controller.signal.aborted) return;
        by = reason;
        controller.abort();
      };
      const onAbort = () => end('signal');
      if (request.signal?.aborted) return { kind: 'failed', sent: false, by: 'signal', code: 'ABORTED' };
      const unlisten = request.signal === undefined ? undefined : whenAborted(request.signal, onAbort);
      const watch = watchConnection(() => cancelConnect());
      const cancelConnect = options.deadline.after(connectMs, () => end('deadline'));
      const cancelOverall = options.deadline.after(overallMs, () => end('deadline'));
      const pool = request.method === 'GET' ? reading : writing;
      try {
        const response = await client.request<string>({
          method: request.method,
          url: request.url,
          headers: {
            Authorization: `Bearer ${request.token}`,
            ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          },
          ...(request.body === undefined ? {} : { data: JSON.stringify(request.body) }),
          httpAgent: pool.http,
          httpsAgent: pool.https,
          maxContentLength: request.maxBytes,
          signal: controller.signal,
          transport: watch.transport,
        });
        // A proxy that refuses the tunnel is handed through as if the service had answered.
        if (!watch.sent()) return { kind: 'failed', sent: false, by: 'fault', code: `PROXY_${response.status}` };
        const body = typeof response.data === 'string' ? response.data : '';
        // A connection that is kept holds on to its first request, and by that to this answer: megabytes, for a list.
        response.data = '';
        return {
          kind: 'response',
          status: response.status,
          body,
          date: headerText(response.headers.date),
          retryAfter: headerText(response.headers['retry-after']),
        };
      } catch (error) {
        const code = codeOf(error);
        // Only for an answer that broke off does axios hand the answer along; for one that is too large it does not.
        const size = watch.answered() && code === 'ERR_BAD_RESPONSE' && axios.isAxiosError(error) && !error.response;
        if (size && by === 'fault') return { kind: 'failed', sent: true, by: 'size', code: 'TOO_LARGE' };
        return { kind: 'failed', sent: watch.sent(), by, code };
      } finally {
        unlisten?.();
        cancelConnect();
        cancelOverall();
      }
    },
    close() {
      for (const pool of [reading, writing]) {
        pool.http.destroy();
        pool.https.destroy();
      }
    },
  };
}

function agents(keepAlive: boolean) {
  const agentOptions = { keepAlive, maxSockets: 64 };
  return { http: new http.Agent(agentOptions), https: new https.Agent(agentOptions) };
}

/** Stands in for node's http and https towards axios, and notes how far the connection came. */
function watchConnection(onReady: () => void) {
  let sent = false;
  let answered = false;
  const ready = () => {
    sent = true;
    onReady();
  };
  const request = (options: https.RequestOptions, onResponse: (response: http.IncomingMessage) => void) => {
    const secure = options.protocol === 'https:';
    const outgoing = (secure ? https : http).request(options, (response) => {
      answered = true;
      onResponse(response);
    });
    outgoing.on('socket', (socket) => {
      // A socket without TLS under an https request is how the proxy's refusal of a tunnel is handed through.
      if (secure && !(socket instanceof TLSSocket)) return;
      if (secure && isHandshaking(socket)) socket.once('secureConnect', ready);
      else if (!secure && socket.connecting) socket.once('connect', ready);
      else ready();
    });
    return outgoing;
  };
  return { transport: { request }, sent: () => sent, answered: () => answered };
}

/** Node writes nothing of a request before the handshake is over and the certificate was found good. */
function isHandshaking(socket: Socket): boolean {
  return 'secureConnecting' in socket && socket.secureConnecting === true;
}

function headerText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The code of the error or of what caused it; axios wraps node's. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth += 1) {
    if ('code' in at && typeof at.code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(at.code)) return at.code;
    at = 'cause' in at ? at.cause : undefined;
  }
  return 'UNKNOWN';
}
