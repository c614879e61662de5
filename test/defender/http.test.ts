import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import {
  createHttp,
  type Http,
  type HttpOptions,
  type HttpRequest,
  type HttpResult,
} from '../../provider/defender/http.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import { json, type StandIn, startStandIn, trustLoopback } from './stand-in.ts';

const { deadline } = systemPorts();

const lengthOf = (result: HttpResult): number => (result.kind === 'response' ? result.body.length : 0);

/** What is in use after a collection, on the heap and beside it. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let round = 0; round < 3; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('one HTTP exchange', () => {
  const opened: { close(): unknown }[] = [];
  const keep = <T extends { close(): unknown }>(one: T): T => {
    opened.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  const open = (options: Partial<HttpOptions> = {}): Http =>
    keep(createHttp({ loopback: true, userAgent: 'pulumi-mde/1.2.3', deadline, ...options }));
  const get = (url: string, changes: Partial<HttpRequest> = {}): HttpRequest => ({
    method: 'GET',
    url,
    token: 'tok',
    maxBytes: 10_000,
    ...changes,
  });
  const post = (url: string, changes: Partial<HttpRequest> = {}): HttpRequest =>
    get(url, { method: 'POST', body: { Comment: 'ü' }, ...changes });

  it('sends token, user agent and body, and hands back any status with its text', async () => {
    const api = keep(
      await startStandIn((_request, response) => json(response, 418, '{"half":', { 'retry-after': '7' })),
    );
    const result = await open().send(post(`${api.url}/api/x?a=b`));
    expect(result).to.deep.include({ kind: 'response', status: 418, body: '{"half":', retryAfter: '7' });
    expect(result.kind === 'response' && Date.parse(result.date ?? '')).to.be.a('number').and.not.NaN;
    const [received] = api.received;
    expect(received).to.include({ method: 'POST', path: '/api/x', body: '{"Comment":"ü"}' });
    expect(received?.headers).to.include({
      authorization: 'Bearer tok',
      'user-agent': 'pulumi-mde/1.2.3',
      'content-type': 'application/json',
      accept: 'application/json',
    });
  });

  it('follows no redirect', async () => {
    const api: StandIn = keep(
      await startStandIn((request, response) => {
        if (request.path === '/') response.writeHead(302, { location: `${api.url}/elsewhere` }).end();
        else json(response, 200, {});
      }),
    );
    expect(await open().send(get(`${api.url}/`))).to.include({ kind: 'response', status: 302 });
    expect(api.received).to.have.length(1);
  });

  it('keeps connections for reads, and opens one for each write', async () => {
    const api = keep(await startStandIn((_request, response) => json(response, 200, {})));
    const http = open();
    for (let index = 0; index < 3; index += 1) await http.send(get(api.url));
    for (let index = 0; index < 3; index += 1) await http.send(post(api.url));
    const ports = (method: string) =>
      new Set(api.received.filter((one) => one.method === method).map((one) => one.port));
    expect(ports('GET').size).to.equal(1);
    expect(ports('POST').size).to.equal(3);
    expect([...ports('POST')].some((port) => ports('GET').has(port))).to.equal(false);
  });

  it('a connection that is kept does not keep the answers that came over it', async () => {
    const mebibyte = 1024 * 1024;
    const api = keep(
      await startStandIn((_request, response) => response.writeHead(200).end(Buffer.alloc(32 * mebibyte, 'a')), {
        secure: true,
      }),
    );
    const http = open();
    const distrust = await trustLoopback();
    try {
      await http.send(get(`${api.url}/small`, { maxBytes: 1 }));
      const before = await heldBytes();
      const length = await http.send(get(api.url, { maxBytes: 64 * mebibyte })).then(lengthOf);
      expect(length).to.equal(32 * mebibyte);
      expect((await heldBytes()) - before).to.be.below(8 * mebibyte);
    } finally {
      distrust();
    }
  });

  const sentFaults: [string, string, (api: StandIn) => void][] = [
    [
      'the connection is reset after the request',
      'ECONNRESET',
      (api) => {
        api.respond = (_request, _response, socket) => socket.resetAndDestroy();
      },
    ],
    [
      'the connection ends without an answer',
      'ECONNRESET',
      (api) => {
        api.respond = (_request, _response, socket) => socket.destroy();
      },
    ],
    [
      'the answer breaks off',
      'ERR_BAD_RESPONSE',
      (api) => {
        api.respond = (_request, response, socket) => {
          response.writeHead(201, { 'content-length': '1000' });
          response.write('{"id":', () => socket.destroy());
        };
      },
    ],
    [
      'the answer is no HTTP',
      'HPE_INVALID_CONSTANT',
      (api) => {
        api.respond = (_request, _response, socket) => socket.end('hello\r\n\r\n');
      },
    ],
    [
      'the answer is packed wrongly',
      'Z_DATA_ERROR',
      (api) => {
        api.respond = (_request, response) => {
          response.writeHead(200, { 'content-encoding': 'gzip' });
          response.end('no gzip at all');
        };
      },
    ],
  ];
  for (const secure of [false, true]) {
    for (const [name, code, prepare] of secure ? sentFaults.slice(1) : sentFaults) {
      it(`counts as sent when ${name}${secure ? ' (TLS)' : ''}`, async () => {
        const distrust = await trustLoopback();
        try {
          const api = keep(await startStandIn(() => {}, { secure }));
          prepare(api);
          for (const request of [get(api.url), post(api.url)]) {
            expect(await open().send(request)).to.deep.equal({ kind: 'failed', sent: true, by: 'fault', code });
          }
        } finally {
          distrust();
        }
      });
    }
  }

  it('counts as not sent when nobody listens', async () => {
    const api = await startStandIn(() => {});
    await api.close();
    expect(await open().send(post(api.url))).to.deep.equal({
      kind: 'failed',
      sent: false,
      by: 'fault',
      code: 'ECONNREFUSED',
    });
  });

  it('counts as not sent when the certificate is not trusted, and the request is never seen', async () => {
    const api = keep(await startStandIn((_request, response) => json(response, 201, {}), { secure: true }));
    const result = await open().send(post(api.url));
    expect(result).to.deep.equal({ kind: 'failed', sent: false, by: 'fault', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(api.received).to.deep.equal([]);
  });

  it('counts as not sent when the handshake breaks', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.resetAndDestroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    keep(server);
    const { port } = server.address() as AddressInfo;
    expect(await open().send(post(`https://127.0.0.1:${port}/`))).to.deep.equal({
      kind: 'failed',
      sent: false,
      by: 'fault',
      code: 'ECONNRESET',
    });
  });

  it('counts as not sent when the connection is not up in time', async () => {
    const server = net.createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sockets: net.Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    keep({ close: () => sockets.map((socket) => socket.destroy()) });
    keep(server);
    const { port } = server.address() as AddressInfo;
    const result = await open({ connectMs: 50 }).send(post(`https://127.0.0.1:${port}/`));
    expect(result).to.include({ kind: 'failed', sent: false, by: 'deadline' });
  });

  it('gives up an answer that does not come in time; the request may have been received', async () => {
    const api = keep(await startStandIn(() => {}));
    expect(await open({ overallMs: 50 }).send(post(api.url))).to.include({
      kind: 'failed',
      sent: true,
      by: 'deadline',
    });
    expect(api.received).to.have.length(1);
  });

  it('gives up an answer that trickles for ever', async () => {
    const api = keep(
      await startStandIn((_request, response) => {
        response.writeHead(200);
        response.write('{');
      }),
    );
    expect(await open({ overallMs: 100 }).send(get(api.url))).to.include({
      kind: 'failed',
      sent: true,
      by: 'deadline',
    });
  });

  it('ends at once when the signal aborts, and knows whether it had been sent', async () => {
    const controller = new AbortController();
    const api = keep(await startStandIn(() => controller.abort()));
    const http = open();
    expect(await http.send(post(api.url, { signal: controller.signal }))).to.include({
      kind: 'failed',
      sent: true,
      by: 'signal',
    });
    expect(await http.send(post(api.url, { signal: controller.signal }))).to.include({
      kind: 'failed',
      sent: false,
      by: 'signal',
    });
    expect(api.received).to.have.length(1);
  });

  it('reads no more of an answer than it may, packed or not', async () => {
    const api = keep(await startStandIn((_request, response) => json(response, 200, 'x'.repeat(20_000))));
    const tooLarge = { kind: 'failed', sent: true, by: 'size', code: 'TOO_LARGE' };
    expect(await open().send(get(api.url))).to.deep.equal(tooLarge);
    api.respond = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('x'.repeat(2_000_000)));
    };
    expect(await open().send(get(api.url))).to.deep.equal(tooLarge);
    expect(await open().send(get(api.url, { maxBytes: 3_000_000 }))).to.include({ kind: 'response', status: 200 });
  });
});

describe('proxies', () => {
  const names = [
    'HTTPS_PROXY',
    'https_proxy',
    'HTTP_PROXY',
    'http_proxy',
    'NO_PROXY',
    'no_proxy',
    'ALL_PROXY',
    'all_proxy',
  ];
  const before = new Map<string, string | undefined>();
  beforeEach(() => {
    for (const name of names) {
      before.set(name, process.env[name]);
      delete process.env[name];
    }
  });
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  /** A proxy that tunnels every CONNECT to `target`, whatever host is named, or refuses with `status`. */
  const startProxy = async (target: string | number) => {
    const connects: string[] = [];
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (head) => {
        connects.push(head.toString('latin1').split('\r\n')[0] ?? '');
        if (typeof target === 'number') {
          socket.end(`HTTP/1.1 ${target} Refused\r\nContent-Length: 2\r\n\r\nno`);
          return;
        }
        const onward = net.connect(Number(new URL(target).port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
          socket.pipe(onward).pipe(socket);
        });
        onward.on('error', () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { connects, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
  };
  const request: HttpRequest = {
    method: 'POST',
    url: 'https://localhost/api/x',
    token: 'tok',
    body: {},
    maxBytes: 1000,
  };

  it('tunnel by HTTPS_PROXY, and see no request; a fault behind the tunnel counts as sent', async () => {
    const distrust = await trustLoopback();
    const api = await startStandIn((_request, response) => json(response, 200, '{"ok":true}'), { secure: true });
    const proxy = await startProxy(api.url);
    const http = createHttp({ loopback: false, userAgent: 'x', deadline });
    try {
      process.env.HTTPS_PROXY = proxy.url;
      expect(await http.send(request)).to.include({ kind: 'response', status: 200, body: '{"ok":true}' });
      expect(proxy.connects).to.deep.equal(['CONNECT localhost:443 HTTP/1.1']);
      api.respond = (_request, _response, socket) => socket.destroy();
      expect(await http.send(request)).to.include({ kind: 'failed', sent: true });
    } finally {
      http.close();
      proxy.close();
      await api.close();
      distrust();
    }
  });

  it('that refuse a tunnel are not taken for the service: nothing was sent', async () => {
    for (const status of [403, 407, 502]) {
      const proxy = await startProxy(status);
      const http = createHttp({ loopback: false, userAgent: 'x', deadline });
      try {
        process.env.HTTPS_PROXY = proxy.url;
        expect(await http.send(request)).to.deep.equal({
          kind: 'failed',
          sent: false,
          by: 'fault',
          code: `PROXY_${status}`,
        });
      } finally {
        http.close();
        proxy.close();
      }
    }
  });

  it('are passed by for hosts of NO_PROXY, and always for loopback', async () => {
    const proxy = await startProxy(502);
    const api = await startStandIn((_request, response) => json(response, 200, '{}'));
    try {
      process.env.HTTPS_PROXY = proxy.url;
      process.env.HTTP_PROXY = proxy.url;
      const direct = createHttp({ loopback: true, userAgent: 'x', deadline });
      expect(await direct.send({ ...request, url: `${api.url}/x` })).to.include({ kind: 'response', status: 200 });
      direct.close();
      process.env.NO_PROXY = '.example,localhost';
      const listed = createHttp({ loopback: false, userAgent: 'x', deadline });
      const url = `${api.url.replace('127.0.0.1', 'localhost')}/x`;
      expect(await listed.send({ ...request, url })).to.include({ kind: 'response', status: 200 });
      listed.close();
      expect(proxy.connects).to.deep.equal([]);
    } finally {
      proxy.close();
      await api.close();
    }
  });
});
