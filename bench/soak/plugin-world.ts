import type { Control } from '../../simulator/control.ts';
import type { FastStack } from '../fast-stack.ts';
import type { SoakWorld } from './soak.ts';

interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** How often it is looked, while a run goes on, whether something is due; real ms. */
const lookEveryMs = 2;

/** A stack over the real plugin: time runs by itself while a run goes on, and is moved on between runs. */
export class PluginWorld implements SoakWorld {
  readonly control: Control;
  readonly #stack: FastStack;
  #events: Event[] = [];

  constructor(control: Control, stack: FastStack) {
    this.control = control;
    this.#stack = stack;
  }

  after(ms: number, run: () => void): void {
    const event = { at: this.#now() + ms, run };
    const later = this.#events.findIndex(({ at }) => at > event.at);
    this.#events.splice(later < 0 ? this.#events.length : later, 0, event);
  }

  pass(ms: number): void {
    const until = this.#now() + ms;
    for (let next = this.#events[0]; next !== undefined && next.at <= until; next = this.#events[0]) {
      this.#events.shift();
      this.#advanceTo(next.at);
      next.run();
    }
    this.#advanceTo(until);
  }

  up(manifest: string): Promise<readonly string[]> {
    return this.#during(this.#stack.up(manifest));
  }

  preview(manifest: string): Promise<readonly string[]> {
    return this.#during(this.#stack.preview(manifest));
  }

  async #during<T>(run: Promise<T>): Promise<T> {
    const look = setInterval(() => {
      const now = this.#now();
      const due = this.#events.filter(({ at }) => at <= now);
      this.#events = this.#events.slice(due.length);
      for (const event of due) event.run();
    }, lookEveryMs);
    try {
      return await run;
    } finally {
      clearInterval(look);
    }
  }

  #advanceTo(at: number): void {
    const ms = at - this.#now();
    if (ms > 0) this.control.advance(ms);
  }

  #now(): number {
    return this.control.now().getTime();
  }
}
