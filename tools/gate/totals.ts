/** How many tests, or checks, ended which way. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function sum(all: readonly Totals[]): Totals {
  return all.reduce(
    (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** `12 passed, 0 failed`, and `, 1 skipped` where any were. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * What a run of tests counts for. A run that ends without its counts (a file that could not be loaded, a crash), or
 * with an exit code that the counts do not explain, has failed at least once, whatever else it says.
 * @param counts what the reporter wrote; undefined where it wrote nothing
 * @param exitCode null where a signal ended the run
 */
export function judge(counts: Totals | undefined, exitCode: number | null): Totals {
  if (counts === undefined) return { passed: 0, failed: 1, skipped: 0 };
  if (exitCode !== 0 && counts.failed === 0) return { ...counts, failed: 1 };
  return counts;
}

export function readTotals(text: string): Totals | undefined {
  try {
    const { passed, failed, skipped } = JSON.parse(text);
    return [passed, failed, skipped].every(Number.isInteger) ? { passed, failed, skipped } : undefined;
  } catch {
    return undefined;
  }
}
