import { expect } from 'chai';
import { type RunEntry, RunRecord } from '../../provider/fleet/run-record.ts';

describe('RunRecord', () => {
  it('semantics 9: keeps the last word on each declaration', () => {
    const record = new RunRecord();
    const entry = (outcome: RunEntry['outcome'], host: string): RunEntry => ({
      outcome,
      host,
      machineId: undefined,
      reason: '',
    });
    record.note('one', entry('unchanged', 'a'));
    record.note('two', entry('isolated', 'b'));
    record.note('one', entry('not-contained', 'a'));
    expect(record.entries().map((each) => [each.host, each.outcome])).to.have.deep.members([
      ['a', 'not-contained'],
      ['b', 'isolated'],
    ]);
  });
});
