import { expect } from 'chai';
import fc from 'fast-check';
import { routeOf } from '../../provider/defender/response-actions.ts';
import { type ErrorContext, notPermitted, responseError } from '../../provider/defender/response-error.ts';
import { routes } from '../../provider/defender/routes.ts';
import type { TokenClaims } from '../../provider/defender/token-claims.ts';
import { errorBody } from './entities.ts';

const scope = 'https://api.securitycenter.microsoft.com/.default';
const claims = (roles: string[], changes: Partial<TokenClaims> = {}, delegated = false): TokenClaims => ({
  audience: 'https://api.securitycenter.microsoft.com',
  identity: {
    tenantId: 't',
    appId: 'a',
    appDisplayName: undefined,
    objectId: undefined,
    userPrincipalName: undefined,
    roles,
    delegated,
  },
  ...changes,
});
const read: ErrorContext = { route: routes.listMachines, host: 'api.example', scope };
const write: ErrorContext = { route: routeOf('Isolate'), host: 'api.example', scope };

describe('an answer that is an error', () => {
  const rows: [number, string, ErrorContext, string, string | undefined][] = [
    [
      400,
      errorBody('ActiveRequestAlreadyExists', 'Action is already in progress'),
      write,
      'active-request',
      'ActiveRequestAlreadyExists',
    ],
    [400, errorBody('BadRequest', 'Action is already in progress'), write, 'rejected', 'BadRequest'],
    [400, errorBody('OsPlatformNotSupported'), write, 'rejected', 'OsPlatformNotSupported'],
    [400, errorBody(''), read, 'rejected', ''],
    [401, '', read, 'unauthorized', undefined],
    [403, errorBody('Forbidden'), write, 'forbidden', 'Forbidden'],
    [403, errorBody('DisabledFeature'), write, 'forbidden', 'DisabledFeature'],
    [404, errorBody('ResourceNotFound'), read, 'not-found', 'ResourceNotFound'],
    [404, errorBody(''), read, 'not-found', ''],
    [404, '<html>Not Found</html>', read, 'rejected', undefined],
    [404, '{"statusCode":404,"message":"Resource not found"}', read, 'rejected', undefined],
    [408, '', read, 'rejected', undefined],
    [408, '', write, 'lost', undefined],
    [409, '{}', write, 'rejected', undefined],
    [429, errorBody('429', 'API calls quota exceeded! maximum allowed 100 per 00:01:00'), read, 'throttled', '429'],
    [429, errorBody('TooManyRequests'), read, 'throttled', 'TooManyRequests'],
    [500, errorBody('InternalServerError'), write, 'server', 'InternalServerError'],
    [502, '<html>Bad Gateway</html>', write, 'server', undefined],
    [503, '', read, 'server', undefined],
    [302, '', read, 'untrusted', undefined],
    [307, '', write, 'untrusted', undefined],
    [202, '', write, 'lost', undefined],
    [204, '', write, 'lost', undefined],
  ];
  for (const [status, body, context, kind, code] of rows) {
    it(`HTTP ${status} ${body.slice(0, 50) || '(empty)'} to ${context.route.method} is ${kind}`, () => {
      const error = responseError(status, body, context);
      expect(error).to.include({ kind, status, code, route: context.route.key });
      expect(error.next).to.be.a('string');
      expect(error.message).to.contain(`HTTP ${status}`);
    });
  }

  it('tells the correlation id, and says to quote it', () => {
    const error = responseError(500, errorBody('InternalServerError', '', '4fa5b8a1'), read);
    expect(error.target).to.equal('4fa5b8a1');
    expect(error.next).to.contain('4fa5b8a1');
  });

  it('keeps the code and message of an OData error, which has details and no target', () => {
    const body = JSON.stringify({
      error: { code: '', message: "Custom query option '$stop' is not supported.", details: [] },
    });
    const error = responseError(400, body, read);
    expect(error).to.include({ code: '', target: undefined });
    expect(error.message).to.equal("GET machines: HTTP 400: Custom query option '$stop' is not supported.");
  });

  it('shows foreign text on one line, without control characters, and cut', () => {
    const error = responseError(
      400,
      errorBody('X\u001b[31m', `a\r\nb\u0000c\u202ed\u001b[0m${'x'.repeat(5000)}`),
      read,
    );
    expect(error.message).to.match(/^GET machines: HTTP 400 X \[31m: a b c d \[0mx/);
    expect(error.message.length).to.be.lessThan(700);
  });

  it('survives every body and status', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.anything().map((value) => JSON.stringify({ error: value }) ?? ''),
      fc
        .dictionary(fc.constantFrom('code', 'message', 'target', 'details'), fc.anything())
        .map((error) => JSON.stringify({ error })),
    );
    fc.assert(
      fc.property(fc.integer({ min: 202, max: 599 }), bodies, (status, body) => {
        const error = responseError(status, body, write);
        expect(error.message).not.to.match(/\p{Cc}/u);
      }),
    );
  });
});

