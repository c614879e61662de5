/** A row of the table at the end. */
export interface TableRow {
  /** RFC 3339 */
  readonly time: string;
  readonly who: string;
  readonly action: string;
  readonly state: string;
  readonly comment: string;
}

const columns = ['time', 'who', 'action', 'state', 'comment'] as const;

/** Who did what, in the order of time, in columns; what does not fit into `width` is cut off the comment. */
export function table(rows: readonly TableRow[], width: number): readonly string[] {
  const sorted = [...rows].sort((one, other) => Date.parse(one.time) - Date.parse(other.time));
  const cells = sorted.map((row) => columns.map((column) => (column === 'time' ? minute(row.time) : row[column])));
  const lines = [columns.map((column) => (column === 'time' ? 'time (UTC)' : column)), ...cells];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  const printed = lines.map((line) =>
    cut(line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  '), width),
  );
  const [head = '', ...body] = printed;
  return [head, cut(widths.map((each) => '─'.repeat(each)).join('  '), width), ...body];
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

function cut(line: string, width: number): string {
  const text = line.trimEnd();
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
