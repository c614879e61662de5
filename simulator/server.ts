import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { answer, httpDate } from './api.ts';
import type { ApiParts, ListDistortion } from './call.ts';
import type { Certificate } from './certificate.ts';
import { apiHost, isLoginHost } from './clouds.ts';
import { type FaultEffect, type Faults, faultAnswers } from './faults.ts';
import type { Reply } from './reply.ts';
import { matchRoute } from './routes.ts';
import { answerSignIn, signInRoute } from './sign-in.ts';
import type { RequestLog } from './statistics.ts';

/** What the listener serves. */
export interface ServerParts extends ApiParts {
  readonly faults: Faults;
  readonly log: RequestLog;
}

interface Destination {
  readonly kind: 'api' | 'login';
  /** The name in faults and statistics; undefined where there is no such route. */
  readonly route: string | undefined;
  readonly base: string;
  readonly segments: readonly string[];
  readonly url: URL;
  readonly host: string;
  readonly method: string;
}

interface Answered {
  readonly reply: Reply;
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
}

const largestBody = 1_048_576;

/** The TLS listener on loopback: sign-in and API on one port, told apart by host name and path. */
export class SimulatorServer {
  readonly #parts: ServerParts;
  readonly #server: Server;
  /** TCP connections by the client's port: below TLS is the only place where a connection can be reset. */
  readonly #connections = new Map<number, Socket>();
  #port = 0;
  #reopening: NodeJS.Timeout | undefined;

  constructor(parts: ServerParts, { certificatePem, privateKeyPem }: Certificate) {
    this.#parts = parts;
    this.#server = createServer({ cert: certificatePem, key: privateKeyPem, maxHeaderSize: 65_536 });
    // Longer than any client leaves a connection idle between two polls.
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
    this.#server.on('connection', (socket: Socket) => {
      const { remotePort } = socket;
      if (remotePort === undefined) return;
      this.#connections.set(remotePort, socket);
      socket.once('close', () => this.#connections.delete(remotePort));
    });
    // A client that resets its connection is part of the trade.
    this.#server.on('clientError', (_error, socket) => socket.destroy());
    this.#server.on('tlsClientError', () => undefined);
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

