import { expect } from 'chai';
import { markedComment } from '../../provider/containment/mark.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import type {
  GetIsolatedMachinesOutputs,
  GetIsolationOutputs,
  GetMachineActionsOutputs,
  GetMachineOutputs,
  GetMachinesOutputs,
} from '../../provider/resources/schema-types.ts';
import { Tenant } from './tenant.ts';

const gone = 'ffffffffffffffffffffffffffffffffffffffff';
const bentLists = [{ kind: 'list', countError: 1 }, { kind: 'answer', status: 500 }, { kind: 'garbage' }] as const;

/** Over real sockets; the simulator's own record is the judge. */
describe('functions', function () {
  this.timeout(30_000);
  let tenant: Tenant;

  const host = (name: string, changes: Parameters<Tenant['control']['addMachine']>[0] = {}) =>
    tenant.control.addMachine({ computerDnsName: `${name}.contoso.com`, ...changes }).id;
  const later = (duration: string) => tenant.control.advance(duration);
  /** An isolation as a run of `prod/pc` would have requested it. */
  const isolateByUs = async (id: string) => {
    const source = { project: 'containment', stack: 'prod', name: 'pc', machineId: id as MachineId };
    await tenant.defender.request(
      id as MachineId,
      { type: 'Isolate', isolationType: 'Full' },
      markedComment(source, 'INC-4711: ransomware'),
    );
    later('5m');
  };

  beforeEach(async () => {
    tenant = await Tenant.open();
  });
  afterEach(() => tenant.close());

  describe('getMachine', () => {
    const get = async (inputs: Record<string, string>) =>
      (await tenant.call('getMachine', inputs)).answer as unknown as GetMachineOutputs;

    it('answers a machine by its id or its whole name, with all that is known of it', async () => {
      const id = host('laptop-7', { machineTags: ['floor-3'], riskScore: 'High', rbacGroupName: 'Floor 3' });
      host('laptop-77');
      const byName = await get({ deviceName: 'laptop-7.CONTOSO.com' });
      expect(byName).to.include({
        machineId: id,
        deviceName: 'laptop-7.contoso.com',
        healthStatus: 'Active',
        onboardingStatus: 'Onboarded',
        osPlatform: 'Windows11',
        riskScore: 'High',
        rbacGroupName: 'Floor 3',
        deviceValue: 'Normal',
        mergedIntoMachineId: undefined,
      });
      expect(byName.machineTags).to.deep.equal(['floor-3']);
      expect(byName.formerMachineIds).to.deep.equal([]);
      for (const moment of [byName.lastSeen, byName.firstSeen])
        expect(moment).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(await get({ machineId: id.toUpperCase() })).to.deep.equal(byName);
    });

    it('semantics 6.1: several machines of one name are an error that lists them with last seen and health', async () => {
      const [one, two] = [host('pc-1'), host('pc-1', { healthStatus: 'ImpairedCommunication' })];
      const text = await tenant.refused('getMachine', { deviceName: 'pc-1.contoso.com' });
      for (const part of [one, two, 'last seen 20', 'ImpairedCommunication', 'Declare the machineId'])
        expect(text).to.include(part);
    });

    it('semantics 6.1: a reinstalled machine is the living one, with the ids that it had before', async () => {
      const first = host('pc-1');
      const second = tenant.control.reinstall(first).id;
      later('8d');
      const third = tenant.control.reinstall(second).id;
      later('8d');
      const now = await get({ deviceName: 'pc-1.contoso.com' });
      expect(now).to.include({ machineId: third, mergedIntoMachineId: undefined });
      expect(now.formerMachineIds).to.deep.equal([first, second].sort());
      // By its own id a merged one is answered, and says what it was merged into.
      const old = await get({ machineId: first });
      expect(old).to.include({ machineId: first, mergedIntoMachineId: second, healthStatus: 'Inactive' });
    });

    it('semantics 6.1: an inactive namesake that was not merged keeps its place in the error', async () => {
      const first = host('pc-1');
      const second = tenant.control.reinstall(first, { merged: false }).id;
      later('8d');
      const text = await tenant.refused('getMachine', { deviceName: 'pc-1.contoso.com' });
      expect(text).to.include(first).and.include(second).and.include('Inactive');
    });

    it('says what to check where nobody is meant', async () => {
      const byId = await tenant.refused('getMachine', { machineId: gone });
      for (const part of [gone, '404', 'onboarded', 'retention', 'mde:tenantId']) expect(byId).to.include(part);
      const byName = await tenant.refused('getMachine', { deviceName: 'pc-0.contoso.com' });
      expect(byName).to.include('no machine is named pc-0.contoso.com').and.include('whole name');
    });

    it('semantics 1.2: decides nothing on a list that is not whole', async () => {
      const id = host('pc-1');
      for (const effect of bentLists) {
        tenant.control.addFault({ effect, route: 'GET machines' });
        for (const inputs of [{ deviceName: 'pc-1.contoso.com' }, { machineId: id }])
          expect(await tenant.refused('getMachine', inputs), effect.kind).to.match(/not complete|HTTP/);
        tenant.control.clearFaults();
      }
    });
  });

  describe('getMachines', () => {
    const get = async (inputs: Record<string, string | number>) => {
      const { answer, warnings } = await tenant.call('getMachines', inputs);
      const { machines, isTruncated } = answer as unknown as GetMachinesOutputs;
      return { names: machines.map(({ deviceName }) => deviceName?.split('.')[0]), isTruncated, machines, warnings };
    };

    it('answers those that every filter fits, in the order of their names', async () => {
      host('web-2', { machineTags: ['web'], osPlatform: 'WindowsServer2022' });
      host('Web-1', { machineTags: ['Web'], osPlatform: 'WindowsServer2022', riskScore: 'High' });
      host('pc-1', { machineTags: ['pc'], rbacGroupName: 'Floor 3' });
      host('old', { healthStatus: 'Inactive', lastSeen: Date.UTC(2025, 10, 1) });
      expect(await get({})).to.deep.include({ names: ['old', 'pc-1', 'Web-1', 'web-2'], isTruncated: false });
      expect((await get({ machineTag: 'web' })).names).to.deep.equal(['web-2']);
      expect((await get({ osPlatform: 'WindowsServer2022', riskScore: 'High' })).names).to.deep.equal(['Web-1']);
      expect((await get({ rbacGroupName: 'floor 3' })).names).to.deep.equal(['pc-1']);
      expect((await get({ healthStatus: 'Inactive' })).names).to.deep.equal(['old']);
      expect((await get({ seenSince: '2026-01-01T00:00:00Z', deviceNamePrefix: 'web-' })).names).to.include('web-2');
      expect((await get({ machineTag: 'nobody' })).names).to.deep.equal([]);
    });

    it('takes no text for syntax', async () => {
      host('pc-1', { machineTags: ["o'neill"] });
      host('pc-2');
      expect((await get({ machineTag: "o'neill" })).names).to.deep.equal(['pc-1']);
      for (const hostile of ["' or 1 eq 1", "x') or true or (1 eq 1", '%27 or 1 eq 1', '&$top=1', '"', '\\', '%25'])
        for (const filter of ['machineTag', 'osPlatform', 'rbacGroupName'])
          expect((await get({ [filter]: hostile })).names, `${filter} ${hostile}`).to.deep.equal([]);
    });

    it('answers at most as many as are wanted, says that there are more, and warns', async () => {
      for (let index = 0; index < 5; index += 1) host(`pc-${index}`);
      tenant.control.setSwitches({ pageSize: 2 });
      const some = await get({ limit: 2 });
      expect(some.names).to.have.length(2);
      expect(some.isTruncated).to.equal(true);
      expect(some.warnings[0]).to.include('more than 2 machines fit').and.include('raise limit');
      expect(tenant.calls('GET machines'), 'pages').to.equal(2);
      const all = await get({ limit: 5 });
      expect(all.names).to.have.length(5);
      expect(all).to.deep.include({ isTruncated: false, warnings: [] });
    });

    it('answers an empty list where the tenant has no machines, be it told as 404', async () => {
      for (const noMachines of ['404', 'empty'] as const) {
        tenant.control.setSwitches({ noMachines });
        expect((await get({})).machines, noMachines).to.deep.equal([]);
      }
    });

    it('semantics 1.2: fails on a list that is not whole, rather than answer fewer', async () => {
      host('pc-1');
      for (const effect of bentLists) {
        tenant.control.addFault({ effect, route: 'GET machines' });
        expect(await tenant.refused('getMachines'), effect.kind).to.match(/^getMachines: .*(not complete|HTTP)/);
        tenant.control.clearFaults();
      }
    });
  });

  describe('getIsolation', () => {
    const get = async (deviceName: string) =>
      (await tenant.call('getIsolation', { deviceName: `${deviceName}.contoso.com` }))
        .answer as unknown as GetIsolationOutputs;

    it('says who isolated a machine, why and until when, and tells its history, newest first', async () => {
      const id = host('pc-1');
      await isolateByUs(id);
      const told = await get('pc-1');
      expect(told).to.include({
        machineId: id,
        deviceName: 'pc-1.contoso.com',
        state: 'isolated',
        isolationType: 'Full',
        isolatedAt: '2026-01-05T12:01:06Z',
        coveredUntil: '2026-01-12T12:00:00Z',
        requestor: 'pulumi-mde',
        comment: 'INC-4711: ransomware',
        stack: 'prod',
        resource: 'pc',
      });
      expect(told.explanation).to.equal(
        'pc-1.contoso.com is isolated (Full) since 2026-01-05 12:01 UTC, for certain until 2026-01-12 12:00 UTC unless it is released or renewed before; requested by pulumi-mde for prod/pc: INC-4711: ransomware',
      );
      tenant.control.unisolate(id, { comment: 'looks clean' });
      later('5m');
      const released = await get('pc-1');
      expect(released.state).to.equal('released');
      for (const name of ['requestor', 'comment', 'actionId', 'coveredUntil', 'isolatedAt'] as const)
        expect(released[name], name).to.equal(undefined);
      expect(released.history.map(({ type, ours, comment }) => [type, ours, comment])).to.deep.equal([
        ['Unisolate', false, 'looks clean'],
        ['Isolate', true, 'INC-4711: ransomware'],
      ]);
      expect(released.explanation).to.match(
        /^pc-1\.contoso\.com is not isolated: released at 2026-01-05 .* by analyst@contoso\.com: looks clean$/,
      );
    });

    it('tells every state in a sentence, none of them as isolated or released that is not', async () => {
      const untouched = host('untouched');
      const lease = host('lease');
      const offline = host('offline', { online: false });
      const failing = host('failing', { outcomes: { Isolate: { status: 'Failed', executed: true } } });
      const states = async () =>
        Promise.all(['untouched', 'lease', 'offline', 'failing'].map(async (name) => (await get(name)).state));
      for (const id of [lease, offline, failing]) tenant.control.isolate(id, { comment: 'INC-1' });
      later('5m');
      expect(await states()).to.deep.equal(['released', 'isolated', 'isolating', 'doubtful']);
      expect((await get('offline')).explanation)
        .to.include('is not isolated for certain yet')
        .and.include('(Pending)');
      expect((await get('failing')).explanation)
        .to.include('may be isolated or not')
        .and.include('Isolate that ended Failed');
      expect((await get('untouched')).explanation).to.include('no isolation in it took effect');
      expect(tenant.control.machine(untouched).isolation.isolated).to.equal(false);
      later('4d');
      expect((await get('lease')).state).to.equal('expiring');
      later('3d');
      const uncertain = await get('lease');
      expect(uncertain).to.include({ state: 'uncertain', coveredUntil: undefined });
      expect(uncertain.explanation).to.include('may not be isolated any more');
      later('2d');
      expect(await get('lease')).to.include({ state: 'lapsed' });
      expect((await get('lease')).explanation).to.include('is not isolated any more: Defender has lifted');
      tenant.control.setMachine(lease, { online: false });
      tenant.control.unisolate(lease);
      expect((await get('lease')).explanation).to.include('is being released (Pending)');
    });

    it('semantics 1.3: tells the whole history, also what lies before the bulk window', async () => {
      const id = host('pc-1', { online: false });
      tenant.control.isolate(id);
      later('70h');
      tenant.control.setMachine(id, { online: true });
      later('2h');
      tenant.control.unisolate(id);
      later('11d');
      const told = await get('pc-1');
      expect(told).to.include({ state: 'released' });
      expect(told.history.map(({ type, status }) => `${type} ${status}`)).to.deep.equal([
        'Unisolate Succeeded',
        'Isolate Succeeded',
      ]);
    });

    it('semantics 1.2, 1.4: fails where the history cannot be read, and never says released', async () => {
      const id = host('pc-1');
      await isolateByUs(id);
      for (const effect of bentLists) {
        tenant.control.addFault({ effect, route: 'GET machineactions' });
        expect(await tenant.refused('getIsolation', { machineId: id }), effect.kind).to.match(/not complete|HTTP/);
        tenant.control.clearFaults();
      }
      expect(await tenant.refused('getIsolation', { machineId: gone })).to.include('knows no machine with this id');
    });
  });

  describe('getIsolatedMachines', () => {
    const get = async () => (await tenant.call('getIsolatedMachines')).answer as unknown as GetIsolatedMachinesOutputs;

    it('answers all that are isolated or may be, with who and why, and none that is free', async () => {
      const ours = host('b-ours');
      host('untouched');
      const analyst = host('a-analyst');
      const pending = host('c-pending', { online: false });
      const failing = host('d-failing', { outcomes: { Isolate: { status: 'Failed' } } });
      const released = host('released');
      await isolateByUs(ours);
      tenant.control.isolate(analyst, { comment: 'by hand', isolationType: 'Selective' });
      for (const id of [pending, failing, released]) tenant.control.isolate(id);
      later('5m');
      tenant.control.unisolate(released);
      later('5m');
      const { machines, asOf } = await get();
      expect(machines.map(({ deviceName, state }) => [deviceName?.split('.')[0], state])).to.deep.equal([
        ['a-analyst', 'isolated'],
        ['b-ours', 'isolated'],
        ['c-pending', 'isolating'],
        ['d-failing', 'doubtful'],
      ]);
      expect(machines[0]).to.include({
        machineId: analyst,
        requestor: 'analyst@contoso.com',
        comment: 'by hand',
        isolationType: 'Selective',
      });
      expect(machines[0]?.stack).to.equal(undefined);
      expect(machines[1]).to.include({
        requestor: 'pulumi-mde',
        comment: 'INC-4711: ransomware',
        stack: 'prod',
        resource: 'pc',
        coveredUntil: '2026-01-12T12:00:00Z',
      });
      expect(asOf).to.equal('2026-01-05T12:15:00Z');
    });

    it('tells an isolated machine that left the tenant as missing, not as free', async () => {
      const id = host('pc-1');
      await isolateByUs(id);
      tenant.control.removeMachine(id);
      expect((await get()).machines).to.have.length(1);
      expect((await get()).machines[0]).to.include({ machineId: id, state: 'missing', requestor: 'pulumi-mde' });
    });

    it('semantics 1.2: fails where anything could not be read, rather than leave a machine out', async () => {
      await isolateByUs(host('pc-1'));
      expect((await get()).machines).to.have.length(1);
      for (const route of ['GET machineactions', 'GET machines']) {
        for (const effect of [{ kind: 'answer', status: 500 }, { kind: 'garbage' }] as const) {
          tenant.control.addFault({ effect, route });
          expect(await tenant.refused('getIsolatedMachines'), `${route} ${effect.kind}`).to.include('HTTP');
          tenant.control.clearFaults();
        }
      }
      tenant.control.addFault({ effect: { kind: 'list', countError: 2 }, route: 'GET machineactions' });
      expect(await tenant.refused('getIsolatedMachines')).to.include('not complete');
    });

    it('is empty in a quiet tenant', async () => {
      host('pc-1');
      expect((await get()).machines).to.deep.equal([]);
    });
  });

  describe('getMachineActions', () => {
    const get = async (inputs: Record<string, string | number | readonly string[]> = {}) => {
      const { answer } = await tenant.call('getMachineActions', inputs);
      const { actions, isTruncated } = answer as unknown as GetMachineActionsOutputs;
      const told = actions.map(({ type, deviceName }) => `${type} ${deviceName?.split('.')[0]}`);
      return { told, actions, isTruncated };
    };

    it('answers requests, newest first, by machine, type, status and time', async () => {
      const [one, two] = [host('pc-1'), host('pc-2')];
      tenant.control.isolate(one);
      later('40d');
      await isolateByUs(two);
      const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
      tenant.control.act(two, 'StopAndQuarantineFile', { sha1, comment: 'INC-2' });
      later('5m');
      tenant.control.setMachine(one, { online: false });
      tenant.control.act(one, 'RunAntiVirusScan');
      const all = await get();
      expect(all.told).to.deep.equal(['RunAntiVirusScan pc-1', 'StopAndQuarantineFile pc-2', 'Isolate pc-2']);
      expect(all.actions[1]).to.include({ sha1, comment: 'INC-2', status: 'Succeeded', ours: false });
      expect(all.actions[2]).to.include({ ours: true, stack: 'prod', resource: 'pc', scope: 'Full' });
      expect((await get({ machineId: one })).told).to.deep.equal(['RunAntiVirusScan pc-1', 'Isolate pc-1']);
      expect((await get({ deviceName: 'PC-1.contoso.com', types: ['Isolate'] })).told).to.deep.equal(['Isolate pc-1']);
      expect((await get({ statuses: ['Pending', 'InProgress'] })).told).to.deep.equal(['RunAntiVirusScan pc-1']);
      expect((await get({ requestedSince: '2026-01-01T00:00:00Z' })).told).to.have.length(4);
      expect((await get({ types: ["Isolate' or 1 eq 1"] })).told).to.deep.equal([]);
      const newest = await get({ limit: 1 });
      expect(newest).to.deep.include({ told: ['RunAntiVirusScan pc-1'], isTruncated: true });
      expect((await get({ limit: 3 })).isTruncated).to.equal(false);
    });

    it('answers what is left of a machine that is gone, by its id; a name needs a machine', async () => {
      const id = host('pc-1');
      tenant.control.isolate(id);
      tenant.control.removeMachine(id);
      expect((await get({ machineId: id })).told).to.deep.equal(['Isolate pc-1']);
      expect(await tenant.refused('getMachineActions', { deviceName: 'pc-1.contoso.com' })).to.include('no machine');
    });

    it('semantics 1.2: fails on a list that is not whole', async () => {
      tenant.control.isolate(host('pc-1'));
      for (const effect of bentLists) {
        tenant.control.addFault({ effect, route: 'GET machineactions' });
        expect(await tenant.refused('getMachineActions'), effect.kind).to.match(/not complete|HTTP/);
        tenant.control.clearFaults();
      }
    });
  });

  describe('together', () => {
    it('semantics 1.8: share what was read within ten seconds, and write nothing', async () => {
      const ids = [host('pc-1'), host('pc-2'), host('pc-3')];
      for (const id of ids) tenant.control.isolate(id);
      later('5m');
      // Tells the client what time it is there.
      await tenant.call('getMachines');
      const before = tenant.calls('GET machines');
      const provider = tenant.process();
      await Promise.all([
        ...ids.map((machineId) => tenant.call('getIsolation', { machineId }, provider)),
        tenant.call('getIsolatedMachines', {}, provider),
        tenant.call('getIsolatedMachines', {}, provider),
      ]);
      expect(tenant.calls('GET machineactions'), 'one list of the window, one of whole histories').to.equal(2);
      expect(tenant.calls('GET machines') - before, 'one list of records').to.equal(1);
      const routes = Object.keys(tenant.control.statistics().byRoute);
      expect(routes.filter((route) => /^(POST|DELETE) /.test(route))).to.deep.equal([]);
    });

    it('say which role is missing, by its exact name', async () => {
      host('pc-1');
      tenant.control.setRoles(tenant.simulator.credentials.clientId, ['Machine.Isolate']);
      for (const [name, inputs] of [
        ['getMachine', { deviceName: 'pc-1.contoso.com' }],
        ['getMachines', {}],
        ['getIsolation', { deviceName: 'pc-1.contoso.com' }],
        ['getIsolatedMachines', {}],
        ['getMachineActions', {}],
      ] as const) {
        expect(await tenant.refused(name, inputs), name).to.include(
          'Grant the app registration the application permission Machine.Read.All',
        );
      }
    });
  });
});
