import http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy on loopback by which a test leads the service's real host names to a server of its own. */
export interface Tunnel {
  readonly url: string;
  /** `host:port` of every CONNECT, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

/**
 * Tunnels CONNECTs to `names` (on port 443) to the loopback port `target`; any other name cannot be found, or (`hang`)
 * is waited for without end.
 */
export async function startTunnel(
  names: readonly string[],
  target: number,
  others: 'refuse' | 'hang' = 'refuse',
): Promise<Tunnel> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, client: Socket, head) => {
    const name = request.url ?? '';
    asked.push(name);
    client.on('error', () => client.destroy());
    client.on('close', () => sockets.delete(client));
    sockets.add(client);
    if (!names.some((known) => name === `${known}:443`)) {
      if (others === 'refuse') client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const upstream = connect(target, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on('error', () => upstream.destroy());
    upstream.on('close', () => sockets.delete(upstream));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const proxyVariables = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** Makes `url` the proxy of this process, and the only word about proxies; the answer takes it back. */
export function useProxy(url: string): () => void {
  const before = proxyVariables.map((name) => [name, process.env[name]] as const);
  for (const name of proxyVariables) delete process.env[name];
  process.env.HTTPS_PROXY = url;
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