  /** Refuses connections, for `forMs` of real time or until `reopen`. Open ones are reset. */
  refuse(forMs?: number): void {
    clearTimeout(this.#reopening);
    this.#server.close();
    this.#server.closeAllConnections();
    if (forMs === undefined) return;
    this.#reopening = setTimeout(() => void this.reopen(), forMs);
    this.#reopening.unref();
  }

  async reopen(): Promise<void> {
    clearTimeout(this.#reopening);
    if (!this.#server.listening) await this.listen(this.#port);
  }

  stop(): Promise<void> {
    clearTimeout(this.#reopening);
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
    this.#parts.clock.settle();
    const destination = destinationOf(request);
    if (destination === undefined) {
      response.writeHead(400, { Date: httpDate(this.#parts.clock) }).end();
      return;
    }
    const effect = this.#parts.faults.next(destination.method, destination.route);
    if (effect === undefined) {
      const answered = await this.#carryOut(request, destination, {});
      this.#note(destination, answered, answered.reply.status, undefined);
      this.#send(response, answered.reply);
      return;
    }
    await this.#serveFaulty(request, response, destination, effect);
  }

  async #serveFaulty(
    request: IncomingMessage,
    response: ServerResponse,
    destination: Destination,
    effect: FaultEffect,
  ): Promise<void> {
    const note = (answered: Answered | undefined, status: number | undefined): void =>
      this.#note(destination, answered, status, effect.kind);
    switch (effect.kind) {
      case 'reset-before':
      case 'refuse':
        note(undefined, undefined);
        if (effect.kind === 'refuse') this.refuse(effect.forMs);
        this.#reset(request);
        return;
      case 'answer':
      case 'redirect': {
        request.resume();
        const reply = madeUpReply(effect, this.#parts.newGuid());
        note(undefined, reply.status);
        this.#send(response, reply);
        return;
      }
      case 'hang':
        if (effect.before !== true) break;
        request.resume();
        note(undefined, undefined);
        return;
      default:
        break;
    }
    if (effect.kind === 'delay' && effect.before === true) await pause(effect.ms);
    const answered = await this.#carryOut(request, destination, effect.kind === 'list' ? effect : {});
    const { reply } = answered;
    switch (effect.kind) {
      case 'reset-after':
        note(answered, undefined);
        this.#reset(request);
        return;
      case 'hang':
        note(answered, undefined);
        return;
      case 'half-body':
        note(answered, reply.status);
        this.#begin(response, reply);
        response.write(reply.body.slice(0, Math.ceil(reply.body.length / 2)), () => this.#reset(request));
        return;
      case 'trickle':
        note(answered, reply.status);
        this.#begin(response, reply);
        await trickle(response, reply.body, effect.bytes, effect.everyMs);
        return;
      case 'endless':
        note(answered, reply.status);
        response.writeHead(reply.status, { ...reply.headers, Date: httpDate(this.#parts.clock) });
        response.write(reply.body.slice(0, -1));
        await writeForever(response);
        return;
      case 'garbage':
        note(answered, 200);
        this.#send(response, { ...reply, status: 200, body: effect.body ?? '\u0000\u0001 this is no JSON \uFFFD' });
        return;
      case 'truncated':
        note(answered, 200);
        this.#send(response, { ...reply, status: 200, body: reply.body.slice(0, Math.floor(reply.body.length * 0.6)) });
        return;
      case 'delay':
        if (effect.before !== true) await pause(effect.ms);
        note(answered, reply.status);
        this.#send(response, reply);
        return;
      case 'list':
        note(answered, reply.status);
        this.#send(response, reply);
        return;
    }
  }

  async #carryOut(request: IncomingMessage, destination: Destination, distortion: ListDistortion): Promise<Answered> {
    const body = await readBody(request);
    // What fell due while the body was on its way comes first.
    this.#parts.clock.settle();
    if (destination.kind === 'login') {
      return answerSignIn(
        { ...destination, body, correlationId: headerOf(request, 'client-request-id') },
        { entra: this.#parts.entra, newGuid: this.#parts.newGuid, now: () => this.#parts.clock.now() },
      );
    }
    const call = {
      ...destination,
      body,
      parameters: destination.url.searchParams,
      authorization: request.headers.authorization,
    };
    const { reply, bearer } = answer(call, this.#parts, distortion);
    return { reply, tenantId: bearer?.tenantId, appId: bearer?.appId };
  }

  #send(response: ServerResponse, reply: Reply): void {
    this.#begin(response, reply);
    response.end(reply.body);
  }

  #begin(response: ServerResponse, { status, headers, body }: Reply): void {
    response.writeHead(status, {
      ...headers,
      ...(status !== 204 && { 'Content-Length': Buffer.byteLength(body) }),
      // The service's clock is the only one by which its ages can be taken.
      Date: httpDate(this.#parts.clock),
    });
  }

  /** Ends a connection with a TCP reset, so that the other side sees ECONNRESET and no clean end. */
  #reset({ socket }: IncomingMessage): void {
    const connection = this.#connections.get(socket.remotePort ?? 0);
    if (connection === undefined || connection.destroyed) socket.destroy();
    else connection.resetAndDestroy();
  }

  #note(
    { method, route, url }: Destination,
    answered: Answered | undefined,
    status: number | undefined,
    fault: string | undefined,
  ): void {
    this.#parts.log.add({
      at: new Date(this.#parts.clock.now()).toISOString(),
      route: route ?? `${method} ${url.pathname}`,
      method,
      url: url.pathname + url.search,
      tenantId: answered?.tenantId,
      appId: answered?.appId,
      status,
      fault,
    });
  }
}

function destinationOf(request: IncomingMessage): Destination | undefined {
  const { host = 'localhost', method = 'GET', url: target = '/' } = { ...request, host: request.headers.host };
  try {
    const url = new URL(target, 'https://localhost');
    const all = url.pathname
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
    const name = host.replace(/:\d+$/, '').toLowerCase();
    const isApi = all[0]?.toLowerCase() === 'api' && !isLoginHost(name);
    if (!isApi && (isLoginHost(name) || !isServiceHost(name))) {
      return { kind: 'login', route: signInRoute(all), base: '', segments: all, url, host, method };
    }
    const version = all[1]?.toLowerCase() === 'v1.0' ? 2 : 1;
    const segments = isApi ? all.slice(version) : all;
    const base = `/${(isApi ? all.slice(0, version) : []).join('/')}`;
    const route = isApi ? matchRoute(method, segments)?.route.name : undefined;
    return { kind: 'api', route, base, segments, url, host, method };
  } catch {
    return undefined;
  }
}

/** Whether a name is the API's alone; on loopback the path tells sign-in and API apart. */
function isServiceHost(name: string): boolean {
  return name !== 'localhost' && name !== '127.0.0.1' && apiHost(name) !== undefined;
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > largestBody) reject(new RangeError('the body is too large'));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the client went away')));
  });
}

function madeUpReply(effect: Extract<FaultEffect, { kind: 'answer' | 'redirect' }>, target: string): Reply {
  if (effect.kind === 'redirect') {
    return { status: effect.status ?? 307, headers: { Location: effect.location }, body: '' };
  }
  const preset = faultAnswers[effect.status];
  return {
    status: effect.status,
    headers: { ...preset?.headers, ...effect.headers },
    body: effect.body ?? preset?.body(target) ?? '',
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

async function trickle(response: ServerResponse, body: string, bytes: number, everyMs: number): Promise<void> {
  const content = Buffer.from(body);
  for (let at = 0; at < content.length && !response.destroyed; at += bytes) {
    response.write(content.subarray(at, at + bytes));
    await pause(everyMs);
  }
  response.end();
}

/** Blanks, which every JSON parser would take, for as long as somebody reads. */
async function writeForever(response: ServerResponse): Promise<void> {
  const blanks = Buffer.alloc(65_536, ' ');
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  while (!response.destroyed) {
    if (response.write(blanks)) await pause(5);
    else await Promise.race([closed, new Promise<void>((resolve) => response.once('drain', resolve))]);
  }
}
