import { expect } from 'chai';
import fc from 'fast-check';
import { DefenderError, isDefenderError } from '../../provider/defender/errors.ts';
import { parseIndicator } from '../../provider/defender/indicators.ts';
import { asText, parseObject } from '../../provider/defender/json-body.ts';
import { type Page, readExcerpt, readList } from '../../provider/defender/listing.ts';
import { packageUriOf, parseMachineAction } from '../../provider/defender/machine-actions.ts';
import { parseMachine } from '../../provider/defender/machines.ts';
import { responseError } from '../../provider/defender/response-error.ts';
import { routes } from '../../provider/defender/routes.ts';
import { readClaims } from '../../provider/defender/token-claims.ts';
import { actionBody, jwt, machineBody } from '../defender/entities.ts';
import { target } from './target.ts';
import { acting, anyJson, anyText, anyValue, distorted, mutated, namesOfObjects } from './texts.ts';

const indicatorBody = {
  id: '995',
  indicatorValue: '87662bc3d60e4200ceaf7aae249d1c343f4b83c9',
  indicatorType: 'FileSha1',
  action: 'Block',
  title: 't',
  description: 'd',
  severity: 'High',
  generateAlert: 'True',
  expirationTime: '2026-12-01T08:00:00Z',
  rbacGroupNames: ['a'],
  createdBy: 'x',
};

export const anEntity = fc.oneof(
  distorted(machineBody()),
  distorted(actionBody()),
  distorted(actionBody({ relatedFileInfo: { fileIdentifier: 'A', fileIdentifierType: 'Sha1' } })),
  distorted(indicatorBody),
  anyValue,
);

export const origin = 'https://api.security.microsoft.com';
const nextLink = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    '',
    `${origin}/api/machines?$skip=1`,
    '?$skip=2',
    '/api/machines?$skip=3',
    '//evil.example/x',
    'https://evil.example/',
    `https://user:pass@${origin.slice(8)}/`,
    `${origin}.evil.example/`,
    'http://api.security.microsoft.com/api',
    'javascript:alert(1)',
    'file:///etc/passwd',
    '\\\\evil.example\\x',
    `${origin}:8443/`,
    5,
  ),
  mutated(fc.constant(`${origin}/api/machines?$skip=1`)),
  anyValue,
);
export const aPage = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      value: fc.array(anEntity, { maxLength: 3 }),
      '@odata.nextLink': nextLink,
      '@odata.count': fc.oneof(fc.constantFrom(undefined, 0, 1, 2, 3, '2', -1, 1e300, '1e3'), anyValue),
    }),
  },
  anyJson,
);

/** What a gateway, a proxy or a service in trouble may answer. */
export const anyBody = fc.oneof(
  fc
    .record({
      error: fc.oneof(
        fc.record({
          code: fc.oneof(fc.constantFrom(...namesOfObjects, 'Forbidden', 'DisabledFeature'), anyValue),
          message: anyValue,
          target: anyValue,
        }),
        anyValue,
      ),
    })
    .map((body) => JSON.stringify(body) ?? ''),
  mutated(fc.constant('{"error":{"code":"ResourceNotFound","message":"Machine x was not found","target":"|2f-"}}')),
  anyText,
  anyJson.map((value) => JSON.stringify(value) ?? ''),
  fc.nat({ max: 20_000 }).map((depth) => '['.repeat(depth)),
);

const claims = { aud: origin, tid: 'AAAA', appid: 'b', roles: ['Machine.Isolate'], scp: 'x y', oid: 'o', upn: 'u' };
export const anyToken = fc.oneof(
  distorted(claims).map((payload) => jwt(payload)),
  mutated(fc.constant(jwt(claims))),
  anyText,
  fc.uint8Array({ maxLength: 80 }).map((bytes) => `a.${Buffer.from(bytes).toString('base64url')}.c`),
);

