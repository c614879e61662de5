import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import tls from 'node:tls';
import { generate } from 'selfsigned';
import { jwt } from './entities.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** Tells connections apart. */
  readonly port: number | undefined;
}

export type Respond = (request: Received, response: http.ServerResponse, socket: Socket) => void;

/** A server on loopback that answers as the test says. */
export interface StandIn {
  readonly url: string;
  readonly received: Received[];
  respond: Respond;
  close(): Promise<void>;
}

let certificate: Promise<{ readonly key: string; readonly cert: string }> | undefined;

/** One self-signed certificate for 127.0.0.1, made once a process. */
export function loopbackCertificate(): Promise<{ readonly key: string; readonly cert: string }> {
  certificate ??= generate([{ name: 'commonName', value: 'stand-in' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 3_600_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  }).then((made) => ({ key: made.private, cert: made.cert }));
  return certificate;
}

/** As NODE_EXTRA_CA_CERTS would, but for this process that runs already. The answer takes it back. */
export async function trustLoopback(): Promise<() => void> {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, (await loopbackCertificate()).cert]);
  return () => tls.setDefaultCACertificates(before);
}

export async function startStandIn(respond: Respond, options: { readonly secure?: boolean } = {}): Promise<StandIn> {
  const listener: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://stand-in');
      const received: Received = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        port: request.socket.remotePort,
      };
      standIn.received.push(received);
      standIn.respond(received, response, request.socket);
    });
  };
  const server = options.secure
    ? https.createServer(await loopbackCertificate(), listener)
    : http.createServer(listener);
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const standIn: StandIn = {
    url: `http${options.secure ? 's' : ''}://127.0.0.1:${port}`,
    received: [],
    respond,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

export function json(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A login host: tells where its endpoints are, and leaves what is posted to `post`. */
export function loginHost(post: Respond): Respond {
  return (request, response, socket) => {
    if (request.method === 'POST') {
      post(request, response, socket);
      return;
    }
    const base = `https://${request.headers.host}/${request.path.split('/')[1]}`;
    json(response, 200, {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    });
  };
}

/** A login host that issues a fresh token with these claims to whoever asks. */
export function issueTokens(claims: Record<string, unknown> = {}, seconds = 3599): Respond {
  let issued = 0;
  return loginHost((_request, response) => {
    issued += 1;
    json(response, 200, {
      token_type: 'Bearer',
      expires_in: seconds,
      ext_expires_in: seconds,
      access_token: jwt({
        aud: 'https://api.securitycenter.microsoft.com',
        tid: tenantId,
        appid: clientId,
        roles: ['Machine.Read.All', 'Machine.Isolate'],
        n: issued,
        ...claims,
      }),
    });
  });
}

export const tenantId = '11111111-2222-4333-8444-555555555555';
export const clientId = '99999999-8888-4777-a666-555555555555';
/** Looked for in everything that is shown. */
export const clientSecret = 'S3cr3t~Value.never-to-be-seen';
