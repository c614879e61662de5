import type { Redaction } from './redaction.ts';

/** A longer value would bury the reason. */
const longestEcho = 120;

/**
 * Whether the engine may print this value of a property that failed a check, as it does beside the property's name: not
 * where it is long, a text of several lines, such as a manifest, or nested, nor where it holds a secret, such as the URL
 * of a host with a password.
 */
export function isEchoable(value: unknown, redaction: Redaction): boolean {
  if (value === undefined || value === null) return true;
  if (!['string', 'number', 'boolean'].includes(typeof value)) return false;
  const text = String(value);
  return text.length <= longestEcho && !text.includes('\n') && redaction.presentable(text) === text;
}
