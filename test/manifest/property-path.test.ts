import { expect } from 'chai';
import fc from 'fast-check';
import { formatPath, parsePath } from '../../provider/manifest/property-path.ts';

describe('a path in a manifest', () => {
  it('comes back from its text, whatever the keys are', () => {
    const part = fc.oneof(fc.nat(), fc.string(), fc.constantFrom('__proto__', 'a.b', 'a"]', '\\', '[0]', '<<'));
    fc.assert(
      fc.property(fc.array(part), (path) => {
        expect(parsePath(formatPath(path))).to.deep.equal(path);
      }),
    );
  });
});
