import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Clock, Timer } from '../../provider/defender/ports.ts';

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** The time of one process: its timers end with it. */
export interface ProcessTime {
  readonly clock: Clock;
  readonly timer: Timer;
  end(): void;
}

/** What a request takes on the wire, ms. Not nothing: whatever follows an answer has to come after it. */
const wireMs = 30;
/** Real time without any progress after which a run is taken to hang, ms. */
const hangMs = 20_000;
/** Simulated time after which a run is taken to go on for ever, ms. */
const longestMs = 24 * 3_600_000;

/**
 * One time for the provider and the simulator, that jumps to the next timer whenever nothing is under way. So waits cost
 * nothing and last exactly as long as they should, while requests go over real sockets.
 */
export class WorldTime {
  readonly #move: (ms: number) => void;
  readonly #host: string | undefined;
  readonly #alarms = new Set<Alarm>();
  readonly #open = new Set<ClientRequest>();
  /** Messages on their way that are no requests to the service. */
  #held = 0;
  readonly #onRequest: (message: unknown) => void;
  readonly #hooks: { readonly matches: (call: string) => boolean; readonly run: () => void }[] = [];
  #elapsed = 0;
  #readings = 0;

  /**
   * @param host of the requests that count, `localhost:1234`; undefined: none leaves by a socket
   * @param move moves the service's time on
   */
  constructor(host: string | undefined, move: (ms: number) => void) {
    this.#move = move;
    this.#host = host;
    this.#onRequest = (message) => this.#opened((message as { readonly request: ClientRequest }).request);
    if (host !== undefined) subscribe('http.client.request.created', this.#onRequest);
  }

  end(): void {
    unsubscribe('http.client.request.created', this.#onRequest);
    this.#alarms.clear();
  }

  /** @param wall what the process takes for the time at the beginning of the world */
  process(wall: number): ProcessTime {
    const own = new Set<Alarm>();
    let ended = false;
    // Two readings are never equal, as on a real clock.
    const now = () => {
      this.#readings += 1;
      return this.#elapsed + this.#readings / 1e6;
    };
    return {
      clock: { monotonic: now, wall: () => wall + this.#elapsed },
      timer: {
        after: (ms, run) => {
          if (ended) return () => {};
          const cancel = this.#alarm(ms, () => {
            own.delete(alarm);
            run();
          });
          const alarm = cancel.alarm;
          own.add(alarm);
          return () => {
            own.delete(alarm);
            cancel();
          };
        },
      },
      end: () => {
        ended = true;
        for (const alarm of own) this.#alarms.delete(alarm);
      },
    };
  }

  /** Does something while runs are under way, or time passes. */
  after(ms: number, run: () => void): void {
    this.#alarm(ms, run);
  }

  /** Does something once, just before the first request for which `matches` holds (`POST /api/machines/…`) is sent. */
  before(matches: (call: string) => boolean, run: () => void): void {
    this.#hooks.push({ matches, run });
  }

  /** A request is about to be sent by other ways than a socket. */
  sending(call: string): void {
    for (const hook of this.#hooks.filter((each) => each.matches(call))) {
      this.#hooks.splice(this.#hooks.indexOf(hook), 1);
      hook.run();
    }
  }

  /** Time stands still until the answer is called, once: a message is on its way that takes none. */
  hold(): () => void {
    this.#held += 1;
    return () => {
      this.#held -= 1;
    };
  }

  /** Lets time pass while nothing runs. */
  pass(ms: number): void {
    const until = this.#elapsed + ms;
    for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) this.#ring(next);
    this.#advance(until - this.#elapsed);
  }

  /** Waits for `work`, and lets time jump on whenever nothing but time is waited for. */
  async during<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const ended = work.finally(() => {
      settled = true;
    });
    ended.catch(() => {});
    let idleSince = performance.now();
    const startedAt = this.#elapsed;
    while (!settled) {
      await this.#quiet();
      const next = this.#next();
      if (settled) break;
      if (next !== undefined) {
        if (next.at - startedAt > longestMs) throw new Error('the run goes on for a day, and does not end');
        this.#ring(next);
        idleSince = performance.now();
      } else if (performance.now() - idleSince > hangMs) {
        throw new Error('nothing is under way, no timer is set, and the run does not end');
      } else {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    return ended;
  }

  #alarm(ms: number, run: () => void) {
    const alarm: Alarm = { at: this.#elapsed + Math.max(0, ms), run };
    this.#alarms.add(alarm);
    return Object.assign(() => this.#alarms.delete(alarm), { alarm });
  }

  #next(): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) if (next === undefined || alarm.at < next.at) next = alarm;
    return next;
  }

  #ring(alarm: Alarm): void {
    this.#alarms.delete(alarm);
    this.#advance(alarm.at - this.#elapsed);
    alarm.run();
  }

  #advance(ms: number): void {
    if (ms <= 0) return;
    this.#elapsed += ms;
    this.#move(ms);
  }

  #opened(request: ClientRequest): void {
    if (request.getHeader('host') !== this.#host) return;
    this.#advance(wireMs);
    this.sending(`${request.method} ${request.path}`);
    this.#open.add(request);
    request.once('close', () => {
      this.#open.delete(request);
      this.#advance(wireMs);
    });
  }

  /** No request is open, and what the last answers set going has had its turns. */
  async #quiet(): Promise<void> {
    const turns = this.#host === undefined ? 2 : 5;
    for (let calm = 0; calm < turns; calm += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#open.size > 0 || this.#held > 0) calm = -1;
    }
  }
}
