import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { unknownString } from '../../provider/unknown-strings.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { CallFailed, type PluginUnderTest, startPlugin } from './fake-engine.ts';
import { secret } from './structs.ts';

type Values = Readonly<Record<string, unknown>>;

const script = fileURLToPath(new URL('../../provider/plugin/main.ts', import.meta.url));
const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
/** Kinds of the protocol's PropertyDiff. */
const update = 4;
const updateReplace = 5;

describe('a FileIndicator, over the wire', function () {
  this.timeout(60_000);
  let simulator: Simulator;
  let plugin: PluginUnderTest;
  let state: { outputs: Values; inputs: Values };

  const declared = { indicatorValue: sha1, title: 'INC-4711', description: 'dropper', recommendedActions: 'call' };
  const inputsOf = async (more: Values = {}) => {
    const { inputs, failures } = await plugin.check('f', { ...declared, ...more }, state?.inputs);
    expect(failures).to.deep.equal([]);
    return inputs;
  };
  const differ = async (more: Values) => plugin.diff('f', sha1, state.outputs, state.inputs, await inputsOf(more));

  before(async () => {
    simulator = await startSimulator({ speed: 120 });
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
      type: 'mde:index:FileIndicator',
      env: { NODE_EXTRA_CA_CERTS: simulator.environment().NODE_EXTRA_CA_CERTS ?? '' },
      config: { ...known, apiUrl, authorityHost, clientSecret: secret(clientSecret) },
    });
  }

  it('tells what is wrong by property', async () => {
    const { failures } = await plugin.check('f', { ...declared, indicatorValue: 'abc', acton: 'Block' });
    expect(failures.map(({ property }) => property)).to.have.members(['indicatorValue', 'acton']);
  });

  it('a hash that is not known yet is previewed, and nothing is sent', async () => {
    const { inputs, failures } = await plugin.check('f', { ...declared, indicatorValue: unknownString });
    expect(failures).to.deep.equal([]);
    const { properties } = await plugin.create('f', inputs, { preview: true });
    expect(properties).to.include({ title: 'INC-4711' }).and.not.have.any.keys('indicatorValue', 'indicatorId');
    expect(simulator.control.indicators()).to.deep.equal([]);
  });

  it('a preview leaves open what only the service can tell; create answers it', async () => {
    const inputs = await inputsOf();
    const preview = await plugin.create('f', inputs, { preview: true });
    expect(preview.properties).to.not.have.any.keys('indicatorId', 'createdBy', 'createdAt');
    const created = await plugin.create('f', inputs);
    expect(created).to.include({ id: sha1, refreshBeforeUpdate: true });
    expect(created.properties).to.deep.include({
      ...inputs,
      indicatorId: '1',
      state: 'active',
      createdBy: simulator.credentials.clientId,
      tenantId: simulator.credentials.tenantId,
      cloud: 'Commercial',
      stateVersion: 1,
    });
    expect(preview.properties).to.satisfy((known: Values) =>
      Object.entries(known).every(([name, value]) => created.properties[name] === value),
    );
    state = { outputs: created.properties, inputs };
  });

  it('read answers the same again, and an unchanged declaration has no difference', async () => {
    const read = await plugin.read('f', sha1, state);
    expect(read.properties).to.deep.equal(state.outputs);
    expect(read.inputs).to.deep.equal(state.inputs);
    expect(await differ({})).to.deep.include({ changes: 'none', detailed: {}, replaces: [] });
  });

  it('differences have paths and kinds: another hash is a replacement', async () => {
    const changed = await differ({ title: 'INC-4712' });
    expect(changed.detailed).to.deep.equal({ title: { kind: update, inputdiff: true } });
    const replaced = await differ({ indicatorValue: 'f'.repeat(64) });
    expect(Object.values(replaced.detailed).map(({ kind }) => kind)).to.deep.equal([updateReplace, updateReplace]);
    expect(replaced).to.include({ deleteBeforeReplace: false });
    await inputsOf();
  });

  it('a preview of an update tells what is declared no more as gone', async () => {
    const inputs = await inputsOf({ recommendedActions: null, title: 'INC-4712' });
    const { properties } = await plugin.update('f', sha1, state.outputs, state.inputs, inputs, { preview: true });
    expect(properties).to.include({ title: 'INC-4712', indicatorId: '1' }).and.not.have.any.keys('recommendedActions');
    expect(simulator.control.indicators()[0]?.title).to.equal('INC-4711');
  });

  it('a title that is a secret stays one, and stands in no message', async () => {
    const inputs = await inputsOf({ title: secret('Operation Kraken') });
    const { properties } = await plugin.update('f', sha1, state.outputs, state.inputs, inputs);
    expect(simulator.control.indicators()[0]?.title).to.equal('Operation Kraken');
    expect(properties.title).to.deep.equal(secret('Operation Kraken'));
    expect(JSON.stringify(plugin.logs)).to.not.contain('Kraken');
    state = { outputs: properties, inputs };
  });

  it('delete deletes in a run that declares it no more; imports of nothing are told as such', async () => {
    await plugin.delete('f', sha1, state.outputs, state.inputs);
    expect(simulator.control.indicators()).to.have.length(1);
    await newRun();
    await plugin.delete('f', sha1, state.outputs, state.inputs);
    expect(simulator.control.indicators()).to.deep.equal([]);
    expect((await plugin.read('f', sha1)).id).to.equal('');
    const refused = await plugin.read('f', 'dropper.exe').catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(CallFailed);
  });
});
