import { parseRfc3339 } from '../../containment/duration.ts';
import type { FileIndicatorType } from '../../defender/indicator.ts';
import { type Judged, judgeChoice, judgeFlag, judgeText } from '../../manifest/host-rules.ts';
import { nearName } from '../../manifest/near-name.ts';
import { shown } from '../../manifest/shown.ts';
import { type CheckFailure, type PropertyMap, type PropertyValue, unknown } from '../resource.ts';
import {
  type FileIndicatorInputs,
  fileIndicatorInputNames,
  fileIndicatorTypeValues,
  type IndicatorAction,
  type IndicatorSeverity,
  indicatorActionValues,
  indicatorSeverityValues,
} from '../schema-types.ts';

/** Inputs as `check` leaves them: the hash in lower case, its type and all defaults filled in. */
export type CheckedInputs = FileIndicatorInputs & {
  readonly indicatorType: FileIndicatorType;
  readonly action: IndicatorAction;
  readonly severity: IndicatorSeverity;
  readonly generateAlert: boolean;
};

const digitsOf: Readonly<Record<FileIndicatorType, number>> = { FileSha256: 64, FileSha1: 40, FileMd5: 32 };

/** The kind of hash that has so many digits. */
export function typeOfHash(hash: string): FileIndicatorType | undefined {
  return fileIndicatorTypeValues.find((type) => digitsOf[type] === hash.length);
}

export function judgeHash(given: unknown): Judged<string> {
  if (typeof given === 'number')
    return { problem: `is the number ${given}, which has lost digits; put quotes around the hash` };
  const hash = typeof given === 'string' ? given.trim().toLowerCase() : '';
  const kinds = 'SHA-256 (64 hex digits), SHA-1 (40) or MD5 (32)';
  if (!/^[0-9a-f]+$/.test(hash)) return { problem: `"${shown(given)}" is no hash of a file: ${kinds}` };
  if (typeOfHash(hash) !== undefined) return { value: hash };
  return { problem: `"${shown(given)}" has ${hash.length} hex digits; Defender takes ${kinds}` };
}

/** Validates offline and fills in defaults; errors name the property and say what would be right. */
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
    if ((fileIndicatorInputNames as readonly string[]).includes(key)) inputs[key] = value;
    else fail(key, `FileIndicator has no property ${key}${suggestion(key)}`);
  }
  /** Judges a property that is known; what is right is kept in its canonical form. */
  const judge = (key: string, rule: (value: PropertyValue | undefined) => Judged<PropertyValue>) => {
    if (inputs[key] === unknown) return;
    const judged = rule(inputs[key]);
    if ('value' in judged) inputs[key] = judged.value;
    else fail(key, judged.problem);
  };
  if (inputs.indicatorValue === undefined)
    fail('indicatorValue', 'is missing: the hash of the file that is meant, best its SHA-256');
  else judge('indicatorValue', judgeHash);
  const told = typeof inputs.indicatorValue === 'string' ? typeOfHash(inputs.indicatorValue) : undefined;
  if (inputs.indicatorType !== undefined || told !== undefined)
    judge('indicatorType', (value = told ?? '') => judgeType(value, told, String(inputs.indicatorValue)));
  judge('title', (value) => judgeRequired(value, 'what is it about, such as the ticket "INC-4711"'));
  judge('description', (value) => judgeRequired(value, 'why is the indicator there'));
  judge('action', (value = 'BlockAndRemediate') => judgeChoice(value, indicatorActionValues));
  judge('severity', (value = 'High') => judgeChoice(value, indicatorSeverityValues));
  judge('generateAlert', (value = true) => judgeFlag(value));
  for (const name of ['recommendedActions'] as const) if (inputs[name] !== undefined) judge(name, judgeText);
  if (inputs.takeOwnership !== undefined) judge('takeOwnership', judgeFlag);
  if (inputs.rbacGroupNames !== undefined) judge('rbacGroupNames', judgeGroups);
  if (inputs.expirationTime !== undefined) {
    judge('expirationTime', judgeMoment);
    checkNotPast(inputs.expirationTime, oldInputs?.expirationTime, now, fail);
  }
  if (inputs.action === 'Audit' && inputs.generateAlert === false)
    fail(
      'generateAlert',
      'action Audit does nothing but alert, and Defender refuses it without: set generateAlert: true',
    );
  return { inputs, failures };
}

