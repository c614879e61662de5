import { expect } from 'chai';
import type { MachineTruth, NewMachine } from '../../simulator/control.ts';
import { responseActions } from '../../simulator/response-actions.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { Client } from './client.ts';

const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const day = 86_400_000;

/** A response action as a client sees it, told here a second time. */
interface Row {
  readonly type: string;
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
  /** Roles without any one of which it is refused. */
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly seconds: number;
  readonly scope: string | null;
  readonly file: string | null;
  /** What of the machine is another after it. */
  readonly inForce: (machine: MachineTruth) => unknown;
  readonly before: unknown;
  readonly after: unknown;
  readonly refusedBy: readonly (readonly [NewMachine, string])[];
  readonly takenBy: readonly NewMachine[];
}

const windows10 = (version: string): NewMachine => ({ osPlatform: 'Windows10', version });
const server = (year: string): NewMachine => ({ osPlatform: `WindowsServer${year}`, version: '1809' });
const linux: NewMachine = { osPlatform: 'Linux', version: '22.04', agentVersion: '30.124082.4.0' };
const mac = (agentVersion: string): NewMachine => ({ osPlatform: 'macOS', version: '15.3', agentVersion });
const tooOld = (machine: NewMachine) => [machine, 'ClientVersionNotSupported'] as const;
const cannot = (machine: NewMachine) => [machine, 'OsPlatformNotSupported'] as const;

const restriction = {
  body: {},
  roles: ['Machine.RestrictExecution'],
  scopes: ['Machine.RestrictExecution'],
  seconds: 60,
  scope: null,
  file: null,
  inForce: ({ codeRestricted }: MachineTruth) => codeRestricted,
  refusedBy: [tooOld(windows10('1703')), cannot(server('2016')), cannot(linux), cannot(mac('101.25032.6'))],
  takenBy: [windows10('1709'), server('2019')],
};

const table: readonly Row[] = [
  {
    ...restriction,
    type: 'RestrictCodeExecution',
    path: 'restrictCodeExecution',
    before: false,
    after: true,
  },
  {
    ...restriction,
    type: 'UnrestrictCodeExecution',
    path: 'unrestrictCodeExecution',
    before: true,
    after: false,
  },
  {
    type: 'StopAndQuarantineFile',
    path: 'StopAndQuarantineFile',
    body: { Sha1: sha1 },
    roles: ['Machine.StopAndQuarantine', 'Machine.Read.All'],
    scopes: ['Machine.StopAndQuarantine'],
    seconds: 34,
    scope: null,
    file: sha1,
    inForce: ({ quarantinedFiles }) => quarantinedFiles,
    before: [],
    after: [sha1],
    refusedBy: [tooOld(windows10('1607')), cannot(server('2008R2')), cannot(linux), cannot(mac('101.25032.6'))],
    takenBy: [windows10('1703'), server('2012R2')],
  },
  {
    type: 'RunAntiVirusScan',
    path: 'runAntiVirusScan',
    body: { ScanType: 'Full' },
    roles: ['Machine.Scan'],
    scopes: ['Machine.Scan'],
    seconds: 30,
    scope: 'Full',
    file: null,
    inForce: ({ scans }) => scans.map(({ scanType }) => scanType),
    before: [],
    after: ['Full'],
    refusedBy: [tooOld(windows10('1703')), tooOld(mac('101.98.83')), cannot({ osPlatform: 'Android' })],
    takenBy: [windows10('1709'), server('2022'), linux, mac('101.98.84')],
  },
  {
    type: 'CollectInvestigationPackage',
    path: 'collectInvestigationPackage',
    body: {},
    roles: ['Machine.CollectForensics'],
    scopes: ['Machine.CollectForensics'],
    seconds: 88,
    scope: null,
    file: null,
    inForce: ({ packages }) => packages.length,
    before: 0,
    after: 1,
    refusedBy: [tooOld(windows10('1607')), cannot({ osPlatform: 'iOS' })],
    takenBy: [windows10('1703'), linux],
  },
];

