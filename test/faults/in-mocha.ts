import { type Outcome, runRow } from './row.ts';
import { rows } from './rows.ts';
import { table } from './table.ts';

/** The short form as tests, one a row; after all of them the table is printed. */
export function testRows(on: 'plugin' | 'engine'): void {
  const outcomes: Outcome[] = [];
  for (const row of rows.filter((each) => each.on === on && each.short))
    it(`${row.fault}: ${row.expected}`, async () => {
      const outcome = await runRow(row, 'short');
      outcomes.push(outcome);
      if (!outcome.held) throw new Error(outcome.seen);
    });

  after(() => {
    if (outcomes.length > 0) console.log(`\n${table(outcomes)}\n`);
  });
}
