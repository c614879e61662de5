import { request } from 'node:http';
import { expect } from 'chai';
import { operations } from '../../simulator/operations.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { Client } from './client.ts';

describe('the control', () => {
  let simulator: Simulator;
  let client: Client;
  let id: string;

  before(async () => {
    simulator = await startSimulator({ speed: 0, machines: 10 });
  });

  after(() => simulator.stop());

  beforeEach(() => {
    simulator.control.resetThrottle();
    client = new Client(simulator);
    id = simulator.control.addMachine().id;
  });

  interface Reply {
    readonly status: number;
    // biome-ignore lint/suspicious/noExplicitAny: the control answers in many shapes
    readonly body: any;
  }

  function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, simulator.controlUrl), { method, agent: false, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  it('lists what it does', async () => {
    const { body } = await call('GET', '/');
    expect(body.operations).to.have.length(operations.length);
    for (const operation of body.operations) expect(operation).to.have.keys('call', 'about', 'takes');
  });

  it('does over HTTP what it does in process', async () => {
    const before = simulator.control.now().getTime();
    const { body } = await call('POST', '/advance', { duration: '1h' });
    expect(Date.parse(body.now)).to.equal(before + 3_600_000);
    const machine = await call('GET', `/machine?machine=${id}`);
    expect(machine.body).to.deep.equal(simulator.control.machine(id));
    expect((await call('GET', '/machines')).body).to.deep.equal(simulator.control.machines());
    const seeded = await call('POST', '/machines/seed', { count: 2, seed: 99 });
    expect(seeded.body).to.have.length(2);
    const added = await call('POST', '/machines/add', { computerDnsName: 'new.contoso.com', osPlatform: 'Linux' });
    expect(added.body).to.include({ computerDnsName: 'new.contoso.com', osPlatform: 'Linux' });
    const changed = await call('POST', '/machines/set', { machine: id, online: false, machineTags: ['vip'] });
    expect(changed.body.online).to.equal(false);
    expect(changed.body.body.machineTags).to.deep.equal(['vip']);
    const settings = await call('POST', '/switches', { duplicateRequest: 'accept' });
    expect(settings.body.duplicateRequest).to.equal('accept');
    const listed = (await call('GET', '/switches')).body;
    expect(listed[0]).to.include.keys('name', 'value', 'values', 'default', 'about');
    expect((await call('POST', '/switches/reset')).body.duplicateRequest).to.equal('return-pending');
    const fault = await call('POST', '/faults/add', { effect: { kind: 'hang' } });
    expect((await call('GET', '/faults')).body).to.have.length(1);
    expect((await call('POST', '/faults/remove', fault.body)).status).to.equal(200);
    expect((await call('POST', '/speed', { speed: 0 })).status).to.equal(200);
    const app = (await call('POST', '/apps/add', { displayName: 'another' })).body;
    expect(app).to.include.keys('tenantId', 'clientId', 'clientSecret');
    const { token } = (await call('POST', '/tokens/mint', { roles: ['Machine.Read.All'] })).body;
    expect((await client.get('/api/machines?$top=0', { token })).status).to.equal(200);
  });

  it('has a method behind every operation that reads', async () => {
    for (const { name, method } of operations) {
      if (method !== 'GET' || ['machine', 'isolations'].includes(name)) continue;
      expect((await call('GET', `/${name}`)).status, name).to.equal(200);
    }
  });

  it('gives a machine that it adds an id of its own, also beside a fleet of the same seed', async () => {
    const seeded = await startSimulator({ speed: 0, machines: 25, seed: 1 });
    try {
      const ids = Array.from({ length: 150 }, () => seeded.control.addMachine().id);
      expect(new Set([...ids, ...seeded.control.machines().map((machine) => machine.id)]).size).to.equal(175);
    } finally {
      await seeded.stop();
    }
  });

  it('says what is wrong with a request', async () => {
    const check = async (path: string, body: unknown, reason: string): Promise<void> => {
      const answer = await call('POST', path, body);
      expect(answer.status, path).to.equal(400);
      expect(answer.body.error, path).to.contain(reason);
    };
    await check('/advance', { duration: 'soon' }, 'is no duration');
    await check('/advance', {}, 'is no duration');
    await check('/machines/seed', {}, '"count" is missing');
    await check('/machines/set', { machine: 'nobody' }, 'there is no machine "nobody"');
    await check('/switches', { colour: 'red' }, 'there is no switch');
    await check('/analyst/cancel', { action: 'x' }, 'there is no action');
    await check('/analyst/act', { machine: id, type: 'Explode' }, 'there are Isolate, Unisolate, Restrict');
    await check('/analyst/act', { machine: id, type: 'StopAndQuarantineFile' }, 'Sha1 is missing');
    await check('/indicators/add', { indicatorValue: 'x' }, 'no valid FileSha1');
    await check('/indicators/remove', { indicator: '99' }, 'there is no indicator "99"');
    await check('/machines/add', { id: 'short' }, 'is no machine id');
    await check('/speed', { speed: -1 }, 'no speed');
    await check('/advance', [], 'must be a JSON object');
    expect((await call('GET', '/nothing')).status).to.equal(404);
  });

  it('answers to nobody but loopback', async () => {
    expect((await call('GET', '/', undefined, { Host: 'rebound.test' })).status).to.equal(403);
    expect((await call('POST', '/advance', {}, { Origin: 'https://elsewhere.test' })).status).to.equal(403);
    expect((await call('GET', '/time', undefined, { Origin: simulator.controlUrl })).status).to.equal(200);
  });

  it('acts as an analyst whom the API tells by name', async () => {
    const { body } = await call('POST', '/analyst/isolate', {
      machine: id,
      by: 'ada@contoso.com',
      comment: 'INC-9',
      latencySeconds: 0,
    });
    expect(body).to.include({ status: 'Succeeded', requestor: 'ada@contoso.com', requestSource: 'Portal' });
    const told = await client.get(`/api/machineactions/${body.id}`);
    expect(told.body).to.include({
      requestor: 'ada@contoso.com',
      requestorComment: 'INC-9',
      requestSource: 'Portal',
      scope: 'Full',
    });
    expect(simulator.control.machine(id).isolation).to.include({ isolated: true, actionId: body.id });
    await call('POST', '/analyst/unisolate', { machine: id, latencySeconds: 0 });
    expect(simulator.control.machine(id).isolation).to.deep.equal({ isolated: false });
    const pending = simulator.control.isolate(id);
    const cancelled = await call('POST', '/analyst/cancel', { action: pending.id, by: 'bob@contoso.com' });
    expect(cancelled.body).to.include({ status: 'Cancelled', cancellationRequestor: 'bob@contoso.com' });
  });

  it('tells each stretch in which a machine was really isolated, and what ended it', async () => {
    const { control } = simulator;
    const machine = control.addMachine().id;
    const begun = control.now();
    control.isolate(machine, { latencySeconds: 0 });
    control.advance('1h');
    // No break: it stays isolated.
    control.isolate(machine, { latencySeconds: 0 });
    control.advance('7d');
    control.isolate(machine, { latencySeconds: 0 });
    control.advance('1h');
    control.unisolate(machine, { latencySeconds: 0 });
    control.unisolate(machine, { latencySeconds: 0 });
    control.force(machine, 'Full');
    const told = (await call('GET', `/isolations?machine=${machine}`)).body as { since: string; until?: string }[];
    const minutes = (at: string | undefined) => at && Math.round((Date.parse(at) - begun.getTime()) / 60_000);
    const week = 7 * 24 * 60;
    expect(told.map(({ since, until, ...more }) => ({ ...more, since: minutes(since), until: minutes(until) }))).to.eql(
      [
        { since: 0, until: week, endedBy: 'lift' },
        { since: 60 + week, until: 120 + week, endedBy: 'release' },
        { since: 120 + week, until: undefined },
      ],
    );
  });

  it('asks for any response action, and keeps indicators, over HTTP', async () => {
    const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
    await call('POST', '/machines/set', { machine: id, files: [{ sha1 }] });
    const request = { machine: id, type: 'StopAndQuarantineFile', sha1, by: 'ada@contoso.com', latencySeconds: 0 };
    const { body } = await call('POST', '/analyst/act', request);
    expect(body).to.deep.include({
      status: 'Succeeded',
      requestor: 'ada@contoso.com',
      relatedFileInfo: { fileIdentifier: sha1, fileIdentifierType: 'Sha1' },
    });
    expect((await call('GET', `/machine?machine=${id}`)).body.quarantinedFiles).to.deep.equal([sha1]);
    expect((await call('POST', '/machines/restore-files', { machine: id })).body.quarantinedFiles).to.deep.equal([]);
    const scan = await call('POST', '/analyst/act', { machine: id, type: 'runAntiVirusScan', latencySeconds: 0 });
    const { scans } = simulator.control.machine(id);
    expect(scans).to.deep.equal([{ scanType: 'Quick', at: scan.body.executedAt, actionId: scan.body.id }]);
    const added = await call('POST', '/indicators/add', { indicatorValue: sha1, title: 'INC-9' });
    expect((await call('GET', '/indicators')).body).to.deep.equal([added.body]);
    expect(simulator.control.machine(id).blockedFiles).to.deep.equal([sha1]);
    await call('POST', '/indicators/remove', { indicator: sha1 });
    expect((await call('GET', '/indicators')).body).to.deep.equal([]);
  });

  it('keeps the story of every action: who, when, by which way, what became of it', async () => {
    const { body } = await client.isolate(id);
    simulator.control.advance('2m');
    const [record] = simulator.control.actions({ machine: id });
    expect(record?.origin).to.deep.equal({
      via: 'api',
      tenantId: simulator.credentials.tenantId,
      appId: simulator.credentials.clientId,
      route: 'POST machines/{id}/isolate',
    });
    expect(record?.history.map(({ status }) => status)).to.deep.equal(['Pending', 'InProgress', 'Succeeded']);
    expect(record?.executedAt).to.equal(record?.history[2]?.at);
    expect(record?.id).to.equal(body.id);
  });

  it('tells what is in force apart from what is on record', () => {
    expect(simulator.control.force(id, 'Selective').isolation).to.include({ isolated: true, type: 'Selective' });
    expect(simulator.control.actions({ machine: id })).to.deep.equal([]);
    expect(simulator.control.force(id, null).isolation).to.deep.equal({ isolated: false });
  });

  it('reinstalls, renames, offboards and removes machines', async () => {
    simulator.control.isolate(id, { latencySeconds: 0 });
    const { computerDnsName } = simulator.control.machine(id);
    const fresh = simulator.control.reinstall(id);
    expect(fresh).to.deep.include({ computerDnsName, isolation: { isolated: false }, online: true });
    const old = await client.get(`/api/machines/${id}`);
    expect(old.body).to.include({ mergedIntoMachineId: fresh.id, computerDnsName });
    expect(() => simulator.control.machine(computerDnsName)).to.throw(RangeError, 'several machines');
    simulator.control.rename(fresh.id, 'renamed.contoso.com');
    expect((await client.get('/api/machines/renamed.contoso.com')).body.id).to.equal(fresh.id);
    expect((await client.get(`/api/machines/${computerDnsName}`)).body.id).to.equal(id);
    simulator.control.offboard(fresh.id);
    expect((await client.get(`/api/machines/${fresh.id}`)).body.onboardingStatus).to.equal('CanBeOnboarded');
    simulator.control.removeMachine(fresh.id);
    expect((await client.get(`/api/machines/${fresh.id}`)).status).to.equal(404);
    expect((await client.isolate(fresh.id)).status).to.equal(404);
  });

  it('counts requests per route, app and status, and forgets when told to', async () => {
    simulator.control.resetStatistics();
    await client.machines({ $top: '0' });
    await client.machines({ $top: '0' });
    await client.isolate('f'.repeat(40));
    await client.get('/api/machines', { token: 'wrong' });
    const { clientId } = simulator.credentials;
    expect(simulator.control.statistics()).to.deep.equal({
      total: 4,
      byRoute: { 'GET machines': 3, 'POST machines/{id}/isolate': 1 },
      byApp: { [clientId]: { 'GET machines': 2, 'POST machines/{id}/isolate': 1 } },
      byStatus: { '200': 2, '401': 1, '404': 1 },
    });
    expect(simulator.control.requests().map(({ status }) => status)).to.deep.equal([200, 200, 404, 401]);
    simulator.control.resetStatistics();
    expect(simulator.control.statistics().total).to.equal(0);
  });

  it('stops, twice if need be, and leaves nothing behind', async () => {
    const { existsSync } = await import('node:fs');
    const short = await startSimulator({ speed: 60 });
    expect(existsSync(short.caPath)).to.equal(true);
    await short.stop();
    await short.stop();
    expect(existsSync(short.caPath)).to.equal(false);
  });

  it('starts the same fleet and ids for the same seed', async () => {
    const other = await startSimulator({ speed: 0, machines: 10 });
    const ids = other.control.machines().map((machine) => machine.id);
    await other.stop();
    expect(
      simulator.control
        .machines()
        .slice(0, 10)
        .map((machine) => machine.id),
    ).to.deep.equal(ids);
  });
});
