import type { Mark } from '../../provider/containment/mark.ts';

/** What the requests of one run begin with, so that one whose answer was lost is found again. It is no mark of a stack. */
export function holdOpening(runId: string): Mark {
  return `mde-hold ${runId}:` as Mark;
}

/** As long as the provider's own comments. */
const longestComment = 500;

/**
 * The comment of a release that every pipeline respects: it begins with `mde-hold` (semantics 7.2) and holds no mark, for
 * by a mark a pipeline would take it for its own.
 */
export function holdComment(runId: string, comment: string): string {
  const text = `${holdOpening(runId)} ${comment}`
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]+/gu, ' ')
    .replace(/\[mde:/gi, '(mde:')
    .trim()
    .toWellFormed();
  if (text.length <= longestComment) return text;
  return `${text.slice(0, longestComment - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