export const apiTargets = [
  target('entities', 3_000, anEntity, (body) => {
    const machine = parseMachine(body);
    if (machine !== undefined) {
      expect(machine.id).to.match(/^[0-9a-f]{40}$/);
      for (const [name, value] of Object.entries(machine))
        if (name !== 'machineTags' && name !== 'ipAddresses') expect(value, name).to.be.a('string');
      for (const tag of machine.machineTags ?? []) expect(tag).to.be.a('string');
    }
    const action = parseMachineAction(body);
    if (action !== undefined) {
      expect(action.id).to.match(/^[0-9a-f-]{36}$/);
      expect(action.machineId).to.match(/^[0-9a-f]{40}$/);
      expect(['Pending', 'InProgress', 'Succeeded', 'Failed', 'TimeOut', 'Cancelled']).to.include(action.status);
      expect(new Date(action.createdAt).toISOString()).to.be.a('string');
      expect(new Date(action.updatedAt).toISOString()).to.be.a('string');
      for (const text of [action.requestor, action.requestorComment, action.type]) expect(text).to.be.a('string');
    }
    const indicator = parseIndicator(body);
    if (indicator !== undefined) {
      expect(indicator.id).to.match(/^\d{1,20}$/);
      for (const text of [indicator.action, indicator.title, indicator.indicatorValue]) expect(text).to.be.a('string');
    }
    const uri = packageUriOf({ value: body });
    if (uri !== undefined) expect(new URL(uri).protocol).to.equal('https:');
  }),
  target('lists', 2_000, fc.array(aPage, { minLength: 1, maxLength: 5 }), async (pages) => {
    for (const read of [
      readList,
      <T>(question: Parameters<typeof readList<T>>[0]) => readExcerpt(question, 2, () => true),
    ]) {
      let asked = 0;
      let unread = 0;
      const seen = new Set<unknown>();
      const question = {
        route: 'GET machines',
        url: `${origin}/api/machines`,
        fetch: async (url: string): Promise<Page | undefined> => {
          const to = new URL(url);
          expect(to.origin, 'where the token goes').to.equal(origin);
          expect(to.username + to.password).to.equal('');
          const body = parseObject(JSON.stringify(pages[asked++ % pages.length]) ?? '');
          return body === undefined ? undefined : { body, asOf: 0 };
        },
        parse: (item: unknown) => {
          const machine = parseMachine(item);
          if (machine === undefined) unread += 1;
          else seen.add(machine.id);
          return machine;
        },
        idOf: ({ id }: { id: string }) => id,
        now: () => 0,
      };
      try {
        const listing = await read(question);
        // What could not be read may be the very machine: such a list says of none that it is not there (semantics 1.2).
        if (unread > 0) expect(listing?.complete, 'complete').to.equal(false);
        expect(listing?.items.length).to.equal(seen.size);
      } catch (error) {
        if (!isDefenderError(error)) throw error;
        expect(['server', 'untrusted']).to.include(error.kind);
      }
      expect(asked, 'pages').to.be.at.most(200);
    }
  }),
  target(
    'error-answers',
    3_000,
    fc.tuple(
      fc.oneof(fc.integer({ min: 300, max: 599 }), fc.integer()),
      anyBody,
      fc.constantFrom(...Object.values(routes)),
      anyToken,
    ),
    ([status, body, route, token]) => {
      const context = {
        route,
        host: 'api.security.microsoft.com',
        token,
        claims: readClaims(token),
        scope: `${origin}/.default`,
      };
      const error = responseError(status, body, context);
      expect(error).to.be.instanceOf(DefenderError);
      expect(error.message).not.to.match(acting);
      expect(error.message.length).to.be.below(1_200);
      if (error.next !== undefined) {
        expect(error.next, 'what to do next').to.be.a('string');
        expect(error.next).to.match(/\.$/);
        expect(error.next).not.to.match(acting);
      }
      if (token.length > 40 && asText(token)?.startsWith('eyJ'))
        expect(error.message + error.next).not.to.contain(token);
      // Nothing but an answer in the API's own form may say that something is not there.
      if (error.kind === 'not-found') expect(parseObject(body)?.error).to.be.an('object');
    },
  ),
  target('tokens', 3_000, anyToken, (token) => {
    const { identity, audience } = readClaims(token);
    for (const text of [
      audience,
      identity.tenantId,
      identity.appId,
      identity.appDisplayName,
      identity.objectId,
      identity.userPrincipalName,
    ]) {
      if (text === undefined) continue;
      expect(text).to.be.a('string').and.match(/\S/);
      expect(text).not.to.match(acting);
      expect(text.length).to.be.at.most(256);
    }
    for (const role of identity.roles) expect(role).to.be.a('string');
  }),
];
