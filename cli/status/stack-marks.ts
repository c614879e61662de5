import { carriesMark, carriesMarkOfStack, isMarked, markOf } from '../../provider/containment/mark.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { CliError } from '../ports.ts';
import { shown } from '../safe-text.ts';

/** A stack whose requests are told by their marks; with `resource`, those of one resource alone. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
  readonly resource: string | undefined;
  readonly ownerKey: string | undefined;
}

/** `PROJECT/STACK` or `PROJECT/STACK/RESOURCE`; the resource's name may hold slashes. @throws CliError */
export function parseStackName(text: string, ownerKey?: string): StackName {
  const [project = '', stack = '', ...rest] = text.split('/');
  const resource = rest.join('/');
  if (project.trim() === '' || stack.trim() === '' || (rest.length > 0 && resource === '')) {
    throw new CliError(`--stack takes PROJECT/STACK or PROJECT/STACK/RESOURCE, not "${shown(text, 80)}".`);
  }
  return { project, stack, resource: rest.length === 0 ? undefined : resource, ownerKey };
}

export function describeStack({ project, stack, resource }: StackName): string {
  return [project, stack, ...(resource === undefined ? [] : [resource])].join('/');
}

/**
 * Whether a request carries the stack's mark; without a stack, any mark. Who requested it is left out of account: a
 * pull request looks with a sign-in that only reads, and the run writes with another.
 */
export function marksOf(stack: StackName | undefined): (action: MachineAction) => boolean {
  if (stack === undefined) return isMarked;
  return (action) => {
    if (!isMarked(action)) return false;
    const source = { ...stack, name: stack.resource ?? '', machineId: action.machineId };
    return stack.resource === undefined
      ? carriesMarkOfStack(action.requestorComment, source)
      : carriesMark(action.requestorComment, markOf(source));
  };
}
