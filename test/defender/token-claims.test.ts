import { expect } from 'chai';
import fc from 'fast-check';
import { readClaims } from '../../provider/defender/token-claims.ts';
import { jwt } from './entities.ts';

const nobody = {
  tenantId: undefined,
  appId: undefined,
  appDisplayName: undefined,
  objectId: undefined,
  userPrincipalName: undefined,
  roles: [],
  delegated: false,
};

describe('what a token says of itself', () => {
  it('for an app: its tenant, id, name and roles', () => {
    const claims = readClaims(
      jwt({
        aud: 'https://x',
        tid: 'ABCDEF',
        appid: 'app',
        app_displayname: 'quarantine',
        oid: 'o',
        roles: ['Machine.Isolate'],
      }),
    );
    expect(claims).to.deep.equal({
      audience: 'https://x',
      identity: {
        ...nobody,
        tenantId: 'abcdef',
        appId: 'app',
        appDisplayName: 'quarantine',
        objectId: 'o',
        roles: ['Machine.Isolate'],
      },
    });
  });

  it('for a person: the name and the delegated scopes', () => {
    const { identity } = readClaims(jwt({ azp: 'app', upn: 'ann@contoso.com', scp: 'Machine.Read Machine.Isolate' }));
    expect(identity).to.include({ appId: 'app', userPrincipalName: 'ann@contoso.com', delegated: true });
    expect(identity.roles).to.deep.equal(['Machine.Read', 'Machine.Isolate']);
  });

  it('is nothing, where the token cannot be read', () => {
    for (const token of [
      '',
      'opaque',
      'a.b.c',
      'a..c',
      jwt(null),
      jwt([1]),
      jwt('x'),
      `x.${Buffer.from('{"tid":').toString('base64url')}.y`,
    ]) {
      expect(readClaims(token), token).to.deep.equal({ audience: undefined, identity: nobody });
    }
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (token) => readClaims(token).identity.roles.length === 0));
    fc.assert(fc.property(fc.anything(), (payload) => readClaims(jwt(payload ?? null)) !== undefined));
  });
});
