import type { PropertyMap } from '../resource.ts';
import { declaredByLine } from './declared-host.ts';

/** Properties by which checked inputs of a set ask for more than isolations, which takes roles of its own. */
export function askedBeside({ hosts, files }: PropertyMap): readonly string[] {
  return [
    ...(isMap(hosts) && Object.entries(hosts).some(restricts) ? ['restrictCodeExecution'] : []),
    ...(isMap(files) && Object.keys(files).length > 0 ? ['files'] : []),
  ];
}

/** Most lines are settled by a glance; a reason that mentions it is none. */
function restricts([key, line]: readonly [string, unknown]): boolean {
  if (typeof line !== 'string' || !line.includes('restrictCodeExecution=true')) return false;
  return declaredByLine(key, line)?.restricts === true;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
