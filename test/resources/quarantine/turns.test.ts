import { expect } from 'chai';
import fc from 'fast-check';
import { eachOf, inTurn } from '../../../provider/resources/quarantine/turns.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the turns of a set’s hosts', () => {
  it('never more than the width are busy, every item has one turn, in order, and what waits blocks nobody', async () => {
    const item = fc.record({ busyFor: fc.nat(3), waitsFor: fc.option(fc.nat(5), { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), async (items, width) => {
        let busy = 0;
        let most = 0;
        const begun: number[] = [];
        const ended = new Set<number>();
        await inTurn([...items.entries()], width, async ([index, { busyFor, waitsFor }], waits) => {
          begun.push(index);
          busy += 1;
          most = Math.max(most, busy);
          for (let each = 0; each < busyFor; each += 1) await turn();
          busy -= 1;
          if (waitsFor !== undefined) {
            waits();
            waits();
            for (let each = 0; each < waitsFor; each += 1) await turn();
          }
          ended.add(index);
        });
        expect(begun).to.deep.equal([...items.keys()]);
        expect(ended.size).to.equal(items.length);
        expect(most).to.be.at.most(width);
      }),
      { numRuns: 60 },
    );
  });

  it('goes on past any number of items that wait for good', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const begun: number[] = [];
    const all = inTurn([...Array(100).keys()], 2, async (item, waits) => {
      begun.push(item);
      waits();
      await held;
      if (item === -1) throw new Error('never');
    });
    for (let each = 0; each < 300; each += 1) await turn();
    expect(begun).to.have.length(100);
    release();
    await all;
  });

  it('ten thousand items with nothing to do nest no calls', () => inTurn([...Array(10_000).keys()], 3, async () => {}));

  it('answers come in the order of the items, and the first failure is told', async () => {
    const late = async (item: number) => {
      for (let each = item; each < 5; each += 1) await turn();
      return item * 2;
    };
    expect(await eachOf([0, 1, 2, 3, 4], late)).to.deep.equal([0, 2, 4, 6, 8]);
    expect(await eachOf([], late)).to.deep.equal([]);
    const failed = await eachOf([1], () => Promise.reject(new Error('no'))).catch((error: Error) => error.message);
    expect(failed).to.equal('no');
  });
});
