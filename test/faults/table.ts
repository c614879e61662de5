import { stripVTControlCharacters } from 'node:util';
import type { Outcome } from './row.ts';

const columns = ['', 'fault', 'expected', 'seen', 'time'] as const;

/** The outcomes in columns: fault, expected, seen. A long cell goes on in the next line, so that nothing is cut off. */
export function table(outcomes: readonly Outcome[], { width = 160 }: { width?: number } = {}): string {
  const cells = outcomes.map(({ row, held, seen, ms }) => [
    held ? '✔' : '✖',
    row.fault,
    row.expected,
    inTable(seen),
    `${(ms / 1000).toFixed(1)} s`,
  ]);
  const widths = columnWidths(cells, width);
  const lines = [[...columns], widths.map((each) => '─'.repeat(each)), ...cells].flatMap((row) => printed(row, widths));
  return lines.join('\n');
}

/** One outcome as it ends, for whoever waits. */
export function progress({ row, held, seen, ms }: Outcome): string {
  return `${held ? '✔' : '✖'} ${row.on}: ${row.fault} (${(ms / 1000).toFixed(1)} s)${held ? '' : `\n  ${seen}`}`;
}

/** The mark and the time as wide as they are; the others share what is left. */
function columnWidths(rows: readonly (readonly string[])[], width: number): readonly number[] {
  const longest = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const [mark = 0, fault = 0, expected = 0, seen = 0, time = 0] = longest;
  const gaps = 2 * (columns.length - 1);
  const faultWidth = Math.min(fault, 36);
  const left = Math.max(40, width - mark - time - gaps - faultWidth);
  const expectedWidth = Math.min(expected, Math.floor(left / 2));
  return [mark, faultWidth, expectedWidth, Math.min(seen, left - expectedWidth), time];
}

function printed(row: readonly string[], widths: readonly number[]): readonly string[] {
  const wrapped = row.map((cell, at) => wrap(cell, widths[at] ?? 0));
  const height = Math.max(...wrapped.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((cell, at) => (cell[line] ?? '').padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  // A word that is wider than its column: an address, a mark.
  return lines.flatMap((line) => line.match(new RegExp(`.{1,${Math.max(width, 1)}}`, 'gu')) ?? ['']);
}

/** The first line, of what broke: the rest was told when its row ended. */
function inTable(seen: string): string {
  const [first = ''] = stripVTControlCharacters(seen).trim().split('\n');
  return first.replace(/\s+/g, ' ').trim();
}
