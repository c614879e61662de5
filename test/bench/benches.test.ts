import { expect } from 'chai';
import { benches } from '../../bench/benches.ts';
import { median, rounded } from '../../bench/median.ts';
import { readsOf } from '../../bench/refresh-shared.ts';

describe('the benches', () => {
  it('are told apart by their names, and say what each of their numbers means', () => {
    const names = benches.map((bench) => bench.name);
    expect(names).to.include.members(['plugin-start', 'refresh-shared']);
    expect(new Set(names).size).to.equal(names.length);
    for (const { name, about, measures } of benches) {
      expect(about, name).to.not.equal('');
      const keys = measures.map((measure) => measure.key);
      // The line's own key.
      expect(keys, name).to.not.include('name');
      expect(new Set(keys).size, name).to.equal(keys.length);
    }
  });

  it('measure what they are known for', () => {
    const keysOf = (name: string) => benches.find((bench) => bench.name === name)?.measures.map(({ key }) => key);
    expect(keysOf('plugin-start')).to.include.members(['msMedian', 'rssMiB', 'msToFirstCheck', 'ratioToDynamicHost']);
    expect(keysOf('package')).to.include.members(['tarballKiB', 'installMiB', 'dependencies']);
    expect(keysOf('refresh-shared')).to.include.members(['resources', 'apiReads']);
    expect(keysOf('soak')).to.include.members(['uncoveredMinutes', 'callsPerHostDay', 'rssSlopeKiBPerHour']);
    expect(keysOf('recovery')).to.include.members(['extraWrites', 'extraReads', 'extraTimeRatio']);
  });
});

describe('what refresh-shared counts', () => {
  it('is reads of machines and machine actions, single or listed, and neither sign-in nor writes', () => {
    const byRoute = {
      discovery: 1,
      token: 2,
      'GET machines': 4,
      'GET machines/{id}': 8,
      'GET machineactions': 16,
      'GET machineactions/{id}': 32,
      'POST machines/{id}/isolate': 64,
      'GET machinesecrets': 128,
    };
    expect(readsOf({ total: 255, byRoute, byApp: {}, byStatus: {} })).to.equal(60);
  });
});

describe('the median', () => {
  it('is the middle value, whatever the order, and the mean of the two of an even number', () => {
    expect(median([30, 10, 200])).to.equal(30);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    expect(median([7])).to.equal(7);
  });

  it('of nothing is an error', () => {
    expect(() => median([])).to.throw(RangeError);
  });

  it('is shown with few digits', () => {
    expect([rounded(0.16049, 3), rounded(235, 1)]).to.deep.equal([0.16, 235]);
  });
});
