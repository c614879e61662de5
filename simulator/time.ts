/**
 * A moment as the service stores it: 100-nanosecond units since 2020-01-01T00:00:00Z. Counted from 2020 because a
 * double holds whole units exactly for some 28 years either side, but not since 1970.
 */
export type Ticks = number;

const epochMs = Date.UTC(2020, 0, 1);
const ticksPerMs = 10_000;

/** `ms` since 1970, and the part below a millisecond in ticks (0 to 9,999). */
export function ticksOf(ms: number, below = 0): Ticks {
  return (Math.floor(ms) - epochMs) * ticksPerMs + below;
}

/** Milliseconds since 1970, rounded down. */
export function msOf(ticks: Ticks): number {
  return Math.floor(ticks / ticksPerMs) + epochMs;
}

/** As the service prints it: UTC, `Z`, up to seven fractional digits with trailing zeros dropped. */
export function formatTicks(ticks: Ticks): string {
  const ms = msOf(ticks);
  const withinSecond = (((ms % 1000) + 1000) % 1000) * ticksPerMs + (ticks - (ms - epochMs) * ticksPerMs);
  const seconds = new Date(ms).toISOString().slice(0, 19);
  const fraction = String(withinSecond).padStart(7, '0').replace(/0+$/, '');
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

const dateTimePattern = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d))?$/i;

/** An OData date or date-time literal, or undefined where `text` is none. */
export function parseTicks(text: string): Ticks | undefined {
  const match = dateTimePattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const check = new Date(whole);
  if (check.getUTCMonth() !== Number(month) - 1 || check.getUTCDate() !== Number(day) || Number(hour) > 23) {
    return undefined;
  }
  const below = Number(fraction.padEnd(7, '0').slice(0, 7));
  return (whole - epochMs - offsetMs(zone)) * ticksPerMs + below;
}

function offsetMs(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))) * 60_000;
}

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** Milliseconds of `1h30m`, `7d`, `66s`, `250ms`; a number is taken as milliseconds. Throws where it is neither. */
export function durationMs(duration: number | string): number {
  if (typeof duration === 'number') {
    if (Number.isFinite(duration) && duration >= 0) return duration;
  } else if (typeof duration === 'string' && duration.length <= 200 && /^(\d+(\.\d+)?(ms|d|h|m|s))+$/.test(duration)) {
    let sum = 0;
    for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|d|h|m|s)/g)) {
      sum += Number(amount) * unitMs[unit as keyof typeof unitMs];
    }
    return sum;
  }
  throw new RangeError(`"${duration}" is no duration; write 7d, 1h30m, 66s or a number of milliseconds`);
}
