import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { unknownString } from '../../provider/unknown-strings.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { CallFailed, type PluginUnderTest, startPlugin } from './fake-engine.ts';
import { secret } from './structs.ts';

type Values = Readonly<Record<string, unknown>>;

const script = fileURLToPath(new URL('../../provider/plugin/main.ts', import.meta.url));

describe('a CodeExecutionRestriction, over the wire', function () {
  this.timeout(60_000);
  let simulator: Simulator;
  let plugin: PluginUnderTest;
  let id: string;
  let state: { outputs: Values; inputs: Values };

  const restricted = () => simulator.control.machine(id).codeRestricted;
  const writes = () => simulator.control.actions().length;
  const inputs = { comment: 'INC-2', waitFor: 'Succeeded', onDelete: 'release', onManualRelease: 'reisolate' };

  before(async () => {
    simulator = await startSimulator({ speed: 120 });
    id = simulator.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
    await newRun();
  });
  after(async () => {
    await plugin?.dispose();
    await simulator.stop();
  });

  /** A process of its own, as for every run of the engine. */
  async function newRun(): Promise<void> {
    await plugin?.dispose();
    const { apiUrl, authorityHost, credentials } = simulator;
    const { clientSecret, ...known } = credentials;
    plugin = await startPlugin({
      script,
      type: 'mde:index:CodeExecutionRestriction',
      env: { NODE_EXTRA_CA_CERTS: simulator.environment().NODE_EXTRA_CA_CERTS ?? '' },
      config: { ...known, apiUrl, authorityHost, clientSecret: secret(clientSecret) },
    });
  }

  it('check fills in what a restriction has, and refuses what it has not', async () => {
    const checked = await plugin.check('r', { machineId: id.toUpperCase(), comment: 'INC-2' });
    expect(checked).to.deep.include({ inputs: { machineId: id, ...inputs }, failures: [] });
    const { failures } = await plugin.check('r', { machineId: id, comment: 'INC-2', isolationType: 'Full' });
    expect(failures.map(({ property }) => property)).to.deep.equal(['isolationType']);
    const unknowns = await plugin.check('r', { machineId: unknownString, comment: 'INC-2' });
    expect(unknowns.failures).to.deep.equal([]);
  });

  it('a preview of the create says what is known, and sends nothing', async () => {
    const { properties } = await plugin.create('r', { machineId: id, ...inputs }, { preview: true });
    expect(properties).to.include({ machineId: id, deviceName: 'pc-1.contoso.com', stateVersion: 1 });
    expect(properties).to.not.have.any.keys('state', 'isolationType', 'renewBefore');
    expect(writes()).to.equal(0);
  });

  it('create restricts, and its outputs are those of the schema', async () => {
    const { properties, refreshBeforeUpdate } = await plugin.create('r', { machineId: id, ...inputs });
    expect(refreshBeforeUpdate).to.equal(true);
    expect(restricted()).to.equal(true);
    expect(properties).to.have.all.keys(
      ...[...Object.keys(inputs), 'machineId', 'deviceName', 'tenantId', 'cloud', 'stateVersion', 'osPlatform'],
      ...['healthStatus', 'state', 'actionId', 'restrictedAt', 'requestor', 'owned'],
    );
    expect(properties).to.include({ state: 'restricted', owned: true });
    state = { outputs: properties, inputs: { machineId: id, ...inputs } };
  });

  it('read answers the same, and there is no difference; a lift by hand is one of the state', async () => {
    await newRun();
    const read = await plugin.read('r', id, state);
    expect(read.properties).to.deep.equal(state.outputs);
    expect(read.inputs).to.deep.equal(state.inputs);
    expect(await plugin.diff('r', id, state.outputs, state.inputs, state.inputs)).to.include({ changes: 'none' });
    simulator.control.act(id, 'UnrestrictCodeExecution', { latencySeconds: 0 });
    await newRun();
    const now = await plugin.read('r', id, state);
    expect(now.properties).to.include({ state: 'unrestricted' });
    const { properties: seen = {} } = now;
    const diff = await plugin.diff('r', id, seen, state.inputs, state.inputs);
    expect(diff).to.deep.include({ changes: 'some', diffs: ['state'], replaces: [] });
    const updated = await plugin.update('r', id, seen, state.inputs, state.inputs);
    expect(restricted()).to.equal(true);
    state = { ...state, outputs: updated.properties };
  });

  it('another machine is a replacement', async () => {
    const other = simulator.control.addMachine({ computerDnsName: 'pc-2.contoso.com' }).id;
    const news = { ...state.inputs, machineId: other };
    const diff = await plugin.diff('r', id, state.outputs, state.inputs, news);
    expect(diff.replaces).to.deep.equal(['machineId']);
    expect(diff.deleteBeforeReplace).to.equal(false);
  });

  it('an import gives the inputs that a person would declare', async () => {
    await newRun();
    const read = await plugin.read('imported', id, { outputs: {}, inputs: {} });
    expect(read.inputs).to.deep.equal({ machineId: id, ...inputs });
    expect(read.properties).to.include({ owned: true, state: 'restricted' });
  });

  it('a create that is refused keeps nothing and is told without a stack; a delete lifts', async () => {
    await newRun();
    const away = simulator.control.addMachine({
      computerDnsName: 'old-1.contoso.com',
      osPlatform: 'WindowsServer2016',
    });
    const refused = await plugin.create('old', { machineId: away.id, ...inputs }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(CallFailed);
    expect((refused as CallFailed).message).to.include('cannot be restricted on WindowsServer2016');
    expect((refused as CallFailed).message).to.not.match(/\n\s+at /);
    expect((refused as CallFailed).initFailed).to.equal(undefined);
    await plugin.read('r', id, state);
    await plugin.delete('r', id, state.outputs, state.inputs);
    expect(restricted()).to.equal(false);
  });
});
