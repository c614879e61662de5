import { judgeSha1 } from '../../manifest/file-rules.ts';
import { type Judged, judgeChoice, judgeComment, judgeDeviceName, judgeMachineId } from '../../manifest/host-rules.ts';
import { unknownProperty, unknownsOf } from '../one-shot/single-inputs.ts';
import { type CheckFailure, type CheckResult, type PropertyMap, type PropertyValue, unknown } from '../resource.ts';
import { fileQuarantineInputNames, waitForValues } from '../schema-types.ts';

const machinesMissing =
  'names no machine; give machineIds (40 hex digits each), deviceNames (whole names) or both. To block the file on all machines, declare a FileIndicator';

/** What a comment gives the reason of. */
export const purpose = 'asked to quarantine the file';

/** Validates offline and fills in defaults; unknowns of a preview are kept as they are. */
export function checkFile(news: PropertyMap): CheckResult {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  const inputs: Record<string, PropertyValue> = {};
  for (const [key, value] of Object.entries(news)) {
    if (value === undefined || value === null) continue;
    if ((fileQuarantineInputNames as readonly string[]).includes(key)) inputs[key] = value;
    else fail(key, unknownProperty('FileQuarantine', key, fileQuarantineInputNames));
  }
  const judge = (key: string, rule: (value: PropertyValue | undefined) => Judged<PropertyValue>) => {
    if (inputs[key] === unknown) return;
    const judged = rule(inputs[key]);
    if ('value' in judged) inputs[key] = judged.value;
    else fail(key, judged.problem);
  };
  judge('sha1', judgeSha1);
  judge('comment', (value) => judgeComment(value, purpose));
  judge('waitFor', (value = 'Succeeded') => judgeChoice(value, waitForValues));
  const unknowns = unknownsOf(inputs);
  const lists = [
    ['machineIds', judgeMachineId],
    ['deviceNames', judgeDeviceName],
  ] as const;
  for (const [key, rule] of lists) {
    if (inputs[key] !== undefined && inputs[key] !== unknown) inputs[key] = judgeList(key, inputs[key], rule, fail);
  }
  const isNamed = lists.some(
    ([key]) => unknowns.includes(key) || (Array.isArray(inputs[key]) && inputs[key].length > 0),
  );
  if (!isNamed && failures.length === 0) fail('machineIds', machinesMissing);
  return { inputs, failures };
}

function judgeList(
  key: string,
  given: PropertyValue | undefined,
  rule: (value: PropertyValue | undefined) => Judged<string>,
  fail: (property: string, reason: string) => void,
): PropertyValue {
  if (!Array.isArray(given)) {
    fail(key, `must be a list, such as ${key}: [${typeof given === 'string' ? given : '…'}]`);
    return given ?? null;
  }
  const first = new Map<string, number>();
  return given.map((each: PropertyValue, index) => {
    if (each === unknown) return each;
    const path = `${key}[${index}]`;
    const judged = rule(each);
    if ('problem' in judged) {
      fail(path, judged.problem);
      return each;
    }
    const same = judged.value.toLowerCase();
    const earlier = first.get(same);
    if (earlier === undefined) first.set(same, index);
    else fail(path, `${judged.value} is declared twice; first as ${key}[${earlier}]. Keep one of them`);
    return judged.value;
  });
}
