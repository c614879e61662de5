import { inspect } from 'node:util';
import { expect } from 'chai';
import type { Defender } from '../../provider/defender/api.ts';
import { createDefender } from '../../provider/defender/client.ts';
import { isDefenderError, mayHaveHappened } from '../../provider/defender/errors.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import type { ActionId } from '../../provider/defender/machine-action.ts';
import { type DefenderEvent, systemPorts } from '../../provider/defender/ports.ts';
import { settingProblems } from '../../provider/defender/setting-problems.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';
import { actionBody, actionId, errorBody, guid, machineBody, machineId, otherMachineId } from './entities.ts';
import { createHurriedTime } from './fake-time.ts';
import {
  clientId,
  clientSecret,
  issueTokens,
  json,
  type Respond,
  type StandIn,
  startStandIn,
  tenantId,
  trustLoopback,
} from './stand-in.ts';

const id = machineId as MachineId;
const action = actionId as ActionId;

/** Answers in turn, the last one for ever. */
function inTurn(...answers: Respond[]): Respond {
  let at = 0;
  return (request, response, socket) => {
    const respond = answers[Math.min(at, answers.length - 1)];
    at += 1;
    respond?.(request, response, socket);
  };
}
const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Respond =>
  (_request, response) =>
    json(response, status, body, headers);
const hangUp: Respond = (_request, _response, socket) => socket.destroy();
const breakOff =
  (status: number, text: string): Respond =>
  (_request, response, socket) => {
    response.writeHead(status, { 'content-length': '5000' });
    response.write(text, () => socket.destroy());
  };

