import { expect } from 'chai';
import type { FaultRow, Outcome } from './row.ts';
import { table } from './table.ts';

const outcome = (fault: string, seen: string, held = true): Outcome => ({
  row: { fault, on: 'plugin', expected: 'it is told', short: true, run: async () => seen } satisfies FaultRow,
  held,
  seen,
  ms: 1_234,
});

describe('the table of the fault matrix', () => {
  it('has a line a row, in columns', () => {
    expect(table([outcome('500', 'told'), outcome('a long name', 'I1: freed\nall that it said', false)])).to.equal(
      [
        '   fault        expected    seen       time',
        '─  ───────────  ──────────  ─────────  ─────',
        '✔  500          it is told  told       1.2 s',
        '✖  a long name  it is told  I1: freed  1.2 s',
      ].join('\n'),
    );
  });

  it('cuts nothing off: what is longer than its column goes on below', () => {
    const words = Array.from({ length: 40 }, (_, at) => `word${at}`);
    const text = table([outcome('500', `${words.join(' ')} ${'x'.repeat(300)}`)], { width: 100 });
    for (const word of words) expect(text).to.include(word);
    expect(text.match(/x/g)).to.have.length(301);
    for (const line of text.split('\n')) expect(line.length).to.be.at.most(100);
  });
});
