/** `short`: within a gate; `whole`: as thoroughly as the row can. */
export type Scale = 'short' | 'whole';

/** One line of the fault matrix: what goes wrong, and what a person and the record show of it. */
export interface FaultRow {
  /** Unique, and short: it is the row's name. */
  readonly fault: string;
  /** What it happens to: the plugin in a process of its own, or a whole run of the real engine. */
  readonly on: 'plugin' | 'engine';
  readonly expected: string;
  /** Whether it runs in the short form too. */
  readonly short: boolean;
  /**
   * What was seen, in one line.
   * @throws Error where it is not what must be; the message begins with the invariant that broke, `I1` to `I9`, where
   *   it is one (broken.ts)
   */
  run(scale: Scale): Promise<string>;
}

/** How a row ended. */
export interface Outcome {
  readonly row: FaultRow;
  readonly held: boolean;
  /** What was seen, or what broke. */
  readonly seen: string;
  readonly ms: number;
}

export async function runRow(row: FaultRow, scale: Scale): Promise<Outcome> {
  const started = performance.now();
  const ended = (held: boolean, seen: string): Outcome => ({ row, held, seen, ms: performance.now() - started });
  try {
    return ended(true, await row.run(scale));
  } catch (error) {
    return ended(false, error instanceof Error ? error.message : String(error));
  }
}