describe('the Defender client', function () {
  this.timeout(30_000);
  let login: StandIn;
  let api: StandIn;
  let distrust: () => void;
  let time: ReturnType<typeof createHurriedTime>;
  let events: DefenderEvent[];
  let defender: Defender;
  const open = (settings: DefenderSettings = {}) =>
    createDefender(
      { tenantId, clientId, clientSecret, authorityHost: login.url, apiUrl: api.url, version: '1.2.3', ...settings },
      {
        ...systemPorts(),
        env: {},
        random: () => 0,
        clock: time.clock,
        timer: time.timer,
        onEvent: (event) => events.push(event),
      },
      { overallMs: 5000, connectMs: 5000 },
    );

  before(async () => {
    distrust = await trustLoopback();
    login = await startStandIn(issueTokens(), { secure: true });
    api = await startStandIn(answer(500, ''));
  });
  after(async () => {
    await Promise.all([login.close(), api.close()]);
    distrust();
  });
  beforeEach(() => {
    login.received.length = 0;
    api.received.length = 0;
    login.respond = issueTokens();
    time = createHurriedTime();
    events = [];
    defender = open();
  });
  afterEach(() => defender.close());

  const failure = async (call: Promise<unknown>) => {
    const error = await call.then(
      (value) => {
        throw new Error(`it did not fail: ${inspect(value)}`);
      },
      (reason: unknown) => reason,
    );
    if (!isDefenderError(error)) throw error;
    const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
    expect(shown).not.to.contain(clientSecret).and.not.to.contain('Bearer').and.not.to.contain('eyJ');
    return error;
  };
  const isolate = (options = {}) => defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'ticket', options);

  describe('reading one machine', () => {
    it('asks by id, with token and user agent', async () => {
      api.respond = answer(200, machineBody());
      expect(await defender.getMachine(id)).to.include({ id, osPlatform: 'Windows11' });
      const [request] = api.received;
      expect(request).to.include({ method: 'GET', path: `/api/machines/${machineId}` });
      expect(request?.headers['user-agent']).to.match(/^pulumi-mde\/1\.2\.3 node\//);
      expect(request?.headers.authorization).to.match(/^Bearer eyJ/);
    });

    it("is undefined only where the API itself says that it doesn't know it", async () => {
      api.respond = answer(404, errorBody('ResourceNotFound', 'Machine was not found'));
      expect(await defender.getMachine(id)).to.equal(undefined);
      for (const body of ['', '<html>404</html>', '{}', '{"message":"no such route"}']) {
        api.respond = answer(404, body);
        expect((await failure(defender.getMachine(id))).kind).to.equal('rejected');
      }
    });

    it('does not take another machine for it', async () => {
      for (const body of [machineBody({ id: otherMachineId }), machineBody({ id: null }), {}]) {
        api.respond = answer(200, body);
        expect((await failure(defender.getMachine(id))).kind).to.equal('untrusted');
      }
    });
  });

  describe('repeats of reads', () => {
    const passing: [string, Respond][] = [
      ['a broken connection', hangUp],
      ['an answer that breaks off', breakOff(200, '{"id":"')],
      ['HTTP 408', answer(408, '')],
      ['HTTP 500 without a message', answer(500, errorBody('InternalServerError'))],
      ['HTTP 502 with a web page', answer(502, '<html>')],
      ['HTTP 200 with a web page', answer(200, '<html>')],
      ['HTTP 200 with half a body', answer(200, '{"id":"1e5b')],
      ['HTTP 200 with nothing', answer(200, '')],
      ['HTTP 200 with null', answer(200, 'null')],
      ['HTTP 200 with a list', answer(200, '[]')],
      ['HTTP 200 with an error in it', answer(200, errorBody('InternalServerError'))],
    ];
    for (const [name, fault] of passing) {
      it(`follow ${name}`, async () => {
        api.respond = inTurn(fault, fault, answer(200, machineBody()));
        expect(await defender.getMachine(id)).to.include({ id });
        expect(api.received).to.have.length(3);
        expect(time.waits).to.deep.equal([250, 500]);
        expect(events.map(({ kind }) => kind)).to.deep.equal(['retry', 'retry']);
      });
    }

    it('end, with the last failure', async () => {
      api.respond = answer(503, errorBody('ServiceUnavailable', 'later'));
      expect(await failure(defender.getMachine(id))).to.include({
        kind: 'server',
        status: 503,
        code: 'ServiceUnavailable',
        route: 'GET machines/{id}',
      });
      expect(api.received).to.have.length(6);
      api.respond = hangUp;
      expect(await failure(defender.getMachine(id))).to.include({ kind: 'lost', code: 'ECONNRESET' });
    });

    it('do not follow what would fail again', async () => {
      for (const [status, kind] of [
        [400, 'rejected'],
        [403, 'forbidden'],
        [409, 'rejected'],
        [302, 'untrusted'],
      ] as const) {
        api.received.length = 0;
        api.respond = answer(status, errorBody('X'), { location: '/' });
        expect((await failure(defender.getMachine(id))).kind).to.equal(kind);
        expect(api.received).to.have.length(1);
      }
    });

    it('follow a refused connection, for writes too', async () => {
      const gone = await startStandIn(answer(200, ''));
      await gone.close();
      const other = open({ apiUrl: gone.url });
      for (const call of [() => other.getMachine(id), () => other.request(id, { type: 'Unisolate' }, 'x')]) {
        time.waits.length = 0;
        const error = await failure(call());
        expect(error).to.include({ kind: 'not-sent', code: 'ECONNREFUSED' });
        expect(error.next).to.contain('apiUrl');
        expect(time.waits).to.have.length(5);
      }
      other.close();
    });

    it('do not follow an untrusted certificate', async () => {
      const secure = await startStandIn(answer(200, machineBody()), { secure: true });
      await failureWithoutTrust(secure.url);
      expect(secure.received).to.deep.equal([]);
      await secure.close();
    });
    const failureWithoutTrust = async (url: string) => {
      await defender.identity();
      const other = open({ apiUrl: url });
      await other.identity();
      distrust();
      try {
        const error = await failure(other.getMachine(id));
        expect(error).to.include({ kind: 'not-sent', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
        expect(error.next).to.contain('NODE_EXTRA_CA_CERTS');
        expect(time.waits).to.deep.equal([]);
      } finally {
        distrust = await trustLoopback();
        other.close();
      }
    };
  });

  describe('writes', () => {
    it('send exactly what the API wants, in its case', async () => {
      api.respond = answer(201, actionBody());
      expect(await isolate()).to.include({ id: actionId, status: 'Pending', machineId });
      api.respond = answer(201, actionBody({ type: 'Unisolate' }));
      expect(await defender.request(id, { type: 'Unisolate' }, 'done')).to.include({ type: 'Unisolate' });
      api.respond = answer(200, actionBody({ status: 'Cancelled', cancellationComment: 'stop' }));
      expect(await defender.cancelMachineAction(action, { comment: 'stop' })).to.include({
        status: 'Cancelled',
        cancellationComment: 'stop',
      });
      expect(api.received.map(({ method, path, body }) => [method, path, JSON.parse(body)])).to.deep.equal([
        ['POST', `/api/machines/${machineId}/isolate`, { Comment: 'ticket', IsolationType: 'Full' }],
        ['POST', `/api/machines/${machineId}/unisolate`, { Comment: 'done' }],
        ['POST', `/api/machineactions/${actionId}/cancel`, { Comment: 'stop' }],
      ]);
    });

    it('take an older action of the same kind and machine for an answer (semantics 4.2)', async () => {
      api.respond = answer(
        201,
        actionBody({ id: guid(9), creationDateTimeUtc: '2026-01-01T00:00:00Z', status: 'InProgress' }),
      );
      expect(await isolate()).to.include({ id: guid(9), status: 'InProgress' });
    });

    const lost: [string, Respond][] = [
      ['the connection breaks', hangUp],
      ['the answer breaks off', breakOff(201, '{"id":"')],
      ['the answer is half a body', answer(201, JSON.stringify(actionBody()).slice(0, 80))],
      ['the answer is a web page', answer(200, '<html>welcome</html>')],
      ['the answer is empty', answer(201, '')],
      ['the answer is 204', answer(204, '')],
      ['the answer is 202', answer(202, '{}')],
      ['the answer is another machine', answer(201, actionBody({ machineId: otherMachineId }))],
      ['the answer is another kind of action', answer(201, actionBody({ type: 'Unisolate' }))],
      ['the answer has no id', answer(201, actionBody({ id: null }))],
      ['the answer has a status that nobody knows', answer(201, actionBody({ status: 'Exploded' }))],
      ['the answer is an error in a 200', answer(200, errorBody('InternalServerError'))],
      ['a gateway gives up waiting', answer(408, '')],
    ];
    for (const [name, fault] of lost) {
      it(`are lost, and never repeated, when ${name} (semantics 4.1)`, async () => {
        api.respond = fault;
        const error = await failure(isolate());
        expect(error.kind).to.equal('lost');
        expect(mayHaveHappened(error)).to.equal(true);
        expect(error.next).to.match(/Look at the actions of the device/);
        expect(api.received).to.have.length(1);
        expect(time.waits).to.deep.equal([]);
      });
    }

    it('are not repeated after a 5xx, which says nothing about what was done (semantics 4.1)', async () => {
      for (const status of [500, 502, 503, 504]) {
        api.received.length = 0;
        api.respond = answer(status, '<html>', { 'retry-after': '1' });
        const error = await failure(isolate());
        expect(error).to.include({ kind: 'server', status });
        expect(mayHaveHappened(error)).to.equal(true);
        expect(api.received).to.have.length(1);
      }
    });

    it('are repeated after a 429', async () => {
      api.respond = inTurn(answer(429, errorBody('429'), { 'retry-after': '3' }), answer(201, actionBody()));
      expect(await isolate()).to.include({ id: actionId });
      expect(api.received).to.have.length(2);
    });

    it('tell apart that such an action is already under way', async () => {
      api.respond = answer(400, errorBody('ActiveRequestAlreadyExists', 'Action is already in progress', 'corr'));
      expect(await failure(isolate())).to.include({ kind: 'active-request', status: 400, target: 'corr' });
      expect(api.received).to.have.length(1);
    });

    it('refused for a role name the role', async () => {
      login.respond = issueTokens({ roles: ['Machine.Read.All'] });
      api.respond = answer(403, errorBody('Forbidden', 'Missing application roles.'));
      expect((await failure(isolate())).next).to.match(/application permission Machine\.Isolate of WindowsDefenderATP/);
    });
  });

  describe('401', () => {
    it('is answered with one new token, also for a write, and the call goes on', async () => {
      api.respond = inTurn(answer(401, errorBody('Unauthorized')), answer(201, actionBody()));
      expect(await isolate()).to.include({ id: actionId });
      const [first, second] = api.received.map(({ headers }) => headers.authorization);
      expect(first).not.to.equal(second);
      expect(login.received.filter(({ method }) => method === 'POST')).to.have.length(2);
      expect(events).to.deep.include({ kind: 'token-renewed' });
    });

    it('is a failure where the new token is refused too', async () => {
      api.respond = answer(401, '');
      expect(await failure(defender.getMachine(id))).to.include({ kind: 'unauthorized', status: 401 });
      expect(api.received).to.have.length(2);
    });

    it('to many calls at once costs one new token', async () => {
      await defender.identity();
      const refused = new Set<string | undefined>();
      api.respond = (request, response) => {
        if (refused.size === 0) refused.add(request.headers.authorization);
        if (refused.has(request.headers.authorization)) json(response, 401, '');
        else json(response, 200, machineBody());
      };
      await Promise.all(Array.from({ length: 12 }, () => defender.getMachine(id)));
      expect(login.received.filter(({ method }) => method === 'POST')).to.have.length(2);
    });
  });

  describe('a service that takes minutes to fail', () => {
    it('is asked again while that makes three minutes at most, so that nobody waits for a quarter of an hour', async () => {
      api.respond = (_request, _response, socket) => void time.timer.after(100_000, () => socket.destroy());
      expect(await failure(defender.getMachine(id))).to.include({ kind: 'lost' });
      expect(api.received).to.have.length(2);
    });
  });

  describe('429', () => {
    for (const [name, headers, wait] of [
      ['with Retry-After', { 'retry-after': '17' }, 17_000],
      ['without', {}, 60_000],
      ['with one that makes no sense', { 'retry-after': 'later' }, 60_000],
    ] as const) {
      it(`${name} holds the route back for ${wait / 1000} s, then the call goes on`, async () => {
        api.respond = inTurn(answer(429, errorBody('TooManyRequests'), headers), answer(200, machineBody()));
        expect(await defender.getMachine(id)).to.include({ id });
        const throttled = events.find((event) => event.kind === 'throttled');
        expect(throttled?.route).to.equal('GET machines/{id}');
        expect(throttled?.waitMs).to.be.closeTo(wait, 100);
      });
    }

    it('with one second each time is waited out all the same: a storm of ten minutes fails nobody', async () => {
      const until = time.clock.monotonic() + 600_000;
      api.respond = (request, response, socket) => {
        const isOver = time.clock.monotonic() >= until;
        (isOver ? answer(200, machineBody()) : answer(429, '', { 'retry-after': '1' }))(request, response, socket);
      };
      expect(await defender.getMachine(id)).to.include({ id });
      expect(api.received.length).to.be.at.most(21);
    });

    it('for ever is a failure in the end', async () => {
      api.respond = answer(429, '');
      const error = await failure(defender.getMachine(id));
      expect(error).to.include({ kind: 'throttled', status: 429 });
      expect(error.next).to.contain('rateLimits.share');
    });
  });

  describe('the throttle', () => {
    it('lets no more through than its share, and urgent calls first', async () => {
      defender.close();
      defender = open({ rateLimits: { perMinute: 2, share: 1 } });
      const order: string[] = [];
      api.respond = (request, response) => {
        order.push(JSON.parse(request.body).Comment);
        json(response, 201, actionBody());
      };
      await defender.identity();
      const names: [string, number | undefined][] = [
        ['a', undefined],
        ['b', undefined],
        ['c', 5],
        ['d', undefined],
        ['e', -5],
      ];
      await Promise.all(
        names.map(([comment, priority]) =>
          defender.request(id, { type: 'Isolate', isolationType: 'Full' }, comment, { priority }),
        ),
      );
      expect(order.slice(2)).to.deep.equal(['e', 'd', 'c']);
      const waits = events.flatMap((event) => (event.kind === 'throttled' ? [Math.round(event.waitMs / 1000)] : []));
      expect(waits).to.have.length.of.at.least(2);
      expect(new Set(waits)).to.deep.equal(new Set([60]));
    });
  });

  describe('a time by which to start', () => {
    it('sends nothing whose turn has not come by then, and says so', async () => {
      defender.close();
      defender = open({ rateLimits: { perMinute: 1, share: 1 } });
      api.respond = answer(201, actionBody());
      await isolate({});
      const error = await failure(isolate({ startBy: time.clock.monotonic() + 30_000 }));
      expect(error).to.include({ kind: 'not-started', route: 'POST machines/{id}/isolate' });
      expect(error.next).to.match(/Run again/);
      expect(api.received).to.have.length(1);
    });

    it('holds for a repeat as well', async () => {
      api.respond = answer(429, '', { 'retry-after': '60' });
      const error = await failure(isolate({ startBy: time.clock.monotonic() + 30_000 }));
      expect(error).to.include({ kind: 'not-started' });
      expect(api.received).to.have.length(1);
    });
  });

  describe('an abort', () => {
    it('before sending sends nothing', async () => {
      expect((await failure(isolate({ signal: AbortSignal.abort() }))).kind).to.equal('aborted');
      expect(api.received).to.deep.equal([]);
    });

    it('after sending leaves a write lost and a read aborted', async () => {
      for (const [call, kind] of [
        [(signal: AbortSignal) => isolate({ signal }), 'lost'],
        [(signal: AbortSignal) => defender.getMachine(id, { signal }), 'aborted'],
      ] as const) {
        const controller = new AbortController();
        api.respond = () => controller.abort();
        expect((await failure(call(controller.signal))).kind).to.equal(kind);
      }
    });

    it('ends a wait between attempts', async () => {
      const controller = new AbortController();
      api.respond = answer(500, '');
      time.timer.after = () => {
        controller.abort();
        return () => {};
      };
      expect((await failure(defender.getMachine(id, { signal: controller.signal }))).kind).to.equal('aborted');
      expect(api.received).to.have.length(1);
    });

    it('is what close is to every call', async () => {
      let reached = () => {};
      const received = new Promise<void>((resolve) => {
        reached = resolve;
      });
      api.respond = () => reached();
      const call = failure(defender.getMachine(id));
      await received;
      defender.close();
      expect((await call).kind).to.equal('aborted');
      expect((await failure(defender.getMachine(id))).kind).to.equal('aborted');
    });
  });

  describe('lists', () => {
    const page = (value: unknown[], more: Record<string, unknown> = {}) => ({
      '@odata.count': value.length,
      value,
      ...more,
    });

    it('of actions ask without a status filter, in order (semantics 1.2)', async () => {
      const old = actionBody({ id: guid(2), creationDateTimeUtc: '2025-01-01T00:00:00Z' });
      api.respond = answer(200, page([actionBody(), actionBody({ id: guid(1), type: 'RunAntiVirusScan' }), old]));
      const listing = await defender.listMachineActions({
        types: ['Isolate', 'Unisolate'],
        createdSince: Date.UTC(2026, 0, 1),
      });
      expect(listing).to.include({ complete: true });
      expect(listing.items.map((one) => one.id)).to.deep.equal([actionId]);
      expect(Object.fromEntries(api.received[0]?.query ?? [])).to.deep.equal({
        $filter: "type in ('Isolate','Unisolate') and creationDateTimeUtc ge 2026-01-01T00:00:00.000Z",
        $orderby: 'creationDateTimeUtc',
        $top: '10000',
        $count: 'true',
      });
    });

    it('say the time on the service, not here', async () => {
      api.respond = (_request, response) => {
        response.setHeader('date', 'Mon, 05 Jan 2026 12:00:00 GMT');
        json(response, 200, page([]));
      };
      expect(defender.serviceNow()).to.equal(undefined);
      expect((await defender.listMachineActions({ types: [] })).asOf).to.equal(Date.UTC(2026, 0, 5, 12));
      expect(defender.serviceNow()).to.be.within(Date.UTC(2026, 0, 5, 12), Date.UTC(2026, 0, 5, 12, 1));
    });

    it('of machines are empty on 404; of actions that is an error', async () => {
      api.respond = answer(404, errorBody('NotFound'));
      expect(await defender.listMachinesByName('x')).to.deep.include({ items: [], complete: true });
      expect((await failure(defender.listMachineActions({ types: ['Isolate'] }))).kind).to.equal('not-found');
      api.respond = answer(404, '<html>');
      expect((await failure(defender.listMachinesByName('x'))).kind).to.equal('rejected');
    });

    it('of a name find only whole names, in any case (semantics 6.1)', async () => {
      api.respond = answer(
        200,
        page([
          machineBody({ computerDnsName: 'LAPTOP-7' }),
          machineBody({ id: otherMachineId, computerDnsName: 'laptop-77' }),
        ]),
      );
      const listing = await defender.listMachinesByName('Laptop-7');
      expect(listing.items.map((machine) => machine.id)).to.deep.equal([machineId]);
      expect(api.received[0]?.query.get('$filter')).to.equal("computerDnsName in ('Laptop-7','laptop-7')");
    });

    it('of many names go out in parts, find each name once whatever its spelling, and nobody else (semantics 6.1)', async () => {
      const names = Array.from({ length: 300 }, (_, index) => `Laptop-${index}.contoso.com`);
      // A service that ignores case answers either spelling with the same machine.
      api.respond = (request, response) => {
        const asked = [...(request.query.get('$filter') ?? '').matchAll(/'laptop-(\d+)\.contoso\.com'/gi)];
        const numbers = [...new Set(asked.map((match) => Number(match[1])))];
        const found = numbers.map((number) =>
          machineBody({ id: number.toString(16).padStart(40, '0'), computerDnsName: `LAPTOP-${number}.contoso.com` }),
        );
        const { computerDnsName: _, ...nameless } = machineBody({ id: otherMachineId });
        json(response, 200, page([...found, machineBody({ computerDnsName: 'laptop-1' }), nameless]));
      };
      const listing = await defender.listMachinesByNames(names);
      expect(api.received.length).to.be.within(2, 6);
      expect(Math.max(...api.received.map(({ path }) => path.length))).to.be.below(8_000);
      expect(listing.complete).to.equal(true);
      expect(listing.items.map((machine) => machine.computerDnsName?.toLowerCase())).to.have.members(
        names.map((name) => name.toLowerCase()),
      );
      expect(await defender.listMachinesByNames([])).to.deep.include({ items: [], complete: true });
    });

    it('by id go out in parts whose URLs stay short, and hold only what was asked for', async () => {
      const ids = Array.from({ length: 300 }, (_, index) => index.toString(16).padStart(40, '0') as MachineId);
      api.respond = (request, response) => {
        const asked = [...(request.query.get('$filter') ?? '').matchAll(/'([0-9a-f]{40})'/g)].map((match) => match[1]);
        json(response, 200, page([...asked.slice(1), machineId].map((one) => machineBody({ id: one }))));
      };
      const listing = await defender.listMachinesById(ids);
      expect(api.received.length).to.be.within(2, 4);
      expect(listing.complete).to.equal(true);
      expect(listing.items).to.have.length(300 - api.received.length);
    });

    it('of no ids ask nothing', async () => {
      expect(await defender.listMachinesById([])).to.deep.include({ items: [], complete: true });
      expect(await defender.listMachineActionsById([])).to.deep.include({ items: [], complete: true });
      expect(await defender.listMachineActions({ types: ['Isolate'], machineIds: [] })).to.deep.include({ items: [] });
      expect(api.received).to.deep.equal([]);
    });

    it('of actions by id', async () => {
      api.respond = answer(200, page([actionBody({ status: 'Succeeded' })]));
      const listing = await defender.listMachineActionsById([action, guid(5) as ActionId]);
      expect(listing.items.map(({ status }) => status)).to.deep.equal(['Succeeded']);
      expect(api.received[0]?.query.get('$filter')).to.equal(`id in ('${actionId}','${guid(5)}')`);
    });

    it('of a whole tenant stop after the first page where it is too large', async () => {
      api.respond = answer(200, {
        '@odata.count': 31,
        value: [machineBody()],
        '@odata.nextLink': `${api.url}/api/machines?$skip=1`,
      });
      expect(await defender.listMachines(30)).to.equal(undefined);
      expect(api.received).to.have.length(1);
      expect(api.received[0]?.query.get('$top')).to.equal('30');
    });

    it('do not send the token to another origin', async () => {
      const evil = await startStandIn(answer(200, page([])));
      api.respond = answer(200, {
        '@odata.count': 2,
        value: [machineBody()],
        '@odata.nextLink': `${evil.url}/api/machines?$skip=1`,
      });
      expect((await failure(defender.listMachines(30))).kind).to.equal('untrusted');
      expect(evil.received).to.deep.equal([]);
      await evil.close();
    });

    it('without a list of values are an error', async () => {
      api.respond = answer(200, { '@odata.count': 0 });
      expect((await failure(defender.listMachineActions({ types: ['Isolate'] }))).kind).to.equal('server');
    });

    it('of actions with one that cannot be read are incomplete', async () => {
      api.respond = answer(200, page([actionBody(), actionBody({ id: guid(3), status: 'Exploded' })]));
      expect(await defender.listMachineActions({ types: ['Isolate'] })).to.include({ complete: false });
    });
  });

  describe('settings', () => {
    it('that cannot work are refused at once, by name, and nothing is called', () => {
      for (const [settings, property] of [
        [{ cloud: 'Nowhere' }, 'cloud'],
        [{ rateLimits: { share: 2 } }, 'rateLimits.share'],
        [{ useOidc: true }, 'useOidc'],
        [{ tenantId: '' }, 'tenantId'],
      ] as const) {
        try {
          open(settings).close();
        } catch (error) {
          if (!isDefenderError(error)) throw error;
          expect(error).to.include({ kind: 'invalid-configuration', property });
          continue;
        }
        expect.fail(`${property} was taken`);
      }
      expect(login.received).to.deep.equal([]);
    });

    it('are checked without the environment, all at once', () => {
      const problems = settingProblems({
        cloud: 'Nowhere',
        apiUrl: 'http://x.example',
        rateLimits: { perMinute: 0 },
        clientSecret: 'a',
        useAzureCli: true,
      });
      expect(problems.map(({ property }) => property)).to.deep.equal([
        'cloud',
        'apiUrl',
        'useAzureCli',
        'rateLimits.perMinute',
      ]);
      expect(settingProblems({})).to.deep.equal([]);
    });
  });
});
