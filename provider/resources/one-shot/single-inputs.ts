import {
  bothMissing,
  type Judged,
  judgeChoice,
  judgeComment,
  judgeDeviceName,
  judgeMachineId,
} from '../../manifest/host-rules.ts';
import { nearName } from '../../manifest/near-name.ts';
import { shown } from '../../manifest/shown.ts';
import { type CheckFailure, type CheckResult, type PropertyMap, type PropertyValue, unknown } from '../resource.ts';
import { type WaitFor, waitForValues } from '../schema-types.ts';
import type { SingleSpec } from './single.ts';

/** Validates offline and fills in defaults; unknowns of a preview are kept as they are. */
export function checkSingle(spec: SingleSpec, news: PropertyMap): CheckResult {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  const inputs: Record<string, PropertyValue> = {};
  for (const [key, value] of Object.entries(news)) {
    if (value === undefined || value === null) continue;
    if (spec.inputNames.includes(key)) inputs[key] = value;
    else fail(key, unknownProperty(spec.name, key, spec.inputNames));
  }
  const judge = (key: string, rule: (value: PropertyValue | undefined) => Judged<PropertyValue>) => {
    if (inputs[key] === unknown) return;
    const judged = rule(inputs[key]);
    if ('value' in judged) inputs[key] = judged.value;
    else fail(key, judged.problem);
  };
  if (inputs.machineId === undefined && inputs.deviceName === undefined) fail('machineId', bothMissing);
  else if (inputs.machineId !== undefined && inputs.deviceName !== undefined)
    fail('deviceName', 'give machineId or deviceName, not both');
  else if (inputs.machineId !== undefined) judge('machineId', judgeMachineId);
  else judge('deviceName', judgeDeviceName);
  judge('comment', (value) => judgeComment(value, spec.purpose));
  judge('waitFor', (value = 'Succeeded') => judgeChoice(value, waitForValues));
  for (const [name, rule] of Object.entries(spec.options)) judge(name, rule);
  if (inputs.triggers !== undefined) judge('triggers', (value) => judgeTriggers(value, fail));
  return { inputs, failures };
}

export function unknownProperty(resource: string, key: string, names: readonly string[]): string {
  const near = nearName(key, names);
  return `${resource} has no property ${key}${near === undefined ? `; it has ${names.join(', ')}` : `; did you mean ${near}?`}`;
}

/** A map of text; numbers and flags are taken as text, since YAML reads `build: 7` as a number. */
function judgeTriggers(given: PropertyValue | undefined, fail: (property: string, reason: string) => void) {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { problem: `"${shown(given)}" is no map; give any names and values, such as { ticket: INC-4711 }` };
  const triggers: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(given as PropertyMap)) {
    if (value === undefined || value === null) continue;
    if (value === unknown || typeof value === 'string') triggers[name] = value;
    else if (typeof value === 'number' || typeof value === 'boolean') triggers[name] = String(value);
    else
      fail(
        `triggers[${JSON.stringify(name)}]`,
        'must be text; where several values count, give each a name of its own',
      );
  }
  return { value: triggers };
}

export function waitForOf(inputs: PropertyMap): WaitFor {
  return inputs.waitFor === 'Submitted' ? 'Submitted' : 'Succeeded';
}

/** Names of inputs that are not known before the deployment; a map counts as unknown where one of its values is. */
export function unknownsOf(inputs: PropertyMap): readonly string[] {
  return Object.keys(inputs).filter((name) => isUnknown(inputs[name]));
}

function isUnknown(value: PropertyValue | undefined): boolean {
  if (value === unknown) return true;
  if (Array.isArray(value)) return value.some(isUnknown);
  return typeof value === 'object' && value !== null && Object.values(value).some(isUnknown);
}
