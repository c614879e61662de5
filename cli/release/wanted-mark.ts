import { isMarked } from '../../provider/containment/mark.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { CliError } from '../ports.ts';
import { shown } from '../safe-text.ts';

/**
 * Whether a request carries what `--mark` names: the 16 hex of one mark, with or without `[mde:` and `]`, which belong to
 * one host; or STACK/RESOURCE as it stands after the mark, which belongs to all hosts of the resource.
 * @throws CliError
 */
export function wantedMark(text: string): (action: MachineAction) => boolean {
  const given = text.trim();
  const hex = /^(?:\[mde:)?([0-9a-f]{16})\]?$/i.exec(given)?.[1]?.toLowerCase();
  if (hex !== undefined) {
    const mark = `[mde:${hex}]`;
    return (action) => isMarked(action) && action.requestorComment.startsWith(mark);
  }
  const [stack = '', ...resource] = given.split('/');
  if (stack === '' || resource.join('/') === '') {
    throw new CliError(
      `--mark takes the 16 hex digits of a mark, or STACK/RESOURCE as it stands in the comments, not "${shown(given, 80)}".`,
    );
  }
  const declaredBy = ` ${given}: `;
  const markLength = '[mde:0123456789abcdef]'.length;
  return (action) => isMarked(action) && action.requestorComment.startsWith(declaredBy, markLength);
}
