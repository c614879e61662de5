import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Control } from './control.ts';
import { type Arguments, operations } from './operations.ts';

const largestBody = 1_048_576;

/** The control over HTTP, for other processes on this machine: JSON in, JSON out. */
export class ControlServer {
  readonly #control: Control;
  readonly #server: Server;
  #port = 0;

  constructor(control: Control) {
    this.#control = control;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
  }

  get port(): number {
    return this.#port;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.removeListener('error', reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#server.listening) {
        resolve();
        return;
      }
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, value: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end(`${JSON.stringify(value ?? null)}\n`);
    };
    if (!isFromHere(request)) {
      send(403, { error: 'the control answers to loopback names only' });
      return;
    }
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const method = request.method ?? 'GET';
    if (method === 'GET' && url.pathname === '/') {
      send(200, {
        operations: operations.map(({ name, method: verb, about, takes }) => ({
          call: `${verb} /${name}`,
          about,
          takes,
        })),
      });
      return;
    }
    const name = url.pathname.slice(1);
    const operation = operations.find((one) => one.name === name && one.method === method);
    if (operation === undefined) {
      send(404, { error: `there is no ${method} ${url.pathname}; GET / lists what there is` });
      return;
    }
    try {
      const given = method === 'GET' ? Object.fromEntries(url.searchParams) : await readArguments(request);
      send(200, await operation.run(this.#control, given));
    } catch (error) {
      send(400, { error: error instanceof Error ? error.message : 'that did not work' });
    }
  }
}

/** A page of another site must reach neither by a forged name nor by a form. */
function isFromHere({ headers }: IncomingMessage): boolean {
  const isLoopback = (name: string): boolean => /^(localhost|127\.0\.0\.1)(:\d+)?$/i.test(name);
  const origin = headers.origin?.replace(/^https?:\/\//, '');
  return isLoopback(headers.host ?? '') && (origin === undefined || isLoopback(origin));
}

async function readArguments(request: IncomingMessage): Promise<Arguments> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largestBody) throw new RangeError('the body is too large');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const value: unknown = text === '' ? {} : JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('the body must be a JSON object');
  return value as Arguments;
}