describe('a 403', () => {
  const forbidden = errorBody('Forbidden', 'Missing application roles.');
  const rows: [string, ErrorContext, RegExp][] = [
    ['to isolate, without reading the token', write, /Machine\.Isolate and Machine\.Read\.All/],
    [
      'to isolate, without any role',
      { ...write, claims: claims([]) },
      /application permission Machine\.Isolate and Machine\.Read\.All of WindowsDefenderATP/,
    ],
    [
      'to isolate, with a role that reads',
      { ...write, claims: claims(['Machine.ReadWrite.All']) },
      /application permission Machine\.Isolate of/,
    ],
    [
      'to isolate, with only the role that isolates',
      { ...write, claims: claims(['Machine.Isolate']) },
      /application permission Machine\.Read\.All of/,
    ],
    ['to read', { ...read, claims: claims(['Machine.Isolate']) }, /application permission Machine\.Read\.All of/],
    [
      'with all roles',
      { ...read, claims: claims(['Machine.Read.All']) },
      /holds what this call needs \(Machine\.Read\.All\).*taken away.*licensed/,
    ],
    [
      'with a token for the XDR API',
      { ...read, claims: claims(['Machine.Read.All'], { audience: 'https://api.security.microsoft.com' }) },
      /token is for https:\/\/api\.security\.microsoft\.com, but this host wants one for https:\/\/api\.securitycenter\.microsoft\.com/,
    ],
    [
      'with an audience that is a GUID, or has a slash',
      { ...read, claims: claims([], { audience: 'fc780465-2017-40d4-a0c5-307022471b92' }) },
      /Machine\.Read\.All/,
    ],
    [
      'with an audience with a slash',
      { ...read, claims: claims([], { audience: 'https://api.securitycenter.microsoft.com/' }) },
      /Machine\.Read\.All/,
    ],
    [
      'of a user, to isolate',
      { ...write, claims: claims(['Machine.Isolate'], {}, true) },
      /"Active remediation actions".*Machine\.Isolate and Machine\.Read\./,
    ],
    ['of a user, to read', { ...read, claims: claims([], {}, true) }, /"View Data"/],
  ];
  for (const [name, context, next] of rows) {
    it(`${name}: says what is missing`, () => expect(responseError(403, forbidden, context).next).to.match(next));
  }

  it('is foreseen where the token tells that it lacks a role, and only there', () => {
    expect(notPermitted({ ...write, claims: claims(['Machine.Read.All']) })).to.include({
      kind: 'forbidden',
      message: `${write.route.key}: not sent: this sign-in lacks the role Machine.Isolate`,
    });
    expect(notPermitted({ ...write, claims: claims(['Machine.Offboard']) })?.message).to.include(
      'lacks the roles Machine.Isolate and Machine.Read.All',
    );
    expect(notPermitted({ ...write, claims: claims(['Machine.Read'], {}, true) })?.message).to.include(
      'lacks the scope Machine.Isolate',
    );
    for (const held of [['Machine.Isolate', 'Machine.Read.All'], ['Machine.ReadWrite.All', 'Machine.Isolate'], []])
      expect(notPermitted({ ...write, claims: claims(held) }), held.join()).to.equal(undefined);
    expect(notPermitted(write), 'an unreadable token').to.equal(undefined);
  });

  it('for a feature that is off is not about roles', () => {
    expect(responseError(403, errorBody('DisabledFeature'), write).next).to.match(/Turn the feature on/);
  });
});
