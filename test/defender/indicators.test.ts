import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Defender } from '../../provider/defender/api.ts';
import { createDefender } from '../../provider/defender/client.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import type { IndicatorId, IndicatorRequest } from '../../provider/defender/indicator.ts';
import { indicatorBody, parseIndicator, parseIndicatorId } from '../../provider/defender/indicators.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import { errorBody } from './entities.ts';
import { createHurriedTime } from './fake-time.ts';
import {
  clientId,
  clientSecret,
  issueTokens,
  json,
  type Received,
  type StandIn,
  startStandIn,
  tenantId,
  trustLoopback,
} from './stand-in.ts';

const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';

function indicator(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '994',
    indicatorValue: sha1,
    indicatorType: 'FileSha1',
    action: 'BlockAndRemediate',
    application: null,
    source: 'quarantine',
    sourceType: 'AadApp',
    createdBy: clientId,
    severity: 'High',
    title: 'INC-4711',
    description: 'dropper',
    recommendedActions: null,
    generateAlert: true,
    creationTimeDateTimeUtc: '2026-01-05T09:09:46.9139216Z',
    expirationTime: null,
    lastUpdateTime: '2026-01-05T09:09:47.3358111Z',
    lastUpdatedBy: null,
    rbacGroupNames: [],
    rbacGroupIds: [],
    ...changes,
  };
}

const request: IndicatorRequest = {
  indicatorValue: sha1,
  indicatorType: 'FileSha1',
  action: 'BlockAndRemediate',
  title: 'INC-4711',
  description: 'dropper',
  severity: 'High',
  generateAlert: true,
};

describe('an indicator', () => {
  it('is read with what tells it apart and what it does', () => {
    expect(parseIndicator(indicator({ indicatorValue: sha1.toUpperCase() }))).to.deep.equal({
      id: '994',
      indicatorValue: sha1,
      indicatorType: 'FileSha1',
      action: 'BlockAndRemediate',
      title: 'INC-4711',
      description: 'dropper',
      severity: 'High',
      recommendedActions: null,
      generateAlert: true,
      expirationTime: null,
      rbacGroupNames: [],
      application: null,
      createdBy: clientId,
      createdAt: Date.UTC(2026, 0, 5, 9, 9, 46, 913),
      lastUpdatedBy: null,
      updatedAt: Date.UTC(2026, 0, 5, 9, 9, 47, 335),
    });
  });

  const groups: [unknown, readonly string[]][] = [
    [
      ['team 1', ' team 2'],
      ['team 1', 'team 2'],
    ],
    ['team 1, team 2', ['team 1', 'team 2']],
    ['', []],
    [null, []],
    [undefined, []],
  ];
  for (const [told, names] of groups)
    it(`has its device groups from ${inspect(told)}: documents and answers write them in both ways`, () =>
      expect(parseIndicator(indicator({ rbacGroupNames: told }))?.rbacGroupNames).to.deep.equal(names));

  const flags: [unknown, boolean | null][] = [
    [true, true],
    ['True', true],
    ['false', false],
    [null, null],
    [undefined, null],
    [1, null],
  ];
  for (const [told, flag] of flags)
    it(`has generateAlert ${flag} where ${inspect(told)} is told`, () =>
      expect(parseIndicator(indicator({ generateAlert: told }))?.generateAlert).to.equal(flag));

  it('bears the new name of an action that was renamed', () => {
    expect(parseIndicator(indicator({ action: 'AlertAndBlock' }))?.action).to.equal('BlockAndRemediate');
    expect(parseIndicator(indicator({ action: 'Alert' }))?.action).to.equal('Audit');
    expect(parseIndicator(indicator({ action: 'constructor' }))?.action).to.equal('constructor');
  });

  const unreadable: Record<string, unknown>[] = [
    { id: null },
    { id: '../995' },
    { indicatorValue: '' },
    { indicatorType: null },
    { action: undefined },
    { expirationTime: 'soon' },
    { rbacGroupNames: [7] },
    { rbacGroupNames: 7 },
  ];
  for (const changes of unreadable)
    it(`is not taken for any other where it says ${inspect(changes)}`, () =>
      expect(parseIndicator(indicator(changes))).to.equal(undefined));

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(indicator())), fc.anything()), (changes) => {
        parseIndicator(indicator(changes));
      }),
    );
    fc.assert(
      fc.property(fc.anything(), (value) => {
        parseIndicator(value);
      }),
    );
  });

  it('is asked for with what is given, the end to the second, and nothing that is absent', () => {
    expect(indicatorBody(request)).to.deep.equal(request);
    expect(
      indicatorBody({ ...request, expirationTime: Date.UTC(2026, 11, 1, 8, 0, 0, 999), recommendedActions: '' }),
    ).to.deep.equal({ ...request, expirationTime: '2026-12-01T08:00:00Z', recommendedActions: '' });
    expect(indicatorBody({ ...request, expirationTime: null })).to.deep.equal({ ...request, expirationTime: null });
  });

  it('has an id of digits', () => {
    expect(parseIndicatorId('994')).to.equal('994');
    for (const text of ['', 'x', '9/9', sha1, '-1']) expect(parseIndicatorId(text), text).to.equal(undefined);
  });
});

