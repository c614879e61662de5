import type { Bench, Row } from './bench.ts';

/** The rows of one bench for people: a column a measure, and below what each of them is. */
export function table({ name, measures }: Bench, rows: readonly Row[]): string {
  const columns = measures.map(({ key }) => {
    const cells = [key, ...rows.map((row) => String(row[key] ?? ''))];
    const width = Math.max(...cells.map((cell) => cell.length));
    return cells.map((cell) => cell.padStart(width));
  });
  const lines = [undefined, ...rows].map((_, index) => columns.map((column) => column[index]).join('  '));
  const legend = measures.map(({ key, about }) => `  ${key}: ${about}`);
  return [name, ...lines.map((line) => `  ${line}`), '', ...legend].join('\n');
}
