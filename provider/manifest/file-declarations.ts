import { judgeSha1 } from './file-rules.ts';
import { type Judged, judgeComment, judgeDeviceName, judgeMachineId } from './host-rules.ts';
import type { FileDeclaration } from './manifest.ts';
import type { Report } from './problem.ts';
import type { PropertyPath } from './property-path.ts';

type Values = Readonly<Record<string, unknown>>;

/** What a comment gives the reason of. */
const purpose = 'asked to quarantine the file';

/**
 * Files to quarantine. What is no list or map is passed over, since the schema tells of it.
 *
 * @param common the comment of all
 */
export function readFiles(
  top: Values,
  common: unknown,
  report: Report,
  where: (path: PropertyPath) => string,
): readonly FileDeclaration[] {
  if (top.files === null) report(['files'], 'is empty; list files with their sha1, or take the key out');
  if (!Array.isArray(top.files)) return [];
  const first = new Map<string, number>();
  const hasHosts = Array.isArray(top.hosts) && top.hosts.length > 0;
  return top.files.flatMap((entry: unknown, index) => {
    const path = ['files', index];
    if (!isMap(entry)) return [];
    const read = <T>(key: string, judged: Judged<T>): T | undefined => {
      if ('value' in judged) return judged.value;
      report([...path, key], judged.problem);
      return undefined;
    };
    const sha1 = Object.hasOwn(entry, 'sha1')
      ? read('sha1', judgeSha1(entry.sha1))
      : read('sha1', judgeSha1(undefined));
    // One at the top that is wrong has been told of there.
    const isTold = !Object.hasOwn(entry, 'comment') && Object.hasOwn(top, 'comment');
    const given = Object.hasOwn(entry, 'comment') ? entry.comment : common;
    const comment = isTold && typeof given === 'string' ? given : read('comment', judgeComment(given, purpose));
    const machineIds = readList(entry, 'machineIds', judgeMachineId, path, report, where);
    const deviceNames = readList(entry, 'deviceNames', judgeDeviceName, path, report, where);
    if (machineIds === undefined && deviceNames === undefined && !hasHosts) {
      report(path, 'is quarantined on all hosts of the manifest, and there are none; give machineIds or deviceNames');
    }
    if (sha1 === undefined) return [];
    const earlier = first.get(sha1);
    if (earlier === undefined) first.set(sha1, index);
    else
      report(
        [...path, 'sha1'],
        `is declared twice; first ${where(['files', earlier, 'sha1'])}. Put the machines into one entry`,
      );
    if (comment === undefined) return [];
    return [
      {
        sha1,
        comment,
        ...(machineIds === undefined ? {} : { machineIds }),
        ...(deviceNames === undefined ? {} : { deviceNames }),
      },
    ];
  });
}

function readList<T extends string>(
  entry: Values,
  key: string,
  rule: (given: unknown) => Judged<T>,
  path: PropertyPath,
  report: Report,
  where: (path: PropertyPath) => string,
): readonly T[] | undefined {
  if (!Object.hasOwn(entry, key)) return undefined;
  const list = entry[key];
  if (list === null) report([...path, key], 'is empty; name some machines, or take the key out');
  if (!Array.isArray(list)) return [];
  const first = new Map<string, number>();
  return list.flatMap((each: unknown, index) => {
    const at = [...path, key, index];
    const judged = rule(each);
    if ('problem' in judged) {
      report(at, judged.problem);
      return [];
    }
    const same = judged.value.toLowerCase();
    const earlier = first.get(same);
    if (earlier !== undefined)
      report(at, `is declared twice; first ${where([...path, key, earlier])}. Keep one of them`);
    first.set(same, earlier ?? index);
    return [judged.value];
  });
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