describe('the Defender client and indicators', function () {
  this.timeout(30_000);
  let login: StandIn;
  let api: StandIn;
  let distrust: () => void;
  let defender: Defender;

  before(async () => {
    distrust = await trustLoopback();
    login = await startStandIn(issueTokens({ roles: ['Ti.ReadWrite'] }), { secure: true });
    api = await startStandIn((_request, response) => json(response, 500, ''));
  });
  after(async () => {
    await Promise.all([login.close(), api.close()]);
    distrust();
  });
  beforeEach(() => {
    api.received.length = 0;
    const time = createHurriedTime();
    defender = createDefender(
      { tenantId, clientId, clientSecret, authorityHost: login.url, apiUrl: api.url },
      { ...systemPorts(), env: {}, random: () => 0, clock: time.clock, timer: time.timer },
      { overallMs: 5000, connectMs: 5000 },
    );
  });
  afterEach(() => defender.close());

  const answers = (status: number, body: unknown) => {
    api.respond = (_request, response) => json(response, status, body);
  };
  const failure = async (call: Promise<unknown>) => {
    const error = await call.then(
      (value) => {
        throw new Error(`it did not fail: ${inspect(value)}`);
      },
      (reason: unknown) => reason,
    );
    if (!isDefenderError(error)) throw error;
    return error;
  };
  const calls = () => api.received.map(({ method, path }) => `${method} ${path}`);

  it('lists by value in both spellings, and keeps what was asked for', async () => {
    const other = indicator({ id: '995', indicatorValue: 'f'.repeat(40) });
    answers(200, { '@odata.count': 2, value: [indicator({ indicatorValue: sha1.toUpperCase() }), other] });
    const { items, complete } = await defender.listIndicators([sha1]);
    expect(items.map(({ id }) => id)).to.deep.equal(['994']);
    expect(complete).to.equal(true);
    const [asked] = api.received as [Received];
    expect(asked.query.get('$filter')).to.equal(`indicatorValue in ('${sha1}','${sha1.toUpperCase()}')`);
    expect(asked.query.get('$count')).to.equal('true');
  });

  it('a value is never read as syntax', async () => {
    answers(200, { '@odata.count': 0, value: [] });
    await defender.listIndicators(["x' or '1' eq '1"]);
    expect(api.received[0]?.query.get('$filter')).to.equal(
      "indicatorValue in ('x'' or ''1'' eq ''1','X'' OR ''1'' EQ ''1')",
    );
  });

  it('lists all without a filter, and tells a list with an unreadable indicator as incomplete (semantics 1.2)', async () => {
    answers(200, { '@odata.count': 2, value: [indicator(), indicator({ id: '995', expirationTime: 'soon' })] });
    const { items, complete } = await defender.listIndicators(undefined);
    expect(items).to.have.length(1);
    expect(complete).to.equal(false);
    expect(api.received[0]?.query.has('$filter')).to.equal(false);
  });

  it('puts an indicator, and takes the answer only if it is about that one', async () => {
    answers(200, indicator());
    expect(await defender.putIndicator(request)).to.include({ id: '994', action: 'BlockAndRemediate' });
    expect(JSON.parse(api.received[0]?.body ?? '')).to.deep.equal(request);
    expect(calls()).to.deep.equal(['POST /api/indicators']);
    for (const changes of [{ indicatorValue: 'f'.repeat(40) }, { indicatorType: 'FileMd5' }, { id: null }]) {
      answers(200, indicator(changes));
      const error = await failure(defender.putIndicator(request));
      expect(error.kind, inspect(changes)).to.equal('lost');
      expect(error.next).to.contain('indicators of the tenant');
    }
  });

  it('deletes with an answer that has no body', async () => {
    api.respond = (_request, response) => response.writeHead(204).end();
    await defender.deleteIndicator('994' as IndicatorId);
    expect(calls()).to.deep.equal(['DELETE /api/indicators/994']);
    expect(api.received[0]?.body).to.equal('');
  });

  it('tells one that is gone already by its kind', async () => {
    answers(404, errorBody('ResourceNotFound', 'Indicator 994 was not found'));
    expect((await failure(defender.deleteIndicator('994' as IndicatorId))).kind).to.equal('not-found');
  });

  it('does not take a web page for a deletion', async () => {
    api.respond = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    expect((await failure(defender.deleteIndicator('994' as IndicatorId))).kind).to.equal('lost');
  });

  it('repeats no write whose answer was lost (semantics 4.1)', async () => {
    for (const write of [() => defender.putIndicator(request), () => defender.deleteIndicator('994' as IndicatorId)]) {
      api.received.length = 0;
      api.respond = (_request, _response, socket) => socket.destroy();
      expect((await failure(write())).kind).to.equal('lost');
      answers(503, '');
      expect((await failure(write())).kind).to.equal('server');
      expect(api.received).to.have.length(2);
    }
  });

  it('repeats a write that was refused with 429', async () => {
    let first = true;
    api.respond = (_request, response) => {
      if (first) json(response, 429, errorBody('TooManyRequests'), { 'retry-after': '3' });
      else response.writeHead(204).end();
      first = false;
    };
    await defender.deleteIndicator('994' as IndicatorId);
    expect(calls()).to.deep.equal(['DELETE /api/indicators/994', 'DELETE /api/indicators/994']);
  });

  it('names the role that is missing', async () => {
    login.respond = issueTokens({ roles: ['Machine.Read.All'] });
    answers(403, errorBody('Forbidden', 'Missing application roles.'));
    const error = await failure(defender.listIndicators([sha1]));
    expect(error.kind).to.equal('forbidden');
    expect(error.next).to.contain('application permission Ti.ReadWrite.All');
    login.respond = issueTokens({ roles: ['Ti.ReadWrite'] });
  });

  it('names the scope and the permission that a person needs', async () => {
    login.respond = issueTokens({ roles: undefined, scp: 'Machine.Read', upn: 'ann@contoso.com' });
    answers(403, errorBody('Forbidden', 'Missing scopes.'));
    const error = await failure(defender.deleteIndicator('994' as IndicatorId));
    expect(error.next).to.contain('delegated scopes Ti.ReadWrite.').and.contain('Manage security settings');
    login.respond = issueTokens({ roles: ['Ti.ReadWrite'] });
  });
});
