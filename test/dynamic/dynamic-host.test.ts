import { expect } from 'chai';
import { CallFailure, DynamicHost, type Values } from './dynamic-host.ts';

const providerLine = 'exports.handler = () => require("pulumi-mde/dynamic-provider");';
const unknownString = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const key = 'urn:pulumi:dev::soc::pulumi-nodejs:dynamic/mde:MachineIsolation::pc-7';
const declaration = { project: 'soc', stack: 'dev', type: 'mde:index:MachineIsolation', name: 'pc-7', key };
const tenant = { 'mde:tenantId': 'contoso.com', 'mde:clientSecret': 'hunter2' };
/** The engine hands its whole environment to the host. */
const fromEnvironment = 'hunter2-of-the-environment';

function inputs(declared: Values, more: Values = {}): Values {
  return { ...declared, __provider: providerLine, __declaration: declaration, ...more };
}

async function failure(work: Promise<unknown>): Promise<CallFailure> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CallFailure) return error;
    throw error;
  }
  throw new Error('it succeeded, but should have failed');
}

/** Waits for what another process does. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("Pulumi's dynamic host with the provider", function () {
  // The host alone takes seconds to load on a busy machine.
  this.timeout(60_000);
  let host: DynamicHost;

  beforeEach(async () => {
    host = await DynamicHost.start({ AZURE_CLIENT_SECRET: fromEnvironment });
  });

  afterEach(() => host.stop());

  it('configures once, before any of the operations that come at the same time', async () => {
    await host.configure(tenant);
    const created = await Promise.all(
      ['a', 'b', 'c', 'd'].map((machineId) => host.create(inputs({ machineId, comment: 'x' }))),
    );
    expect(created.map(({ id }) => id)).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(host.seen().configurations).to.deep.equal([{ tenantId: 'contoso.com', clientSecret: 'hunter2' }]);
  });

  it('fails every operation where configuration failed, with the reason and without a stack', async () => {
    await host.configure({});
    const failures = await Promise.all(
      ['a', 'b', 'c'].map((machineId) => failure(host.create(inputs({ machineId, comment: 'x' })))),
    );
    failures.push(await failure(host.check({}, inputs({ comment: 'x' }))));
    expect(failures.map(({ message }) => message)).to.deep.equal(
      Array(4).fill('tenantId is missing; set mde:tenantId'),
    );
    expect(host.seen().isolated).to.deep.equal([]);
    expect(host.output).not.to.match(/^\s+at /m);
  });

  it('carries unknown values there and back', async () => {
    await host.configure(tenant);
    const { inputs: checked } = await host.check({}, inputs({ machineId: unknownString, comment: 'x' }));
    expect(checked).to.include({ machineId: unknownString, comment: 'x', __provider: providerLine });
  });

  it('keeps no secret in state', async () => {
    await host.configure(tenant);
    const { properties } = await host.create(inputs({ machineId: 'a', comment: 'x' }));
    expect(properties).to.include({ state: 'isolated', __provider: providerLine });
    expect(JSON.stringify(properties)).not.to.contain('hunter2');
    expect(host.output).not.to.contain('hunter2');
  });

  it('tells no secret that came from the environment', async () => {
    await host.configure({ 'mde:tenantId': 'contoso.com' });
    const { message } = await failure(host.create(inputs({ machineId: 'a', comment: `quote ${fromEnvironment}` })));
    expect(message).to.equal('the service refuses [secret]');
    expect(host.output).not.to.contain(fromEnvironment);
  });

  it('keeps what was done of a create that failed half-way, and can delete it', async () => {
    await host.configure(tenant);
    const { kept, message } = await failure(host.create(inputs({ machineId: 'a', comment: 'half-way' })));
    expect(message).to.equal('NOT CONTAINED YET\nrun again');
    expect(kept).to.deep.include({ id: 'a', reasons: ['NOT CONTAINED YET', 'run again'] });
    expect(kept?.properties).to.include({ state: 'isolating', __provider: providerLine });
    await host.delete('a', kept?.properties ?? {});
    expect(host.seen().isolated).to.deep.equal([]);
  });

  it('sees drift in a plain diff', async () => {
    await host.configure(tenant);
    const declared = inputs({ machineId: 'a', comment: 'x' });
    const { properties } = await host.create(declared);
    const [unknownChanges, none, some] = [0, 1, 2];
    expect((await host.diff('a', properties, declared)).changes).to.equal(none);
    await host.delete('a', properties);
    expect((await host.diff('a', properties, declared)).changes)
      .to.equal(some)
      .and.not.to.equal(unknownChanges);
  });

  it('refreshes from state', async () => {
    await host.configure(tenant);
    const { properties } = await host.create(inputs({ machineId: 'a', comment: 'x' }));
    expect(await host.read('a', properties)).to.deep.equal({ id: 'a', properties });
  });

  it('shows the reason of a refusal once, as an error that does not put the state in doubt', async () => {
    await host.configure(tenant);
    const { properties } = await host.create(inputs({ machineId: 'a', comment: 'x' }));
    const news = inputs({ machineId: 'a', comment: 'refuse' }, { __preview: unknownString });
    const { code, message } = await failure(host.diff('a', properties, news));
    expect({ code, message }).to.deep.equal({
      code: 9,
      message: 'the guardrails refuse it; allow it with allowProtected',
    });
    await until(() => host.output.includes('\n'));
    expect(host.output.trim()).to.equal('mde: diff of pc-7 stopped; the reason stands with the resource');
  });

  it('tells the summary of the run when the engine ends it', async () => {
    await host.configure(tenant);
    await host.create(inputs({ machineId: 'a', comment: 'x' }));
    host.process.kill('SIGINT');
    await until(() => host.process.exitCode !== null || host.process.signalCode !== null);
    await until(() => host.output.endsWith('\n'));
    expect(host.output).to.equal('contained: a\n');
  });

  it('stops an operation when the engine that holds its stdin has ended, and ends as well', async () => {
    await host.configure(tenant);
    const creating = failure(host.create(inputs({ machineId: 'a', comment: 'wait' })));
    // Another operation's answer says that the first has begun.
    await host.check({}, inputs({ comment: 'x' }));
    host.process.stdin?.destroy();
    const { kept } = await creating;
    expect(kept?.properties).to.include({ state: 'isolating' });
    const { stops, isolated } = host.seen();
    expect(stops).to.deep.equal(['the engine is gone']);
    expect(isolated).to.deep.equal([]);
    await until(() => host.process.exitCode !== null);
  });
});
