import { assert } from 'chai';
import { parseArguments } from '../../provider/plugin/arguments.ts';
import {
  configurationInForce,
  isDefaultProvider,
  takeCurrentConfiguration,
} from '../../provider/plugin/current-configuration.ts';
import { settingsOf } from '../../provider/plugin/settings.ts';
import { choosePace, statusPace } from '../../provider/plugin/status-pace.ts';
import { parseUrn } from '../../provider/plugin/urn.ts';
import { fakeSchema } from './fake-schema.ts';

describe('arguments', () => {
  it('hold the engine address behind whatever flags', () => {
    assert.equal(parseArguments(['127.0.0.1:5']).engineAddress, '127.0.0.1:5');
    const all = ['--logtostderr', '-v=9', '--tracing', 'http://x', '127.0.0.1:5'];
    assert.equal(parseArguments(all).engineAddress, '127.0.0.1:5');
    assert.isUndefined(parseArguments([]).engineAddress);
  });
});

describe('a URN', () => {
  it('names stack, project, type and resource, whatever its parents and its name', () => {
    const urn = 'urn:pulumi:dev::proj::my:group:Team$mde:index:MachineIsolation::pc::7';
    const expected = { stack: 'dev', project: 'proj', type: 'mde:index:MachineIsolation', name: 'pc::7', key: urn };
    assert.deepEqual(parseUrn(urn), expected);
    assert.deepEqual(parseUrn(''), { stack: '', project: '', type: '', name: '', key: '' });
  });
});

describe('the configuration of now', () => {
  it('is taken out of the environment, so that no child inherits it', () => {
    const environment: Record<string, string | undefined> = { PULUMI_CONFIG: '{"tenantId":"t","n":1}', PATH: 'p' };
    assert.deepEqual(takeCurrentConfiguration(environment), { tenantId: 't' });
    assert.deepEqual(environment, { PATH: 'p' });
  });

  it('is none where it is absent or unreadable', () => {
    for (const text of [undefined, '', 'null', '[]', '{', '"x"']) {
      assert.isUndefined(takeCurrentConfiguration({ PULUMI_CONFIG: text }), text);
    }
  });

  it('belongs to the default provider, which is told by its name', () => {
    for (const name of ['default', 'default_0_1_0', 'default_0_1_0_https_x'])
      assert.isTrue(isDefaultProvider(name), name);
    for (const name of ['', 'mine', 'defaults', 'not-default']) assert.isFalse(isDefaultProvider(name), name);
  });

  it('replaces that of state as a whole for the default provider', () => {
    const state = { clientId: 'c', clientSecret: 'old' };
    assert.deepEqual(configurationInForce(state, { clientCertificatePath: 'p' }, true), { clientCertificatePath: 'p' });
  });

  it('leaves state as it is where there is none now', () => {
    assert.deepEqual(configurationInForce({ clientSecret: 'old' }, {}, true), { clientSecret: 'old' });
    assert.deepEqual(configurationInForce({ clientSecret: 'old' }, undefined, true), { clientSecret: 'old' });
  });

  it('loosens what holds releases back only where it says so itself (semantics 5.4, 8.6)', () => {
    const state = { releases: 'hold', clientSecret: 'old' };
    assert.deepEqual(configurationInForce(state, { clientSecret: 'new' }, true), {
      releases: 'hold',
      clientSecret: 'new',
    });
    assert.deepEqual(configurationInForce(state, { releases: 'apply' }, true), { releases: 'apply' });
    assert.deepEqual(configurationInForce({ releases: 'apply' }, { releases: 'hold' }, true), { releases: 'hold' });
  });

  it('keeps no limit of state that is looser than the usual one once the configuration has it no more (semantics 5.4, 8.1)', () => {
    const limitsOf = (guardrails: string) =>
      configurationInForce({ guardrails }, { tenantId: 'x' }, true).guardrails as object;
    assert.deepEqual(limitsOf('{"maxReleases":100,"maxReleasePercent":100}'), {
      maxReleases: 5,
      maxReleasePercent: 20,
      maxIsolations: 100,
    });
    assert.deepEqual(limitsOf('{"maxReleases":0,"protected":{"tags":["x"]}}'), {
      maxReleases: 0,
      maxReleasePercent: 20,
      maxIsolations: 100,
      protected: { tags: ['x'] },
    });
    const now = '{"maxReleases":100}';
    assert.deepEqual(configurationInForce({ guardrails: '{}' }, { guardrails: now }, true), { guardrails: now });
  });

  it('can only make an explicit provider safer', () => {
    const given = { clientSecret: 'own', guardrails: '{"maxReleases":5,"maxReleasePercent":10}' };
    const now = {
      clientSecret: 'stack',
      releases: 'hold',
      guardrails: '{"maxReleases":2,"maxReleasePercent":50,"maxIsolations":7}',
    };
    assert.deepEqual(configurationInForce(given, now, false), {
      clientSecret: 'own',
      releases: 'hold',
      guardrails: { maxReleases: 2, maxReleasePercent: 10, maxIsolations: 7 },
    });
    assert.deepEqual(configurationInForce({ releases: 'hold' }, { releases: 'apply' }, false), { releases: 'hold' });
  });
});

describe('settings', () => {
  it('are read by the types of the schema', () => {
    const read = (given: Record<string, string>) => settingsOf(fakeSchema, given);
    assert.deepEqual(read({ useOidc: 'false', patience: '7', share: '.5' }).settings, {
      useOidc: false,
      patience: 7,
      share: 0.5,
    });
    assert.deepEqual(read({ cloud: 'GCC', tenantId: 'true' }).settings, { cloud: 'GCC', tenantId: 'true' });
    for (const wrong of [{ useOidc: '1' }, { patience: 'x' }, { share: '' }, { guardrails: 'null' }, { names: '{}' }]) {
      assert.lengthOf(read(wrong).failures, 1, JSON.stringify(wrong));
    }
  });
});

describe('progress', () => {
  it('is slow where every one is a line of its own', () => {
    const engine = (output: string | undefined, ...commandLine: string[]) => ({
      output: () => output,
      commandLine: () => ['pulumi', ...commandLine],
    });
    assert.equal(choosePace(engine('/dev/pts/3', 'up'), {}), statusPace.terminal);
    assert.equal(choosePace(engine('/dev/pts/3', 'up', '--non-interactive'), {}), statusPace.log);
    assert.equal(choosePace(engine('/dev/pts/3', 'up'), { CI: 'true' }), statusPace.log);
    assert.equal(choosePace(engine('/dev/pts/3', 'up'), { TERM: 'dumb' }), statusPace.log);
    assert.equal(choosePace(engine('pipe:[7]', 'up'), {}), statusPace.log);
    assert.equal(choosePace(engine(undefined), {}), statusPace.unsure);
  });
});
