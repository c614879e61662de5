/** Takes an event off the schedule; harmless once it ran. */
export type CancelEvent = () => void;

interface ScheduledEvent {
  readonly time: number;
  readonly order: number;
  run: (() => void) | undefined;
}

const longestTimerMs = 3_600_000;

/**
 * The simulated time, in milliseconds since 1970: it runs `speed` times as fast as the real one (0: it stands still) and
 * can be moved on. Whatever falls due in between happens in order, each at its own moment. Its timers never keep the
 * process alive.
 */
export class VirtualClock {
  #anchor: number;
  #anchoredAt: number;
  #speed: number;
  /** The moment of the event being carried out. */
  #within: number | undefined;
  #order = 0;
  readonly #heap: ScheduledEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #realNow: () => number;

  constructor(startAt: number, speed: number, realNow: () => number = () => performance.now()) {
    this.#anchor = startAt;
    this.#speed = checkedSpeed(speed);
    this.#realNow = realNow;
    this.#anchoredAt = realNow();
  }

  get speed(): number {
    return this.#speed;
  }

  now(): number {
    return this.#within ?? this.#anchor + (this.#realNow() - this.#anchoredAt) * this.#speed;
  }

  setSpeed(speed: number): void {
    checkedSpeed(speed);
    this.settle();
    this.#anchorAt(this.now());
    this.#speed = speed;
    this.#arm();
  }

  /** Carries out `run` at `time`, or at once (at the next settle) where that has passed. */
  at(time: number, run: () => void): CancelEvent {
    const event: ScheduledEvent = { time, order: this.#order++, run };
    push(this.#heap, event);
    if (this.#heap[0] === event) this.#arm();
    return () => {
      event.run = undefined;
    };
  }

  /** Moves time on by `ms`. */
  advance(ms: number): void {
    if (this.#within !== undefined) throw new Error('time cannot be moved on from within an event');
    const target = this.now() + ms;
    this.#runUntil(target);
    this.#anchorAt(target);
    this.#arm();
  }

  /** Carries out what is due by now, without waiting for the timer. */
  settle(): void {
    if (this.#within !== undefined) return;
    this.#runUntil(this.now());
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#heap.length = 0;
  }

  #runUntil(target: number): void {
    let current = Number.NEGATIVE_INFINITY;
    try {
      for (let event = this.#heap[0]; event !== undefined && event.time <= target; event = this.#heap[0]) {
        pop(this.#heap);
        current = Math.max(current, event.time);
        this.#within = current;
        event.run?.();
      }
    } finally {
      this.#within = undefined;
    }
  }

  #anchorAt(time: number): void {
    this.#anchor = time;
    this.#anchoredAt = this.#realNow();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const next = this.#heap[0];
    if (next === undefined || this.#speed === 0) return;
    const waitMs = Math.ceil((next.time - this.now()) / this.#speed);
    this.#timer = setTimeout(() => this.settle(), Math.min(Math.max(waitMs, 1), longestTimerMs));
    this.#timer.unref();
  }
}

function checkedSpeed(speed: number): number {
  if (Number.isFinite(speed) && speed >= 0) return speed;
  throw new RangeError(`${speed} is no speed; write 0 for a clock that only moves when told, 1 for real time, 60, …`);
}

function earlier(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.time < right.time || (left.time === right.time && left.order < right.order);
}

function push(heap: ScheduledEvent[], event: ScheduledEvent): void {
  let index = heap.push(event) - 1;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !earlier(event, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = event;
}

function pop(heap: ScheduledEvent[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const leftIndex = 2 * index + 1;
    const left = heap[leftIndex];
    if (left === undefined) break;
    const right = heap[leftIndex + 1];
    const [childIndex, child] =
      right !== undefined && earlier(right, left) ? [leftIndex + 1, right] : [leftIndex, left];
    if (!earlier(child, last)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = last;
}
