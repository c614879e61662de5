const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;

/**
 * A time as the service writes it, in ms since the epoch, or undefined where it is none. The service sends up to seven
 * fractional digits with trailing zeros dropped; they are cut to three. A time without a zone is UTC, as the fields'
 * names say.
 */
export function parseServiceTime(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, seconds, fraction = '', zone = 'Z'] = match;
  const at = Date.parse(`${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}