describe('the response actions beside isolation', () => {
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

  const machine = (): MachineTruth => simulator.control.machine(id);
  const told = async (actionId: string) => (await client.get(`/api/machineactions/${actionId}`)).body;
  const actions = () => simulator.control.actions({ machine: id });

  it('are all in the table of these tests', () => {
    const known = ['Isolate', 'Unisolate', ...table.map(({ type }) => type)];
    expect(responseActions.map(({ type }) => type)).to.have.members(known);
  });

  for (const row of table) {
    const { type, path, body, roles, scopes, seconds, scope, file, inForce } = row;

    describe(type, () => {
      beforeEach(() => {
        if (type === 'UnrestrictCodeExecution')
          simulator.control.act(id, 'RestrictCodeExecution', { latencySeconds: 0 });
      });

      it('is answered with 201, and is in force once it has Succeeded', async () => {
        const answer = await client.act(id, path, { ...body, ExternalId: 'INC-1' });
        expect(answer.status).to.equal(201);
        expect(answer.body).to.deep.include({
          type,
          status: 'Pending',
          scope: null,
          externalId: 'INC-1',
          requestSource: 'PublicApi',
          relatedFileInfo: file === null ? null : { fileIdentifier: file, fileIdentifierType: 'Sha1' },
        });
        simulator.control.advance((seconds - 1) * 1000);
        expect(await told(answer.body.id)).to.include({ status: 'InProgress', scope });
        expect(inForce(machine())).to.deep.equal(row.before);
        simulator.control.advance('1s');
        expect(await told(answer.body.id)).to.include({ status: 'Succeeded', scope });
        expect(inForce(machine())).to.deep.equal(row.after);
      });

      it('is found by its path in any case, and by its type in the list', async () => {
        const { body: done } = await client.act(id, path.toUpperCase(), body);
        const list = await client.actions({ $filter: `machineId eq '${id}' and type eq '${type}'` });
        expect(list.body.value.map((one: { id: string }) => one.id)).to.deep.equal([done.id]);
      });

      it('needs each of its roles, and names the one that is missing', async () => {
        const attempt = (token: string) => client.act(id, path, body, { token });
        for (const without of roles) {
          const held = ['Machine.Isolate', ...roles.filter((one) => one !== without)];
          const refused = await attempt(simulator.control.mintToken({ roles: held }));
          expect(refused.status, without).to.equal(403);
          const { message } = refused.body.error;
          expect(message.split('application roles:')[0], without).to.contain(without);
          for (const had of held) expect(message.split('application roles:')[0]).not.to.contain(had);
        }
        expect((await attempt(simulator.control.mintToken({ roles: [...roles] }))).status).to.equal(201);
      });

      it('takes the delegated permissions of a person, and no others', async () => {
        const attempt = (held: readonly string[]) =>
          client.act(id, path, body, {
            token: simulator.control.mintToken({ scopes: [...held], userPrincipalName: 'ada@contoso.com' }),
          });
        expect((await attempt(['Machine.Read', 'Machine.Isolate'])).status).to.equal(403);
        expect((await attempt(scopes)).body.requestor).to.equal('ada@contoso.com');
      });

      it('is refused where the system cannot, and where the machine is not onboarded', async () => {
        for (const [properties, code] of row.refusedBy) {
          const refused = await client.act(simulator.control.addMachine(properties).id, path, body);
          expect(refused.status, JSON.stringify(properties)).to.equal(400);
          expect(refused.body.error.code, JSON.stringify(properties)).to.equal(code);
        }
        for (const properties of row.takenBy) {
          const other = simulator.control.addMachine(properties).id;
          expect((await client.act(other, path, body)).status, JSON.stringify(properties)).to.equal(201);
        }
        const stranger = simulator.control.addMachine({ onboardingStatus: 'CanBeOnboarded' }).id;
        expect((await client.act(stranger, path, body)).body.error.code).to.equal('InvalidInput');
        expect((await client.act('f'.repeat(40), path, body)).status).to.equal(404);
      });

      it('waits for an offline machine, and is given up after three days', async () => {
        simulator.control.setMachine(id, { online: false });
        const { body: waiting } = await client.act(id, path, body);
        simulator.control.advance('71h');
        expect(await told(waiting.id)).to.include({ status: 'Pending' });
        simulator.control.advance('1h1s');
        expect(await told(waiting.id)).to.include({ status: 'TimeOut' });
        expect(inForce(machine())).to.deep.equal(row.before);
      });

      it('is cancelled by a token with any role of an action, and not done then', async () => {
        const { body: pending } = await client.act(id, path, body);
        const token = simulator.control.mintToken({ roles: ['Machine.LiveResponse'] });
        const cancelled = await client.post(`/api/machineactions/${pending.id}/cancel`, { Comment: 'x' }, { token });
        expect(cancelled.body).to.include({ id: pending.id, status: 'Cancelled' });
        simulator.control.advance('1h');
        expect(inForce(machine())).to.deep.equal(row.before);
      });

      it('ends as it is told to', async () => {
        simulator.control.setMachine(id, { outcomes: { [type]: { status: 'Failed', times: 1 } } });
        const { body: failing } = await client.act(id, path, body);
        simulator.control.advance('10m');
        expect(await told(failing.id)).to.include({ status: 'Failed' });
        expect(inForce(machine())).to.deep.equal(row.before);
      });

      it('is done by an analyst too', async () => {
        const record = simulator.control.act(id, type, {
          by: 'ada@contoso.com',
          sha1,
          scanType: 'Full',
          latencySeconds: 0,
        });
        expect(record).to.include({ type, status: 'Succeeded', requestor: 'ada@contoso.com', requestSource: 'Portal' });
        expect(inForce(machine())).to.deep.equal(row.after);
      });
    });
  }

  it('refuse a wrong body with the codes of the service, and begin nothing', async () => {
    const wrong: readonly (readonly [string, object, string])[] = [
      ['StopAndQuarantineFile', { Comment: 'x' }, 'MissingRequiredParameter'],
      ['StopAndQuarantineFile', { Sha1: sha1 }, 'MissingRequiredParameter'],
      ['StopAndQuarantineFile', { Comment: 'x', sha1 }, 'InvalidRequestBody'],
      ['StopAndQuarantineFile', { Comment: 'x', Sha1: 'a'.repeat(64) }, 'InvalidHashValue'],
      ['StopAndQuarantineFile', { Comment: 'x', Sha1: 'g'.repeat(40) }, 'InvalidHashValue'],
      ['StopAndQuarantineFile', { Comment: 'x', Sha1: `${sha1}\n` }, 'InvalidHashValue'],
      ['runAntiVirusScan', { Comment: 'x' }, 'MissingRequiredParameter'],
      ['runAntiVirusScan', { Comment: 'x', ScanType: 'quick' }, 'InvalidInput'],
      ['restrictCodeExecution', {}, 'MissingRequiredParameter'],
      ['collectInvestigationPackage', { Comment: 'x', ScanType: 'Full' }, 'InvalidRequestBody'],
    ];
    for (const [path, body, code] of wrong) {
      const answer = await client.post(`/api/machines/${id}/${path}`, body);
      expect(answer.status, JSON.stringify(body)).to.equal(400);
      expect(answer.body.error.code, JSON.stringify(body)).to.equal(code);
    }
    expect(actions()).to.deep.equal([]);
    expect(() => simulator.control.act(id, 'Explode')).to.throw(RangeError, 'StopAndQuarantineFile');
    expect(() => simulator.control.act(id, 'StopAndQuarantineFile')).to.throw('Sha1 is missing');
  });

  it('do not stand in the way of each other', async () => {
    for (const { path, body } of table) expect((await client.act(id, path, body)).status, path).to.equal(201);
    expect((await client.isolate(id)).status).to.equal(201);
    simulator.control.advance('10m');
    expect(actions().map(({ status }) => status)).to.deep.equal(Array(6).fill('Succeeded'));
  });

  describe('a file', () => {
    const quarantine = async (): Promise<string> => {
      const { body } = await client.act(id, 'StopAndQuarantineFile', { Sha1: sha1.toUpperCase() });
      simulator.control.advance('2m');
      return (await told(body.id)).status;
    };
    const now = (): number => simulator.control.now().getTime();

    it('is quarantined where it was seen in the last thirty days and nobody vouches for it', async () => {
      const files: readonly (readonly [object, string])[] = [
        [{ sha1 }, 'Succeeded'],
        [{ sha1: sha1.toUpperCase(), signer: 'Other' }, 'Succeeded'],
        [{ sha1, signer: 'Microsoft' }, 'Failed'],
        [{ sha1, signer: 'TrustedPublisher' }, 'Failed'],
        [{ sha1, lastSeen: now() - 29 * day }, 'Succeeded'],
        [{ sha1, lastSeen: now() - 31 * day }, 'Failed'],
        [{ sha1: 'b'.repeat(40) }, 'Failed'],
      ];
      for (const [file, status] of files) {
        id = simulator.control.addMachine({ files: [file as { sha1: string }] }).id;
        expect(await quarantine(), JSON.stringify(file)).to.equal(status);
        expect(machine().quarantinedFiles).to.deep.equal(status === 'Succeeded' ? [sha1] : []);
      }
    });

    it('is gone once it is in quarantine, until somebody restores it on the device', async () => {
      simulator.control.setMachine(id, { files: [{ sha1 }] });
      expect(await quarantine()).to.equal('Succeeded');
      expect(await quarantine()).to.equal('Failed');
      expect(simulator.control.restoreFiles(id).quarantinedFiles).to.deep.equal([]);
      expect(await quarantine()).to.equal('Succeeded');
    });

    it('is on every machine of which nothing else is said', async () => {
      simulator.control.setMachine(id, { files: [] });
      expect(await quarantine()).to.equal('Failed');
      simulator.control.setMachine(id, { files: null });
      expect(await quarantine()).to.equal('Succeeded');
      expect(await quarantine()).to.equal('Succeeded');
      expect(machine().quarantinedFiles).to.deep.equal([sha1]);
    });
  });

  describe('GET machineactions/{id}/getPackageUri', () => {
    const fetchLink = (actionId: string, token?: string) =>
      client.get(`/api/machineactions/${actionId}/getPackageUri`, token === undefined ? {} : { token });

    it('gives a new secret link each time, once the package is there', async () => {
      const { body } = await client.act(id, 'collectInvestigationPackage');
      expect((await fetchLink(body.id)).status).to.equal(404);
      simulator.control.advance('88s');
      const first = await fetchLink(body.id);
      expect(first.status).to.equal(200);
      expect(first.body).to.have.all.keys('@odata.context', 'value');
      expect(first.body['@odata.context']).to.equal(`${simulator.apiUrl}/api/$metadata#Edm.String`);
      expect(first.body.value).to.match(/^https:\/\/localhost:\d+\/safedownload\/.+&sig=[0-9a-f]{40}$/);
      simulator.control.resetThrottle();
      expect((await fetchLink(body.id)).body.value).not.to.equal(first.body.value);
    });

    it('has none for other actions, failed collections and unknown ids', async () => {
      simulator.control.setMachine(id, { outcomes: { CollectInvestigationPackage: { status: 'Failed' } } });
      const failed = simulator.control.act(id, 'CollectInvestigationPackage', { latencySeconds: 0 });
      const scan = simulator.control.act(id, 'RunAntiVirusScan', { latencySeconds: 0 });
      for (const actionId of [failed.id, scan.id, '99999999-0000-4000-8000-000000000000']) {
        simulator.control.resetThrottle();
        const answer = await fetchLink(actionId);
        expect(answer.status).to.equal(404);
        expect(answer.body.error.code).to.equal('ResourceNotFound');
      }
    });

    it('takes a role that reads machines, of a person the permission to collect', async () => {
      const { id: actionId } = simulator.control.act(id, 'CollectInvestigationPackage', { latencySeconds: 0 });
      const status = async (claims: object): Promise<number> => {
        simulator.control.resetThrottle();
        return (await fetchLink(actionId, simulator.control.mintToken(claims))).status;
      };
      expect(await status({ roles: ['Machine.Isolate'] })).to.equal(403);
      expect(await status({ roles: ['Machine.Read.All'] })).to.equal(200);
      expect(await status({ scopes: ['Machine.Read'] })).to.equal(403);
      expect(await status({ scopes: ['Machine.CollectForensics'] })).to.equal(200);
    });

    it('may be called twice a minute, and more where all limits are higher', async () => {
      const { id: actionId } = simulator.control.act(id, 'CollectInvestigationPackage', { latencySeconds: 0 });
      const statuses = async (): Promise<number[]> => {
        simulator.control.resetThrottle();
        const told = [];
        for (let call = 0; call < 3; call += 1) told.push((await fetchLink(actionId)).status);
        return told;
      };
      expect(await statuses()).to.deep.equal([200, 200, 429]);
      simulator.control.setLimits({ perMinute: 1000 });
      expect(await statuses()).to.deep.equal([200, 200, 200]);
      simulator.control.setLimits({ perMinute: 100 });
    });
  });

  describe('containing a device that is not onboarded', () => {
    beforeEach(() => {
      simulator.control.setMachine(id, { onboardingStatus: 'CanBeOnboarded' });
    });

    it('is in force, and ends by a release', async () => {
      const { body } = await client.isolate(id, { IsolationType: 'UnManagedDevice' });
      simulator.control.advance('2m');
      expect(await told(body.id)).to.include({ status: 'Succeeded', scope: 'UnManagedDevice' });
      expect(machine().isolation).to.include({ isolated: true, type: 'UnManagedDevice', actionId: body.id });
      const release = await client.unisolate(id);
      simulator.control.advance('2m');
      expect(await told(release.body.id)).to.include({ type: 'Unisolate', status: 'Succeeded' });
      expect(machine().isolation).to.deep.equal({ isolated: false });
    });

    it('is refused for one that is onboarded', async () => {
      simulator.control.setMachine(id, { onboardingStatus: 'Onboarded' });
      const answer = await client.isolate(id, { IsolationType: 'UnManagedDevice' });
      expect(answer.body.error.code).to.equal('InvalidInput');
    });
  });
});
