import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { signatureKey } from '../../provider/plugin/sentinels.ts';
import { unknownString } from '../../provider/unknown-strings.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { type PluginUnderTest, startPlugin } from './fake-engine.ts';
import { secret } from './structs.ts';

type Values = Readonly<Record<string, unknown>>;

const script = fileURLToPath(new URL('../../provider/plugin/main.ts', import.meta.url));
/** Of the protocol's PropertyDiff. */
const updateReplace = 5;

describe('an InvestigationPackage, over the wire', function () {
  this.timeout(60_000);
  let simulator: Simulator;
  let plugin: PluginUnderTest;
  let machineId: string;
  let state: { outputs: Values; inputs: Values };
  let id: string;

  const inputsOf = async (more: Values = {}) => {
    const declared = { machineId, comment: 'INC-4711', triggers: { alert: 1 }, ...more };
    const { inputs, failures } = await plugin.check('p', declared, state?.inputs);
    expect(failures).to.deep.equal([]);
    return inputs;
  };

  before(async () => {
    simulator = await startSimulator({ speed: 120 });
    machineId = simulator.control.addMachine({ computerDnsName: 'pc-1.contoso.com' }).id;
    const { apiUrl, authorityHost, credentials } = simulator;
    const { clientSecret, ...known } = credentials;
    plugin = await startPlugin({
      script,
      type: 'mde:index:InvestigationPackage',
      env: { NODE_EXTRA_CA_CERTS: simulator.environment().NODE_EXTRA_CA_CERTS ?? '' },
      config: { ...known, apiUrl, authorityHost, clientSecret: secret(clientSecret) },
    });
  });
  after(async () => {
    await plugin?.dispose();
    await simulator.stop();
  });

  it('a preview leaves open what only the service can tell, and sends nothing', async () => {
    const { properties } = await plugin.create('p', await inputsOf(), { preview: true });
    expect(properties).to.include({ machineId, comment: 'INC-4711' });
    expect(properties).to.not.have.any.keys('packageUri', 'actionId', 'status');
    expect(simulator.control.actions()).to.deep.equal([]);
  });

  it('the link comes as a secret, stands in no message, and is not read before every run', async () => {
    const inputs = await inputsOf();
    const created = await plugin.create('p', inputs);
    expect(created).to.include({ refreshBeforeUpdate: false });
    id = created.id;
    expect(created.properties).to.deep.include({ status: 'Succeeded', triggers: { alert: '1' } });
    const { packageUri } = created.properties as { packageUri: Values };
    expect(packageUri).to.have.property(signatureKey);
    expect(packageUri.value).to.match(/^https:.*sig=/);
    state = { outputs: created.properties, inputs };
    const read = await plugin.read('p', id, state);
    expect(read.properties?.packageUri).to.have.property(signatureKey);
    const links = [packageUri, read.properties?.packageUri as Values].map(({ value }) => String(value));
    expect(new Set(links).size).to.equal(2);
    for (const link of links) expect(JSON.stringify(plugin.logs)).to.not.contain(link.slice(-20));
  });

  it('an unchanged declaration has no difference; another trigger, also one that is not known yet, is a replacement', async () => {
    const differ = async (more: Values) => plugin.diff('p', id, state.outputs, state.inputs, await inputsOf(more));
    expect(await differ({})).to.deep.include({ changes: 'none', replaces: [] });
    for (const alert of [2, unknownString]) {
      const { detailed } = await differ({ triggers: { alert } });
      expect(Object.values(detailed).map(({ kind }) => kind)).to.deep.equal([updateReplace]);
    }
    const { detailed } = await differ({ comment: 'INC-4712' });
    expect(Object.keys(detailed)).to.deep.equal(['comment']);
  });
});
