import tls from 'node:tls';
import { expect } from 'chai';
import type { Defender, MachineSearch } from '../../provider/defender/api.ts';
import { createDefender } from '../../provider/defender/client.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import type { ActionId } from '../../provider/defender/machine-action.ts';
import { systemPorts } from '../../provider/defender/ports.ts';
import type { DefenderSettings } from '../../provider/defender/settings.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { createHurriedTime } from './fake-time.ts';

const unknownId = 'ffffffffffffffffffffffffffffffffffffffff' as MachineId;
const unknownAction = 'ffffffff-ffff-4fff-bfff-ffffffffffff' as ActionId;

/** The whole way: real credential, real TLS, the simulator's own record as the judge. */
describe('the Defender client and the simulator', function () {
  this.timeout(30_000);
  let simulator: Simulator;
  let defender: Defender;
  let time: ReturnType<typeof createHurriedTime>;
  let trusted: string[];

  const open = (settings: DefenderSettings = {}) =>
    createDefender(
      { ...simulator.credentials, apiUrl: simulator.apiUrl, authorityHost: simulator.authorityHost, ...settings },
      { ...systemPorts(), env: {}, random: () => 0, clock: time.clock, timer: time.timer },
      { connectMs: 5000, overallMs: 10_000 },
    );
  const failure = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!isDefenderError(error)) throw new Error(`it did not fail as it should: ${String(error)}`);
    return error;
  };
  const machine = (changes: Parameters<Simulator['control']['addMachine']>[0] = {}) =>
    simulator.control.addMachine({ latencySeconds: { Isolate: 60, Unisolate: 60 }, ...changes }).id as MachineId;

  beforeEach(async () => {
    trusted = tls.getCACertificates('default');
    simulator = await startSimulator({ speed: 0, startAt: Date.UTC(2026, 0, 5, 12) });
    tls.setDefaultCACertificates([...trusted, simulator.caPem]);
    time = createHurriedTime();
    defender = open();
  });
  afterEach(async () => {
    defender.close();
    await simulator.stop();
    tls.setDefaultCACertificates(trusted);
  });

  it('signs in, and knows who it is', async () => {
    const identity = await defender.identity();
    expect(identity).to.include({
      tenantId: simulator.credentials.tenantId,
      appId: simulator.credentials.clientId,
      delegated: false,
    });
    expect(identity.roles).to.include('Machine.Isolate');
  });

  it('isolates, follows and releases a machine', async () => {
    const id = machine();
    const isolation = await defender.request(id, { type: 'Isolate', isolationType: 'Selective' }, 'INC-1');
    expect(isolation).to.include({
      type: 'Isolate',
      status: 'Pending',
      machineId: id,
      requestorComment: 'INC-1',
      requestSource: 'PublicApi',
    });
    expect(isolation.createdAt).to.equal(Date.UTC(2026, 0, 5, 12));
    simulator.control.advance('10m');
    const tracked = await defender.listMachineActionsById([isolation.id, unknownAction]);
    expect(tracked.complete).to.equal(true);
    expect(tracked.items.map(({ id: one, status, scope }) => [one, status, scope])).to.deep.equal([
      [isolation.id, 'Succeeded', 'Selective'],
    ]);
    expect(simulator.control.machine(id).isolation).to.include({ isolated: true, type: 'Selective' });

    await defender.request(id, { type: 'Unisolate' }, 'over');
    simulator.control.advance('10m');
    expect(simulator.control.machine(id).isolation).to.deep.equal({ isolated: false });
    const history = await defender.listMachineActions({ types: ['Isolate', 'Unisolate'], machineIds: [id] });
    expect(history.items.map(({ type, status }) => [type, status])).to.deep.equal([
      ['Isolate', 'Succeeded'],
      ['Unisolate', 'Succeeded'],
    ]);
    expect(defender.serviceNow()).to.be.closeTo(simulator.control.now().getTime(), 5000);
  });

  it('cancels what is not final, and is told when it is', async () => {
    const id = machine({ online: false });
    const isolation = await defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'x');
    expect(await defender.cancelMachineAction(isolation.id, { comment: 'mistake' })).to.include({
      id: isolation.id,
      status: 'Cancelled',
      cancellationComment: 'mistake',
    });
    expect(await failure(defender.cancelMachineAction(isolation.id, { comment: 'again' }))).to.include({
      kind: 'rejected',
      status: 400,
    });
    expect((await failure(defender.cancelMachineAction(unknownAction, { comment: 'x' }))).kind).to.equal('not-found');
  });

  it('tells a duplicate apart, by its code or as the action that runs', async () => {
    simulator.control.setSwitches({ duplicateRequest: 'reject-400' });
    const id = machine({ online: false });
    const first = await defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'x');
    expect(await failure(defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'x'))).to.include({
      kind: 'active-request',
      code: 'ActiveRequestAlreadyExists',
    });
    simulator.control.setSwitches({ duplicateRequest: 'return-pending' });
    expect((await defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'x')).id).to.equal(first.id);
  });

  it('finds machines by id and name', async () => {
    const id = machine({ computerDnsName: "o'neill-laptop.contoso.com" });
    machine({ computerDnsName: 'neill-laptop.contoso.com' });
    expect(await defender.getMachine(id)).to.include({ id, onboardingStatus: 'Onboarded' });
    expect(await defender.getMachine(unknownId)).to.equal(undefined);
    const byId = await defender.listMachinesById([id, unknownId]);
    expect(byId).to.include({ complete: true });
    expect(byId.items.map((one) => one.id)).to.deep.equal([id]);
    const byName = await defender.listMachinesByName("O'Neill-Laptop.contoso.com");
    expect(byName.items.map((one) => one.id)).to.deep.equal([id]);
    expect((await defender.listMachinesByName('laptop')).items).to.deep.equal([]);
  });

  it('searches machines by what they are like; no text of a search is read as syntax', async () => {
    const id = machine({ computerDnsName: 'laptop-7.contoso.com', machineTags: ["o'neill", 'x'], riskScore: 'High' });
    machine({ computerDnsName: 'laptop-8.contoso.com', machineTags: ['x'], rbacGroupName: 'Floor 3' });
    const found = async (search: MachineSearch) => {
      const { items, complete, isTruncated } = await defender.searchMachines(search, 10);
      expect({ complete, isTruncated }).to.deep.equal({ complete: true, isTruncated: false });
      return items.map(({ computerDnsName }) => computerDnsName?.slice(0, 8));
    };
    expect(await found({})).to.deep.equal(['laptop-7', 'laptop-8']);
    expect(await found({ namePrefix: 'LAPTOP-', riskScore: 'High', tag: "O'Neill" })).to.deep.equal(['laptop-7']);
    expect(await found({ rbacGroupName: 'floor 3' })).to.deep.equal(['laptop-8']);
    expect(await found({ seenSince: simulator.control.now().getTime() - 86_400_000, tag: 'x' })).to.have.length(2);
    expect(await found({ seenSince: simulator.control.now().getTime() + 86_400_000 })).to.deep.equal([]);
    for (const hostile of ["' or 1 eq 1", "x' or startswith(id,'", '%27 or 1 eq 1', "')", '$top=1&', '"', '\\', '%']) {
      expect(await found({ namePrefix: hostile }), hostile).to.deep.equal([]);
      expect(await found({ tag: hostile }), hostile).to.deep.equal([]);
      expect(await found({ osPlatform: hostile }), hostile).to.deep.equal([]);
    }
    expect(await defender.getMachine(id)).to.include({ riskScore: 'High' });
  });

  it('tells at most as many machines or actions as are wanted, and whether there are more', async () => {
    const ids = Array.from({ length: 7 }, (_, index) => machine({ computerDnsName: `pc-${7 - index}` }));
    for (const id of ids) {
      simulator.control.isolate(id, { latencySeconds: 0 });
      simulator.control.advance('1m');
    }
    simulator.control.setSwitches({ pageSize: 2 });
    const calls = () => simulator.control.statistics().byRoute['GET machines'] ?? 0;
    const before = calls();
    const some = await defender.searchMachines({ namePrefix: 'pc-' }, 3);
    expect(some).to.include({ isTruncated: true, complete: true });
    expect(some.items).to.have.length(3);
    expect(calls() - before, 'pages of two').to.equal(2);
    const all = await defender.searchMachines({ namePrefix: 'pc-' }, 7);
    expect(all).to.include({ isTruncated: false });
    expect(all.items.map(({ computerDnsName }) => computerDnsName)).to.deep.equal([
      'pc-1',
      'pc-2',
      'pc-3',
      'pc-4',
      'pc-5',
      'pc-6',
      'pc-7',
    ]);
    const newest = await defender.searchMachineActions({ types: ['Isolate'], statuses: ['Succeeded'] }, 2);
    expect(newest).to.include({ isTruncated: true, complete: true });
    expect(newest.items.map(({ machineId }) => machineId)).to.deep.equal([ids[6], ids[5]]);
    const one = await defender.searchMachineActions({ machineId: ids[0] }, 2);
    expect(one).to.include({ isTruncated: false });
    expect(one.items.map(({ machineId }) => machineId)).to.deep.equal([ids[0]]);
    expect((await defender.searchMachineActions({ statuses: ['Pending', 'Failed'] }, 2)).items).to.deep.equal([]);
    const since = simulator.control.now().getTime() - 150_000;
    expect((await defender.searchMachineActions({ createdSince: since }, 9)).items).to.have.length(2);
  });

  it('finds no machines in a tenant that has none, told as 404', async () => {
    simulator.control.setSwitches({ noMachines: '404' });
    expect(await defender.searchMachines({}, 5)).to.include({ isTruncated: false });
  });

  it('reads every page of a long list, whatever the page size', async () => {
    const ids = Array.from({ length: 25 }, () => machine());
    for (const id of ids) simulator.control.isolate(id, { latencySeconds: 0 });
    simulator.control.setSwitches({ pageSize: 4 });
    const machines = await defender.listMachines(1000);
    expect(machines).to.include({ complete: true });
    expect(new Set(machines?.items.map((one) => one.id))).to.deep.equal(new Set(ids));
    const actions = await defender.listMachineActions({
      types: ['Isolate', 'Unisolate'],
      createdSince: Date.UTC(2026, 0, 1),
    });
    expect(actions).to.include({ complete: true });
    expect(actions.items).to.have.length(25);
    expect(await defender.listMachines(24)).to.equal(undefined);
  });

  it('is not fooled by lists that are bent', async () => {
    const ids = Array.from({ length: 6 }, () => machine());
    for (const id of ids) simulator.control.isolate(id, { latencySeconds: 0 });
    const read = () => defender.listMachineActions({ types: ['Isolate'] });
    const bend = (how: object) => {
      simulator.control.clearFaults();
      simulator.control.addFault({ effect: { kind: 'list', ...how }, route: 'GET machineactions' });
    };
    bend({ countError: 1 });
    expect(await read()).to.include({ complete: false });
    simulator.control.setSwitches({ pageSize: 2 });
    bend({ nextLink: { to: 'origin', origin: 'https://localhost:1' } });
    expect((await failure(read())).kind).to.equal('untrusted');
    bend({ nextLink: { to: 'itself' } });
    expect((await failure(read())).message).to.match(/already read/);
    simulator.control.clearFaults();
    expect(await read()).to.include({ complete: true });
  });

  it('holds to the quota, and gets through when others use it up', async () => {
    const id = machine();
    simulator.control.setLimits({ perMinute: 3 });
    simulator.control.setSwitches({ retryAfter: 'absent' });
    const { after } = time.timer;
    // Simulated time goes on with what the client waits.
    time.timer.after = (ms, run) =>
      after(ms, () => {
        simulator.control.advance(ms);
        run();
      });
    for (let index = 0; index < 4; index += 1) expect(await defender.getMachine(id)).to.include({ id });
    // A call that is a whole window old to the millisecond may or may not count any more.
    expect(simulator.control.requests().filter(({ status }) => status === 429)).to.have.length.within(1, 2);
  });

  it('is never refused by a service that is set up alike, though the windows are full and the calls take their time', async () => {
    await simulator.stop();
    tls.setDefaultCACertificates(trusted);
    const limits = { perMinute: 20, perHour: 70 };
    simulator = await startSimulator({ limits: { ...limits, minuteMs: 300, hourMs: 2_000 } });
    tls.setDefaultCACertificates([...trusted, simulator.caPem]);
    defender.close();
    defender = createDefender(
      {
        ...simulator.credentials,
        apiUrl: simulator.apiUrl,
        authorityHost: simulator.authorityHost,
        rateLimits: { ...limits, share: 1, minuteLength: 300, hourLength: 2_000 },
      },
      { ...systemPorts(), env: {} },
    );
    const ids = Array.from({ length: 100 }, () => machine());
    await Promise.all(ids.map((id) => defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'x')));
    expect(simulator.control.actions()).to.have.length(100);
    expect(simulator.control.requests().filter(({ status }) => status === 429)).to.deep.equal([]);
  });

  it('renews a token that the service no longer takes, also for a write', async () => {
    const id = machine();
    await defender.getMachine(id);
    simulator.control.expireTokens();
    expect(await defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'x')).to.include({ type: 'Isolate' });
    expect(simulator.control.actions()).to.have.length(1);
  });

  it('never sends a write twice when its answer is lost; the history tells (semantics 4.1)', async () => {
    for (const kind of ['reset-after', 'half-body', 'truncated', 'garbage'] as const) {
      const id = machine();
      simulator.control.addFault({ effect: { kind }, route: 'POST machines/{id}/isolate', count: 1 });
      expect(
        (await failure(defender.request(id, { type: 'Isolate', isolationType: 'Full' }, kind))).kind,
        kind,
      ).to.equal('lost');
      expect(simulator.control.actions({ machine: id }), kind).to.have.length(1);
      const history = await defender.listMachineActions({ types: ['Isolate'], machineIds: [id] });
      expect(history.items.map(({ requestorComment }) => requestorComment)).to.deep.equal([kind]);
    }
  });

  it('reads through faults that pass', async () => {
    const id = machine();
    for (const effect of [
      { kind: 'reset-before' },
      { kind: 'reset-after' },
      { kind: 'half-body' },
      { kind: 'truncated' },
      { kind: 'garbage' },
      { kind: 'answer', status: 502 },
    ] as const) {
      simulator.control.addFault({ effect, count: 2 });
      expect(await defender.getMachine(id), effect.kind).to.include({ id });
      simulator.control.clearFaults();
    }
  });

  it('does not follow a redirect', async () => {
    simulator.control.addFault({ effect: { kind: 'redirect', location: 'https://localhost:1/' } });
    expect((await failure(defender.getMachine(unknownId))).kind).to.equal('untrusted');
  });

  it('names the role that is missing', async () => {
    const id = machine();
    simulator.control.setRoles(simulator.credentials.clientId, ['Machine.Read.All']);
    const error = await failure(defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'x'));
    expect(error).to.include({ kind: 'forbidden', status: undefined });
    expect(error.message).to.contain('not sent: this sign-in lacks the role Machine.Isolate');
    expect(error.next).to.contain('application permission Machine.Isolate of WindowsDefenderATP');
    expect(simulator.control.statistics().byRoute).not.to.have.property('POST machines/{id}/isolate');
    expect(await defender.getMachine(id)).to.include({ id });
  });

  it('passes refusals of the device on, with what to do', async () => {
    const id = machine({ osPlatform: 'WindowsServer2008R2' });
    const error = await failure(defender.request(id, { type: 'Isolate', isolationType: 'Full' }, 'x'));
    expect(error).to.include({ kind: 'rejected', status: 400, code: 'OsPlatformNotSupported' });
    expect(error.target).to.be.a('string');
    expect(error.next).to.match(/operating system/);
  });

  it('tells wrong sign-ins apart', async () => {
    const rows: [DefenderSettings, string][] = [
      [{ clientSecret: 'wrong' }, 'AADSTS7000215'],
      [{ clientId: '00000000-0000-4000-8000-000000000000' }, 'AADSTS700016'],
      [{ tenantId: '00000000-0000-4000-8000-000000000000' }, 'AADSTS90002'],
    ];
    for (const [settings, code] of rows) {
      const other = open(settings);
      expect(await failure(other.identity())).to.include({ kind: 'sign-in', code });
      other.close();
    }
    simulator.control.expireSecrets(simulator.credentials.clientId);
    expect(await failure(defender.identity())).to.include({ kind: 'sign-in', code: 'AADSTS7000222' });
  });
});
