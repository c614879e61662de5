import { expect } from 'chai';
import { signInError } from '../../provider/defender/sign-in-error.ts';

describe('a failed sign-in where no app is named', () => {
  const context = {
    method: 'default chain',
    authorityHost: 'https://login.microsoftonline.com',
    tenantId: undefined,
    issuer: { name: 'the default chain', oneOfMany: true, whenAway: '', whenRefused: '' },
    howToSetUp: 'Set tenantId, clientId and clientSecret.',
  };

  for (const trace of [
    { host: '169.254.169.254', status: 403 },
    { host: '169.254.169.254', networkCode: 'EHOSTUNREACH' },
  ]) {
    it(`says how to set it up, whatever the machine's identity service answers: ${JSON.stringify(trace)}`, () => {
      const error = signInError(new Error('chained'), trace as Parameters<typeof signInError>[1], context);
      expect(error.message).to.equal('Sign-in (default chain) failed: no credential was found');
      expect(error.next).to.equal(context.howToSetUp);
    });
  }

  it('tells what the login host itself answered', () => {
    const trace = { host: 'login.microsoftonline.com', status: 401, aadsts: '7000215' };
    const error = signInError(new Error('refused'), trace as Parameters<typeof signInError>[1], context);
    expect(error.message).to.contain('AADSTS7000215');
  });
});
