/** A longer value would bury the reason. */
const longestEcho = 120;

/**
 * Whether the engine may print this value of a property that failed a check, as it does beside the property's name: not
 * where it is long, a text of several lines, such as a manifest, or nested.
 */
export function isEchoable(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (!['string', 'number', 'boolean'].includes(typeof value)) return false;
  const text = String(value);
  return text.length <= longestEcho && !text.includes('\n');
}
