import type { Bench, BenchContext, Row } from '../../bench/bench.ts';

/** A bench that answers at once; each row that is an error is thrown in its place. */
export function fakeBench(name: string, rows: readonly (Row | Error)[], seen: string[] = []): Bench {
  return {
    name,
    about: `what ${name} is for`,
    measures: [
      { key: 'size', about: 'how many there were' },
      { key: 'ms', about: 'how long it took' },
    ],
    async *run({ say }: BenchContext) {
      seen.push(name);
      say('under way');
      for (const row of rows) {
        if (row instanceof Error) throw row;
        yield row;
      }
    },
  };
}
