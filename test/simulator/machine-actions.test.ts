import { expect } from 'chai';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { Client } from './client.ts';

const fieldOrder = [
  '@odata.context',
  'id',
  'type',
  'title',
  'requestor',
  'requestorComment',
  'status',
  'machineId',
  'computerDnsName',
  'creationDateTimeUtc',
  'lastUpdateDateTimeUtc',
  'cancellationRequestor',
  'cancellationComment',
  'cancellationDateTimeUtc',
  'errorHResult',
  'scope',
  'externalId',
  'requestSource',
  'relatedFileInfo',
  'commands',
  'troubleshootInfo',
];

describe('machine actions', () => {
  let simulator: Simulator;
  let client: Client;
  let id: string;

  before(async () => {
    simulator = await startSimulator({ speed: 0, switches: { tokenClock: 'real' } });
    client = new Client(simulator);
  });

  after(() => simulator.stop());
  beforeEach(() => {
    simulator.control.resetThrottle();
    simulator.control.resetSwitches();
    simulator.control.setSwitches({ tokenClock: 'real' });
    id = simulator.control.addMachine().id;
  });

  const isolated = (): boolean => simulator.control.machine(id).isolation.isolated;
  const statusOf = async (actionId: string): Promise<string> =>
    (await client.get(`/api/machineactions/${actionId}`)).body.status;

  it('answers an isolation with 201 and the action, as captured from the service', async () => {
    const answer = await client.isolate(id, { IsolationType: 'Selective', ExternalId: 'INC-1' });
    expect(answer.status).to.equal(201);
    expect(Object.keys(answer.body)).to.deep.equal(fieldOrder);
    expect(answer.body).to.deep.include({
      '@odata.context': `${simulator.apiUrl}/api/$metadata#MachineActions/$entity`,
      type: 'Isolate',
      title: null,
      requestor: 'pulumi-mde',
      requestorComment: 'test',
      status: 'Pending',
      machineId: id,
      cancellationRequestor: null,
      errorHResult: 0,
      scope: null,
      externalId: 'INC-1',
      requestSource: 'PublicApi',
      commands: [],
    });
    expect(answer.body.creationDateTimeUtc).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/);
    expect(answer.text).to.equal(JSON.stringify(answer.body));
  });

  it('goes from Pending over InProgress to Succeeded, and only then is the machine isolated', async () => {
    const { body } = await client.isolate(id);
    expect(await statusOf(body.id)).to.equal('Pending');
    simulator.control.advance('30s');
    expect(await statusOf(body.id)).to.equal('InProgress');
    expect(isolated()).to.equal(false);
    simulator.control.advance('36s');
    expect(await statusOf(body.id)).to.equal('Succeeded');
    expect(isolated()).to.equal(true);
    const released = await client.unisolate(id);
    expect(released.body).to.include({ type: 'Unisolate', status: 'Pending', scope: null });
    simulator.control.advance('60s');
    expect(await statusOf(released.body.id)).to.equal('Succeeded');
    expect(isolated()).to.equal(false);
  });

  it('takes as long as all machines are told to take', async () => {
    simulator.control.setLatencies({ Isolate: 5 });
    const { body } = await client.isolate(id);
    simulator.control.setLatencies({ Isolate: 66 });
    simulator.control.advance('5s');
    expect(await statusOf(body.id)).to.equal('Succeeded');
    expect(() => simulator.control.setLatencies({ Explode: 1 })).to.throw(RangeError, 'Isolate, Unisolate');
  });

  it('takes as long as a machine is told to take', async () => {
    simulator.control.setMachine(id, { latencySeconds: { Isolate: 600 } });
    const { body } = await client.isolate(id);
    simulator.control.advance('599s');
    expect(await statusOf(body.id)).to.equal('InProgress');
    simulator.control.advance('1s');
    expect(await statusOf(body.id)).to.equal('Succeeded');
  });

  it('keeps the record of a machine that fails, whether or not it did it all the same', async () => {
    simulator.control.setMachine(id, { outcomes: { Isolate: { status: 'Failed', times: 1 } } });
    const first = await client.isolate(id);
    simulator.control.advance('2m');
    expect(await statusOf(first.body.id)).to.equal('Failed');
    expect(isolated()).to.equal(false);
    simulator.control.setMachine(id, { outcomes: { Isolate: { status: 'Failed', executed: true, times: 1 } } });
    const second = await client.isolate(id);
    simulator.control.advance('2m');
    expect(await statusOf(second.body.id)).to.equal('Failed');
    expect(isolated()).to.equal(true);
    const third = await client.isolate(id);
    simulator.control.advance('2m');
    expect(await statusOf(third.body.id)).to.equal('Succeeded');
  });

  it('refuses unknown machines, actions and wrong bodies with the codes of the service', async () => {
    const nobody = 'f'.repeat(40);
    const table: readonly (readonly [string, unknown, number, string])[] = [
      [`machines/${nobody}/isolate`, { Comment: 'x', IsolationType: 'Full' }, 404, 'ResourceNotFound'],
      ['machines/123123123/unisolate', { Comment: 'x' }, 404, 'ResourceNotFound'],
      [`machines/${id}/isolate`, { comment: 'x', IsolationType: 'Full' }, 400, 'InvalidRequestBody'],
      [`machines/${id}/isolate`, { Comment: 'x', isolationType: 'Full' }, 400, 'InvalidRequestBody'],
      [`machines/${id}/isolate`, { IsolationType: 'Full' }, 400, 'MissingRequiredParameter'],
      [`machines/${id}/isolate`, { Comment: '  ', IsolationType: 'Full' }, 400, 'MissingRequiredParameter'],
      [`machines/${id}/isolate`, { Comment: 'x', IsolationType: 'full' }, 400, 'InvalidInput'],
      [`machines/${id}/isolate`, { Comment: 7, IsolationType: 'Full' }, 400, 'InvalidRequestBody'],
      [`machines/${id}/isolate`, '{"Comment":', 400, 'InvalidRequestBody'],
      [`machines/${id}/isolate`, '[]', 400, 'InvalidRequestBody'],
      [`machines/${id}/isolate`, '', 400, 'MissingRequiredParameter'],
      [`machines/${id}/isolate`, { Comment: 'x', IsolationType: 'UnManagedDevice' }, 400, 'InvalidInput'],
      [`machines/${id}/explode`, { Comment: 'x' }, 404, 'NotFound'],
      ['machineactions/99999999-0000-4000-8000-000000000000/cancel', { Comment: 'x' }, 404, 'ResourceNotFound'],
    ];
    for (const [path, body, status, code] of table) {
      const answer = await client.post(`/api/${path}`, body);
      expect(answer.status, `${path} ${JSON.stringify(body)}`).to.equal(status);
      expect(answer.body.error.code, `${path} ${JSON.stringify(body)}`).to.equal(code);
      expect(answer.body.error).to.have.keys('code', 'message', 'target');
    }
    expect((await client.get('/api/machineactions/99999999-0000-4000-8000-000000000000')).status).to.equal(404);
    expect(simulator.control.actions({ machine: id })).to.deep.equal([]);
  });

  it('refuses what a system cannot do', async () => {
    const check = async (properties: object, IsolationType: string, code: string | undefined): Promise<void> => {
      const machine = simulator.control.addMachine(properties);
      const answer = await client.isolate(machine.id, { IsolationType });
      expect(answer.body.error?.code, JSON.stringify(properties) + IsolationType).to.equal(code);
      expect(answer.status).to.equal(code === undefined ? 201 : 400);
    };
    await check({ osPlatform: 'Linux', version: '22.04' }, 'Full', undefined);
    await check({ osPlatform: 'Linux', version: '22.04' }, 'Selective', 'OsPlatformNotSupported');
    await check({ osPlatform: 'WindowsServer2012R2' }, 'Selective', undefined);
    await check({ osPlatform: 'Windows7' }, 'Full', 'OsPlatformNotSupported');
    await check({ osPlatform: 'Android' }, 'Full', 'OsPlatformNotSupported');
    await check({ osPlatform: 'Windows10', version: '1607' }, 'Full', 'ClientVersionNotSupported');
    await check({ osPlatform: 'Windows10', version: '1703' }, 'Full', undefined);
    await check({ osPlatform: 'Windows10', version: '20H2' }, 'Full', undefined);
    await check({ osPlatform: 'macOS', agentVersion: '101.98.83' }, 'Full', 'ClientVersionNotSupported');
    await check({ osPlatform: 'macOS', agentVersion: '101.25032.6' }, 'Selective', undefined);
    await check({ onboardingStatus: 'CanBeOnboarded' }, 'UnManagedDevice', undefined);
  });

  it('cancels what is not final, and the machine does not do it', async () => {
    const { body } = await client.isolate(id);
    simulator.control.advance('20s');
    const cancelled = await client.cancel(body.id);
    expect(cancelled.status).to.equal(200);
    expect(cancelled.body).to.include({
      id: body.id,
      status: 'Cancelled',
      cancellationRequestor: 'pulumi-mde',
      cancellationComment: 'test',
    });
    expect(cancelled.body.cancellationDateTimeUtc).to.equal(cancelled.body.lastUpdateDateTimeUtc);
    simulator.control.advance('1h');
    expect(isolated()).to.equal(false);
    const again = await client.cancel(body.id);
    expect(again.status).to.equal(400);
  });

  it('accepts a release while an isolation runs, and does both in order', async () => {
    const first = await client.isolate(id);
    const second = await client.unisolate(id);
    expect(second.status).to.equal(201);
    simulator.control.advance('66s');
    expect(await statusOf(first.body.id)).to.equal('Succeeded');
    expect(await statusOf(second.body.id)).to.equal('Pending');
    simulator.control.advance('60s');
    expect(await statusOf(second.body.id)).to.equal('Succeeded');
    expect(isolated()).to.equal(false);
  });

  it('keeps the action of an offline machine Pending until it is back', async () => {
    simulator.control.setMachine(id, { online: false });
    const { body } = await client.isolate(id);
    simulator.control.advance('2d');
    expect(await statusOf(body.id)).to.equal('Pending');
    simulator.control.setMachine(id, { online: true });
    simulator.control.advance('66s');
    expect(await statusOf(body.id)).to.equal('Succeeded');
  });

  it('learns from a machine that went away in the middle only when it is back', async () => {
    const { body } = await client.isolate(id);
    simulator.control.advance('30s');
    simulator.control.setMachine(id, { online: false });
    simulator.control.advance('1h');
    expect(isolated()).to.equal(true);
    expect(await statusOf(body.id)).to.equal('InProgress');
    simulator.control.setMachine(id, { online: true });
    expect(await statusOf(body.id)).to.equal('Succeeded');
  });

  it('gives up on a machine that did it and never came back to say so', async () => {
    const { body } = await client.isolate(id);
    simulator.control.advance('30s');
    simulator.control.setMachine(id, { online: false });
    simulator.control.advance('3d');
    expect(await statusOf(body.id)).to.equal('TimeOut');
    expect(isolated()).to.equal(true);
  });

  it('filters, orders and counts the list', async () => {
    const other = simulator.control.addMachine().id;
    await client.isolate(id);
    simulator.control.advance('2m');
    const since = simulator.control.now().toISOString();
    await client.isolate(other);
    await client.unisolate(id);
    simulator.control.advance('2m');
    await client.cancel((await client.isolate(id)).body.id);
    const list = async (options: Record<string, string>): Promise<{ type: string; machineId: string }[]> =>
      (await client.actions(options)).body.value;
    const mine = `machineId in ('${id}','${other}')`;
    expect(await list({ $filter: mine })).to.have.length(4);
    expect(await list({ $filter: `${mine} and creationDateTimeUtc ge ${since}` })).to.have.length(3);
    expect(await list({ $filter: `machineId eq '${id}' AND type in ('Isolate','Unisolate')` })).to.have.length(3);
    expect(await list({ $filter: `MachineId eq '${id}' and Status eq 'Cancelled'` })).to.have.length(1);
    expect(await list({ $filter: `${mine} and requestor eq 'pulumi-mde' and not (type eq 'Isolate')` })).to.have.length(
      1,
    );
    expect((await client.actions({ $filter: "scope eq 'Full'" })).status).to.equal(400);
    expect((await client.actions({ $filter: `lastUpdateDateTimeUtc ge ${since}` })).status).to.equal(400);
    const oldest = await list({ $filter: mine, $orderby: 'CreationDateTimeUtc asc' });
    expect(oldest.map(({ type }) => type)).to.deep.equal(['Isolate', 'Isolate', 'Unisolate', 'Isolate']);
    expect((await list({ $filter: mine })).map(({ type }) => type)).to.deep.equal(
      oldest.map(({ type }) => type).reverse(),
    );
    const [latest] = await list({ $filter: mine, $orderby: 'lastUpdateDateTimeUtc desc', $top: '1' });
    expect(latest).to.include({ status: 'Cancelled' });
    const counted = await client.actions({ $filter: mine, $count: 'true', $top: '1' });
    expect(Object.keys(counted.body)).to.deep.equal(['@odata.context', '@odata.count', 'value']);
    expect(counted.body['@odata.count']).to.equal(4);
  });

  it('pages through many actions, each once', async () => {
    simulator.control.setSwitches({ pageSize: 40 });
    simulator.control.advance('1s');
    const since = simulator.control.now().toISOString();
    const machines = Array.from({ length: 130 }, () => simulator.control.addMachine().id);
    for (const machine of machines) simulator.control.isolate(machine);
    const seen: string[] = [];
    const options = { $filter: `creationDateTimeUtc ge ${since}`, $orderby: 'creationDateTimeUtc', $count: 'true' };
    let answer = await client.actions(options);
    for (;;) {
      seen.push(...answer.body.value.map(({ machineId }: { machineId: string }) => machineId));
      const next = answer.body['@odata.nextLink'];
      if (next === undefined) break;
      answer = await client.get(next);
    }
    expect(seen).to.deep.equal(machines);
    expect(answer.body['@odata.count']).to.equal(130);
  });

  it('answers 429 past a hundred calls a minute to one route of one app', async () => {
    for (let call = 0; call < 100; call += 1) expect((await client.actions({ $top: '0' })).status).to.equal(200);
    const refused = await client.actions({ $top: '0' });
    expect(refused.status).to.equal(429);
    expect(refused.headers['retry-after']).to.equal('60');
    expect(refused.body.error).to.include({
      code: '429',
      message: 'API calls quota exceeded! maximum allowed 100 per 00:01:00',
    });
    expect((await client.machines({ $top: '0' })).status).to.equal(200);
    const other = simulator.control.addApp();
    const token = simulator.control.mintToken({ appId: other.clientId });
    expect((await client.get('/api/machineactions?$top=0', { token })).status).to.equal(200);
    simulator.control.advance('30s');
    expect((await client.actions({ $top: '0' })).headers['retry-after']).to.equal('30');
    simulator.control.advance('30s');
    expect((await client.actions({ $top: '0' })).status).to.equal(200);
  });

  it('does not carry out what it throttled', async () => {
    simulator.control.setLimits({ perMinute: 1 });
    const second = simulator.control.addMachine().id;
    expect((await client.isolate(id)).status).to.equal(201);
    expect((await client.isolate(second)).status).to.equal(429);
    simulator.control.setLimits({ perMinute: 100 });
    expect(simulator.control.actions({ machine: second })).to.deep.equal([]);
  });
});
