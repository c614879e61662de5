import { subscribe } from 'node:diagnostics_channel';
import dns from 'node:dns';
import http, { type ClientRequest } from 'node:http';

// Preloaded into the plugin's process, whose own code stays as it is. Its clock goes as the real one does while a request
// is under way; where it only waits, the clock jumps to the next timer, and the service's with it, so that ten minutes of
// waiting cost nothing. It may be wrong by hours; and a name may be unknown to DNS without anybody being asked for it.

/** What the clock of the plugin's process is to be. */
export interface ProcessClock {
  /** Where to ask for a jump: `POST` with the milliseconds wanted; the answer is how many were granted. */
  readonly jumpUrl: string;
  /** How far it is ahead of the real one at its start, ms. */
  readonly aheadMs: number;
  /** A request that is open for so long, of real time, counts as one that will never be answered; ms. Default: none does. */
  readonly hangsAfterMs?: number | undefined;
  /** A host name that cannot be looked up. */
  readonly unknownHost?: string | undefined;
}

const variable = 'PULUMI_MDE_TEST_CLOCK';

export function clockEnvironment(clock: ProcessClock): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${import.meta.url}`, [variable]: JSON.stringify(clock) };
}

const realTimeout = setTimeout;
const realClear = clearTimeout;
const realNow = performance.now.bind(performance);
/** By how much the clock went faster than the real one, ms. */
let jumped = 0;
const armed = new Set<Alarm>();

/** What `setTimeout` answers: due by the clock that jumps. */
class Alarm {
  readonly #run: () => void;
  readonly #ms: number;
  #due = 0;
  #real: NodeJS.Timeout | undefined;
  #held = true;

  constructor(run: () => void, ms: number) {
    this.#run = run;
    this.#ms = ms;
    this.refresh();
  }

  get leftMs(): number {
    return this.#due - realNow() - jumped;
  }

  /** Again, since the clock jumped. */
  arm(): void {
    realClear(this.#real);
    armed.add(this);
    this.#real = realTimeout(
      () => {
        armed.delete(this);
        this.#run();
      },
      Math.max(0, this.leftMs),
    );
    if (!this.#held) this.#real.unref();
  }

  refresh(): this {
    this.#due = realNow() + jumped + this.#ms;
    this.arm();
    return this;
  }

  close(): this {
    realClear(this.#real);
    armed.delete(this);
    return this;
  }

  ref(): this {
    this.#held = true;
    this.#real?.ref();
    return this;
  }

  unref(): this {
    this.#held = false;
    this.#real?.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#held;
  }
}

function setClock({ aheadMs }: ProcessClock): void {
  const RealDate = Date;
  const now = () => Math.round(RealDate.now() + aheadMs + jumped);
  globalThis.Date = class extends RealDate {
    constructor(...parts: readonly unknown[]) {
      super(...((parts.length === 0 ? [now()] : parts) as []));
    }
    static override now = now;
  } as DateConstructor;
  performance.now = () => realNow() + jumped;
  // Not `setInterval`: the only one is the look whether the engine still lives, which is a matter of real time.
  const timeout = (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) =>
    new Alarm(() => run(...given), Math.max(1, Number(ms) || 0));
  globalThis.setTimeout = Object.assign(timeout, realTimeout) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((timer: unknown) => {
    if (timer instanceof Alarm) timer.close();
    else realClear(timer as NodeJS.Timeout);
  }) as typeof clearTimeout;
}

/** So long nothing must be under way before the clock jumps, of real time, looks and ms. */
const calmLooks = 6;
const calmMs = 8;

function jumpWhereNothingIsUnderWay({ jumpUrl, hangsAfterMs = Number.POSITIVE_INFINITY }: ProcessClock): void {
  const open = new Map<ClientRequest, number>();
  const agent = new http.Agent({ keepAlive: true });
  let isAsking = false;
  subscribe('http.client.request.created', (message) => {
    if (isAsking) return;
    const { request } = message as { readonly request: ClientRequest };
    open.set(request, realNow());
    request.once('close', () => open.delete(request));
  });
  /** @returns the milliseconds granted */
  const ask = (ms: number): Promise<number> =>
    new Promise((resolve) => {
      isAsking = true;
      const request = http.request(jumpUrl, { method: 'POST', agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.once('end', () => resolve(Number(text)));
      });
      isAsking = false;
      // The test is over.
      request.once('error', () => resolve(0));
      request.end(String(ms));
    });
  let looks = 0;
  let calmSince = realNow();
  const look = async (): Promise<void> => {
    const now = realNow();
    const isBusy = [...open.values()].some((since) => now - since < hangsAfterMs);
    if (isBusy) {
      looks = 0;
      calmSince = now;
    } else looks += 1;
    if (looks >= calmLooks && now - calmSince >= calmMs) {
      const held = [...armed].filter((alarm) => alarm.hasRef());
      const leftMs = Math.min(...held.map((alarm) => alarm.leftMs));
      if (Number.isFinite(leftMs) && leftMs > 1) {
        jumped += await ask(leftMs);
        for (const alarm of [...armed]) alarm.arm();
      }
      looks = 0;
      calmSince = realNow();
    }
    realTimeout(() => void look(), 1).unref();
  };
  void look();
}

function hideFromDns(unknownHost: string): void {
  const realLookup = dns.lookup as unknown as (host: string, ...rest: unknown[]) => void;
  const lookup = (host: string, ...rest: unknown[]): void => {
    if (host !== unknownHost) {
      realLookup(host, ...rest);
      return;
    }
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
    process.nextTick(rest.at(-1) as (error: Error) => void, error);
  };
  dns.lookup = Object.assign(lookup, realLookup) as unknown as typeof dns.lookup;
}

const given = process.env[variable];
if (given !== undefined) {
  delete process.env[variable];
  const clock = JSON.parse(given) as ProcessClock;
  setClock(clock);
  jumpWhereNothingIsUnderWay(clock);
  if (clock.unknownHost !== undefined) hideFromDns(clock.unknownHost);
}
