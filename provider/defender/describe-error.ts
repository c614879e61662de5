/** A Defender error for people: what happened, where, and what to do. */
export function describeDefenderError(
  error: Error & { next?: string | undefined; target?: string | undefined },
): string {
  const target = error.target === undefined ? '' : ` (correlation id ${error.target})`;
  const next = error.next === undefined ? '' : ` ${error.next}`;
  return `${error.message}${target}.${next}`.replace(/\.\.( |$)/, '.$1');
}
