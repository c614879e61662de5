import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { httpDate } from './api.ts';
import type { ListDistortion } from './call.ts';
import type { Certificate } from './certificate.ts';
import { type Destination, destinationOf } from './destination.ts';
import type { FaultEffect } from './faults.ts';
import type { Reply } from './reply.ts';
import { type Answered, carryOut, madeUpReply, record, type ServerParts, spoiltReply } from './service.ts';

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
    const { method = 'GET', url: target = '/' } = request;
    const destination = destinationOf(method, request.headers.host ?? 'localhost', target);
    if (destination === undefined) {
      response.writeHead(400, { Date: httpDate(this.#parts.clock) }).end();
      return;
    }
    const effect = this.#parts.faults.next(destination.method, destination.route);
    if (effect === undefined) {
      const answered = await this.#carryOut(request, destination, {});
      record(this.#parts, destination, answered, answered.reply.status, undefined);
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
      record(this.#parts, destination, answered, status, effect.kind);
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
      case 'truncated':
        note(answered, 200);
        this.#send(response, spoiltReply(effect, reply));
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
    const { authorization } = request.headers;
    const correlationId = headerOf(request, 'client-request-id');
    return carryOut(this.#parts, destination, { body, authorization, correlationId }, distortion);
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
