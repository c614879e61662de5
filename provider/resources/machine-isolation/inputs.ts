import { DAY, parseDuration, parseRfc3339 } from '../../containment/duration.ts';
import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import { type CheckFailure, type PropertyMap, type PropertyValue, unknown } from '../resource.ts';
import {
  isolationTypeValues,
  type MachineIsolationInputs,
  machineIsolationInputNames,
  onDeleteValues,
  onManualReleaseValues,
  waitForValues,
} from '../schema-types.ts';

/** Inputs as `check` leaves them: defaults filled in, ids in lower case. Unknowns of a preview are kept as they are. */
export type CheckedInputs = MachineIsolationInputs & {
  readonly isolationType: 'Full' | 'Selective';
  readonly waitFor: 'Succeeded' | 'Submitted';
  readonly onDelete: 'release' | 'retain';
  readonly onManualRelease: 'reisolate' | 'hold';
  readonly renewBefore: string;
};

export const defaultRenewBefore = '96h';
const longestRenewBeforeMs = 7 * DAY;
const flags = ['takeOwnership', 'allowTypeChange', 'allowProtected', 'releaseForeign'] as const;

/** Validates offline and fills in defaults (design: errors name the property and say what would be right). */
export function checkInputs(
  oldInputs: PropertyMap | undefined,
  news: PropertyMap,
  now: number,
): { inputs: PropertyMap; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  const inputs: Record<string, PropertyValue> = {};
  for (const [key, value] of Object.entries(news)) {
    if (value === undefined || value === null) continue;
    if ((machineIsolationInputNames as readonly string[]).includes(key)) inputs[key] = value;
    else fail(key, `MachineIsolation has no property ${key}${suggestion(key)}`);
  }
  checkMachine(inputs, fail);
  checkComment(inputs, fail);
  checkChoice(inputs, 'isolationType', isolationTypeValues, 'Full', fail);
  checkChoice(inputs, 'waitFor', waitForValues, 'Succeeded', fail);
  checkChoice(inputs, 'onDelete', onDeleteValues, 'release', fail);
  checkChoice(inputs, 'onManualRelease', onManualReleaseValues, 'reisolate', fail);
  for (const flag of flags) {
    const value = inputs[flag];
    if (value !== undefined && value !== unknown && typeof value !== 'boolean') fail(flag, 'must be true or false');
  }
  checkReleaseAt(inputs, oldInputs, now, fail);
  checkRenewBefore(inputs, fail);
  return { inputs, failures };
}

type Fail = (property: string, reason: string) => void;

function suggestion(key: string): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  const near = machineIsolationInputNames.find((name) => plain(name) === plain(key));
  return near === undefined ? `; it has ${machineIsolationInputNames.join(', ')}` : `; did you mean ${near}?`;
}

function checkMachine(inputs: Record<string, PropertyValue>, fail: Fail): void {
  const { machineId, deviceName } = inputs;
  if (machineId === undefined && deviceName === undefined) {
    fail(
      'machineId',
      'either machineId (40 hex digits) or deviceName (the whole name) says which host is meant; both are missing',
    );
    return;
  }
  if (machineId !== undefined && deviceName !== undefined) {
    fail('deviceName', 'give machineId or deviceName, not both');
    return;
  }
  if (machineId !== undefined && machineId !== unknown) {
    const id = typeof machineId === 'string' ? parseMachineId(machineId.trim()) : undefined;
    if (id !== undefined) inputs.machineId = id;
    else
      fail(
        'machineId',
        `"${shown(machineId)}" is no machine id: 40 hex digits, as in the device's page address in the Defender portal`,
      );
  }
  if (deviceName !== undefined && deviceName !== unknown) {
    const name = typeof deviceName === 'string' ? deviceName.trim() : '';
    // Whatever a DNS or NetBIOS name may hold; a wildcard or a quote is a mistake, and a mistake may mean another host.
    if (/^[\p{L}\p{N}_]([\p{L}\p{N}_.-]{0,252})$/u.test(name)) inputs.deviceName = name;
    else
      fail(
        'deviceName',
        `"${shown(deviceName)}" is no device name: give the whole name as Defender shows it, such as laptop-7.contoso.com`,
      );
  }
}

