import { expect } from 'chai';
import type { MachineId } from '../../provider/defender/machine.ts';
import { IsolationQuota } from '../../provider/fleet/isolation-quota.ts';

describe('IsolationQuota', () => {
  it('semantics 8.1: stops new isolations at maxIsolations; the same machine counts once', () => {
    const quota = new IsolationQuota(2);
    const taken = ['a', 'b', 'a', 'c', 'b'].map((id) => quota.take(id.padStart(40, '0') as MachineId) === undefined);
    expect(taken).to.deep.equal([true, true, true, false, true]);
  });
  it('semantics 8.1: none at all where it is 0', () => {
    expect(new IsolationQuota(0).take('a'.padStart(40, '0') as MachineId)).to.deep.equal({ limit: 0, ofSet: false });
  });
  it('semantics 8.1: a set may hold a lower one of its own, and takes from the run as well', () => {
    const ofRun = new IsolationQuota(3);
    const set = new IsolationQuota(2, ofRun);
    const id = (letter: string) => letter.padStart(40, '0') as MachineId;
    expect(ofRun.take(id('a'))).to.equal(undefined);
    expect([set.take(id('b')), set.take(id('c'))]).to.deep.equal([undefined, undefined]);
    expect(set.take(id('d'))).to.deep.equal({ limit: 2, ofSet: true });
    expect(ofRun.take(id('d'))).to.deep.equal({ limit: 3, ofSet: false });
    expect(new IsolationQuota(2, ofRun).take(id('e')), 'the run has none left').to.deep.equal({
      limit: 3,
      ofSet: false,
    });
  });
});