type Fail = (property: string, reason: string) => void;

function suggestion(key: string): string {
  const near = nearName(key, fileIndicatorInputNames);
  return near === undefined ? `; it has ${fileIndicatorInputNames.join(', ')}` : `; did you mean ${near}?`;
}

function judgeType(given: unknown, told: FileIndicatorType | undefined, hash: string): Judged<string> {
  const judged = judgeChoice(given, fileIndicatorTypeValues);
  if (!('value' in judged) || told === undefined || judged.value === told) return judged;
  return {
    problem: `${judged.value} has ${digitsOf[judged.value]} hex digits, and indicatorValue has ${hash.length}: that is ${told}. Correct one of the two, or leave indicatorType out`,
  };
}

function judgeRequired(given: unknown, ask: string): Judged<string> {
  if (given === undefined || (typeof given === 'string' && given.trim() === ''))
    return { problem: `is ${given === undefined ? 'missing' : 'blank'}: ${ask}` };
  return judgeText(given);
}

function judgeMoment(given: unknown): Judged<string> {
  if (typeof given === 'string' && parseRfc3339(given) !== undefined) return { value: given };
  return { problem: `"${shown(given)}" is no RFC 3339 moment with a zone, such as 2026-12-01T08:00:00Z` };
}

/** An empty list would mean every device, and is more often a mistake than meant so. */
function judgeGroups(given: unknown): Judged<readonly string[]> {
  if (!Array.isArray(given)) return { problem: 'must be a list of names of device groups' };
  if (given.length === 0)
    return { problem: 'is empty; name a device group, or leave it out: then it is for all devices' };
  const names: string[] = [];
  for (const each of given) {
    // Of a preview; the list is judged again when all of it is known.
    if (each === unknown) return { value: given };
    const judged = judgeText(each);
    if (!('value' in judged)) return judged;
    const name = judged.value.trim();
    if (name.includes(','))
      return { problem: `"${shown(name)}" holds a comma, which separates names for Defender; write one name an entry` };
    const same = names.find((other) => other.toLowerCase() === name.toLowerCase());
    if (same !== undefined) return { problem: `"${shown(name)}" is there twice` };
    names.push(name);
  }
  return { value: names };
}

function checkNotPast(moment: PropertyValue, before: PropertyValue | undefined, now: number, fail: Fail): void {
  const at = typeof moment === 'string' ? parseRfc3339(moment) : undefined;
  if (at === undefined || at > now || before === moment) return;
  fail(
    'expirationTime',
    `${shown(moment)} is past; give a moment to come, or remove the resource to delete the indicator`,
  );
}

/** Checked inputs of an operation, or the names of those that are not known yet. */
export function knownInputs(inputs: PropertyMap): CheckedInputs | { readonly unknowns: readonly string[] } {
  const isUnknown = (value: PropertyValue | undefined) =>
    value === unknown || (Array.isArray(value) && value.includes(unknown));
  const unknowns = Object.keys(inputs).filter((key) => isUnknown(inputs[key]));
  return unknowns.length > 0 ? { unknowns } : withDefaults(inputs);
}

/** Inputs as they stand in state, also where an older or another writer left defaults out. */
export function withDefaults(inputs: PropertyMap): CheckedInputs {
  const hash = typeof inputs.indicatorValue === 'string' ? inputs.indicatorValue : '';
  const checked: CheckedInputs & { [name: string]: unknown } = {
    indicatorValue: hash,
    indicatorType: typeOfHash(hash) ?? 'FileSha256',
    action: 'BlockAndRemediate',
    title: '',
    description: '',
    severity: 'High',
    generateAlert: true,
  };
  for (const name of Object.keys(inputs)) {
    const value = inputs[name];
    const isInput = (fileIndicatorInputNames as readonly string[]).includes(name);
    if (isInput && value !== undefined && value !== null) checked[name] = value;
  }
  return checked;
}
