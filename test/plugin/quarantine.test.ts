import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { rootOfPath } from '../../provider/property-path.ts';
import { unknownString } from '../../provider/unknown-strings.ts';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { CallFailed, type PluginUnderTest, startPlugin } from './fake-engine.ts';
import { secret } from './structs.ts';

type Values = Readonly<Record<string, unknown>>;

const script = fileURLToPath(new URL('../../provider/plugin/main.ts', import.meta.url));
const count = 200;
/** Both sides of the wire alike, so that two hundred requests do not take minutes. */
const limits = { perMinute: 10_000, perHour: 100_000 };
const id = 'dev/fleet';

/** Kinds of the protocol's PropertyDiff. */
const kinds = ['add', 'add-replace', 'delete', 'delete-replace', 'update', 'update-replace'];

/** `hosts["pc-7.contoso.com"]`, or `hosts.name`, as the engine reads a path. */
const hostPath = /^hosts(?:\["([^"\\]+)"\]|\.([A-Za-z_][\w]*))$/;

describe('a Quarantine of two hundred hosts, over the wire', function () {
  this.timeout(60_000);
  let simulator: Simulator;
  let plugin: PluginUnderTest;
  let names: readonly string[];
  let state: { outputs: Values; inputs: Values };

  const manifest = (hosts: readonly string[], comment = 'INC-4711') =>
    stringify({ version: 1, comment, hosts: hosts.map((deviceName) => ({ deviceName })) });
  const control = () => simulator.control;
  const requests = (type: string) =>
    control()
      .actions()
      .filter((action) => action.type === type);
  const hostsOf = (properties: Values) => properties.hosts as Readonly<Record<string, string>>;

  before(async () => {
    simulator = await startSimulator({ speed: 120, limits });
    names = Array.from({ length: count }, (_, at) => `pc-${at}.contoso.com`);
    for (const computerDnsName of names) control().addMachine({ computerDnsName });
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
      type: 'mde:index:Quarantine',
      env: { NODE_EXTRA_CA_CERTS: simulator.environment().NODE_EXTRA_CA_CERTS ?? '' },
      config: {
        ...known,
        apiUrl,
        authorityHost,
        clientSecret: secret(clientSecret),
        rateLimits: limits,
        guardrails: { maxReleases: count, maxReleasePercent: 100, maxIsolations: count },
      },
    });
  }

  /** The diff's paths and kinds, once its shape was held against what the engine expects. */
  async function differ(text: string) {
    const { inputs, failures } = await plugin.check('fleet', { manifest: text }, state.inputs);
    expect(failures).to.deep.equal([]);
    const diff = await plugin.diff('fleet', id, state.outputs, state.inputs, inputs);
    expect(diff).to.include({ deleteBeforeReplace: false });
    expect(diff.replaces).to.deep.equal([]);
    expect(diff.hasDetailed).to.equal(Object.keys(diff.detailed).length > 0);
    expect(diff.changes).to.equal(diff.hasDetailed ? 'some' : 'none');
    expect(new Set(diff.diffs), 'the roots of all paths').to.deep.equal(
      new Set(Object.keys(diff.detailed).map((path) => rootOfPath(path))),
    );
    const told = Object.entries(diff.detailed).map(([path, { kind }]) => {
      const [, quoted, plain] = hostPath.exec(path) ?? [];
      expect(quoted ?? plain, `${path} is a path to a host`).to.be.a('string');
      return [quoted ?? plain ?? '', kinds[kind] ?? ''] as const;
    });
    return { inputs, told: Object.fromEntries(told) };
  }

  it('a manifest that is not known yet is checked and previewed: its hosts are unknown, and nothing is sent', async () => {
    const { inputs, failures } = await plugin.check('fleet', { manifest: unknownString });
    expect({ inputs, failures }).to.deep.equal({ inputs: { hosts: unknownString }, failures: [] });
    const { properties, refreshBeforeUpdate } = await plugin.create('fleet', inputs, { preview: true });
    // What a preview's answer lacks is unknown to the engine.
    expect(properties).to.deep.equal({});
    expect(refreshBeforeUpdate).to.equal(true);
    expect(control().actions()).to.have.length(0);
  });

  it('check leaves one line a host, whichever way the hosts are declared', async () => {
    const { inputs } = await plugin.check('fleet', { manifest: manifest(names) });
    expect(inputs).to.deep.equal({ hosts: Object.fromEntries(names.map((name) => [name, 'Full: INC-4711'])) });
    const inline = { comment: 'INC-4711', hosts: names.map((deviceName) => ({ deviceName })) };
    expect((await plugin.check('fleet', inline)).inputs).to.deep.equal(inputs);
  });

  it('a preview of the create answers what is known already, tells the hosts as one message, and sends nothing', async () => {
    const { inputs } = await plugin.check('fleet', { manifest: manifest(names) });
    const { properties } = await plugin.create('fleet', inputs, { preview: true });
    expect(properties).to.have.all.keys('tenantId', 'cloud', 'stateVersion');
    const told = plugin.logs.filter(({ text }) => text.startsWith('isolate 200'));
    expect(told).to.have.length(1);
    expect(told[0]).to.include({ severity: 'info', ephemeral: false });
    expect(control().actions()).to.have.length(0);
  });

  it('create isolates each with one request, and answers one line a host; progress is ephemeral', async () => {
    const { inputs } = await plugin.check('fleet', { manifest: manifest(names) });
    const created = await plugin.create('fleet', inputs);
    expect(created).to.include({ id, refreshBeforeUpdate: true });
    expect(requests('Isolate')).to.have.length(count);
    expect(Object.keys(hostsOf(created.properties))).to.have.members(names);
    for (const line of Object.values(hostsOf(created.properties)))
      expect(line).to.match(/^isolated, until=.*, ours, .* \| Full: INC-4711$/);
    expect(created.properties.summary).to.equal('200 hosts: 200 isolated');
    const progress = plugin.logs.filter(({ text }) => /^\d+\/200 isolated/.test(text));
    expect(progress).to.not.be.empty;
    for (const { ephemeral } of progress) expect(ephemeral).to.equal(true);
    expect(plugin.logs.filter(({ severity }) => severity === 'warning' || severity === 'error')).to.deep.equal([]);
    state = { outputs: created.properties, inputs };
  });

  it('read answers what is there, in the same shape, with a handful of list calls', async () => {
    await newRun();
    control().resetStatistics();
    const read = await plugin.read('fleet', id, state);
    expect(read).to.include({ id, refreshBeforeUpdate: true });
    expect(read.inputs).to.deep.equal(state.inputs);
    expect(read.properties).to.deep.equal(state.outputs);
    const { byRoute } = control().statistics();
    const calls = Object.values(byRoute).reduce((sum, each) => sum + each, 0);
    expect(calls, JSON.stringify(byRoute)).to.be.at.most(8);
  });

  it('nothing changed is no difference', async () => {
    expect((await differ(manifest(names))).told).to.deep.equal({});
  });

  it('design 4.2: diff has a path for each host that differs, and no other', async () => {
    await newRun();
    control().addMachine({ computerDnsName: 'new-0.contoso.com' });
    control().unisolate('pc-7.contoso.com', { comment: 'by hand' });
    control().advance('5m');
    const declared = [
      ...names.filter((name) => !['pc-10.contoso.com', 'pc-20.contoso.com'].includes(name)),
      'new-0.contoso.com',
    ];
    const { told, inputs } = await differ(manifest(declared));
    expect(told).to.deep.equal({
      'new-0.contoso.com': 'add',
      'pc-7.contoso.com': 'update',
      'pc-10.contoso.com': 'delete',
      'pc-20.contoso.com': 'delete',
    });
    const before = control().actions().length;
    const preview = await plugin.update('fleet', id, state.outputs, state.inputs, inputs, { preview: true });
    expect(preview.refreshBeforeUpdate).to.equal(true);
    expect(plugin.logs.map(({ text }) => text).join('\n')).to.include('release 2, isolate 2, unchanged 197 of 199');
    expect(control().actions()).to.have.length(before);
    const { properties } = await plugin.update('fleet', id, state.outputs, state.inputs, inputs);
    const sent = control()
      .actions()
      .slice(before)
      .map(({ type, computerDnsName }) => `${type} ${computerDnsName}`);
    expect(sent.sort()).to.deep.equal([
      'Isolate new-0.contoso.com',
      'Isolate pc-7.contoso.com',
      'Unisolate pc-10.contoso.com',
      'Unisolate pc-20.contoso.com',
    ]);
    expect(Object.keys(hostsOf(properties))).to.have.members(declared);
    state = { outputs: properties, inputs };
  });

  it('a comment of all differs in two hundred paths, and its update sends nothing', async () => {
    await newRun();
    const declared = Object.keys(hostsOf(state.outputs));
    const before = control().actions().length;
    const { told, inputs } = await differ(manifest(declared, 'INC-4711, closed'));
    expect(told).to.deep.equal(Object.fromEntries(declared.map((name) => [name, 'update'])));
    const { properties } = await plugin.update('fleet', id, state.outputs, state.inputs, inputs);
    expect(control().actions()).to.have.length(before);
    for (const line of Object.values(hostsOf(properties))) expect(line).to.include(' | Full: INC-4711, closed');
    state = { outputs: properties, inputs };
  });

  it('in a preview of an update the manifest may become unknown: that is a difference of hosts, and nothing is sent', async () => {
    const before = control().actions().length;
    const { inputs } = await plugin.check('fleet', { manifest: unknownString }, state.inputs);
    const diff = await plugin.diff('fleet', id, state.outputs, state.inputs, inputs);
    expect(diff).to.deep.include({ changes: 'some', diffs: ['hosts'], replaces: [] });
    const { properties } = await plugin.update('fleet', id, state.outputs, state.inputs, inputs, { preview: true });
    expect(properties).to.deep.equal({});
    expect(control().actions()).to.have.length(before);
  });

  it('semantics 8.1: a delete that the guardrails of the set refuse names the hosts and changes nothing', async () => {
    await newRun();
    const before = control().actions().length;
    const limited = { ...state.inputs, guardrails: { maxReleases: 3 } };
    await plugin.read('fleet', id, { ...state, inputs: limited });
    const refused = await plugin.delete('fleet', id, state.outputs, limited).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(CallFailed);
    expect((refused as CallFailed).message)
      .to.include('this run would release 199 hosts')
      .and.to.include('and 99 more')
      .and.to.match(/mde:allowReleases 199-[0-9a-f]{8}/);
    expect(control().actions()).to.have.length(before);
  });

  it('delete releases each with one request', async () => {
    await newRun();
    await plugin.read('fleet', id, state);
    const before = requests('Unisolate').length;
    await plugin.delete('fleet', id, state.outputs, state.inputs);
    expect(requests('Unisolate').length - before).to.equal(count - 1);
    expect(
      control()
        .machines()
        .filter(({ isolation }) => isolation.isolated),
    ).to.deep.equal([]);
  });
});
