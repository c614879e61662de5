import { parseDuration, parseRfc3339 } from '../../containment/duration.ts';
import { isolation, type Pair } from '../../containment/pair.ts';
import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import type { IsolationType } from '../../defender/machine-action.ts';
import {
  bothMissing,
  defaultRenewBefore,
  type Judged,
  judgeChoice,
  judgeComment,
  judgeDeviceName,
  judgeFlag,
  judgeMachineId,
  judgeReleaseAt,
  judgeRenewBefore,
} from '../../manifest/host-rules.ts';
import { nearName } from '../../manifest/near-name.ts';
import { shown } from '../../manifest/shown.ts';
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
  readonly isolationType: IsolationType;
  readonly waitFor: 'Succeeded' | 'Submitted';
  readonly onDelete: 'release' | 'retain';
  readonly onManualRelease: 'reisolate' | 'hold';
  readonly renewBefore: string;
};

const flags = ['takeOwnership', 'allowTypeChange', 'allowProtected', 'releaseForeign'] as const;

/** The resource whose inputs are judged: it has those of a MachineIsolation that mean something to its pair. */
export interface HostResource {
  readonly name: string;
  readonly inputNames: readonly string[];
  readonly pair: Pair;
}

export const isolationResource: HostResource = {
  name: 'MachineIsolation',
  inputNames: machineIsolationInputNames,
  pair: isolation,
};

/** Validates offline and fills in defaults (design: errors name the property and say what would be right). */
export function checkInputs(
  oldInputs: PropertyMap | undefined,
  news: PropertyMap,
  now: number,
  { name, inputNames, pair: { words } }: HostResource = isolationResource,
): { inputs: PropertyMap; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  const inputs: Record<string, PropertyValue> = {};
  for (const [key, value] of Object.entries(news)) {
    if (value === undefined || value === null) continue;
    if (inputNames.includes(key)) inputs[key] = value;
    else fail(key, `${name} has no property ${key}${suggestion(key, inputNames)}`);
  }
  /** Judges a property that is known; what is right is kept in its canonical form. */
  const judge = (key: string, rule: (value: PropertyValue | undefined) => Judged<PropertyValue>) => {
    if (inputs[key] === unknown || !inputNames.includes(key)) return;
    const judged = rule(inputs[key]);
    if ('value' in judged) inputs[key] = judged.value;
    else fail(key, judged.problem);
  };
  if (inputs.machineId === undefined && inputs.deviceName === undefined) fail('machineId', bothMissing);
  else if (inputs.machineId !== undefined && inputs.deviceName !== undefined)
    fail('deviceName', 'give machineId or deviceName, not both');
  else if (inputs.machineId !== undefined) judge('machineId', judgeMachineId);
  else judge('deviceName', judgeDeviceName);
  judge('comment', (value) => judgeComment(value, words.applied));
  judge('isolationType', (value = 'Full') => judgeChoice(value, isolationTypeValues));
  judge('waitFor', (value = 'Succeeded') => judgeChoice(value, waitForValues));
  judge('onDelete', (value = 'release') => judgeChoice(value, onDeleteValues));
  judge('onManualRelease', (value = 'reisolate') => judgeChoice(value, onManualReleaseValues));
  for (const flag of flags) if (inputs[flag] !== undefined) judge(flag, judgeFlag);
  if (inputs.releaseAt !== undefined) {
    judge('releaseAt', judgeReleaseAt);
    checkNotPast(inputs.releaseAt, oldInputs?.releaseAt, now, words.release, fail);
  }
  judge('renewBefore', (value = defaultRenewBefore) => judgeRenewBefore(value));
  return { inputs, failures };
}

type Fail = (property: string, reason: string) => void;

function suggestion(key: string, names: readonly string[]): string {
  const near = nearName(key, names);
  return near === undefined ? `; it has ${names.join(', ')}` : `; did you mean ${near}?`;
}

function checkNotPast(
  releaseAt: PropertyValue,
  before: PropertyValue | undefined,
  now: number,
  release: string,
  fail: Fail,
): void {
  const moment = typeof releaseAt === 'string' ? parseRfc3339(releaseAt) : undefined;
  if (moment === undefined || moment > now || before === releaseAt) return;
  fail(
    'releaseAt',
    `${shown(releaseAt)} is past; give a moment to come, or remove the resource to ${release} the host now`,
  );
}

/** Checked inputs of a real (or previewed) operation, or the names of those that are not known yet. */
export function knownInputs(inputs: PropertyMap): CheckedInputs | { readonly unknowns: readonly string[] } {
  const unknowns = Object.keys(inputs).filter((key) => inputs[key] === unknown);
  return unknowns.length > 0 ? { unknowns } : withDefaults(inputs);
}

/** Inputs as they stand in state, also where an older or another writer left defaults out. */
export function withDefaults(inputs: PropertyMap): CheckedInputs {
  const checked: CheckedInputs & { [name: string]: unknown } = {
    comment: '',
    isolationType: 'Full',
    waitFor: 'Succeeded',
    onDelete: 'release',
    onManualRelease: 'reisolate',
    renewBefore: defaultRenewBefore,
  };
  for (const name of Object.keys(inputs)) {
    const value = inputs[name];
    if (value !== undefined && value !== null) checked[name] = value;
  }
  return checked;
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