function checkComment(inputs: Record<string, PropertyValue>, fail: Fail): void {
  const { comment } = inputs;
  if (comment === unknown) return;
  if (typeof comment !== 'string' || comment.trim() === '') {
    fail(
      'comment',
      'is blank; say why the host is isolated, best with the ticket, such as "INC-4711 ransomware, floor 3"',
    );
  }
}

function checkChoice(
  inputs: Record<string, PropertyValue>,
  key: string,
  values: readonly string[],
  fallback: string,
  fail: Fail,
): void {
  const value = inputs[key];
  if (value === undefined) inputs[key] = fallback;
  else if (value !== unknown && (typeof value !== 'string' || !values.includes(value))) {
    const near = values.find((each) => each.toLowerCase() === String(value).toLowerCase());
    fail(
      key,
      `"${shown(value)}" is none of ${values.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  }
}

function checkReleaseAt(
  inputs: Record<string, PropertyValue>,
  oldInputs: PropertyMap | undefined,
  now: number,
  fail: Fail,
): void {
  const { releaseAt } = inputs;
  if (releaseAt === undefined || releaseAt === unknown) return;
  const moment = typeof releaseAt === 'string' ? parseRfc3339(releaseAt) : undefined;
  if (moment === undefined) {
    fail('releaseAt', `"${shown(releaseAt)}" is no RFC 3339 moment with a zone, such as 2026-12-01T08:00:00Z`);
  } else if (moment <= now && oldInputs?.releaseAt !== releaseAt) {
    fail(
      'releaseAt',
      `${shown(releaseAt)} is past; give a moment to come, or remove the resource to release the host now`,
    );
  }
}

function checkRenewBefore(inputs: Record<string, PropertyValue>, fail: Fail): void {
  const value = inputs.renewBefore ?? defaultRenewBefore;
  inputs.renewBefore = value;
  if (value === unknown) return;
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined)
    fail('renewBefore', `"${shown(value)}" is no duration such as 96h or 1h30m (there is no unit for days)`);
  else if (ms > longestRenewBeforeMs)
    fail('renewBefore', `${shown(value)} is longer than the seven days (168h) of an isolation`);
}

/** A value in an error: short, and on one line. */
function shown(value: PropertyValue): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const line = text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ');
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

/** Checked inputs of a real (or previewed) operation, or the names of those that are not known yet. */
export function knownInputs(inputs: PropertyMap): CheckedInputs | { readonly unknowns: readonly string[] } {
  const unknowns = Object.keys(inputs).filter((key) => inputs[key] === unknown);
  return unknowns.length > 0 ? { unknowns } : withDefaults(inputs);
}

/** Inputs as they stand in state, also where an older or another writer left defaults out. */
export function withDefaults(inputs: PropertyMap): CheckedInputs {
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined && value !== null));
  return {
    comment: '',
    isolationType: 'Full',
    waitFor: 'Succeeded',
    onDelete: 'release',
    onManualRelease: 'reisolate',
    renewBefore: defaultRenewBefore,
    ...given,
  } as CheckedInputs;
}

export function declaredMachineId(inputs: CheckedInputs): MachineId | undefined {
  return inputs.machineId === undefined ? undefined : parseMachineId(inputs.machineId);
}

export function renewBeforeMs(inputs: CheckedInputs): number {
  return parseDuration(inputs.renewBefore) ?? parseDuration(defaultRenewBefore) ?? 0;
}

/** Whether two declarations of the same host differ in anything. */
export function inputsDiffer(a: CheckedInputs, b: CheckedInputs): readonly string[] {
  return machineIsolationInputNames.filter((name) => (a[name] ?? false) !== (b[name] ?? false));
}
