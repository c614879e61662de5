import { expect } from 'chai';
import fc from 'fast-check';
import {
  decideReleases,
  defaultMaxIsolations,
  defaultReleaseLimits,
  releaseOverride,
} from '../../provider/containment/release-limits.ts';
import type { MachineId } from '../../provider/defender/machine.ts';

const ids = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => (from + index).toString(16).padStart(40, '0') as MachineId);
const allowed = (count: number, before: number, limits = defaultReleaseLimits) =>
  decideReleases(ids(count), before, limits, undefined).allowed;

describe('release limits', () => {
  it('semantics 8.1: are five, and twenty percent; new isolations a hundred', () => {
    expect(defaultReleaseLimits).to.deep.equal({ maxReleases: 5, maxReleasePercent: 20 });
    expect(defaultMaxIsolations).to.equal(100);
  });
  const rows: readonly [number, number, boolean][] = [
    [1, 1, true],
    [1, 2, true],
    [2, 9, false],
    [2, 10, true],
    [5, 25, true],
    [5, 24, false],
    [6, 1_000, false],
    [0, 0, true],
  ];
  for (const [count, before, expected] of rows) {
    it(`semantics 8.1: ${count} of ${before} contained: ${expected ? 'allowed' : 'refused'}`, () => {
      expect(allowed(count, before)).to.equal(expected);
    });
  }
  it('semantics 8.1: the smaller applies; none at all where maxReleases is 0', () => {
    expect(allowed(1, 100, { maxReleases: 0, maxReleasePercent: 100 })).to.equal(false);
    expect(allowed(1, 100, { maxReleases: 5, maxReleasePercent: 0 })).to.equal(true);
  });
  it('semantics 8.1: one machine named twice is one', () => {
    expect(decideReleases([...ids(1), ...ids(1)], 1, defaultReleaseLimits, undefined).allowed).to.equal(true);
  });
  it('semantics 8.4: the override is the count and a digest of the sorted ids, as the refusal tells it', () => {
    const refused = decideReleases(ids(60), 100, defaultReleaseLimits, undefined);
    expect(refused).to.include({ allowed: false, limit: 5 });
    const { override } = refused as { override: string };
    expect(override).to.match(/^60-[0-9a-f]{8}$/);
    expect(decideReleases(ids(60).reverse(), 100, defaultReleaseLimits, override)).to.deep.equal({
      allowed: true,
      staleOverride: false,
    });
  });
  it('semantics 8.4: one that fits another set is ignored, and said to be stale', () => {
    const other = releaseOverride(ids(60, 1));
    expect(decideReleases(ids(60), 100, defaultReleaseLimits, other)).to.include({
      allowed: false,
      staleOverride: true,
    });
    expect(decideReleases(ids(1), 100, defaultReleaseLimits, other)).to.include({ allowed: true, staleOverride: true });
  });
  it('semantics 8.4: any other set has another override', () => {
    const set = fc.uniqueArray(fc.nat({ max: 300 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(set, set, (a, b) => {
        const same = [...a].sort().join() === [...b].sort().join();
        const of = (numbers: number[]) => releaseOverride(numbers.flatMap((each) => ids(1, each)));
        expect(of(a) === of(b)).to.equal(same);
      }),
    );
  });

  it('semantics 8.4: an override for restrictions frees nobody from isolation; one for isolations is good for both', () => {
    const [isolations, restrictions] = [releaseOverride(ids(60)), releaseOverride(ids(60), 'codeRestriction')];
    expect(restrictions)
      .to.match(/^60-[0-9a-f]{8}$/)
      .and.not.equal(isolations);
    const decide = (override: string, of?: 'codeRestriction') =>
      decideReleases(ids(60), 100, defaultReleaseLimits, override, ids(60), of);
    expect(decide(restrictions).allowed).to.equal(false);
    expect(decide(restrictions, 'codeRestriction').allowed).to.equal(true);
    expect(decide(isolations, 'codeRestriction').allowed).to.equal(true);
    expect(decide(`${restrictions}, ${isolations}`).allowed).to.equal(true);
    const refused = decideReleases(ids(60), 100, defaultReleaseLimits, undefined, ids(60), 'codeRestriction');
    expect(refused).to.include({ allowed: false, override: restrictions });
  });
});
