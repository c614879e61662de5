import { expect } from 'chai';
import { slopeOf } from '../../../bench/soak/slope.ts';

describe('the slope of what is looked at from hour to hour', () => {
  const at = (of: (x: number) => number) => Array.from({ length: 100 }, (_, x) => ({ x, y: of(x) }));

  it('is what it grows by in each', () => {
    expect(slopeOf(at((x) => 1000 + 3 * x))).to.be.closeTo(3, 1e-9);
    expect(slopeOf(at((x) => 5 - x / 4))).to.be.closeTo(-0.25, 1e-9);
    expect(slopeOf(at(() => 300_000))).to.equal(0);
  });

  it('is little moved by what comes and goes', () => {
    expect(slopeOf(at((x) => 300_000 + (x % 2) * 1000))).to.be.within(-1, 1);
  });

  it('takes two points at different places', () => {
    expect(() => slopeOf([])).to.throw(RangeError);
    expect(() =>
      slopeOf([
        { x: 1, y: 1 },
        { x: 1, y: 2 },
      ]),
    ).to.throw(RangeError);
  });
});
