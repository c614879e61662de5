import { markdownTable } from 'markdown-table';
import { shown } from './safe-text.ts';

/** `markdown`: to be rendered, in a pull request's comment. `text`: to be read as it stands. */
type TableFormat = 'text' | 'markdown';

/** A text of the service's or a user's, or a word of our own, which may be Markdown. */
export type Cell = string | { readonly own: string };

export function table(header: readonly string[], rows: readonly (readonly Cell[])[], format: TableFormat): string {
  const text = markdownTable([[...header], ...rows.map((row) => row.map((cell) => written(cell, format)))], {
    alignDelimiters: format === 'text',
    stringLength: (cell) => [...cell].length,
  });
  return format === 'text' ? text.split('\n').map(withoutPadding).join('\n') : text;
}

/** The last column holds sentences: padded to the longest of them, every line would wrap. */
function withoutPadding(row: string, index: number): string {
  const padded = row.slice(0, -1).trimEnd();
  // Under the header stands a rule of dashes.
  return index === 1 ? `${padded.slice(0, padded.lastIndexOf(' ') + 1)}--- |` : `${padded} |`;
}

function written(cell: Cell, format: TableFormat): string {
  if (typeof cell !== 'string') return cell.own;
  return format === 'markdown' ? codeSpan(cell) : escapePipes(shown(cell));
}

/**
 * A text as code: there nothing of it is rendered, neither as a link or image nor as a mention of somebody. A backtick
 * would end the span.
 */
export function codeSpan(text: string): string {
  const line = shown(text).replaceAll('`', "'");
  return line === '' ? '' : `\`${escapePipes(line)}\``;
}

/** `|` ends a cell unless a backslash stands before it, and a backslash before that one would take its force away. */
function escapePipes(line: string): string {
  // Whole runs of backslashes at once: looked at from each of its own, a run of megabytes would take for ever.
  return line.replace(/\\+\|?|\|/g, (run) => {
    if (!run.endsWith('|')) return run;
    return run === '|' ? '\\|' : `${run.slice(0, -1)} \\|`;
  });
}
