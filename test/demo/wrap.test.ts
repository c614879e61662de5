import { expect } from 'chai';
import { wrap } from '../../demo/wrap.ts';

describe('wrap', () => {
  it('leaves a line alone that fits', () => {
    expect(wrap('  as it is', 10, 2)).to.deep.equal(['  as it is']);
  });

  it('folds between words, further in than the beginning', () => {
    expect(wrap('  one two three four', 11, 2)).to.deep.equal(['  one two', '    three', '    four']);
  });

  it('leaves a word whole that is wider than the screen', () => {
    const id = 'f'.repeat(40);
    expect(wrap(`set machineId ${id}`, 20, 2)).to.deep.equal(['set machineId', `  ${id}`]);
    expect(wrap(id, 20, 2)).to.deep.equal([id]);
  });
});
