import { httpDate } from './api.ts';
import { type Assembled, assemble, type WorldSettings } from './assemble.ts';
import type { Listener } from './control.ts';
import { type Destination, destinationOf } from './destination.ts';
import type { FaultEffect } from './faults.ts';
import type { Reply } from './reply.ts';
import {
  type Answered,
  carryOut,
  madeUpReply,
  type RequestContent,
  record,
  type ServerParts,
  spoiltReply,
} from './service.ts';

/** A request as it comes in. */
export interface InProcessRequest extends RequestContent {
  readonly method: string;
  readonly url: string;
}

/** How a request went, as its sender sees it. Times are simulated. */
export type InProcessEnding =
  /** All of it is there so much later. */
  | { readonly kind: 'answer'; readonly reply: Reply; readonly afterMs: number }
  /** Nobody listens: nothing was sent. */
  | { readonly kind: 'refused' }
  /** The connection was reset; `answering`: in the middle of the answer. */
  | { readonly kind: 'reset'; readonly answering: boolean }
  | { readonly kind: 'silent' }
  | { readonly kind: 'endless' }
  /** It is carried out so much later; ask again then. */
  | { readonly kind: 'later'; readonly afterMs: number; readonly carryOut: () => InProcessEnding };

/** Sign-in and API for callers in the same process: no sockets, no real time, and the same faults. */
export class InProcessServer implements Listener {
  readonly #parts: ServerParts;
  #refusesUntil = Number.NEGATIVE_INFINITY;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  refuse(forMs = Number.POSITIVE_INFINITY): void {
    this.#refusesUntil = this.#parts.clock.now() + forMs;
  }

  async reopen(): Promise<void> {
    this.#refusesUntil = Number.NEGATIVE_INFINITY;
  }

  request(request: InProcessRequest): InProcessEnding {
    const parts = this.#parts;
    parts.clock.settle();
    if (parts.clock.now() < this.#refusesUntil) return { kind: 'refused' };
    const { method } = request;
    const url = new URL(request.url);
    const destination = destinationOf(method, url.host, url.pathname + url.search);
    if (destination === undefined) return this.#answer({ status: 400, headers: {}, body: '' });
    const effect = parts.faults.next(method, destination.route);
    if (effect !== undefined) return this.#faulty(request, destination, effect);
    const answered = carryOut(parts, destination, request, {});
    record(parts, destination, answered, answered.reply.status, undefined);
    return this.#answer(answered.reply);
  }

  #faulty(request: RequestContent, destination: Destination, effect: FaultEffect): InProcessEnding {
    const note = (answered: Answered | undefined, status: number | undefined) =>
      record(this.#parts, destination, answered, status, effect.kind);
    const carriedOut = (isAnswered: boolean): Reply => {
      const answered = carryOut(this.#parts, destination, request, effect.kind === 'list' ? effect : {});
      const { reply } = answered;
      const isSpoilt = effect.kind === 'garbage' || effect.kind === 'truncated';
      note(answered, isAnswered ? (isSpoilt ? 200 : reply.status) : undefined);
      return reply;
    };
    switch (effect.kind) {
      case 'reset-before':
      case 'refuse':
        note(undefined, undefined);
        if (effect.kind === 'refuse') this.refuse(effect.forMs);
        return { kind: 'reset', answering: false };
      case 'answer':
      case 'redirect': {
        const reply = madeUpReply(effect, this.#parts.newGuid());
        note(undefined, reply.status);
        return this.#answer(reply);
      }
      case 'reset-after':
        carriedOut(false);
        return { kind: 'reset', answering: false };
      case 'hang':
        if (effect.before === true) note(undefined, undefined);
        else carriedOut(false);
        return { kind: 'silent' };
      case 'half-body':
        carriedOut(true);
        return { kind: 'reset', answering: true };
      case 'trickle': {
        const reply = carriedOut(true);
        return this.#answer(reply, Math.ceil(Buffer.byteLength(reply.body) / effect.bytes) * effect.everyMs);
      }
      case 'endless':
        carriedOut(true);
        return { kind: 'endless' };
      case 'garbage':
      case 'truncated':
        return this.#answer(spoiltReply(effect, carriedOut(true)));
      case 'delay':
        if (effect.before !== true) return this.#answer(carriedOut(true), effect.ms);
        return { kind: 'later', afterMs: effect.ms, carryOut: () => this.#answer(carriedOut(true)) };
      case 'list':
        return this.#answer(carriedOut(true));
    }
  }

  #answer({ status, headers, body }: Reply, afterMs = 0): InProcessEnding {
    return {
      kind: 'answer',
      reply: { status, headers: { ...headers, Date: httpDate(this.#parts.clock) }, body },
      afterMs,
    };
  }
}

/** A Defender for Endpoint of one's own that only this process can reach; its clock moves by `control.advance`. */
export interface InProcessSimulator extends Pick<Assembled<InProcessServer>, 'control' | 'credentials'> {
  readonly apiUrl: string;
  readonly authorityHost: string;
  /** What a client of the first app needs in its environment, but for a way to reach this. */
  environment(): Readonly<Record<string, string>>;
  request(request: InProcessRequest): InProcessEnding;
  stop(): Promise<void>;
}

export function simulateInProcess(options: Omit<WorldSettings, 'speed'> = {}): InProcessSimulator {
  const { clock, control, credentials, listener } = assemble(
    { ...options, speed: 0 },
    (parts) => new InProcessServer(parts),
  );
  // A port at which nobody listens: should a call ever leave by a socket, it fails.
  const url = 'https://localhost:1';
  return {
    apiUrl: url,
    authorityHost: url,
    control,
    credentials,
    environment: () => ({
      MDE_API_URL: url,
      AZURE_AUTHORITY_HOST: url,
      AZURE_TENANT_ID: credentials.tenantId,
      AZURE_CLIENT_ID: credentials.clientId,
      AZURE_CLIENT_SECRET: credentials.clientSecret,
    }),
    request: (request) => listener.request(request),
    stop: async () => clock.stop(),
  };
}
