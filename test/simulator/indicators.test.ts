import { expect } from 'chai';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { type Answer, Client } from './client.ts';

const sha1 = '220e7d15b011d7fac48f2bd61114db1022197f7f';
const sha256 = '881c0f10c75e64ec39d257a131fcd531f47dd2cff2070ae94baa347d375126fd';

describe('indicators', () => {
  let simulator: Simulator;
  let client: Client;

  before(async () => {
    simulator = await startSimulator({ speed: 0, switches: { tokenClock: 'real' } });
    client = new Client(simulator);
  });

  after(() => simulator.stop());
  beforeEach(() => {
    simulator.control.resetThrottle();
    for (const { id } of simulator.control.indicators()) simulator.control.removeIndicator(id);
  });

  const kept = () => simulator.control.indicators();
  const later = (ms: number): string => new Date(simulator.control.now().getTime() + ms).toISOString();
  const valuesOf = ({ body }: Answer): string[] =>
    body.value.map(({ indicatorValue }: { indicatorValue: string }) => indicatorValue);

  it('are told with the fields of the service, in compact JSON', async () => {
    const answer = await client.putIndicator({ indicatorValue: sha1, application: 'demo', severity: 'High' });
    expect(answer.status).to.equal(200);
    expect(answer.text).to.equal(JSON.stringify(answer.body));
    const { '@odata.context': context, id, creationTimeDateTimeUtc, lastUpdateTime, ...rest } = answer.body;
    expect(context).to.equal(`${simulator.apiUrl}/api/$metadata#Indicators/$entity`);
    expect(id).to.match(/^\d+$/);
    expect(Date.parse(creationTimeDateTimeUtc)).to.equal(simulator.control.now().getTime());
    expect(lastUpdateTime).to.equal(creationTimeDateTimeUtc);
    const { clientId } = simulator.credentials;
    expect(rest).to.deep.equal({
      indicatorValue: sha1,
      indicatorType: 'FileSha1',
      action: 'BlockAndRemediate',
      createdBy: clientId,
      severity: 'High',
      category: 1,
      application: 'demo',
      educateUrl: null,
      title: 'test',
      description: 'test',
      recommendedActions: null,
      expirationTime: null,
      lastUpdatedBy: null,
      rbacGroupNames: [],
      rbacGroupIds: [],
      mitreTechniques: [],
      historicalDetection: false,
      generateAlert: false,
      createdByDisplayName: 'pulumi-mde',
      externalId: null,
      createdBySource: 'PublicApi',
      source: 'pulumi-mde',
      sourceType: 'AadApp',
    });
    const list = await client.indicators();
    expect(list.body['@odata.context']).to.equal(`${simulator.apiUrl}/api/$metadata#Indicators`);
    const { '@odata.context': _, ...entity } = answer.body;
    expect(list.body.value).to.deep.equal([entity]);
    expect(kept()).to.deep.equal([entity]);
  });

  it('are one for each type and value: a second request changes the first one', async () => {
    const first = await client.putIndicator({ indicatorValue: sha1, application: 'first' });
    simulator.control.advance('1h');
    const change = { indicatorValue: sha1.toUpperCase(), application: 'second', action: 'Allowed', title: 'other' };
    const second = await client.putIndicator(change);
    expect(second.status).to.equal(200);
    expect(second.body).to.include({
      id: first.body.id,
      indicatorValue: sha1,
      application: 'first',
      action: 'Allowed',
      title: 'other',
      lastUpdatedBy: simulator.credentials.clientId,
      creationTimeDateTimeUtc: first.body.creationTimeDateTimeUtc,
    });
    expect(second.body.lastUpdateTime > first.body.lastUpdateTime).to.equal(true);
    const third = await client.putIndicator({ indicatorValue: sha256, indicatorType: 'FileSha256' });
    expect(third.body.id).not.to.equal(first.body.id);
    expect(kept()).to.have.length(2);
  });

  it('are deleted by id, once', async () => {
    const { body } = await client.putIndicator();
    const answer = await client.delete(`/api/indicators/${body.id}`);
    expect({ status: answer.status, text: answer.text }).to.deep.equal({ status: 204, text: '' });
    expect(kept()).to.deep.equal([]);
    const again = await client.delete(`/api/indicators/${body.id}`);
    expect(again.status).to.equal(404);
    expect(again.body.error.code).to.equal('ResourceNotFound');
    const anew = await client.putIndicator();
    expect(anew.body.id).not.to.equal(body.id);
  });

  it('are refused with the codes of the service where the body is wrong, and nothing changes then', async () => {
    const wrong: readonly (readonly [Record<string, unknown>, string])[] = [
      ...['indicatorValue', 'indicatorType', 'action', 'title', 'description'].flatMap((name) => [
        [{ [name]: null }, 'MissingRequiredParameter'] as const,
        [{ [name]: ' ' }, 'MissingRequiredParameter'] as const,
        [{ [name]: 7 }, 'InvalidRequestBody'] as const,
      ]),
      [{ IndicatorValue: sha1 }, 'InvalidRequestBody'],
      [{ indicatorType: 'fileSha1' }, 'InvalidInput'],
      [{ action: 'block' }, 'InvalidInput'],
      [{ severity: 'Critical' }, 'InvalidInput'],
      [{ action: 'Audit' }, 'InvalidInput'],
      [{ action: 'Audit', generateAlert: false }, 'InvalidInput'],
      [{ generateAlert: 'yes' }, 'InvalidRequestBody'],
      [{ indicatorValue: sha256 }, 'InvalidHashValue'],
      [{ indicatorType: 'FileMd5', indicatorValue: sha1 }, 'InvalidHashValue'],
      [{ indicatorType: 'FileSha256', indicatorValue: 'g'.repeat(64) }, 'InvalidHashValue'],
      [{ indicatorType: 'IpAddress', indicatorValue: '10.0.0.0/8' }, 'InvalidIpAddress'],
      [{ indicatorType: 'DomainName', indicatorValue: 'https://evil.test' }, 'InvalidDomainName'],
      [{ indicatorType: 'Url', indicatorValue: 'http://' }, 'InvalidUrl'],
      [{ expirationTime: 'tomorrow' }, 'InvalidRequestBody'],
      [{ expirationTime: later(0) }, 'InvalidInput'],
      [{ expirationTime: later(-1000) }, 'InvalidInput'],
    ];
    for (const [change, code] of wrong) {
      const answer = await client.putIndicator(change);
      expect(answer.status, JSON.stringify(change)).to.equal(400);
      expect(answer.body.error.code, JSON.stringify(change)).to.equal(code);
    }
    expect(kept()).to.deep.equal([]);
  });

  it('take every type, and Audit with an alert', async () => {
    const right: readonly Record<string, unknown>[] = [
      { indicatorType: 'FileSha256', indicatorValue: sha256 },
      { indicatorType: 'FileMd5', indicatorValue: 'a'.repeat(32) },
      { indicatorType: 'CertificateThumbprint', indicatorValue: 'b'.repeat(40) },
      { indicatorType: 'IpAddress', indicatorValue: '2001:db8::1' },
      { indicatorType: 'DomainName', indicatorValue: 'evil.example.com' },
      { indicatorType: 'Url', indicatorValue: 'https://evil.example.com/x', action: 'Warn' },
      { action: 'Audit', generateAlert: true },
      { action: 'Audit', generateAlert: 'True' },
    ];
    for (const change of right)
      expect((await client.putIndicator(change)).status, JSON.stringify(change)).to.equal(200);
  });

  it('are gone once they have expired', async () => {
    const expirationTime = later(3_600_000);
    const { body } = await client.putIndicator({ expirationTime });
    expect(Date.parse(body.expirationTime)).to.equal(Date.parse(expirationTime));
    simulator.control.advance('59m');
    expect((await client.indicators()).body.value).to.have.length(1);
    simulator.control.advance('1m');
    expect((await client.indicators()).body.value).to.deep.equal([]);
    expect((await client.delete(`/api/indicators/${body.id}`)).status).to.equal(404);
    expect((await client.putIndicator()).body.id).not.to.equal(body.id);
  });

  it('are listed by each documented property', async () => {
    simulator.control.addMachine({ rbacGroupId: 140, rbacGroupName: 'Servers' });
    await client.putIndicator({
      indicatorValue: sha1,
      application: 'demo',
      title: 'first',
      severity: 'High',
      generateAlert: true,
      expirationTime: later(86_400_000),
      rbacGroupNames: ['Servers'],
    });
    simulator.control.advance('1h');
    const since = simulator.control.now().toISOString();
    simulator.control.addIndicator({ indicatorType: 'FileSha256', indicatorValue: sha256, action: 'Allowed' });
    const filters: readonly (readonly [string, readonly string[]])[] = [
      [`indicatorValue eq '${sha1}'`, [sha1]],
      [`indicatorType eq 'FileSha256'`, [sha256]],
      [`indicatorType eq 'FileSha1' and indicatorValue eq '${sha1}'`, [sha1]],
      [`action eq 'BlockAndRemediate'`, [sha1]],
      [`severity eq 'High'`, [sha1]],
      [`title eq 'first'`, [sha1]],
      [`application eq 'demo'`, [sha1]],
      [`createdBy eq 'analyst@contoso.com'`, [sha256]],
      [`createdByDisplayName eq 'pulumi-mde'`, [sha1]],
      [`creationTimeDateTimeUtc ge ${since}`, [sha256]],
      [`expirationTime lt ${later(86_400_000)}`, [sha1]],
      ['generateAlert eq true', [sha1]],
      [`rbacGroupNames/any(name: name eq 'Servers')`, [sha1]],
      [`rbacGroupIds/any(one: one eq '140')`, [sha1]],
    ];
    for (const [$filter, values] of filters) {
      expect(valuesOf(await client.indicators({ $filter })), $filter).to.deep.equal(values);
    }
    expect((await client.indicators({ $filter: "description eq 'test'" })).status).to.equal(400);
    const page = await client.indicators({ $top: '1', $skip: '1', $count: 'true' });
    expect(valuesOf(page)).to.deep.equal([sha256]);
    expect(page.body['@odata.count']).to.equal(2);
  });

  it('are shown whole to Ti.ReadWrite.All, and to Ti.ReadWrite only as far as the app made them', async () => {
    const app = simulator.control.addApp({ displayName: 'feed' });
    const own = { token: simulator.control.mintToken({ appId: app.clientId, roles: ['Ti.ReadWrite'] }) };
    const theirs = await client.putIndicator({ indicatorValue: sha1 });
    const mine = await client.putIndicator({ indicatorValue: sha256, indicatorType: 'FileSha256' }, own);
    expect(mine.body.createdBy).to.equal(app.clientId);
    expect(valuesOf(await client.indicators({}, own))).to.deep.equal([sha256]);
    expect(valuesOf(await client.indicators())).to.deep.equal([sha1, sha256]);
    expect((await client.delete(`/api/indicators/${theirs.body.id}`, own)).status).to.equal(404);
    expect((await client.delete(`/api/indicators/${mine.body.id}`, own)).status).to.equal(204);
    expect((await client.delete(`/api/indicators/${theirs.body.id}`)).status).to.equal(204);
  });

  it('need a role of their own, of a person a permission, and record the person', async () => {
    const reader = { token: simulator.control.mintToken({ roles: ['Machine.Read.All', 'Machine.StopAndQuarantine'] }) };
    for (const refused of [
      await client.indicators({}, reader),
      await client.putIndicator({}, reader),
      await client.delete('/api/indicators/1', reader),
    ]) {
      expect(refused.status).to.equal(403);
      expect(refused.body.error.message).to.contain('API required roles: Ti.ReadWrite,Ti.ReadWrite.All');
    }
    const person = { userPrincipalName: 'ada@contoso.com', scopes: ['Machine.Read'] };
    expect((await client.indicators({}, { token: simulator.control.mintToken(person) })).status).to.equal(403);
    const token = simulator.control.mintToken({ ...person, scopes: ['Ti.ReadWrite'] });
    const answer = await client.putIndicator({}, { token });
    expect(answer.body).to.include({ createdBy: 'ada@contoso.com', source: 'ada@contoso.com', sourceType: 'User' });
  });

  it('block files on the machines that they are meant for', async () => {
    const server = simulator.control.addMachine({ rbacGroupId: 140, rbacGroupName: 'Servers' }).id;
    const desk = simulator.control.addMachine().id;
    const stranger = simulator.control.addMachine({ onboardingStatus: 'CanBeOnboarded' }).id;
    const blocked = (id: string) => simulator.control.machine(id).blockedFiles;
    await client.putIndicator({ indicatorValue: sha1.toUpperCase(), action: 'Block' });
    await client.putIndicator({ indicatorValue: sha256, indicatorType: 'FileSha256', rbacGroupNames: ['Servers'] });
    await client.putIndicator({ indicatorValue: 'f'.repeat(40), action: 'Allowed' });
    await client.putIndicator({ indicatorType: 'IpAddress', indicatorValue: '203.0.113.1', action: 'Block' });
    expect(blocked(server)).to.deep.equal([sha1, sha256]);
    expect(blocked(desk)).to.deep.equal([sha1]);
    expect(blocked(stranger)).to.deep.equal([]);
    simulator.control.removeIndicator(sha1);
    expect(blocked(desk)).to.deep.equal([]);
  });

  it('are made and deleted by an analyst too', async () => {
    const added = simulator.control.addIndicator({ indicatorValue: sha1, by: 'ada@contoso.com', title: 'INC-9' });
    expect((await client.indicators()).body.value[0]).to.deep.equal(added);
    expect(added).to.include({ createdBy: 'ada@contoso.com', sourceType: 'User', createdBySource: 'Portal' });
    simulator.control.addIndicator({ indicatorValue: sha1, by: 'bob@contoso.com', action: 'Allowed' });
    const [changed] = kept();
    expect(changed).to.include({ id: added.id, action: 'Allowed', lastUpdatedBy: 'bob@contoso.com' });
    simulator.control.removeIndicator(added.id);
    expect(kept()).to.deep.equal([]);
    expect(() => simulator.control.removeIndicator(added.id)).to.throw(RangeError, 'there is no indicator');
  });

  it('have no page of their own: only the list tells them', async () => {
    const { body } = await client.putIndicator();
    expect((await client.get(`/api/indicators/${body.id}`)).status).to.equal(404);
  });
});
