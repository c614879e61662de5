/** A stretch of time, ms; `to` is the first moment that does not belong to it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What of the spans is in none of the others; in order, none touching the next. */
export function without(spans: readonly Span[], others: readonly Span[]): readonly Span[] {
  let left = joined(spans);
  for (const other of others) {
    left = left.flatMap(({ from, to }) => [
      ...(from < other.from ? [{ from, to: Math.min(to, other.from) }] : []),
      ...(to > other.to ? [{ from: Math.max(from, other.to), to }] : []),
    ]);
  }
  return left.filter(({ from, to }) => from < to);
}

/** The same time in spans that neither overlap nor touch. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const whole: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((one, other) => one.from - other.from)) {
    const last = whole.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else if (from < to) whole.push({ from, to });
  }
  return whole;
}

export function contains({ from, to }: Span, other: Span): boolean {
  return from <= other.from && other.to <= to;
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
