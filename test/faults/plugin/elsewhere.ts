import { createServer as createPlain } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

/** A host that nobody meant to ask. */
export interface Elsewhere {
  readonly url: string;
  /** Requests that came, each as method and path, and what was in it: there should be none. */
  readonly received: readonly string[];
  end(): Promise<void>;
}

/** Without TLS unless a certificate is given, so that nothing keeps a client that goes there from being heard. */
export async function elsewhere(certificate?: Pick<ServerOptions, 'cert' | 'key'>): Promise<Elsewhere> {
  const received: string[] = [];
  const server = certificate === undefined ? createPlain() : createServer(certificate);
  server.on('request', (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      const hasToken = request.headers.authorization !== undefined;
      received.push(
        `${request.method} ${request.url}${hasToken ? ' with a token' : ''}${body === '' ? '' : ' with a body'}`,
      );
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${port}`,
    received,
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const dayMs = 86_400_000;

/** A certificate in PEM that signs itself. */
export async function certificateOf({ name, isExpired }: { name: string; isExpired: boolean }) {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 30 * dayMs),
    notAfterDate: new Date(Date.now() + (isExpired ? -1 : 30) * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
  return { cert, key };
}
