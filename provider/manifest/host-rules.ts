import { DAY, parseDuration, parseRfc3339 } from '../containment/duration.ts';
import { type MachineId, parseMachineId } from '../defender/machine.ts';
import { nearName } from './near-name.ts';
import { shown } from './shown.ts';

/**
 * What may stand in each property of a host, wherever a host is declared: in a manifest, inline, or as a resource of its
 * own. The rules know no clock: whether a moment is past is judged by who has one.
 */
export type Judged<T> = { readonly value: T } | { readonly problem: string };

export const bothMissing =
  'either machineId (40 hex digits) or deviceName (the whole name) says which host is meant; both are missing';

export const defaultRenewBefore = '96h';
const longestRenewBeforeMs = 7 * DAY;

export function judgeMachineId(given: unknown): Judged<MachineId> {
  if (typeof given === 'number')
    return { problem: `is the number ${given}, which has lost digits; put quotes around the machine id` };
  const value = typeof given === 'string' ? parseMachineId(given.trim()) : undefined;
  if (value !== undefined) return { value };
  return {
    problem: `"${shown(given)}" is no machine id: 40 hex digits, as in the device's page address in the Defender portal`,
  };
}

export function judgeDeviceName(given: unknown): Judged<string> {
  const value = typeof given === 'string' ? given.trim() : '';
  // Whatever a DNS or NetBIOS name may hold; a wildcard or a quote is a mistake, and a mistake may mean another host.
  if (/^[\p{L}\p{N}_]([\p{L}\p{N}_.-]{0,252})$/u.test(value)) {
    // State holds hosts by their names, and under this one a host would be lost.
    if (value.toLowerCase() !== '__proto__') return { value };
    return { problem: `"${value}" cannot be used as a name here; declare the device by its machineId` };
  }
  return {
    problem: `"${shown(given)}" is no device name: give the whole name as Defender shows it, such as laptop-7.contoso.com`,
  };
}

/** @param applied what is done to the host: isolated, restricted */
export function judgeComment(given: unknown, applied = 'isolated'): Judged<string> {
  if (typeof given !== 'string' && given !== undefined) return { problem: notText(given) };
  if (given === undefined || given.trim() === '') {
    return {
      problem: `is blank; say why the host is ${applied}, best with the ticket, such as "INC-4711 ransomware, floor 3"`,
    };
  }
  return disturbing(given) ?? { value: given };
}

/** @param values what it may be, exactly */
export function judgeChoice<T extends string>(given: unknown, values: readonly T[]): Judged<T> {
  const value = values.find((each) => each === given);
  if (value !== undefined) return { value };
  const near = typeof given === 'string' ? nearName(given, values) : undefined;
  return {
    problem: `"${shown(given)}" is none of ${values.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
  };
}

export function judgeFlag(given: unknown): Judged<boolean> {
  return typeof given === 'boolean' ? { value: given } : { problem: 'must be true or false' };
}

export function judgeReleaseAt(given: unknown): Judged<string> {
  if (typeof given === 'string' && parseRfc3339(given) !== undefined) return { value: given };
  return { problem: `"${shown(given)}" is no RFC 3339 moment with a zone, such as 2026-12-01T08:00:00Z` };
}

export function judgeRenewBefore(given: unknown): Judged<string> {
  const ms = typeof given === 'string' ? parseDuration(given) : undefined;
  if (typeof given !== 'string' || ms === undefined)
    return { problem: `"${shown(given)}" is no duration such as 96h or 1h30m (there is no unit for days)` };
  if (ms > longestRenewBeforeMs)
    return { problem: `${shown(given)} is longer than the seven days (168h) of an isolation` };
  return { value: given };
}

/** Text of any kind that people read: a tag, an OS platform. */
export function judgeText(given: unknown): Judged<string> {
  if (typeof given !== 'string') return { problem: notText(given) };
  if (given.trim() === '') return { problem: 'is blank; give a text, or leave it out' };
  return disturbing(given) ?? { value: given };
}

function notText(given: unknown): string {
  if (typeof given === 'number' || typeof given === 'boolean')
    return `must be text, and ${given} is none; put quotes around it`;
  return `must be text, not ${Array.isArray(given) ? 'a list' : given === null ? 'empty' : 'a map'}`;
}

/** Line breaks and tabs are text; what repaints a terminal or reorders a line for its reader is not. */
function disturbing(text: string): { readonly problem: string } | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const found = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.exec(text)?.[0];
  if (found === undefined) return undefined;
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const kind = /[\u202a-\u202e\u2066-\u2069]/.test(found) ? 'bidirectional override' : 'control character';
  return { problem: `"${shown(text)}" holds the ${kind} U+${code}; write it without` };
}
