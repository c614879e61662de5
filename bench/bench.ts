/** A number that a bench finds out. */
export interface Measure {
  /** Its key in the bench's rows; the unit is part of the name where it has one. */
  readonly key: string;
  /** What exactly was measured, for people. */
  readonly about: string;
}

/** One line of a bench: a number for each of its measures. */
export type Row = Readonly<Record<string, number>>;

export interface BenchContext {
  /** The repository, with `dist/` built. */
  readonly root: string;
  /** Aborts when the person has had enough: what was started is ended, and the bench throws. */
  readonly signal: AbortSignal;
  /** Tells how far it is; one line, for people. */
  say(progress: string): void;
}

export interface Bench {
  readonly name: string;
  /** One sentence: what question it answers. */
  readonly about: string;
  readonly measures: readonly Measure[];
  /**
   * Measures, a row at a time.
   * @throws Error where what it measured is not what it should have been, so that the numbers would say nothing
   */
  run(context: BenchContext): AsyncIterable<Row>;
}
