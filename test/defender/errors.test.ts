import { expect } from 'chai';
import { DefenderError, isDefenderError } from '../../provider/defender/errors.ts';

describe('a DefenderError', () => {
  it('is known across two bundles of the same source', async () => {
    const copy = (await import(`${'../../provider/defender/errors.ts'}?copy`)) as {
      DefenderError: typeof DefenderError;
    };
    const foreign = new copy.DefenderError('x', { kind: 'lost' });
    expect(foreign instanceof DefenderError).to.equal(false);
    expect(isDefenderError(foreign)).to.equal(true);
  });

  it('is not mistaken for anything else', () => {
    for (const other of [new Error('x'), { kind: 'lost' }, null, undefined, 'lost'])
      expect(isDefenderError(other)).to.equal(false);
  });
});
