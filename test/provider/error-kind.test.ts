import { assert } from 'chai';
import { firstLineOf, isMissingConfiguration, isPartialFailure, isUserError } from '../../provider/error-kind.ts';
import { errorKind, MissingConfiguration, PartialFailure, UserError } from '../../provider/resources/resource.ts';

describe('the kind of an error', () => {
  it('is told by its mark, so that it holds between two copies of its class', () => {
    const copy = Object.assign(new Error('refused'), { [errorKind]: 'user' });
    assert.isTrue(isUserError(copy));
    assert.isTrue(isUserError(new UserError('refused')));
    assert.isTrue(isPartialFailure(new PartialFailure('id', {}, ['not yet'])));
    assert.isTrue(isMissingConfiguration(new MissingConfiguration([])));
  });

  it('is unforeseen without the mark', () => {
    for (const error of [new TypeError('x'), 'x', undefined, { [errorKind]: 'user' }]) {
      assert.isFalse(isUserError(error));
      assert.isFalse(isPartialFailure(error));
    }
  });

  it('where it is unforeseen, shows one line', () => {
    assert.equal(firstLineOf(new Error('it broke\n    at somewhere.ts:1')), 'it broke');
    assert.equal(firstLineOf(new Error('')), 'an error without a message');
    assert.equal(firstLineOf('text'), 'text');
  });
});
