import { expect } from 'chai';
import { type DynamicProvider, dynamicProvider } from '../../provider/dynamic/adapter.ts';
import { providerText } from '../../provider/dynamic/hidden-inputs.ts';
import { Redaction } from '../../provider/redaction.ts';
import { unknown } from '../../provider/resources/resource.ts';
import { unknownString } from '../../provider/unknown-strings.ts';
import { fakeProvider, nothingSeen, type Seen } from './fake-provider.ts';

type Values = Record<string, unknown>;

const tenant = { 'mde:tenantId': 'contoso.com' };
const key = 'urn:pulumi:dev::soc::pulumi-nodejs:dynamic/mde:MachineIsolation::pc-7';
const declaration = { project: 'soc', stack: 'dev', type: 'mde:index:MachineIsolation', name: 'pc-7', key };

/** Inputs as the class sends them. */
function inputs(declared: Values, more: Values = {}): Values {
  return { ...declared, __provider: providerText, __declaration: declaration, ...more };
}

const inPreview = { __preview: unknownString };

interface Setup {
  readonly seen: Seen;
  readonly provider: DynamicProvider;
  readonly lines: string[];
  readonly engine: AbortController;
}

function unconfigured(): Setup {
  const seen = nothingSeen();
  const lines: string[] = [];
  const engine = new AbortController();
  const provider = dynamicProvider({
    createProvider: () => fakeProvider(seen),
    output: { out: (line) => lines.push(line), error: (line) => lines.push(`! ${line}`) },
    redaction: new Redaction(),
    engineGone: engine.signal,
  });
  return { seen, provider, lines, engine };
}

function configureWith(provider: DynamicProvider, config: Values): Promise<void> {
  return provider.configure({ config: { get: (name) => config[name] } });
}

async function set(): Promise<Setup> {
  const setup = unconfigured();
  await configureWith(setup.provider, tenant);
  return setup;
}

/** State as the host keeps it after a create or update. */
function stored(outs: Values): Values {
  return { ...outs, __provider: providerText };
}

async function failure(work: Promise<unknown>): Promise<Error & Values> {
  try {
    await work;
  } catch (error) {
    return error as Error & Values;
  }
  throw new Error('it succeeded, but should have failed');
}

