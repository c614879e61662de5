export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
};

/** Go's duration syntax without a sign and without units below a millisecond; the same pattern stands in the schema. */
export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;

/** Characters. */
const longestDuration = 200;

/** Milliseconds of a Go duration (`96h`, `1h30m`), or undefined where `text` is none. Days are not a unit of Go's. */
export function parseDuration(text: string): number | undefined {
  // Nobody writes one this long, and the pattern would exhaust the stack.
  if (text.length > longestDuration || !durationPattern.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN);
  }
  return Number.isFinite(total) ? total : undefined;
}

/** A span for people, in its two largest units: `6 d 3 h`, `12 min`, `40 s`. */
export function describeDuration(ms: number): string {
  const s = Math.max(0, Math.round(ms / SECOND));
  if (s < 90) return `${s} s`;
  const min = Math.round(s / 60);
  if (min < 90) return `${min} min`;
  const h = Math.round(min / 60);
  if (h < 48) return `${h} h`;
  const days = Math.floor(h / 24);
  return h % 24 === 0 ? `${days} d` : `${days} d ${h % 24} h`;
}

/** `2026-12-01 08:00 UTC`: a moment for people, to the minute. */
export function describeMoment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** RFC 3339 in UTC without fractional seconds: how moments stand in state. */
export function toRfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** Milliseconds since the epoch of an RFC 3339 moment with a zone, or undefined (also for 30 February). */
export function parseRfc3339(text: string): number | undefined {
  if (!rfc3339.test(text)) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  // Date.parse rolls 30 February over to March; a rolled-over day is a typing error, not a moment.
  const dayAsWritten = Number(text.slice(8, 10));
  const lastDay = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  return dayAsWritten >= 1 && dayAsWritten <= lastDay ? ms : undefined;
}
