import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { expect } from 'chai';
import type { FaultEffect } from '../../simulator/faults.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { Client } from './client.ts';

describe('faults', () => {
  let simulator: Simulator;
  let client: Client;
  let id: string;

  before(async () => {
    simulator = await startSimulator({ speed: 0, machines: 5 });
    client = new Client(simulator);
  });

  after(() => simulator.stop());

  beforeEach(() => {
    simulator.control.clearFaults();
    simulator.control.resetStatistics();
    simulator.control.resetThrottle();
    id = simulator.control.addMachine().id;
  });

  const once = (effect: FaultEffect, route = 'GET machines'): string =>
    simulator.control.addFault({ effect, route, count: 1 });

  async function failureOf(call: Promise<unknown>): Promise<string> {
    try {
      await call;
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    }
    return expect.fail('it was answered');
  }

  it('answers what they are told to, with the bodies that the service and its proxies have', async () => {
    const made = async (status: number) => {
      once({ kind: 'answer', status });
      return client.machines();
    };
    expect((await made(429)).body.error.code).to.equal('429');
    expect((await made(500)).body.error).to.include({ code: 'InternalServerError', message: '' });
    const gateway = await made(502);
    expect(gateway.headers['content-type']).to.equal('text/html');
    expect(gateway.body).to.equal(undefined);
    expect((await made(503)).status).to.equal(503);
    once({ kind: 'answer', status: 418, body: '{}', headers: { 'Retry-After': '7' } });
    const own = await client.machines();
    expect(own.status).to.equal(418);
    expect(own.headers['retry-after']).to.equal('7');
    expect(own.headers.date).to.equal(simulator.control.now().toUTCString());
    expect((await client.machines()).status).to.equal(200);
  });

  it('do not carry out what they answer themselves', async () => {
    once({ kind: 'answer', status: 500 }, 'POST machines/{id}/isolate');
    expect((await client.isolate(id)).status).to.equal(500);
    expect(simulator.control.actions({ machine: id })).to.deep.equal([]);
  });

  it('reset before a request is carried out', async () => {
    once({ kind: 'reset-before' }, 'POST machines/{id}/isolate');
    expect(await failureOf(client.isolate(id))).to.equal('ECONNRESET');
    expect(simulator.control.actions({ machine: id })).to.deep.equal([]);
  });

  it('reset after a request was carried out: accepted and lost', async () => {
    once({ kind: 'reset-after' }, 'POST machines/{id}/isolate');
    expect(await failureOf(client.isolate(id))).to.equal('ECONNRESET');
    expect(simulator.control.actions({ machine: id })).to.have.length(1);
    expect(simulator.control.requests(1)[0]).to.include({ fault: 'reset-after', status: undefined });
  });

  it('break off in the middle of a body', async () => {
    once({ kind: 'half-body' });
    expect(await failureOf(client.machines())).to.equal('ECONNRESET');
  });

  it('refuse connections until told otherwise', async () => {
    simulator.control.refuseConnections();
    expect(await failureOf(client.machines())).to.equal('ECONNREFUSED');
    await simulator.control.acceptConnections();
    await simulator.control.acceptConnections();
    expect((await client.machines()).status).to.equal(200);
  });

  it('refuse connections from a certain request on, for a while', async () => {
    once({ kind: 'refuse', forMs: 30 });
    expect(await failureOf(client.machines())).to.be.oneOf(['ECONNRESET', 'ECONNREFUSED']);
    const { port } = new URL(simulator.apiUrl);
    const isOpen = (): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), '127.0.0.1');
        socket.once('connect', () => socket.destroy() && resolve(true));
        socket.once('error', () => resolve(false));
      });
    while (!(await isOpen())) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await client.machines()).status).to.equal(200);
  });

  it('answer late', async () => {
    const started = performance.now();
    once({ kind: 'delay', ms: 40 });
    expect((await client.machines()).status).to.equal(200);
    once({ kind: 'delay', ms: 40, before: true });
    expect((await client.machines()).status).to.equal(200);
    expect(performance.now() - started).to.be.at.least(75);
  });

  it('trickle', async () => {
    once({ kind: 'trickle', bytes: 2000, everyMs: 1 });
    expect((await client.machines()).body.value).not.to.have.length(0);
  });

  /** Calls, and hangs up as soon as `enough` says so of the bytes that came. The answer: how many came. */
  function listen(enough: (received: number) => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      let received = 0;
      const sent = httpsRequest(
        `${simulator.apiUrl}/api/machines`,
        { ca: simulator.caPem, agent: false, headers: { Authorization: `Bearer ${client.token}` } },
        (response) => {
          response.on('data', (chunk: Buffer) => {
            received += chunk.length;
          });
          response.on('error', () => undefined);
          response.on('end', () => reject(new Error('it ended')));
        },
      );
      const look = setInterval(() => enough(received) && sent.destroy(), 5);
      sent.on('error', () => undefined);
      sent.on('close', () => {
        clearInterval(look);
        resolve(received);
      });
      sent.end();
    });
  }

  it('never end', async () => {
    once({ kind: 'endless' });
    expect(await listen((received) => received >= 1_000_000)).to.be.at.least(1_000_000);
  });

  it('hang', async () => {
    once({ kind: 'hang' });
    let looks = 0;
    const received = await listen(() => {
      if (simulator.control.requests(1)[0]?.fault === 'hang') looks += 1;
      return looks === 5;
    });
    expect(received).to.equal(0);
  });

  it('hang before a request is carried out', async () => {
    once({ kind: 'hang', before: true }, 'POST machines/{id}/isolate');
    client.isolate(id).catch(() => undefined);
    while (simulator.control.requests(1)[0]?.fault !== 'hang') await new Promise(setImmediate);
    expect(simulator.control.actions({ machine: id })).to.deep.equal([]);
  });

  it('say 200 with rubbish, or with the first part of the truth', async () => {
    once({ kind: 'garbage' });
    expect((await client.machines()).body).to.equal(undefined);
    once({ kind: 'garbage', body: '{"value":"not a list"}' });
    expect((await client.machines()).body).to.deep.equal({ value: 'not a list' });
    once({ kind: 'truncated' });
    const cut = await client.machines();
    expect(cut.status).to.equal(200);
    expect(cut.text).to.match(/^\{"@odata.context"/);
    expect(cut.body).to.equal(undefined);
  });

  it('redirect', async () => {
    once({ kind: 'redirect', location: 'https://elsewhere.test/api/machines' });
    const answer = await client.machines();
    expect(answer.status).to.equal(307);
    expect(answer.headers.location).to.equal('https://elsewhere.test/api/machines');
  });

  it('bend lists: a next link to another origin or to itself, a wrong count', async () => {
    once({ kind: 'list', nextLink: { to: 'origin', origin: 'https://elsewhere.test' } });
    expect((await client.machines()).body['@odata.nextLink']).to.match(/^https:\/\/elsewhere\.test\/api\/machines\?/);
    once({ kind: 'list', nextLink: { to: 'itself' } });
    const looped = await client.get('/api/machines?$count=true');
    expect((await client.get(looped.body['@odata.nextLink'])).body.value).to.deep.equal(looped.body.value);
    once({ kind: 'list', countError: 3 });
    const miscounted = await client.machines({ $count: 'true' });
    expect(miscounted.body['@odata.count']).to.equal(miscounted.body.value.length + 3);
  });

  it('bend lists: the whole in the order opposite to what was asked for, or each page turned round', async () => {
    for (let more = 0; more < 4; more += 1) simulator.control.addMachine();
    simulator.control.setSwitches({ pageSize: 2 });
    const read = async (order?: 'reversed' | 'each-page-reversed') => {
      const pages: string[][] = [];
      let path: string | undefined = '/api/machines?$orderby=id';
      while (path !== undefined) {
        if (order !== undefined) once({ kind: 'list', order });
        const { body } = await client.get(path);
        pages.push(body.value.map((machine: { id: string }) => machine.id));
        path = body['@odata.nextLink'];
      }
      return pages;
    };
    const pages = await read();
    expect(pages.length).to.be.greaterThan(2);
    expect((await read('reversed')).flat()).to.deep.equal(pages.flat().toReversed());
    expect(await read('each-page-reversed')).to.deep.equal(pages.map((page) => page.toReversed()));
  });

  it('show the history late', async () => {
    const { body } = await client.isolate(id);
    simulator.control.advance('66s');
    const stale = async (staleSeconds: number) => {
      once({ kind: 'list', staleSeconds }, 'GET machineactions');
      return (await client.actions({ $filter: `machineId eq '${id}'` })).body.value;
    };
    expect((await stale(0))[0]).to.include({ status: 'Succeeded' });
    expect((await stale(10))[0]).to.include({ id: body.id, status: 'InProgress' });
    expect((await stale(60))[0]).to.include({ status: 'Pending' });
    expect(await stale(120)).to.deep.equal([]);
  });

  it('fall on the nth request, from the nth on, or on some of a hundred, the same ones for the same seed', async () => {
    simulator.control.addFault({ effect: { kind: 'answer', status: 500 }, route: 'GET machines', nth: 3 });
    const statuses = async (calls: number): Promise<number[]> => {
      const seen: number[] = [];
      for (let call = 0; call < calls; call += 1) seen.push((await client.machines({ $top: '0' })).status);
      return seen;
    };
    expect(await statuses(4)).to.deep.equal([200, 200, 500, 200]);
    simulator.control.clearFaults();
    simulator.control.addFault({ effect: { kind: 'answer', status: 500 }, route: 'GET machines', from: 3 });
    expect(await statuses(4)).to.deep.equal([200, 200, 500, 500]);
    const some = async (): Promise<number[]> => {
      simulator.control.clearFaults();
      simulator.control.addFault({ effect: { kind: 'answer', status: 503 }, percent: 50, seed: 4 });
      return statuses(20);
    };
    const first = await some();
    expect(await some()).to.deep.equal(first);
    expect(new Set(first)).to.deep.equal(new Set([200, 503]));
  });

  it('fall on sign-in only where sign-in is named', async () => {
    simulator.control.addFault({ effect: { kind: 'answer', status: 503 } });
    const { tenantId, clientId, clientSecret } = simulator.credentials;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://api.securitycenter.microsoft.com/.default',
    }).toString();
    const signIn = () => client.post(`/${tenantId}/oauth2/v2.0/token`, form, { token: '' });
    expect((await client.machines()).status).to.equal(503);
    expect((await client.get('/api/unknown')).status).to.equal(503);
    expect((await signIn()).status).to.equal(200);
    simulator.control.addFault({ effect: { kind: 'answer', status: 503 }, route: 'token' });
    expect((await signIn()).status).to.equal(503);
  });

  it('tell how often they happened, and can be taken away', async () => {
    const fault = simulator.control.addFault({ effect: { kind: 'answer', status: 500 }, method: 'get' });
    await client.machines();
    await client.isolate(id);
    expect(simulator.control.faults()[0]).to.include({ id: fault, seen: 1, fired: 1 });
    simulator.control.removeFault(fault);
    expect((await client.machines()).status).to.equal(200);
    expect(() => simulator.control.removeFault(fault)).to.throw(RangeError, 'there is no fault');
  });

  it('are refused where they make no sense', () => {
    const wrong: readonly unknown[] = [
      {},
      { effect: {} },
      { effect: { kind: 'fire' } },
      { effect: { kind: 'answer' } },
      { effect: { kind: 'hang' }, nth: -1 },
    ];
    for (const rule of wrong) {
      expect(() => simulator.control.addFault(rule as never), JSON.stringify(rule)).to.throw(RangeError);
    }
  });
});