describe('the dynamic provider', () => {
  describe('configuration', () => {
    it('keeps operations waiting until it has ended, however many come at once', async () => {
      const { provider, seen } = unconfigured();
      const configuring = configureWith(provider, tenant);
      const ids = ['a', 'b', 'c'].map((machineId) => provider.create(inputs({ machineId, comment: 'x' })));
      expect(seen.isolated.size).to.equal(0);
      await configuring;
      await Promise.all(ids);
      expect([...seen.isolated]).to.have.members(['a', 'b', 'c']);
      expect(seen.configurations).to.have.length(1);
    });

    it('fails every operation with its reason where it failed, and never works unconfigured', async () => {
      const { provider, seen } = unconfigured();
      await configureWith(provider, {});
      for (const attempt of [1, 2]) {
        const error = await failure(provider.create(inputs({ machineId: 'a', comment: 'x' })));
        expect(error.message, `attempt ${attempt}`).to.equal('tenantId is missing; set mde:tenantId');
      }
      expect(seen.isolated.size).to.equal(0);
      expect(seen.calls).to.deep.equal([]);
    });

    it('refuses operations where the host never configured', async () => {
      const { provider } = unconfigured();
      const error = await failure(provider.create(inputs({ machineId: 'a', comment: 'x' })));
      expect(error.message).to.contain('not configured');
    });

    it('reads numbers, booleans and objects out of the text that the stack holds', async () => {
      const { provider, seen } = unconfigured();
      await configureWith(provider, {
        ...tenant,
        'mde:useOidc': 'true',
        'mde:guardrails': '{"maxReleases":3}',
        'mde:region': 'eu',
        'other:region': 'us',
      });
      expect(seen.configurations).to.deep.equal([
        { tenantId: 'contoso.com', useOidc: true, guardrails: { maxReleases: 3 }, region: 'eu' },
      ]);
    });

    it('names the key of an object that is none, without its text', async () => {
      const { provider } = unconfigured();
      await configureWith(provider, { ...tenant, 'mde:guardrails': 'hunter2' });
      const error = await failure(provider.check({}, inputs({ comment: 'x' })));
      expect(error.message).to.contain('mde:guardrails').and.not.to.contain('hunter2');
    });

    it('passes on what is wrong with a setting', async () => {
      const { provider } = unconfigured();
      await configureWith(provider, { ...tenant, 'mde:cloud': 'Moon' });
      const error = await failure(provider.check({}, inputs({ comment: 'x' })));
      expect(error.message).to.equal('mde:cloud: "Moon" is not a known cloud');
    });
  });

  describe('check', () => {
    it('returns the normalised inputs, the hidden ones among them, and nothing undefined', async () => {
      const { provider, seen } = await set();
      const timeouts = { __timeouts: { create: '1h30m' } };
      const checked = await provider.check({}, inputs({ machineId: 'a', comment: 'x' }, timeouts));
      expect(checked).to.deep.equal({
        inputs: inputs({ isolationType: 'Full', machineId: 'a', comment: 'x' }, timeouts),
        failures: [],
      });
      expect(seen.calls).to.deep.include({
        method: 'check',
        preview: false,
        timeoutMs: 5_400_000,
        declaration: key,
        given: [undefined, { machineId: 'a', comment: 'x' }],
      });
    });

    it('hands over unknown values as unknown and returns them as such', async () => {
      const { provider, seen } = await set();
      const boolean = '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7';
      const { inputs: checked } = await provider.check({}, inputs({ comment: unknownString, takeOwnership: boolean }));
      expect(seen.calls[0]?.given[1]).to.deep.equal({ comment: unknown, takeOwnership: unknown });
      expect(checked).to.include({ comment: unknownString, takeOwnership: unknownString });
    });

    it('in preview, also previews the create, whose refusal fails the check of that resource', async () => {
      const { provider, seen, lines } = await set();
      const refused = await provider.check({}, inputs({ machineId: 'a', comment: 'refuse' }, inPreview));
      expect(refused.failures).to.deep.equal([
        { property: '', reason: 'the guardrails refuse it; allow it with allowProtected' },
      ]);
      const allowed = await provider.check({}, inputs({ machineId: 'a', comment: 'x' }, inPreview));
      expect(allowed.failures).to.deep.equal([]);
      expect(lines).to.deep.equal(['mde pc-7: would isolate a']);
      expect(seen.isolated.size).to.equal(0);
    });

    it('outside of a preview refuses nothing that the create refuses itself, so that other hosts are not held up', async () => {
      const { provider, seen } = await set();
      const { failures } = await provider.check({}, inputs({ machineId: 'a', comment: 'refuse' }));
      expect(failures).to.deep.equal([]);
      expect(seen.calls.map(({ method }) => method)).to.deep.equal(['check']);
    });

    it('does not preview a create of what exists', async () => {
      const { provider, seen } = await set();
      const old = inputs({ machineId: 'a', comment: 'x' });
      await provider.check(old, inputs({ machineId: 'a', comment: 'y' }, inPreview));
      expect(seen.calls.map(({ method }) => method)).to.deep.equal(['check']);
      expect(seen.calls[0]?.given[0]).to.deep.equal({ machineId: 'a', comment: 'x' });
    });

    it('refuses a time-out that is no duration', async () => {
      const { provider } = await set();
      const { failures } = await provider.check({}, inputs({ comment: 'x' }, { __timeouts: { delete: '1d' } }));
      expect(failures.map(({ reason }) => reason).join())
        .to.contain('customTimeouts.delete')
        .and.to.contain('1h30m');
    });
  });

  describe('diff', () => {
    async function isolated(setup: Setup, declared: Values = { machineId: 'a', comment: 'x' }): Promise<Values> {
      const { outs } = await setup.provider.create(inputs(declared));
      setup.seen.calls.length = 0;
      return stored(outs);
    }

    it('finds nothing to do where nothing changed', async () => {
      const setup = await set();
      const olds = await isolated(setup);
      const diff = await setup.provider.diff('a', olds, inputs({ machineId: 'a', comment: 'x' }));
      expect(diff).to.deep.equal({ changes: false });
    });

    it('reads the service, so that a release by hand is a difference without a refresh', async () => {
      const setup = await set();
      const olds = await isolated(setup);
      setup.seen.isolated.delete('a');
      const diff = await setup.provider.diff('a', olds, inputs({ machineId: 'a', comment: 'x' }));
      expect(diff).to.deep.equal({ changes: true });
      expect(setup.lines).to.deep.equal(['mde pc-7: released by hand']);
    });

    it('asks for a replacement, never one that deletes first, where another machine is meant', async () => {
      const setup = await set();
      const olds = await isolated(setup);
      const diff = await setup.provider.diff('a', olds, inputs({ machineId: 'b', comment: 'x' }));
      expect(diff).to.deep.equal({ changes: true, replaces: ['machineId'] });
    });

    it('in preview, also previews the update and fails where it is refused', async () => {
      const setup = await set();
      const olds = await isolated(setup);
      const news = inputs({ machineId: 'a', comment: 'refuse' }, inPreview);
      const error = await failure(setup.provider.diff('a', olds, news));
      expect(error.message).to.contain('the guardrails refuse it');
      expect(error.code, 'not a code that means a broken state').to.equal(9);
      const { __preview, ...forReal } = news;
      expect(await setup.provider.diff('a', olds, forReal)).to.deep.equal({ changes: true });
      expect(setup.seen.calls.filter(({ method }) => method === 'update')).to.have.length(1);
    });

    it('sees a renamed declaration and changed time-outs as an update in place', async () => {
      const setup = await set();
      const olds = await isolated(setup);
      const declared = { machineId: 'a', comment: 'x' };
      const renamed = inputs(declared, { __declaration: { ...declaration, name: 'pc-8', key: `${key}x` } });
      expect(await setup.provider.diff('a', olds, renamed)).to.deep.equal({ changes: true });
      const timed = inputs(declared, { __timeouts: { delete: '1h' } });
      expect(await setup.provider.diff('a', olds, timed)).to.deep.equal({ changes: true });
      const { outs } = await setup.provider.update('a', olds, timed);
      expect(await setup.provider.diff('a', stored(outs), timed)).to.deep.equal({ changes: false });
    });

    it('compares with the inputs of the last successful run', async () => {
      const setup = await set();
      const olds = await isolated(setup);
      const error = await failure(setup.provider.update('a', olds, inputs({ machineId: 'a', comment: 'half-way' })));
      const after = error.properties as Values;
      await setup.provider.diff('a', after, inputs({ machineId: 'a', comment: 'x' }));
      expect(setup.seen.calls.at(-1)?.given[2]).to.deep.equal({ machineId: 'a', comment: 'x' });
    });
  });

  describe('writes', () => {
    it('keep the inputs beside the outputs, and nothing that the host cannot store', async () => {
      const { provider } = await set();
      const created = await provider.create(inputs({ machineId: 'a', comment: 'x' }));
      expect(created).to.deep.equal({
        id: 'a',
        outs: {
          machineId: 'a',
          state: 'isolated',
          isolationType: 'Full',
          coveredUntil: null,
          __inputs: { machineId: 'a', comment: 'x', __declaration: declaration },
        },
      });
    });

    it('take the time-out of their own operation', async () => {
      const { provider, seen } = await set();
      const timeouts = { __timeouts: { create: '10m', update: '20m', delete: '1h' } };
      const { outs } = await provider.create(inputs({ machineId: 'a', comment: 'x' }, timeouts));
      await provider.update('a', stored(outs), inputs({ machineId: 'a', comment: 'y' }, timeouts));
      await provider.delete('a', stored(outs));
      expect(seen.calls.map(({ method, timeoutMs }) => [method, timeoutMs])).to.deep.equal([
        ['create', 600_000],
        ['update', 1_200_000],
        ['delete', 3_600_000],
      ]);
    });

    it('never take place as a preview', async () => {
      const { provider, seen } = await set();
      await provider.create(inputs({ machineId: 'a', comment: 'x' }, inPreview));
      expect(seen.calls[0]?.preview).to.equal(false);
      expect(seen.isolated.has('a')).to.equal(true);
    });

    it('that fail half-way leave id, outputs, inputs and the way to the provider in state', async () => {
      const { provider } = await set();
      const error = await failure(provider.create(inputs({ machineId: 'a', comment: 'half-way' })));
      expect(error).to.include({ id: 'a', message: 'NOT CONTAINED YET\nrun again' });
      expect(error.reasons).to.deep.equal(['NOT CONTAINED YET', 'run again']);
      expect(error.properties).to.deep.include({
        state: 'isolating',
        __provider: providerText,
        __inputs: { machineId: 'a', comment: 'half-way', __declaration: declaration },
      });
      await provider.delete('a', error.properties as Values);
    });

    it('fail with their reason alone, and print no stack', async () => {
      const { provider } = await set();
      const error = await failure(provider.create(inputs({ machineId: 'a', comment: 'refuse' })));
      expect(error.message).to.contain('the guardrails refuse it');
      expect(error.id).to.equal(undefined);
      expect(`${error}: ${error.stack}`).to.equal('mde: create of pc-7 stopped; the reason stands with the resource');
    });

    it('tell an error that nobody foresaw in one line, without a secret that it holds', async () => {
      const { provider } = unconfigured();
      await configureWith(provider, { ...tenant, 'mde:clientSecret': 'hunter2-secret' });
      const error = await failure(provider.create(inputs({ machineId: 'a', comment: 'break' })));
      expect(error.message).to.equal('unexpected: cannot read [secret]');
    });

    it('end when the engine is gone, and stop the provider', async () => {
      const { provider, seen, engine } = await set();
      const writing = failure(provider.create(inputs({ machineId: 'a', comment: 'wait' })));
      await new Promise(setImmediate);
      engine.abort();
      expect((await writing).message).to.equal('not contained yet');
      expect(seen.stops).to.deep.equal(['the engine is gone']);
    });

    it('refuse a resource that this version does not know', async () => {
      const { provider } = await set();
      const later = { __declaration: { ...declaration, type: 'mde:index:Later' } };
      const error = await failure(provider.create(inputs({ comment: 'x' }, later)));
      expect(error.message).to.contain('knows no mde:index:Later');
    });
  });

  describe('delete', () => {
    it('knows declaration and inputs from state', async () => {
      const { provider, seen } = await set();
      const { outs } = await provider.create(inputs({ machineId: 'a', comment: 'x' }));
      await provider.delete('a', stored(outs));
      expect(seen.isolated.size).to.equal(0);
      const call = seen.calls.at(-1);
      expect(call?.declaration).to.equal(key);
      expect(call?.given[1]).not.to.have.any.keys('__inputs', '__provider');
      expect(call?.given[2]).to.deep.equal({ machineId: 'a', comment: 'x' });
    });

    it('leaves the host contained where state does not say whose it is', async () => {
      const { provider, seen } = await set();
      seen.isolated.add('a');
      const error = await failure(provider.delete('a', { machineId: 'a', __provider: providerText }));
      expect(error.message).to.contain('does not say which declaration');
      expect(seen.isolated.has('a')).to.equal(true);
    });
  });

  describe('read', () => {
    it('tells what the service has and keeps the inputs', async () => {
      const { provider, seen } = await set();
      const { outs } = await provider.create(inputs({ machineId: 'a', comment: 'x' }));
      seen.isolated.delete('a');
      const read = await provider.read('a', stored(outs));
      expect(read.id).to.equal('a');
      expect(read.props).to.deep.equal({ ...outs, state: 'released' });
    });

    it('keeps what it knows where the host cannot be found, and says so', async () => {
      const { provider, lines } = await set();
      const props = stored({ state: 'isolated', __inputs: { comment: 'x', __declaration: declaration } });
      expect(await provider.read('gone', props)).to.deep.equal({ id: 'gone', props });
      expect(lines).to.deep.equal(['! mde pc-7: warning: it could not be found']);
    });

    it('looks up a machine that is in no state by its id', async () => {
      const { provider, seen } = await set();
      seen.isolated.add('a');
      const { props } = await provider.read('a', inputs({ comment: 'look' }));
      expect(seen.calls[0]?.given).to.deep.equal(['a', undefined, undefined]);
      expect(props).to.include({ state: 'isolated' });
      const error = await failure(provider.read('gone', inputs({ comment: 'look' })));
      expect(error.message).to.contain('there is no machine gone');
    });
  });
});
