import { expect } from 'chai';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { Client } from './client.ts';

describe('GET machines', () => {
  let simulator: Simulator;
  let client: Client;

  before(async () => {
    simulator = await startSimulator({ speed: 0, machines: 200, startAt: Date.UTC(2026, 2, 1, 12) });
    client = new Client(simulator);
  });

  after(() => simulator.stop());
  beforeEach(() => {
    simulator.control.resetThrottle();
    simulator.control.resetSwitches();
  });

  it('lists machines with the fields of the service, in compact JSON', async () => {
    const answer = await client.machines({ $top: '1' });
    expect(answer.status).to.equal(200);
    expect(Object.keys(answer.body)).to.deep.equal(['@odata.context', 'value']);
    expect(answer.body['@odata.context']).to.equal(`${simulator.apiUrl}/api/$metadata#Machines`);
    expect(Object.keys(answer.body.value[0]).slice(0, 8)).to.deep.equal([
      'id',
      'mergedIntoMachineId',
      'isPotentialDuplication',
      'isExcluded',
      'exclusionReason',
      'computerDnsName',
      'firstSeen',
      'lastSeen',
    ]);
    expect(answer.body.value[0]).not.to.have.any.keys('isolated', 'isIsolated', 'isolationStatus', 'online');
    expect(answer.text).to.equal(JSON.stringify(answer.body));
    expect(answer.headers['content-type']).to.match(/^application\/json/);
  });

  it('tells one machine by id and by name, in any case', async () => {
    const [machine] = simulator.control.machines();
    const { id = '', computerDnsName = '' } = machine ?? {};
    const byId = await client.get(`/api/machines/${id}`);
    expect(byId.body['@odata.context']).to.equal(`${simulator.apiUrl}/api/$metadata#Machines/$entity`);
    expect(byId.body.id).to.equal(id);
    for (const key of [id.toUpperCase(), computerDnsName, computerDnsName.toUpperCase()]) {
      expect((await client.get(`/api/machines/${key}`)).body).to.deep.equal(byId.body);
    }
  });

  it('answers 404 for unknown and for malformed ids', async () => {
    for (const id of ['123123123', 'f'.repeat(40), 'nobody.contoso.com']) {
      const answer = await client.get(`/api/machines/${id}`);
      expect(answer.status).to.equal(404);
      expect(answer.body.error).to.include({ code: 'ResourceNotFound', message: `Machine ${id} was not found` });
      expect(answer.body.error.target).to.match(/^[0-9a-f-]{36}$/);
    }
  });

  it('takes a version and any case in the path', async () => {
    for (const path of ['/api/v1.0/machines', '/API/Machines', '/Api/V1.0/MACHINES/']) {
      expect((await client.get(`${path}?$top=1`)).status, path).to.equal(200);
    }
    const versioned = await client.get('/api/v1.0/machines?$top=1');
    expect(versioned.body['@odata.context']).to.equal(`${simulator.apiUrl}/api/v1.0/$metadata#Machines`);
    expect((await client.get('/api/v2/machines')).status).to.equal(404);
    expect((await client.get('/api/nothing')).status).to.equal(404);
  });

  it('names the host that was called in context and next link', async () => {
    simulator.control.setSwitches({ pageSize: 5 });
    const host = 'eu.api.security.microsoft.com';
    const answer = await client.get('/api/machines', { host });
    expect(answer.body['@odata.context']).to.equal(`https://${host}/api/$metadata#Machines`);
    expect(answer.body['@odata.nextLink']).to.equal(`https://${host}/api/machines?$skip=5`);
  });

  it('filters by each documented property', async () => {
    const all = simulator.control.machines();
    const selected = async (filter: string): Promise<number> =>
      (await client.machines({ $filter: filter, $count: 'true', $top: '0' })).body['@odata.count'];
    const [first] = all;
    const { body } = first ?? expect.fail();
    expect(await selected(`id eq '${first?.id}'`)).to.equal(1);
    expect(await selected(`computerDnsName eq '${body.computerDnsName}'`)).to.equal(1);
    expect(await selected("startswith(computerDnsName,'ber-')")).to.equal(
      all.filter(({ computerDnsName }) => computerDnsName.startsWith('ber-')).length,
    );
    const byProperty = {
      osPlatform: 'Windows11',
      healthStatus: 'Active',
      onboardingStatus: 'Onboarded',
      deviceValue: 'High',
      riskScore: 'High',
      exposureLevel: 'Medium',
      version: '24H2',
      lastIpAddress: String(body.lastIpAddress),
      aadDeviceId: String(body.aadDeviceId),
    };
    for (const [name, value] of Object.entries(byProperty)) {
      const expected = all.filter((machine) => machine.body[name] === value).length;
      expect(await selected(`${name} eq '${value}'`), name).to.equal(expected);
      expect(expected, name).to.be.greaterThan(0);
    }
    expect(await selected('rbacGroupId eq 140')).to.equal(all.filter((one) => one.body.rbacGroupId === 140).length);
    expect(await selected("machineTags/any(tag: tag eq 'server')")).to.equal(
      all.filter((one) => (one.body.machineTags as string[]).includes('server')).length,
    );
    expect(
      await selected("machineTags/any(t: startswith(t,'eng')) and osPlatform in ('Windows10','Windows11')"),
    ).to.equal(
      all.filter(({ body: { machineTags, osPlatform } }) => {
        return (machineTags as string[]).includes('engineering') && String(osPlatform).startsWith('Windows');
      }).length,
    );
    expect(await selected('lastSeen gt 2026-02-28T00:00:00Z')).to.equal(
      all.filter((one) => String(one.body.lastSeen) > '2026-02-28').length,
    );
  });

  it('finds machines by tag, whole or by its beginning', async () => {
    const tag = 'floor 3';
    const [plain, longer] = [[tag], ['x', 'floor 30']].map((machineTags) =>
      simulator.control.addMachine({ machineTags }),
    );
    const found = async (options: Record<string, string>): Promise<string[]> => {
      const answer = await client.get(`/api/machines/FindByTag?${new URLSearchParams(options)}`);
      expect(answer.status).to.equal(200);
      expect(answer.body['@odata.context']).to.equal(`${simulator.apiUrl}/api/$metadata#Machines`);
      return answer.body.value.map(({ id }: { id: string }) => id);
    };
    try {
      expect(await found({ tag })).to.deep.equal([plain?.id]);
      expect(await found({ tag, useStartsWithFilter: 'false' })).to.deep.equal([plain?.id]);
      expect(await found({ tag, useStartsWithFilter: 'true' })).to.deep.equal([plain?.id, longer?.id]);
      expect(await found({ tag: 'nobody' })).to.deep.equal([]);
      expect(await found({ tag: 'FLOOR 3' })).to.deep.equal([]);
      simulator.control.setSwitches({ filterCase: 'insensitive' });
      expect(await found({ tag: 'FLOOR 3' })).to.deep.equal([plain?.id]);
      simulator.control.setSwitches({ pageSize: 1 });
      const page = await client.get(
        `/api/machines/findbytag?${new URLSearchParams({ tag, useStartsWithFilter: 'true' })}`,
      );
      const next = await client.get(page.body['@odata.nextLink']);
      expect(next.body.value.map(({ id }: { id: string }) => id)).to.deep.equal([longer?.id]);
      expect((await client.get('/api/machines/findbytag')).status).to.equal(400);
      expect((await client.get('/api/machines/findbytag?tag=x&useStartsWithFilter=maybe')).status).to.equal(400);
    } finally {
      for (const one of [plain, longer]) simulator.control.removeMachine(one?.id ?? '');
    }
  });

  it('refuses to filter by what is not filterable, and options that it does not know', async () => {
    const check = async (options: Record<string, string>, message: string): Promise<void> => {
      const answer = await client.machines(options);
      expect(answer.status).to.equal(400);
      expect(answer.body).to.deep.equal({
        error: { code: '', message: `The query specified in the URI is not valid. ${message}`, details: [] },
      });
    };
    await check(
      { $filter: "agentVersion eq '1'" },
      "The property 'agentVersion' cannot be used in the $filter query option.",
    );
    await check({ $stop: '5' }, "Custom query option '$stop' that starts with '$' is not supported.");
    await check(
      { $top: '10001' },
      "The limit of '10000' for Top query has been exceeded. The value from the incoming request is '10001'.",
    );
    expect((await client.machines({ $top: '-1' })).status).to.equal(400);
    expect((await client.machines({ $count: 'maybe' })).status).to.equal(400);
    expect((await client.machines({ $orderby: 'colour' })).status).to.equal(400);
    expect((await client.machines({ $orderby: 'id sideways' })).status).to.equal(400);
    expect((await client.get('/api/machines?$top=1&$top=2')).status).to.equal(400);
    expect((await client.machines({ $expand: 'all' })).status).to.equal(400);
    expect((await client.machines({ unknown: '1', $top: '1' })).status).to.equal(200);
  });

  it('orders, both ways and by several properties', async () => {
    const answer = await client.machines({ $orderby: 'osPlatform desc, computerDnsName' });
    const keys = answer.body.value.map((one: { osPlatform: string; computerDnsName: string }) => [
      one.osPlatform,
      one.computerDnsName,
    ]);
    const sorted = [...keys].sort(([leftOs, leftName], [rightOs, rightName]) =>
      leftOs === rightOs ? (leftName < rightName ? -1 : 1) : leftOs < rightOs ? 1 : -1,
    );
    expect(keys.map(([os]: string[]) => os)).to.deep.equal(sorted.map(([os]) => os));
    expect(keys).to.deep.equal(sorted);
  });

  it('leads through all pages by next links, each machine once, and counts all of them', async () => {
    simulator.control.setSwitches({ pageSize: 30 });
    const seen: string[] = [];
    let path: string | undefined =
      `/api/machines?${new URLSearchParams({ $filter: "osPlatform ne 'macOS'", $count: 'true', $orderby: 'id' })}`;
    let pages = 0;
    const expected = simulator.control.machines().filter(({ osPlatform }) => osPlatform !== 'macOS');
    while (path !== undefined) {
      const answer = await client.get(path);
      expect(answer.body['@odata.count']).to.equal(expected.length);
      seen.push(...answer.body.value.map(({ id }: { id: string }) => id));
      path = answer.body['@odata.nextLink'];
      if (path !== undefined) expect(new URL(path).origin).to.equal(simulator.apiUrl);
      pages += 1;
    }
    expect(pages).to.equal(Math.ceil(expected.length / 30));
    expect(seen).to.deep.equal(expected.map(({ id }) => id).sort());
  });

  it('keeps to $top over several pages, and skips', async () => {
    simulator.control.setSwitches({ pageSize: 30 });
    const first = await client.machines({ $top: '50', $skip: '100' });
    expect(first.body.value).to.have.length(30);
    const second = await client.get(first.body['@odata.nextLink']);
    expect(second.body.value).to.have.length(20);
    expect(second.body).not.to.have.property('@odata.nextLink');
    const ids = simulator.control.machines().map(({ id }) => id);
    expect([...first.body.value, ...second.body.value].map(({ id }) => id)).to.deep.equal(ids.slice(100, 150));
  });

  it('tells the simulated time in its Date header', async () => {
    const before = (await client.machines({ $top: '0' })).headers.date;
    expect(before).to.equal(simulator.control.now().toUTCString());
    simulator.control.advance('10m');
    const after = (await client.machines({ $top: '0' })).headers.date;
    expect(Date.parse(String(after)) - Date.parse(String(before))).to.equal(600_000);
    expect((await client.get('/api/machines', { token: 'wrong' })).headers.date).to.equal(after);
  });

  it('calls a machine Inactive after seven days without a sign of life, and reports about daily', async () => {
    const machine = simulator.control.addMachine();
    const token = () => simulator.control.mintToken();
    const told = async () => (await client.get(`/api/machines/${machine.id}`, { token: token() })).body;
    const seen = (await told()).lastSeen;
    simulator.control.advance('25h');
    expect((await told()).lastSeen > seen).to.equal(true);
    simulator.control.setMachine(machine.id, { online: false });
    simulator.control.advance('6d');
    expect((await told()).healthStatus).to.equal('Active');
    const silent = (await told()).lastSeen;
    simulator.control.advance('2d');
    expect(await told()).to.include({ healthStatus: 'Inactive', lastSeen: silent });
    simulator.control.setMachine(machine.id, { online: true });
    expect((await told()).healthStatus).to.equal('Active');
    client = new Client(simulator);
  });
});
