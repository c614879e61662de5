import { createHash } from 'node:crypto';
import type { MachineId } from '../defender/machine.ts';
import type { MachineAction } from '../defender/machine-action.ts';

/** `[mde:` + 16 hex + `]`: what a request of ours is found again by (semantics 3.1). */
export type Mark = string & { readonly __brand: 'Mark' };

export interface MarkSource {
  readonly project: string;
  readonly stack: string;
  readonly name: string;
  readonly machineId: MachineId;
  /** Tells two backends apart that hold stacks of equal names. */
  readonly ownerKey?: string | undefined;
  /**
   * What is asked, where a declaration asks for one thing after another (an action that is done once, and done again when
   * a trigger changes): an earlier request must not be taken for this one.
   */
  readonly asked?: string | undefined;
}

/** Derived, not remembered: a run that was killed finds its requests without any state. */
export function markOf(source: MarkSource): Mark {
  const { ownerKey = '', project, stack, name, machineId, asked } = source;
  const digest = createHash('sha256')
    .update(JSON.stringify([ownerKey, project, stack, name, machineId, ...(asked === undefined ? [] : [asked])]))
    .digest('hex');
  return `[mde:${digest.slice(0, 16)}]` as Mark;
}

/** A safe length: the service's limit is not documented, and a refused comment would be a refused isolation. */
const longestComment = 500;

/** Mark first, then where it was declared, for people, then the declared reason; cut from the end, so the mark stays. */
export function markedComment(source: MarkSource, comment: string, prefix = ''): string {
  const text = `${markOf(source)} ${source.stack}/${source.name}: ${prefix}${comment}`
    // Control characters and bidirectional overrides have no business in a portal or a log.
    .replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ')
    .trim()
    .toWellFormed();
  if (text.length <= longestComment) return text;
  const cut = text.slice(0, longestComment - 1);
  // Half a surrogate pair at the end would not survive JSON.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Whether a request's comment begins with this mark. Anything else, also a mark inside the text, is foreign (3.4). */
export function carriesMark(comment: string, mark: Mark): boolean {
  return comment.startsWith(mark);
}

/** How many places a name in a comment may end at; names hold a colon and a space rarely. */
const nameEndsAtMost = 8;

/**
 * Whether a comment carries a mark of this stack, be it under another resource name: a machine has one claimant, so such
 * a request is a predecessor's (the resource was renamed or its machine moved). The name is read from the comment and
 * proven by the mark, which it must derive.
 */
export function carriesMarkOfStack(comment: string, source: MarkSource): boolean {
  if (carriesMark(comment, markOf(source))) return true;
  const told = /^(\[mde:[0-9a-f]{16}\]) /.exec(comment)?.[1];
  const declaredBy = `${source.stack}/`;
  if (told === undefined || !comment.startsWith(declaredBy, told.length + 1)) return false;
  const nameStart = told.length + 1 + declaredBy.length;
  let end = comment.indexOf(': ', nameStart);
  for (let tries = 0; end !== -1 && tries < nameEndsAtMost; tries += 1) {
    if (markOf({ ...source, name: comment.slice(nameStart, end) }) === told) return true;
    end = comment.indexOf(': ', end + 1);
  }
  return false;
}

/** The declared reason in the comment of a request: without mark, place and prefix; empty where there is none. */
export function declaredReason(comment: string, prefix: string): string {
  const placed = comment.replace(/^\[mde:[0-9a-f]{16}\] \S+\/.*?: /, '');
  return (placed !== comment && placed.startsWith(prefix) ? placed.slice(prefix.length) : placed).trim();
}

const anyMark = /^\[mde:[0-9a-f]{16}\]/;

/** Whether a pulumi-mde made the request: it came over the API, and a mark begins its comment. */
export function isMarked(action: Pick<MachineAction, 'requestSource' | 'requestorComment'>): boolean {
  return action.requestSource === 'PublicApi' && anyMark.test(action.requestorComment);
}

/** Where a marked request was declared, as its comment tells; a name that holds a colon and a space only up to there. */
export function declaredIn(comment: string): { readonly stack?: string; readonly resource?: string } {
  const [, stack, resource] = /^\[mde:[0-9a-f]{16}\] ([^/\s]+)\/(.+?): /.exec(comment) ?? [];
  return stack === undefined || resource === undefined ? {} : { stack, resource };
}
