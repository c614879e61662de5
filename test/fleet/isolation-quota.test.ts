import { expect } from 'chai';
import type { MachineId } from '../../provider/defender/machine.ts';
import { IsolationQuota } from '../../provider/fleet/isolation-quota.ts';

describe('IsolationQuota', () => {
  it('semantics 8.1: stops new isolations at maxIsolations; the same machine counts once', () => {
    const quota = new IsolationQuota(2);
    const taken = ['a', 'b', 'a', 'c', 'b'].map((id) => quota.take(id.padStart(40, '0') as MachineId));
    expect(taken).to.deep.equal([true, true, true, false, true]);
  });
  it('semantics 8.1: none at all where it is 0', () => {
    expect(new IsolationQuota(0).take('a'.padStart(40, '0') as MachineId)).to.equal(false);
  });
});
