import grpc from '@grpc/grpc-js';
import type { OperationContext } from '../resources/resource.ts';
import { realTimers, StatusLine, type Timers } from '../status-line.ts';
import type { EngineLog } from './engine-log.ts';
import { Refusal } from './failure.ts';
import { parseUrn } from './urn.ts';

export interface OperationRequest {
  readonly urn: string;
  /** Nothing may be written. Also true for check, diff and read, which never write. */
  readonly preview: boolean;
  /** About what is declared, and not only about what is: all but read and diff. */
  readonly judges: boolean;
  /** Seconds, as the protocol gives them; 0 is "not set". */
  readonly timeoutSeconds: number;
}

export interface OperationsOptions {
  readonly log: EngineLog;
  readonly paceMs: number;
  readonly timers?: Timers;
  /** How long an operation may take to come back once it was told to stop, in milliseconds. */
  readonly graceMs?: number;
}

/** After Cancel the engine waits without limit; a person who pressed Ctrl-C does not. Below the promised 5 s. */
const defaultGraceMs = 4_000;

/** The operations under way: gives each its context, and ends them all at once. */
export class Operations {
  readonly #log: EngineLog;
  readonly #paceMs: number;
  readonly #timers: Timers;
  readonly #graceMs: number;
  readonly #running = new Map<AbortController, Promise<unknown>>();
  #stopReason: string | undefined;
  #judged = 0;

  constructor(options: OperationsOptions) {
    this.#log = options.log;
    this.#paceMs = options.paceMs;
    this.#timers = options.timers ?? realTimers;
    this.#graceMs = options.graceMs ?? defaultGraceMs;
  }

  /** How many declarations were checked, previewed or carried out in this process; reads and diffs do not count. */
  get judged(): number {
    return this.#judged;
  }

  get stopReason(): string | undefined {
    return this.#stopReason;
  }

  /**
   * Runs one operation, and returns only when its messages have been taken, so that they stand in its row.
   * Throws Refusal (CANCELLED) where the run was stopped before, or where the operation does not come back in time.
   */
  async run<T>(request: OperationRequest, work: (context: OperationContext) => Promise<T>): Promise<T> {
    if (this.#stopReason !== undefined) {
      throw new Refusal(grpc.status.CANCELLED, `not started: ${this.#stopReason}`);
    }
    if (request.judges) this.#judged++;
    const controller = new AbortController();
    const { signal } = controller;
    const say = (severity: 'info' | 'warning', ephemeral: boolean) => (text: string) =>
      this.#log.send({ severity, text, urn: request.urn, ephemeral });
    const status = new StatusLine(say('info', true), { paceMs: this.#paceMs }, this.#timers);
    const declaration = parseUrn(request.urn);
    const timeoutMs = request.timeoutSeconds > 0 ? request.timeoutSeconds * 1_000 : undefined;
    const log = {
      info: say('info', false),
      warn: say('warning', false),
      status: (text: string) => status.set(text),
      done: say('info', true),
    };
    const result = Promise.resolve().then(() => {
      return work({ declaration, preview: request.preview, timeoutMs, signal, log });
    });
    const running = Promise.race([result, this.#tooLate(signal)]);
    // The loser of the race may still fail; nobody waits for it any more.
    result.catch(() => undefined);
    this.#running.set(controller, running);
    try {
      return await running;
    } finally {
      status.end();
      this.#running.delete(controller);
      await this.#log.settled();
    }
  }

  /** No new operations, and every running one is told to return what it knows. */
  stop(reason: string): void {
    this.#stopReason ??= reason;
    for (const controller of this.#running.keys()) controller.abort(new Error(reason));
  }

  /** Resolves when nothing runs any more. Bounded: after `stop` no operation outlasts the grace. */
  async ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
  }

  #tooLate(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      const late = () =>
        this.#timers.after(this.#graceMs, () => {
          const text = `${this.#stopReason}: it did not end in time; the next run looks at what became of it`;
          reject(new Refusal(grpc.status.CANCELLED, text));
        });
      signal.addEventListener('abort', late, { once: true });
    });
  }
}
