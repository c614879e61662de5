import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import { assert } from 'chai';
import { signatureKey, signatures } from '../../provider/plugin/sentinels.ts';
import { unknownString, unknownStrings } from '../../provider/unknown-strings.ts';
import { CallFailed, type PluginUnderTest, type StartOptions, startPlugin, urnOf } from './fake-engine.ts';
import { secret, toStruct } from './structs.ts';

const clientSecret = 'a~very-secret&value';
const config = { tenantId: 't', clientSecret: secret(clientSecret) };

/** The failure of a call that must fail. */
async function failureOf(call: Promise<unknown>): Promise<CallFailed> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instanceOf(outcome, CallFailed);
  return outcome as CallFailed;
}

describe('the plugin, driven as the engine drives it', function () {
  this.timeout(30_000);
  const plugins: PluginUnderTest[] = [];
  const start = async (options: StartOptions = {}) => {
    const plugin = await startPlugin(options);
    plugins.push(plugin);
    return plugin;
  };
  afterEach(async () => {
    for (const plugin of plugins.splice(0)) await plugin.dispose();
  });

  describe('in one process', () => {
    let plugin: PluginUnderTest;
    before(async () => {
      plugin = await startPlugin({ config });
    });
    after(() => plugin.dispose());

    it('shakes hands: takes secrets and resource references, no outputs', async () => {
      const answer = await plugin.handshake();
      assert.deepInclude(answer, { acceptSecrets: true, acceptResources: true, acceptOutputs: false });
      assert.equal(await plugin.pluginInfo(), '1.2.3');
    });

    it('supports preview', async () => {
      assert.deepInclude(await plugin.configure(config), {
        supportspreview: true,
        acceptsecrets: true,
        acceptresources: true,
      });
    });

    it('serves the schema, stamped with its version', async () => {
      assert.deepInclude(await plugin.schema(), { name: 'fake', version: '1.2.3' });
      assert.equal((await failureOf(plugin.schema(7))).code, grpc.status.INVALID_ARGUMENT);
    });

    it('answers cleanly what it does not offer', async () => {
      const invoke = await failureOf(plugin.invoke('fake:index:lookUp'));
      assert.equal(invoke.code, grpc.status.INVALID_ARGUMENT);
      assert.include(invoke.message, 'there is no function fake:index:lookUp');
      assert.include(invoke.message, 'it knows fake:index:getThing');
      const nowhere = {
        construct: new messages.ConstructRequest(),
        call: new messages.CallRequest(),
        parameterize: new messages.ParameterizeRequest(),
      };
      for (const [method, request] of Object.entries(nowhere)) {
        assert.equal((await failureOf(plugin.raw(method, request))).code, grpc.status.UNIMPLEMENTED, method);
      }
      assert.deepEqual((await plugin.raw('getMappings', new messages.GetMappingsRequest())).toObject(), {
        providersList: [],
      });
      assert.deepEqual((await plugin.raw('getMapping', new messages.GetMappingRequest())).toObject(), {
        provider: '',
        data: '',
      });
      const unknownType = new messages.CreateRequest()
        .setUrn(urnOf('x', 'fake:index:Other'))
        .setProperties(toStruct({}));
      assert.include((await failureOf(plugin.raw('create', unknownType))).message, 'fake:index:Other');
    });

    it('answers a function, its secrets wrapped, what is absent left out', async () => {
      const { result, failures } = await plugin.invoke('fake:index:getThing', { name: secret('who is it') });
      assert.deepEqual(failures, []);
      assert.deepEqual(result, { name: secret('who is it'), list: [{ a: 1, b: null }] });
      const told = await plugin.invoke('fake:index:getThing', { behave: 'tell-secret' });
      assert.deepEqual(told.result, { text: secret(`it is ${clientSecret}`), plain: 'no secret' });
    });

    it('names the argument of a function that is wrong, without what was given in secret', async () => {
      const { result, failures } = await plugin.invoke('fake:index:getThing', { name: '' });
      assert.deepEqual(failures, [{ property: 'name', reason: 'must not be blank' }]);
      assert.isUndefined(result);
      const hidden = await plugin.invoke('fake:index:getThing', { name: secret('') });
      assert.deepEqual(hidden.failures, [{ property: '', reason: 'name: must not be blank' }]);
    });

    it('tells what a function could not do in its own words, without a stack, and lets nobody guess at the state', async () => {
      const refused = await failureOf(plugin.invoke('fake:index:getThing', { behave: 'refuse' }));
      assert.equal(refused.code, grpc.status.FAILED_PRECONDITION);
      assert.equal(refused.message, 'getThing: no thing is named so\nnext: give another name');
      const broken = await failureOf(plugin.invoke('fake:index:getThing', { behave: 'break' }));
      assert.equal(broken.code, grpc.status.ABORTED);
      assert.equal(broken.message, 'unexpected: cannot read the [secret]');
      const bad = await failureOf(plugin.invoke('fake:index:getThing', { behave: 'bad-output' }));
      assert.match(bad.message, /^oops/);
    });

    it('suggests the function that was meant', async () => {
      for (const token of ['fake:index:getThings', 'fake:getThing', 'fake:index/getThing:getThing']) {
        const { message } = await failureOf(plugin.invoke(token));
        assert.include(message, `there is no function ${token}`);
        assert.include(message, 'did you mean fake:index:getThing?');
      }
    });

    it('calls no function with what is not known yet', async () => {
      for (const name of [unknownString, [unknownString]]) {
        const { message } = await failureOf(plugin.invoke('fake:index:getThing', { name }));
        assert.equal(message.startsWith('getThing: name cannot be told before the deployment'), true, message);
      }
    });

    it('tells an operation who it is about, whether it may write, and how long it may take', async () => {
      const { id, properties, refreshBeforeUpdate } = await plugin.create('pc-7', { comment: 'c' }, { timeout: 90 });
      assert.equal(id, 'id-of-pc-7');
      assert.isTrue(refreshBeforeUpdate);
      assert.deepInclude(properties, { stack: 'dev', project: 'proj', name: 'pc-7', key: urnOf('pc-7') });
      assert.deepInclude(properties, { preview: false, timeoutMs: 90_000 });
      const unset = await plugin.update('pc-7', id, properties, {}, { comment: 'd' }, { preview: true });
      assert.deepInclude(unset.properties, { preview: true, timeoutMs: null });
      assert.isTrue(unset.refreshBeforeUpdate);
    });

    it('says in a preview that an output is not known yet', async () => {
      const { properties } = await plugin.create('pc', {}, { preview: true });
      assert.equal(properties.state, unknownString);
    });

    it('takes an unknown of every kind, and hands it back', async () => {
      for (const mark of unknownStrings) {
        const { inputs, failures } = await plugin.check('pc', { comment: mark, hosts: [{ name: mark }] });
        assert.deepEqual(failures, []);
        assert.equal(inputs.comment, unknownString);
        assert.deepEqual(inputs.hosts, [{ name: unknownString }]);
      }
    });

    it('unwraps secrets wherever they stand and wraps them again, also in outputs', async () => {
      const news = { comment: secret('who is under suspicion'), hosts: [{ note: secret('patient zero') }] };
      const { inputs } = await plugin.check('pc', news);
      assert.deepInclude(inputs, news);
      const { properties } = await plugin.create('pc', inputs);
      assert.deepInclude(properties, news);
    });

    it('wraps what is secret by schema, also where it came in clear', async () => {
      const { inputs } = await plugin.check('pc', { token: 'in clear' });
      assert.deepEqual(inputs.token, secret('in clear'));
      const { properties } = await plugin.create('pc', { token: 'in clear' });
      assert.deepEqual(properties.token, secret('in clear'));
    });

    it('never shows the value of a secret that fails a check, nor one that is long', async () => {
      const { failures } = await plugin.check('pc', { behave: 'fail-check', token: secret('the-token-itself') });
      assert.deepEqual(failures, [{ property: '', reason: 'token: not [secret]' }]);
      const long = await plugin.check('pc', { behave: 'fail-check', comment: '', token: 'x'.repeat(500) });
      assert.deepInclude(long.failures, { property: 'comment', reason: 'must not be blank' });
    });

    it('shows the value of a short line that fails a check, and never a text of several lines', async () => {
      const one = await plugin.check('pc', { comment: 'wrong' });
      assert.deepEqual(one.failures, [{ property: 'comment', reason: 'says nothing' }]);
      for (const comment of ['wrong\npassword: hunter2', `wrong ${'x'.repeat(500)}`]) {
        const { failures } = await plugin.check('pc', { comment });
        assert.deepEqual(failures, [{ property: '', reason: 'comment: says nothing' }]);
      }
    });

    it('takes a resource reference for its id', async () => {
      const reference = { [signatureKey]: signatures.resourceReference, urn: urnOf('other'), id: 'the-id' };
      const { inputs } = await plugin.check('pc', { comment: reference });
      assert.equal(inputs.comment, 'the-id');
      const unknownId = await plugin.check('pc', { comment: { ...reference, id: '' } });
      assert.equal(unknownId.inputs.comment, unknownString);
    });

    it('refuses files and archives, naming the property', async () => {
      for (const signature of [signatures.asset, signatures.archive]) {
        const failure = await failureOf(
          plugin.check('pc', { hosts: [{ comment: { [signatureKey]: signature, text: 'x' } }] }),
        );
        assert.match(failure.message, /^hosts\[0\]\.comment: /);
        assert.equal(failure.code, grpc.status.FAILED_PRECONDITION);
      }
    });

    it('answers hostile Structs and lives on', async () => {
      let deep: unknown = 'bottom';
      for (let i = 0; i < 300; i++) deep = { a: deep };
      let wrapped: unknown = 'bottom';
      for (let i = 0; i < 300; i++) wrapped = secret(wrapped);
      let listed: unknown = 'bottom';
      for (let i = 0; i < 300; i++) listed = [listed];
      for (const comment of [deep, wrapped, listed]) {
        assert.include((await failureOf(plugin.check('pc', { comment }))).message, 'levels deep');
      }
      assert.match((await failureOf(plugin.check('pc', { comment: Number.NaN }))).message, /^comment: NaN/);
      assert.match(
        (await failureOf(plugin.check('pc', { comment: { [signatureKey]: 'other' } }))).message,
        /^comment: /,
      );
      const names = { constructor: 'a', hasOwnProperty: 'b', toString: 'c', valueOf: null, '': 'd' };
      const { inputs } = await plugin.check('pc', names);
      assert.deepEqual(inputs, { ...names, isolationType: 'Full' });
      const polluting = await plugin.check('pc', { comment: JSON.parse('{"__proto__": {"polluted": true}}') });
      assert.notProperty({}, 'polluted');
      assert.deepEqual(polluting.inputs.comment, {});
      assert.equal(await plugin.pluginInfo(), '1.2.3');
    });

    it('gives a detailed difference with its roots and what stays', async () => {
      const answer = await plugin.diff('pc', 'id', { state: 'released' }, { comment: 'a' }, { comment: 'b' });
      assert.deepInclude(answer, { changes: 'some', replaces: [], stables: ['machineId'], deleteBeforeReplace: false });
      assert.deepEqual(answer.diffs, ['hosts', 'state']);
      assert.deepEqual(answer.detailed['hosts["a.b"].comment'], {
        kind: messages.PropertyDiff.Kind.UPDATE,
        inputdiff: true,
      });
      assert.deepEqual(answer.detailed.state, { kind: messages.PropertyDiff.Kind.UPDATE, inputdiff: false });
      const none = await plugin.diff('pc', 'id', { state: 'isolated' }, { comment: 'a' }, { comment: 'a' });
      assert.deepInclude(none, { changes: 'none', diffs: [], hasDetailed: false });
    });

    it('imports: reads with neither outputs nor inputs, and may find another, canonical id', async () => {
      const answer = await plugin.read('pc', 'ABC');
      assert.equal(answer.id, 'abc');
      assert.deepInclude(answer.properties, { hadOutputs: false, hadInputs: false });
      assert.deepEqual(answer.inputs, { comment: 'imported' });
      assert.isTrue(answer.refreshBeforeUpdate);
    });

    it('says of an import that is not there: no id, no properties', async () => {
      const answer = await plugin.read('pc', 'nowhere');
      assert.deepInclude(answer, { id: '', properties: undefined, inputs: undefined });
    });

    it('refreshes with what state holds, secrets kept', async () => {
      const state = {
        outputs: { comment: secret('who is under suspicion') },
        inputs: { comment: secret('who is under suspicion') },
      };
      const answer = await plugin.read('pc', 'abc', state, 30);
      assert.deepInclude(answer.properties, { hadOutputs: true, hadInputs: true, timeoutMs: 30_000, ...state.outputs });
      assert.deepEqual(answer.inputs, state.inputs);
    });

    it('reports a read that failed as an unhealthy resource that keeps its state', async () => {
      const { initFailed } = await failureOf(
        plugin.read('pc', 'ill', { outputs: { state: 'isolated' }, inputs: { comment: 'c' } }),
      );
      assert.deepInclude(initFailed, { id: 'ill', reasons: ['the service did not answer'], refreshBeforeUpdate: true });
      assert.deepInclude(initFailed?.properties, { state: 'isolated' });
      assert.deepEqual(initFailed?.inputs, { comment: 'c' });
    });

    it('keeps id and outputs of what failed half-way', async () => {
      const failure = await failureOf(plugin.create('pc', { behave: 'partial', token: 'in clear' }));
      assert.deepInclude(failure.initFailed, { id: 'id-of-pc', refreshBeforeUpdate: true });
      assert.deepEqual(failure.initFailed?.reasons, ['NOT CONTAINED YET', 'look at id-of-pc']);
      assert.deepInclude(failure.initFailed?.properties, { state: 'isolating', token: secret('in clear') });
      const update = await failureOf(plugin.update('pc', 'the-id', {}, {}, { behave: 'partial' }));
      assert.deepInclude(update.initFailed, { id: 'the-id', refreshBeforeUpdate: true });
    });

    it('has nothing to keep in a preview or a delete that fails', async () => {
      const preview = await failureOf(plugin.create('pc', { behave: 'partial' }, { preview: true }));
      assert.isUndefined(preview.initFailed);
      assert.include(preview.message, 'NOT CONTAINED YET');
      const failed = await failureOf(plugin.delete('pc', 'id', { behave: 'partial' }));
      assert.isUndefined(failed.initFailed);
      assert.equal(failed.message, 'not released yet');
    });

    it('keeps what was done when an output cannot be sent', async () => {
      const { initFailed } = await failureOf(plugin.create('pc', { behave: 'bad-output' }));
      assert.equal(initFailed?.id, 'id-of-pc');
      assert.deepInclude(initFailed?.properties, { state: 'isolated' });
      assert.deepEqual(initFailed?.reasons, ['an output could not be kept: oops: NaN cannot be sent']);
    });

    it('shows a refusal as it was written, with a code that leaves no doubt about the state', async () => {
      const failure = await failureOf(plugin.create('pc', { behave: 'refuse' }));
      assert.equal(failure.message, 'pc: refused\nnext: do something else');
      assert.equal(failure.code, grpc.status.FAILED_PRECONDITION);
    });

    it('shows an unexpected exception as one line, without stack and without secret', async () => {
      const failure = await failureOf(plugin.create('pc', { behave: 'break' }));
      assert.equal(failure.message, 'unexpected: cannot read the [secret]');
      assert.equal(failure.code, grpc.status.INTERNAL, 'something may have been written');
      const preview = await failureOf(plugin.create('pc', { behave: 'break' }, { preview: true }));
      assert.equal(preview.code, grpc.status.ABORTED);
    });

    it('logs to the row of the resource before it answers, without what a terminal would obey', async () => {
      await plugin.create('talker', { behave: 'talk' });
      const row = plugin.logs.filter((message) => message.urn === urnOf('talker'));
      assert.deepEqual(
        row.map(({ severity, text, ephemeral }) => ({ severity, text, ephemeral })),
        [
          { severity: 'info', text: 'first line\nsecond line', ephemeral: false },
          { severity: 'warning', text: 'red', ephemeral: false },
          { severity: 'info', text: '0/50', ephemeral: true },
        ],
        'and of fifty progress lines at once only the first',
      );
    });

    it('runs many operations at once', async () => {
      const names = Array.from({ length: 500 }, (_, i) => `pc-${i}`);
      const all = await Promise.all(names.map((name) => plugin.create(name, { behave: 'meet' })));
      assert.deepEqual(all.map(({ id }) => id).sort(), names.map((name) => `id-of-${name}`).sort());
      assert.isAbove(Math.max(...all.map(({ properties }) => Number(properties.most))), 100);
    });

    it('takes and gives messages far beyond the usual 4 MB', async () => {
      const comment = 'y'.repeat(12 * 1024 * 1024);
      const { properties } = await plugin.create('pc', { comment });
      assert.equal((properties.comment as string).length, comment.length);
    });
  });

  describe('configuration', () => {
    it('wraps secrets always, also where `--secret` was forgotten', async () => {
      const plugin = await start();
      const { inputs, failures } = await plugin.checkConfig({ clientSecret, tenantId: 't', version: '1.0.0' });
      assert.deepEqual(failures, []);
      assert.deepEqual(inputs, { clientSecret: secret(clientSecret), tenantId: 't', version: '1.0.0' });
    });

    it('hands nothing from the environment to state', async () => {
      const env = { AZURE_CLIENT_SECRET: 'from-the-environment', AZURE_TENANT_ID: 'also' };
      const plugin = await start({ env, currentConfig: { clientSecret: 'from-pulumi-config' } });
      assert.deepEqual((await plugin.checkConfig({ cloud: 'Commercial' })).inputs, { cloud: 'Commercial' });
    });

    it('names the setting that is wrong, and shows no secret', async () => {
      const plugin = await start();
      const given = {
        cloud: 'Mars',
        useOidc: 'yes',
        patience: '1.5',
        guardrails: '{"maxReleases":',
        clientSecret: 'too-short-secret',
      };
      const { failures } = await plugin.checkConfig(given);
      const named = failures.map(({ property, reason }) => `${property} ${reason}`);
      assert.sameMembers(
        named.map((text) => text.split(' ')[0]),
        ['useOidc', 'patience', 'guardrails', 'cloud', ''],
      );
      assert.include(named, 'useOidc must be "true" or "false"');
      assert.include(named, ' clientSecret: [secret] is too short');
    });

    it('reads nested settings and typed ones from text', async () => {
      const guardrails = '{"maxReleases": 3, "protected": {"tags": ["dc"]}}';
      const args = { guardrails, useOidc: 'true', patience: '5', share: '0.9', names: '["a"]', version: '1.0.0' };
      const plugin = await start({ config: args });
      const { properties } = await plugin.create('pc', { behave: 'config' });
      const expected = {
        guardrails: { maxReleases: 3, protected: { tags: ['dc'] } },
        useOidc: true,
        patience: 5,
        share: 0.9,
        names: ['a'],
      };
      assert.deepEqual(properties.config, expected);
    });

    it('refuses to be configured with what cannot be read', async () => {
      const plugin = await start();
      const failure = await failureOf(plugin.configure({ guardrails: '[]' }));
      assert.match(failure.message, /^fake:guardrails: must be a JSON object/);
    });

    it('reports missing keys as the engine expects them', async () => {
      const plugin = await start();
      const failure = await failureOf(plugin.configure({ cloud: 'Nowhere' }));
      assert.deepEqual(failure.missingKeys, [{ name: 'fake:tenantId', description: 'the tenant' }]);
      assert.equal(failure.code, grpc.status.INVALID_ARGUMENT);
    });

    it('a rotated secret does not leave a stack stuck: the default provider follows the configuration of now', async () => {
      const currentConfig = { tenantId: 't', clientSecret: 'the-new-secret' };
      const plugin = await start({ currentConfig, config: { tenantId: 't', clientSecret: secret('the-old-secret') } });
      const { properties } = await plugin.create('pc', { behave: 'config' });
      assert.deepEqual(properties.config, { tenantId: 't', clientSecret: secret('the-new-secret') });
    });

    it('an explicit provider keeps its own secret, and is held back where the stack says hold', async () => {
      const currentConfig = { clientSecret: 'of-the-stack', releases: 'hold' };
      const plugin = await start({
        currentConfig,
        config: { clientSecret: secret('of-its-own'), releases: 'apply' },
        providerName: 'mine',
      });
      const { properties } = await plugin.create('pc', { behave: 'config' });
      assert.deepEqual(properties.config, { clientSecret: secret('of-its-own'), releases: 'hold' });
    });

    it('says which settings differ, and never asks for replacement', async () => {
      const plugin = await start();
      const changed = await plugin.diffConfig({ tenantId: 'a', cloud: 'x' }, { tenantId: 'b', cloud: 'x' });
      assert.deepInclude(changed, { changes: 'some', diffs: ['tenantId'], replaces: [] });
      assert.deepInclude(await plugin.diffConfig({ tenantId: 'a' }, { tenantId: 'a' }), { changes: 'none', diffs: [] });
    });

    it('finds no difference where the process follows the configuration of now already', async () => {
      const news = { tenantId: 't', allowReleases: '3-2fb289aa' };
      const plugin = await start({ currentConfig: news });
      assert.deepInclude(await plugin.diffConfig({ tenantId: 't' }, news), { changes: 'none', diffs: [] });
      // What held releases back in state does so until the engine has taken the new settings.
      const loosened = await plugin.diffConfig({ tenantId: 't', releases: 'hold' }, news);
      assert.deepInclude(loosened, { changes: 'some', diffs: ['releases'] });
      const explicit = await plugin.diffConfig({ tenantId: 'a' }, { tenantId: 'b' }, 'mine');
      assert.deepInclude(explicit, { changes: 'some', diffs: ['tenantId'] });
    });
  });

  describe('its streams', () => {
    it('prints its port and nothing else on standard output, and no secret anywhere', async () => {
      const plugin = await start({ config, flags: ['--logtostderr', '-v=9', '--tracing', 'http://127.0.0.1:1'] });
      await plugin.create('pc', { behave: 'print' });
      await plugin.end();
      assert.equal(plugin.printed.stdout, `${plugin.port}\n`);
      assert.include(plugin.printed.stderr, 'secret is [secret]');
    });

    it('survives a stray exception: stops writing, says one line, returns what runs', async () => {
      const plugin = await start({ config });
      const failure = await failureOf(plugin.create('pc', { behave: 'stray' }));
      assert.equal(failure.message, 'stopped by a stray error');
      const message = await plugin.engine.logged(({ severity }) => severity === 'warning');
      assert.equal(message.text, 'unexpected error inside the provider: stray [secret]');
      assert.equal((await failureOf(plugin.create('pc', {}))).code, grpc.status.CANCELLED);
      await plugin.end();
      assert.equal(plugin.printed.stderr, 'unexpected error inside the provider: stray [secret]\n');
    });
  });

  describe('the end', () => {
    it('Cancel in the middle of a create returns at once with its id, and starts nothing more', async () => {
      const plugin = await start({ config });
      const creating = failureOf(plugin.create('pc', { behave: 'wait' }));
      await plugin.engine.logged(({ text }) => text.startsWith('waiting'));
      const from = performance.now();
      await plugin.cancel();
      const failure = await creating;
      assert.isBelow(performance.now() - from, 5_000);
      assert.deepInclude(failure.initFailed, { id: 'id-of-pc', reasons: ['stopped'] });
      assert.deepInclude(failure.initFailed?.properties, { state: 'isolating', stopReason: 'the run was stopped' });
      for (const call of [plugin.create('x', {}), plugin.delete('x', 'id', {}), plugin.update('x', 'id', {}, {}, {})]) {
        assert.equal((await failureOf(call)).code, grpc.status.CANCELLED);
      }
    });

    it('Cancel ends a function that looks, and what it says stands with the stack', async () => {
      const plugin = await start({ config });
      const looking = failureOf(plugin.invoke('fake:index:getThing', { behave: 'wait' }));
      const said = await plugin.engine.logged(({ text }) => text === 'looking');
      assert.equal(said.urn, '');
      await plugin.cancel();
      assert.equal((await looking).code, grpc.status.CANCELLED);
      assert.equal((await failureOf(plugin.invoke('fake:index:getThing'))).code, grpc.status.CANCELLED);
    });

    it('Cancel is answered within 5 s even where an operation does not listen', async () => {
      const plugin = await start({ config });
      const creating = failureOf(plugin.create('pc', { behave: 'hang' }));
      await plugin.engine.logged(({ text }) => text === 'hanging');
      const from = performance.now();
      await plugin.cancel();
      assert.equal((await creating).code, grpc.status.CANCELLED);
      assert.isBelow(performance.now() - from, 5_000);
    });

    it('sums up once, on Cancel, with the stack', async () => {
      const plugin = await start({ config });
      await plugin.create('pc', {});
      await plugin.cancel();
      await plugin.cancel();
      const summaries = plugin.logs.filter(({ urn }) => urn === '');
      assert.deepEqual(
        summaries.map(({ text, severity }) => ({ text, severity })),
        [{ text: '1 host contained\nmost at once: 1', severity: 'info' }],
      );
    });

    it('has nothing to sum up where it only read', async () => {
      const plugin = await start({ config });
      await plugin.read('pc', 'abc', { outputs: {}, inputs: {} });
      await plugin.cancel();
      assert.deepEqual(plugin.logs, []);
    });

    it('ends on SIGINT and SIGTERM within 5 s, and answers what runs first', async () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) {
        const plugin = await start({ config });
        const creating = failureOf(plugin.create('pc', { behave: 'wait' }));
        await plugin.engine.logged(({ text }) => text.startsWith('waiting'));
        const from = performance.now();
        assert.equal(await plugin.signal(name), 0);
        assert.isBelow(performance.now() - from, 5_000);
        assert.equal((await creating).initFailed?.id, 'id-of-pc');
      }
    });

    it('ends with code 0 as the engine ends it', async () => {
      const plugin = await start({ config });
      await plugin.create('pc', {});
      assert.equal(await plugin.end(), 0);
      assert.equal(plugin.printed.stderr, '');
    });

    for (const [means, shell] of [
      ['directly', false],
      ['through a shell that survives it', true],
    ] as const) {
      it(`writes nothing more and is gone within 5 s when an engine that started it ${means} is killed`, async () => {
        let beats = 0;
        let lastBeat = 0;
        const service = createServer((_request, response) => {
          beats++;
          lastBeat = performance.now();
          response.end();
        });
        service.listen(0, '127.0.0.1');
        await once(service, 'listening');
        const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;
        const script = fileURLToPath(new URL('./engine-process.ts', import.meta.url));
        const engine = spawn(process.execPath, [script, url, String(shell)], { stdio: ['ignore', 'pipe', 'inherit'] });
        try {
          const saying = once(engine.stdout.setEncoding('utf8'), 'data', { signal: AbortSignal.timeout(20_000) });
          const [said] = (await saying) as [string];
          const pid = Number(said);
          const started = performance.now();
          while (beats < 5) {
            assert.isBelow(performance.now() - started, 20_000, 'the plugin never wrote');
            await sleep(20);
          }
          const from = performance.now();
          engine.kill('SIGKILL');
          while (isAlive(pid)) {
            assert.isBelow(performance.now() - from, 5_000, 'the plugin lives on');
            await sleep(20);
          }
          assert.isBelow(lastBeat - from, 1_000, 'and its writes ended with the engine, not with the process');
        } finally {
          engine.kill('SIGKILL');
          service.closeAllConnections();
          service.close();
        }
      });
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
