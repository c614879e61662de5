/**
 * What a `Retry-After` header asks for, in ms from `now`: seconds or an HTTP date (RFC 9110 §10.2.3). Undefined where
 * it is absent or makes no sense, and never more than a day.
 * @param now the service's clock, since a date in the header is the service's
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (text === undefined || text === '') return undefined;
  const wait = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : /^[A-Za-z]/.test(text)
      ? Date.parse(text) - now
      : Number.NaN;
  if (!Number.isFinite(wait)) return undefined;
  return Math.min(Math.max(0, Math.ceil(wait)), 24 * 3_600_000);
}
