import { assert } from 'chai';
import fc from 'fast-check';
import { formatPath, rootOfPath } from '../../provider/property-path.ts';

describe('paths', () => {
  it('are written as Pulumi writes them, and lead back to their property', () => {
    assert.equal(formatPath(['hosts', 3, 'comment']), 'hosts[3].comment');
    assert.equal(formatPath(['tags', 'a b', 'c"d']), 'tags["a b"]["c\\"d"]');
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(fc.oneof(fc.string(), fc.nat())), (root, rest) => {
        assert.equal(rootOfPath(formatPath([root, ...rest])), root);
      }),
    );
  });
});
