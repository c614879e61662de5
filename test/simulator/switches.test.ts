import { expect } from 'chai';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { defaultSettings, type SwitchSettings, switches } from '../../simulator/switches.ts';
import { Client } from './client.ts';

const hour = 3_600_000;
const day = 24 * hour;

describe('the switches', () => {
  let simulator: Simulator;
  let client: Client;
  let id: string;
  /** `name=value` of every setting that a test below has tried. */
  const tried = new Set<string>();

  before(async () => {
    simulator = await startSimulator({ speed: 0 });
  });

  after(() => simulator.stop());

  beforeEach(() => {
    simulator.control.resetSwitches();
    simulator.control.setLimits({ perMinute: 100, perHour: 1500 });
    simulator.control.resetThrottle();
    id = simulator.control.addMachine().id;
    client = new Client(simulator, simulator.control.mintToken({ expiresIn: 30 * 86_400 }));
  });

  /** A test under one setting of one switch. */
  function under<Name extends keyof SwitchSettings>(
    name: Name,
    value: SwitchSettings[Name],
    behaviour: string,
    test: () => Promise<void>,
  ): void {
    tried.add(`${name}=${value}`);
    it(`${name} ${value}: ${behaviour}`, async () => {
      simulator.control.setSwitches({ [name]: value });
      await test();
    });
  }

  const advance = (duration: string): Date => simulator.control.advance(duration);
  const isolation = () => simulator.control.machine(id).isolation;
  const liftsAt = (): number => {
    const truth = isolation();
    return truth.isolated ? Date.parse(truth.liftsAt) : expect.fail('not isolated');
  };
  const statusOf = async (actionId: string): Promise<string> =>
    (await client.get(`/api/machineactions/${actionId}`)).body.status;
  const statuses = (): string[] =>
    simulator.control.actions({ machine: id }).map(({ type, status }) => `${type} ${status}`);
  /** The types of this machine's carried-out actions in the order in which they were carried out. */
  const executed = (): string[] =>
    simulator.control
      .actions({ machine: id })
      .filter(({ executedAt }) => executedAt !== undefined)
      .sort((left, right) => String(left.executedAt).localeCompare(String(right.executedAt)))
      .map(({ type }) => type);
  const isolateNow = (): void => void simulator.control.isolate(id, { latencySeconds: 0 });
  const releaseNow = (): void => void simulator.control.unisolate(id, { latencySeconds: 0 });

  describe('a request of the same type while one runs', () => {
    under('duplicateRequest', 'return-pending', 'gets the running action', async () => {
      const first = await client.isolate(id);
      const second = await client.isolate(id);
      expect(second.status).to.equal(201);
      expect(second.body.id).to.equal(first.body.id);
    });
    under('duplicateRequest', 'reject-400', 'gets 400 ActiveRequestAlreadyExists', async () => {
      await client.isolate(id);
      const second = await client.isolate(id);
      expect(second.status).to.equal(400);
      expect(second.body.error).to.include({
        code: 'ActiveRequestAlreadyExists',
        message: 'Action is already in progress',
      });
      expect((await client.unisolate(id)).status).to.equal(201);
    });
    under('duplicateRequest', 'alternate', 'gets one, then the other', async () => {
      await client.isolate(id);
      const answers = [await client.isolate(id), await client.isolate(id), await client.isolate(id)];
      const [first] = answers.map(({ status }) => status);
      expect([201, 400]).to.include(first);
      expect(answers.map(({ status }) => status)).to.deep.equal([first, first === 201 ? 400 : 201, first]);
    });
    under('duplicateRequest', 'accept', 'begins a second action', async () => {
      const first = await client.isolate(id);
      const second = await client.isolate(id);
      expect(second.body.id).not.to.equal(first.body.id);
      advance('5m');
      expect(statuses()).to.deep.equal(['Isolate Succeeded', 'Isolate Succeeded']);
    });
  });

  describe('a second request for a file or a package', () => {
    const hashes = ['a'.repeat(40), 'B'.repeat(40)] as const;
    const quarantine = (Sha1: string) => client.act(id, 'StopAndQuarantineFile', { Sha1 });
    under('duplicateOfFileOrPackage', 'reject-400', 'is refused, whatever other actions do', async () => {
      expect((await quarantine(hashes[0])).status).to.equal(201);
      expect((await quarantine(hashes[0])).body.error.code).to.equal('ActiveRequestAlreadyExists');
      expect((await client.act(id, 'collectInvestigationPackage')).status).to.equal(201);
      expect((await client.act(id, 'collectInvestigationPackage')).status).to.equal(400);
      expect(statuses()).to.deep.equal(['StopAndQuarantineFile Pending', 'CollectInvestigationPackage Pending']);
    });
    under('duplicateOfFileOrPackage', 'as-others', 'is treated as a second isolate is', async () => {
      const first = await quarantine(hashes[0]);
      expect((await quarantine(hashes[0])).body.id).to.equal(first.body.id);
      const collection = await client.act(id, 'collectInvestigationPackage');
      expect((await client.act(id, 'collectInvestigationPackage')).body.id).to.equal(collection.body.id);
    });
    under('fileConflictKey', 'machine-and-hash', 'is none where it is for another file', async () => {
      expect((await quarantine(hashes[0])).status).to.equal(201);
      expect((await quarantine(hashes[1])).status).to.equal(201);
      expect((await quarantine(hashes[1].toLowerCase())).status).to.equal(400);
      advance('2m');
      const { quarantinedFiles } = simulator.control.machine(id);
      expect(quarantinedFiles).to.deep.equal(hashes.map((hash) => hash.toLowerCase()));
    });
    under('fileConflictKey', 'machine', 'is one also where it is for another file', async () => {
      expect((await quarantine(hashes[0])).status).to.equal(201);
      expect((await quarantine(hashes[1])).status).to.equal(400);
      simulator.control.setSwitches({ duplicateOfFileOrPackage: 'as-others' });
      const answer = await quarantine(hashes[1]);
      expect(answer.body.relatedFileInfo.fileIdentifier).to.equal(hashes[0]);
    });
  });

  describe('a file that the machine does not have', () => {
    const end = async (): Promise<string[]> => {
      simulator.control.setMachine(id, { files: [] });
      await client.act(id, 'StopAndQuarantineFile', { Sha1: 'a'.repeat(40) });
      advance('2m');
      expect(simulator.control.machine(id).quarantinedFiles).to.deep.equal([]);
      return statuses();
    };
    under('fileNotPresent', 'fail', 'cannot be quarantined', async () => {
      expect(await end()).to.deep.equal(['StopAndQuarantineFile Failed']);
    });
    under('fileNotPresent', 'succeed', 'counts as quarantined', async () => {
      expect(await end()).to.deep.equal(['StopAndQuarantineFile Succeeded']);
    });
  });

  describe('restricting', () => {
    const restricted = (): boolean => simulator.control.machine(id).codeRestricted;
    under('restrictWhenRestricted', 'succeed', 'a restricted machine succeeds', async () => {
      simulator.control.act(id, 'RestrictCodeExecution', { latencySeconds: 0 });
      await client.act(id, 'restrictCodeExecution');
      advance('2m');
      expect(statuses()).to.deep.equal(['RestrictCodeExecution Succeeded', 'RestrictCodeExecution Succeeded']);
    });
    under('restrictWhenRestricted', 'stay-pending', 'a restricted machine hangs, whatever is released', async () => {
      simulator.control.act(id, 'RestrictCodeExecution', { latencySeconds: 0 });
      const { body } = await client.act(id, 'restrictCodeExecution');
      isolateNow();
      simulator.control.act(id, 'UnrestrictCodeExecution', { latencySeconds: 0 });
      releaseNow();
      advance('1h');
      expect(await statusOf(body.id)).to.equal('Pending');
      expect(restricted()).to.equal(false);
      advance('3d');
      expect(await statusOf(body.id)).to.equal('TimeOut');
    });
    under('unrestrictWhenNotRestricted', 'succeed', 'the end of it succeeds on a free machine', async () => {
      simulator.control.act(id, 'UnrestrictCodeExecution', { latencySeconds: 0 });
      expect(statuses()).to.deep.equal(['UnrestrictCodeExecution Succeeded']);
    });
    under('unrestrictWhenNotRestricted', 'fail', 'the end of it fails on a free machine alone', async () => {
      for (const type of ['Unrestrict', 'Restrict', 'Unrestrict']) {
        simulator.control.act(id, `${type}CodeExecution`, { latencySeconds: 0 });
      }
      expect(statuses()).to.deep.equal([
        'UnrestrictCodeExecution Failed',
        'RestrictCodeExecution Succeeded',
        'UnrestrictCodeExecution Succeeded',
      ]);
    });
  });

  describe('the link to a package', () => {
    const link = async (): Promise<string> => {
      const { id: action } = simulator.control.act(id, 'CollectInvestigationPackage', { latencySeconds: 0 });
      return (await client.get(`/api/machineactions/${action}/getPackageUri`)).body.value;
    };
    under('packageUri', 'plain', 'is a URL', async () => {
      expect(new URL(await link()).origin).to.equal(simulator.apiUrl);
    });
    under('packageUri', 'quoted', 'is a URL in quotes', async () => {
      const quoted = await link();
      expect(quoted).to.match(/^"https:.+"$/);
      expect(new URL(JSON.parse(quoted)).origin).to.equal(simulator.apiUrl);
    });
  });

  describe('an indicator', () => {
    const value = 'c'.repeat(40);
    beforeEach(() => {
      for (const one of simulator.control.indicators()) simulator.control.removeIndicator(one.id);
      simulator.control.setMachine(id, { rbacGroupId: 140, rbacGroupName: 'Servers' });
    });
    const forGroups = async (rbacGroupNames: unknown): Promise<number> =>
      (await client.putIndicator({ rbacGroupNames })).status;
    const groups = (): readonly string[] | undefined => simulator.control.indicators()[0]?.rbacGroupNames;
    under('rbacGroupNames', 'array', 'names its groups in an array', async () => {
      expect(await forGroups('Servers')).to.equal(400);
      expect(await forGroups(['Servers'])).to.equal(200);
      expect(groups()).to.deep.equal(['Servers']);
    });
    under('rbacGroupNames', 'text', 'names its groups in one text', async () => {
      simulator.control.setMachine(id, { rbacGroupName: 'The A, Team' });
      simulator.control.addMachine({ rbacGroupId: 141, rbacGroupName: 'Servers' });
      simulator.control.addMachine({ rbacGroupId: 142, rbacGroupName: 'Desks' });
      expect(await forGroups(['Servers'])).to.equal(400);
      expect(await forGroups('Servers, Desks')).to.equal(200);
      expect(groups()).to.deep.equal(['Servers', 'Desks']);
    });
    under('rbacGroupNames', 'either', 'names its groups either way', async () => {
      expect(await forGroups(['Servers'])).to.equal(200);
      expect(await forGroups('Servers')).to.equal(200);
      expect(await forGroups([7])).to.equal(400);
    });
    under('unknownRbacGroup', 'reject', 'for a group that nobody is in is refused', async () => {
      expect(await forGroups(['Nowhere'])).to.equal(400);
      expect(simulator.control.indicators()).to.deep.equal([]);
    });
    under('unknownRbacGroup', 'accept', 'for a group that nobody is in is taken', async () => {
      expect(await forGroups(['Nowhere'])).to.equal(200);
      expect(simulator.control.machine(id).blockedFiles).to.deep.equal([]);
    });
    const afterUpdate = async (): Promise<object | undefined> => {
      const expirationTime = new Date(simulator.control.now().getTime() + day).toISOString();
      const more = { severity: 'High', generateAlert: true, expirationTime, rbacGroupNames: ['Servers'] };
      await client.putIndicator({ ...more, recommendedActions: 'call us' });
      await client.putIndicator();
      const [{ severity, generateAlert, expirationTime: expires, rbacGroupNames, recommendedActions } = expect.fail()] =
        simulator.control.indicators();
      return { severity, generateAlert, expires: expires !== null, rbacGroupNames, recommendedActions };
    };
    under('indicatorUpdate', 'replace', 'loses what an update leaves out', async () => {
      expect(await afterUpdate()).to.deep.equal({
        severity: 'Informational',
        generateAlert: false,
        expires: false,
        rbacGroupNames: [],
        recommendedActions: null,
      });
    });
    under('indicatorUpdate', 'merge', 'keeps what an update leaves out', async () => {
      expect(await afterUpdate()).to.deep.equal({
        severity: 'High',
        generateAlert: true,
        expires: true,
        rbacGroupNames: ['Servers'],
        recommendedActions: 'call us',
      });
    });
    const withAnotherAction = async (): Promise<readonly string[]> => {
      await client.putIndicator({ indicatorValue: value, action: 'Block' });
      await client.putIndicator({ indicatorValue: value, action: 'Audit', generateAlert: true });
      await client.putIndicator({ indicatorValue: value, action: 'Audit', generateAlert: true, title: 'again' });
      const made = simulator.control.indicators().map(({ action, title }) => `${action} ${title}`);
      for (const { id } of simulator.control.indicators()) simulator.control.removeIndicator(id);
      return made;
    };
    under('indicatorKey', 'value', 'of a value is one, whatever its action', async () => {
      expect(await withAnotherAction()).to.deep.equal(['Audit again']);
    });
    under('indicatorKey', 'value-and-action', 'of another action is another one', async () => {
      const [first, ...others] = await withAnotherAction();
      expect(first).to.match(/^Block /);
      expect(others).to.deep.equal(['Audit again']);
    });
    const overwrite = async (): Promise<number> => {
      simulator.control.addIndicator({ indicatorValue: value, title: 'theirs' });
      const token = simulator.control.mintToken({ roles: ['Ti.ReadWrite'] });
      expect((await client.indicators({}, { token })).body.value).to.deep.equal([]);
      return (await client.putIndicator({ indicatorValue: value, title: 'ours' }, { token })).status;
    };
    under('foreignIndicator', 'update', 'of somebody else is changed by an app that cannot see it', async () => {
      expect(await overwrite()).to.equal(200);
      expect(simulator.control.indicators()[0]).to.include({ title: 'ours', createdBy: 'analyst@contoso.com' });
    });
    under('foreignIndicator', 'forbid', 'of somebody else is kept from an app that cannot see it', async () => {
      expect(await overwrite()).to.equal(403);
      expect(simulator.control.indicators()[0]).to.include({ title: 'theirs' });
    });
    under('legacyIndicatorActions', 'reject', 'has none of the actions of old', async () => {
      expect((await client.putIndicator({ action: 'AlertAndBlock' })).body.error.code).to.equal('InvalidInput');
    });
    under('legacyIndicatorActions', 'accept', 'may have one of the actions of old', async () => {
      expect((await client.putIndicator({ action: 'AlertAndBlock' })).status).to.equal(200);
      expect(simulator.control.machine(id).blockedFiles).to.deep.equal(['a'.repeat(40)]);
    });
    const two = async (): Promise<number[]> => {
      const values = ['d'.repeat(40), 'e'.repeat(40)];
      const answers = [];
      for (const indicatorValue of values) answers.push(await client.putIndicator({ indicatorValue }));
      return answers.map(({ status }) => status);
    };
    under('mostIndicators', 15_000, 'is one of many', async () => {
      expect(await two()).to.deep.equal([200, 200]);
    });
    under('mostIndicators', 1, 'is refused where there are too many, and may still be changed', async () => {
      expect(await two()).to.deep.equal([200, 400]);
      expect((await client.putIndicator({ indicatorValue: 'd'.repeat(40), title: 'changed' })).status).to.equal(200);
    });
  });

  describe('isolating an isolated machine', () => {
    beforeEach(() => isolateNow());
    under('isolateWhenIsolated', 'succeed', 'succeeds', async () => {
      const { body } = await client.isolate(id);
      advance('2m');
      expect(await statusOf(body.id)).to.equal('Succeeded');
    });
    under('isolateWhenIsolated', 'stay-pending', 'hangs, also across a release, and blocks nothing', async () => {
      const { body } = await client.isolate(id);
      advance('1h');
      await client.unisolate(id);
      advance('1h');
      expect(await statusOf(body.id)).to.equal('Pending');
      expect(isolation().isolated).to.equal(false);
      advance('3d');
      expect(await statusOf(body.id)).to.equal('TimeOut');
    });
    under('isolateWhenIsolated', 'run-after-release', 'hangs until the release and then isolates again', async () => {
      const { body } = await client.isolate(id);
      advance('1h');
      expect(await statusOf(body.id)).to.equal('Pending');
      await client.unisolate(id);
      advance('5m');
      expect(await statusOf(body.id)).to.equal('Succeeded');
      expect(isolation().isolated).to.equal(true);
    });
    under('secondIsolateRestartsLease', false, 'leaves the lease as it was', async () => {
      const lift = liftsAt();
      advance('3d');
      isolateNow();
      expect(liftsAt()).to.equal(lift);
      advance('4d');
      expect(isolation().isolated).to.equal(false);
    });
    under('secondIsolateRestartsLease', true, 'starts the lease anew', async () => {
      const lift = liftsAt();
      advance('3d');
      isolateNow();
      expect(liftsAt()).to.equal(lift + 3 * day);
      advance('5d');
      expect(isolation().isolated).to.equal(true);
      advance('2d');
      expect(isolation().isolated).to.equal(false);
    });
    under('secondIsolateChangesType', false, 'leaves the type as it was', async () => {
      simulator.control.isolate(id, { isolationType: 'Selective', latencySeconds: 0 });
      expect(isolation()).to.include({ type: 'Full' });
    });
    under('secondIsolateChangesType', true, 'changes the type', async () => {
      simulator.control.isolate(id, { isolationType: 'Selective', latencySeconds: 0 });
      expect(isolation()).to.include({ type: 'Selective' });
    });
  });

  describe('the lease', () => {
    under('leaseStart', 'request', 'runs from the request', async () => {
      const requested = simulator.control.now().getTime();
      simulator.control.setMachine(id, { online: false });
      await client.isolate(id);
      advance('2d');
      simulator.control.setMachine(id, { online: true });
      advance('66s');
      expect(liftsAt()).to.be.within(requested + 7 * day, requested + 7 * day + 1);
    });
    under('leaseStart', 'completion', 'runs from the completion', async () => {
      simulator.control.setMachine(id, { online: false });
      await client.isolate(id);
      advance('2d');
      simulator.control.setMachine(id, { online: true });
      const completed = advance('66s').getTime();
      expect(liftsAt()).to.equal(completed + 7 * day);
    });
    under('liftAfterHours', 168, 'ends after seven days, also on a machine that is away', async () => {
      isolateNow();
      simulator.control.setMachine(id, { online: false });
      advance('167h');
      expect(isolation().isolated).to.equal(true);
      advance('1h1s');
      expect(isolation().isolated).to.equal(false);
    });
    under('liftAfterHours', 1, 'ends as soon as it is told to', async () => {
      isolateNow();
      advance('1h1s');
      expect(isolation().isolated).to.equal(false);
    });
    under('liftRecord', 'none', 'leaves no trace in the actions', async () => {
      isolateNow();
      advance('8d');
      expect(statuses()).to.deep.equal(['Isolate Succeeded']);
    });
    under('liftRecord', 'unisolate-action', 'leaves an Unisolate of nobody', async () => {
      isolateNow();
      advance('8d');
      expect(statuses()).to.deep.equal(['Isolate Succeeded', 'Unisolate Succeeded']);
      expect(simulator.control.actions({ machine: id })[1]?.origin).to.deep.equal({ via: 'service' });
    });
  });

  describe('releasing', () => {
    under('unisolateWhenNotIsolated', 'succeed', 'a free machine succeeds', async () => {
      releaseNow();
      expect(statuses()).to.deep.equal(['Unisolate Succeeded']);
    });
    under('unisolateWhenNotIsolated', 'fail', 'a free machine fails, an isolated one does not', async () => {
      releaseNow();
      isolateNow();
      releaseNow();
      expect(statuses()).to.deep.equal(['Unisolate Failed', 'Isolate Succeeded', 'Unisolate Succeeded']);
    });
  });

  describe('what is asked', () => {
    under('isolateNotOnboarded', 'reject', 'of a machine that is not onboarded is refused', async () => {
      simulator.control.setMachine(id, { onboardingStatus: 'CanBeOnboarded' });
      const answer = await client.isolate(id);
      expect(answer.status).to.equal(400);
      expect(answer.body.error.code).to.equal('InvalidInput');
    });
    under('isolateNotOnboarded', 'fail', 'of a machine that is not onboarded is accepted and fails', async () => {
      simulator.control.setMachine(id, { onboardingStatus: 'CanBeOnboarded' });
      expect((await client.isolate(id)).status).to.equal(201);
      advance('2m');
      expect(statuses()).to.deep.equal(['Isolate Failed']);
      expect(isolation().isolated).to.equal(false);
    });
    under('missingIsolationType', 'full', 'without a type is Full', async () => {
      const { status } = await client.post(`/api/machines/${id}/isolate`, { Comment: 'x' });
      expect(status).to.equal(201);
      advance('2m');
      expect(isolation()).to.include({ type: 'Full' });
    });
    under('missingIsolationType', 'reject', 'without a type is refused', async () => {
      const { status, body } = await client.post(`/api/machines/${id}/isolate`, { Comment: 'x' });
      expect(status).to.equal(400);
      expect(body.error.code).to.equal('MissingRequiredParameter');
    });
    under('actionId', 'strict', 'by name or aadDeviceId is not found', async () => {
      const { computerDnsName, body } = simulator.control.machine(id);
      expect((await client.isolate(computerDnsName)).status).to.equal(404);
      expect((await client.isolate(String(body.aadDeviceId))).status).to.equal(404);
    });
    under('actionId', 'lenient', 'by name or aadDeviceId is done', async () => {
      const { computerDnsName, body } = simulator.control.machine(id);
      expect((await client.isolate(computerDnsName)).body.machineId).to.equal(id);
      expect((await client.unisolate(String(body.aadDeviceId))).body.machineId).to.equal(id);
    });
  });

  describe('waiting for a machine that is away', () => {
    beforeEach(() => simulator.control.setMachine(id, { online: false }));
    under('giveUpStatus', 'TimeOut', 'ends as TimeOut', async () => {
      const { body } = await client.isolate(id);
      advance('71h59m');
      expect(await statusOf(body.id)).to.equal('Pending');
      advance('1m');
      expect(await statusOf(body.id)).to.equal('TimeOut');
      simulator.control.setMachine(id, { online: true });
      advance('1h');
      expect(isolation().isolated).to.equal(false);
    });
    under('giveUpStatus', 'Failed', 'ends as Failed', async () => {
      const { body } = await client.isolate(id);
      advance('3d');
      expect(await statusOf(body.id)).to.equal('Failed');
    });
    under('giveUpAfterHours', 72, 'takes three days', async () => {
      const { body } = await client.isolate(id);
      advance('72h');
      expect(await statusOf(body.id)).to.equal('TimeOut');
    });
    under('giveUpAfterHours', 1, 'takes as long as it is told to', async () => {
      const { body } = await client.isolate(id);
      advance('1h');
      expect(await statusOf(body.id)).to.equal('TimeOut');
    });
  });

  describe('cancelling', () => {
    for (const code of ['InvalidInput', 'BadRequest'] as const) {
      under('cancelFinalCode', code, `what is final is refused with ${code}`, async () => {
        const { body } = await client.isolate(id);
        advance('2m');
        const answer = await client.cancel(body.id);
        expect(answer.status).to.equal(400);
        expect(answer.body.error.code).to.equal(code);
      });
    }
    under('cancelledThoughExecuted', false, 'keeps the machine from it', async () => {
      await client.cancel((await client.isolate(id)).body.id);
      advance('1h');
      expect(isolation().isolated).to.equal(false);
    });
    under('cancelledThoughExecuted', true, 'may come too late: Cancelled, and isolated', async () => {
      await client.cancel((await client.isolate(id)).body.id);
      advance('1h');
      expect(statuses()).to.deep.equal(['Isolate Cancelled']);
      expect(isolation().isolated).to.equal(true);
    });
  });

  describe('several actions waiting for one machine', () => {
    const queueUp = async (): Promise<void> => {
      simulator.control.setSwitches({ duplicateRequest: 'accept' });
      await client.isolate(id);
      await client.isolate(id);
      await client.unisolate(id);
      await client.unisolate(id);
      advance('1h');
    };
    under('completionOrder', 'in-order', 'are done as they came', async () => {
      await queueUp();
      expect(executed()).to.deep.equal(['Isolate', 'Isolate', 'Unisolate', 'Unisolate']);
      expect(isolation().isolated).to.equal(false);
    });
    under('completionOrder', 'newest-first', 'may end isolated, as was seen', async () => {
      await queueUp();
      expect(executed()).to.deep.equal(['Isolate', 'Unisolate', 'Unisolate', 'Isolate']);
      expect(isolation().isolated).to.equal(true);
    });
    under('completionOrder', 'independent', 'each take their own time', async () => {
      simulator.control.setMachine(id, { latencySeconds: { Isolate: 600, Unisolate: 60 } });
      await client.isolate(id);
      await client.unisolate(id);
      advance('1h');
      expect(executed()).to.deep.equal(['Unisolate', 'Isolate']);
      expect(isolation().isolated).to.equal(true);
    });
  });

  describe('what the record tells', () => {
    under('scopeInAnswer', 'null-then-filled', 'the scope once the machine has begun', async () => {
      const { body } = await client.isolate(id);
      expect(body.scope).to.equal(null);
      advance('2m');
      expect((await client.get(`/api/machineactions/${body.id}`)).body.scope).to.equal('Full');
    });
    under('scopeInAnswer', 'filled', 'the scope at once', async () => {
      expect((await client.isolate(id)).body.scope).to.equal('Full');
    });
    under('scopeInAnswer', 'always-null', 'no scope at all', async () => {
      const { body } = await client.isolate(id);
      advance('2m');
      expect((await client.get(`/api/machineactions/${body.id}`)).body.scope).to.equal(null);
    });
    under('requestorOfApps', 'name', 'the name of the app', async () => {
      expect((await client.isolate(id)).body.requestor).to.equal('pulumi-mde');
    });
    under('requestorOfApps', 'id', 'the id of the app', async () => {
      expect((await client.isolate(id)).body.requestor).to.equal(simulator.credentials.clientId);
    });
    const mine = () => client.actions({ $filter: `machineId eq '${id}'` });
    under('listDelaySeconds', 0, 'a new action in the list at once', async () => {
      await client.isolate(id);
      expect((await mine()).body.value).to.have.length(1);
    });
    under('listDelaySeconds', 5, 'a new action in the list after five seconds', async () => {
      const { body } = await client.isolate(id);
      advance('4s');
      expect((await mine()).body.value).to.have.length(0);
      expect(await statusOf(body.id)).to.equal('Pending');
      advance('2s');
      expect((await mine()).body.value).to.have.length(1);
    });
    under('getDelaySeconds', 0, 'a new action by its id at once', async () => {
      const { body } = await client.isolate(id);
      expect(await statusOf(body.id)).to.equal('Pending');
    });
    under('getDelaySeconds', 5, 'a new action by its id after five seconds', async () => {
      const { body } = await client.isolate(id);
      advance('4s');
      expect((await client.get(`/api/machineactions/${body.id}`)).status).to.equal(404);
      expect((await mine()).body.value).to.have.length(1);
      advance('2s');
      expect(await statusOf(body.id)).to.equal('Pending');
    });
  });

  describe('a machine asked for by a name that several have', () => {
    let twins: readonly string[];
    beforeEach(() => {
      const computerDnsName = `twin-${id.slice(0, 8)}.contoso.com`;
      const now = simulator.control.now().getTime();
      const older = simulator.control.addMachine({ computerDnsName, lastSeen: now - 3 * day });
      const newer = simulator.control.addMachine({ computerDnsName, lastSeen: now - day });
      twins = [older.id, newer.id, computerDnsName];
    });
    const told = () => client.get(`/api/machines/${twins[2]}`);
    under('ambiguousName', 'first', 'is the one known longest', async () => {
      expect((await told()).body.id).to.equal(twins[0]);
    });
    under('ambiguousName', 'newest', 'is the one last seen', async () => {
      expect((await told()).body.id).to.equal(twins[1]);
    });
    under('ambiguousName', '404', 'is not found', async () => {
      expect((await told()).status).to.equal(404);
    });
  });

  describe('throttling', () => {
    const until429 = async (): Promise<Awaited<ReturnType<Client['get']>>> => {
      simulator.control.setLimits({ perMinute: 1 });
      await client.machines({ $top: '0' });
      return client.machines({ $top: '0' });
    };
    /** To the first second of a simulated minute. */
    const toFullMinute = (): Date => simulator.control.advance(60_000 - (simulator.control.now().getTime() % 60_000));
    for (const code of ['429', 'TooManyRequests'] as const) {
      under('throttleCode', code, `has ${code} in its body`, async () => {
        const { status, body } = await until429();
        expect(status).to.equal(429);
        expect(body.error.code).to.equal(code);
      });
    }
    under('retryAfter', 'exact', 'says how long', async () => {
      expect((await until429()).headers['retry-after']).to.equal('60');
    });
    under('retryAfter', 'short', 'says one second, whatever the truth', async () => {
      expect((await until429()).headers['retry-after']).to.equal('1');
    });
    under('retryAfter', 'absent', 'does not say how long', async () => {
      const answer = await until429();
      expect(answer.status).to.equal(429);
      expect(answer.headers).not.to.have.property('retry-after');
    });
    under('throttleWindow', 'sliding', 'looks back a minute', async () => {
      toFullMinute();
      advance('50s');
      expect((await until429()).status).to.equal(429);
      advance('20s');
      expect((await client.machines({ $top: '0' })).status).to.equal(429);
    });
    under('throttleWindow', 'fixed', 'begins anew at the full minute', async () => {
      toFullMinute();
      advance('50s');
      expect((await until429()).headers['retry-after']).to.equal('10');
      advance('10s');
      expect((await client.machines({ $top: '0' })).status).to.equal(200);
    });
    under('throttleCountsRejected', false, 'forgets what it refused', async () => {
      await until429();
      advance('30s');
      expect((await client.machines({ $top: '0' })).status).to.equal(429);
      advance('31s');
      expect((await client.machines({ $top: '0' })).status).to.equal(200);
    });
    under('throttleCountsRejected', true, 'counts what it refused', async () => {
      await until429();
      advance('30s');
      expect((await client.machines({ $top: '0' })).status).to.equal(429);
      advance('31s');
      expect((await client.machines({ $top: '0' })).status).to.equal(429);
    });
  });

  describe('lists', () => {
    under('filterCase', 'sensitive', 'tell upper from lower case', async () => {
      simulator.control.setMachine(id, { computerDnsName: `Mixed-${id.slice(0, 8)}.contoso.com` });
      const lower = `computerDnsName eq 'mixed-${id.slice(0, 8)}.contoso.com'`;
      expect((await client.machines({ $filter: lower })).body.value).to.have.length(0);
    });
    under('filterCase', 'insensitive', 'do not tell upper from lower case', async () => {
      simulator.control.setMachine(id, { computerDnsName: `Mixed-${id.slice(0, 8)}.contoso.com` });
      const lower = `computerDnsName eq 'mixed-${id.slice(0, 8)}.contoso.com'`;
      expect((await client.machines({ $filter: lower })).body.value).to.have.length(1);
    });
    under('odataError', 'captured', 'refuse with an empty code', async () => {
      const { body } = await client.machines({ $stop: '1' });
      expect(body.error).to.have.keys('code', 'message', 'details');
      expect(body.error.code).to.equal('');
    });
    under('odataError', 'documented', 'refuse with ODataError and a target', async () => {
      const { body } = await client.machines({ $stop: '1' });
      expect(body.error).to.have.keys('code', 'message', 'target');
      expect(body.error.code).to.equal('ODataError');
    });
    under('topOverLimit', 'reject', 'refuse a $top over the limit', async () => {
      expect((await client.machines({ $top: '10001' })).status).to.equal(400);
    });
    under('topOverLimit', 'cap', 'cap a $top over the limit', async () => {
      expect((await client.machines({ $top: '10001' })).status).to.equal(200);
    });
    under('pageSize', 10_000, 'hold many on a page', async () => {
      expect((await client.machines()).body).not.to.have.property('@odata.nextLink');
    });
    under('pageSize', 1, 'hold as many on a page as they are told to', async () => {
      const { body } = await client.machines();
      expect(body.value).to.have.length(1);
      expect(body['@odata.nextLink']).to.equal(`${simulator.apiUrl}/api/machines?$skip=1`);
    });
    const inEmptyTenant = () => {
      const tenantId = '66666666-2222-4333-8444-555555555555';
      return client.get('/api/machines', { token: simulator.control.mintToken({ tenantId }) });
    };
    under('noMachines', 'empty', 'are empty in an empty tenant', async () => {
      expect((await inEmptyTenant()).body.value).to.deep.equal([]);
    });
    under('noMachines', '404', 'are not found in an empty tenant', async () => {
      expect((await inEmptyTenant()).status).to.equal(404);
    });
  });

  describe('tokens', () => {
    under('tokenClock', 'virtual', 'end with the simulated hour', async () => {
      const token = simulator.control.mintToken();
      advance('59m');
      expect((await client.get('/api/machines', { token })).status).to.equal(200);
      advance('1m');
      expect((await client.get('/api/machines', { token })).status).to.equal(401);
    });
    under('tokenClock', 'real', 'outlive a simulated week', async () => {
      const token = simulator.control.mintToken();
      advance('7d');
      expect((await client.get('/api/machines', { token })).status).to.equal(200);
    });
  });

  it('each have every setting tried above', () => {
    for (const [name, row] of Object.entries(switches)) {
      const values = row.values === 'number' ? [row.default] : row.values === 'boolean' ? [true, false] : row.values;
      for (const value of values) expect(tried.has(`${name}=${value}`), `${name}=${value}`).to.equal(true);
      const others = [...tried].filter((one) => one.startsWith(`${name}=`));
      expect(others.length, name).to.be.at.least(2);
    }
  });

  it('refuse names and values that there are not, and change nothing then', () => {
    const wrong: readonly (readonly [object, string])[] = [
      [{ colour: 'red' }, 'there is no switch "colour"'],
      [{ duplicateRequest: 'maybe' }, 'takes return-pending, reject-400, alternate, accept'],
      [{ liftAfterHours: -1 }, 'takes a number of at least 0'],
      [{ pageSize: 0 }, 'whole number of at least 1'],
      [{ secondIsolateRestartsLease: 'yes' }, 'takes true or false'],
    ];
    for (const [changes, reason] of wrong) {
      const both = { ...changes, leaseStart: 'completion' } as Partial<SwitchSettings>;
      expect(() => simulator.control.setSwitches(both)).to.throw(RangeError, reason);
    }
    expect(simulator.control.switches()).to.deep.equal(defaultSettings());
  });
});
