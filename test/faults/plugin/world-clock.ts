import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** The time that service and plugin have in common: the plugin's process asks for jumps, and the service's clock makes them. */
export class WorldClock {
  readonly #now: () => number;
  readonly #advance: (ms: number) => void;
  readonly #events: Event[] = [];
  readonly #server: Server;

  /** @param now the service's time, ms since 1970 @param advance moves it on */
  constructor(now: () => number, advance: (ms: number) => void) {
    this.#now = now;
    this.#advance = advance;
    this.#server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      request.once('end', () => response.end(String(this.#jump(Number(text)))));
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get jumpUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Does something once so much time has passed, at that very moment where it is jumped over. */
  after(ms: number, run: () => void): void {
    this.#events.push({ at: this.#now() + ms, run });
    this.#events.sort((one, other) => one.at - other.at);
  }

  /** Lets time pass while nothing runs. */
  pass(ms: number): void {
    for (let left = ms; left > 0; ) left -= this.#jump(left);
  }

  end(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** @returns how far it went: not past the next event, so that nothing happens too late */
  #jump(ms: number): number {
    const [next] = this.#events;
    const granted = Math.max(0, next === undefined ? ms : Math.min(ms, next.at - this.#now()));
    this.#advance(granted);
    if (next !== undefined && next.at <= this.#now()) {
      this.#events.shift();
      next.run();
    }
    return granted;
  }
}
