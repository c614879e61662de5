import { assert } from 'chai';
import { parseArguments } from '../../provider/plugin/arguments.ts';
import {
  configurationInForce,
  isDefaultProvider,
  takeCurrentConfiguration,
} from '../../provider/plugin/current-configuration.ts';
import { engineWatcher, missesAllowed } from '../../provider/plugin/parent-watch.ts';
import { printable, printableLine } from '../../provider/plugin/printable.ts';
import { readSettings } from '../../provider/plugin/settings.ts';
import { StatusLine, type Timers } from '../../provider/plugin/status-line.ts';
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
    const read = (given: Record<string, string>) => readSettings(fakeSchema, given);
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

describe('what a terminal shows', () => {
  it('keeps lines and letters and loses what repaints or reorders', () => {
    assert.equal(printable('a\r\nb\rc\td\u2028e'), 'a\nb\nc\td\ne');
    assert.equal(printable('\u001b[2J\u001b[31mred\u001b[0m\u0007\u009b\u202e\u2066x\u200f\ufeff'), 'redx');
    assert.equal(printable('Müller, 東京 👩‍💻'), 'Müller, 東京 👩‍💻');
    assert.equal(printableLine(' a\n b\t\tc '), 'a b c');
  });
});

describe('the progress line', () => {
  function scene(pace: number) {
    let now = 0;
    const shown: string[] = [];
    const due = new Map<() => void, number>();
    const timers: Timers = {
      now: () => now,
      after(milliseconds, run) {
        due.set(run, now + milliseconds);
        return () => due.delete(run);
      },
    };
    const advance = (milliseconds: number) => {
      now += milliseconds;
      for (const [run, at] of [...due]) {
        if (at <= now && due.delete(run)) run();
      }
    };
    return { shown, advance, line: new StatusLine((text) => shown.push(text), pace, timers) };
  }

  it('shows the first at once, then the newest once a pace', () => {
    const { shown, advance, line } = scene(1_000);
    for (const text of ['1', '2', '3']) line.set(text);
    assert.deepEqual(shown, ['1']);
    advance(999);
    assert.deepEqual(shown, ['1']);
    advance(1);
    assert.deepEqual(shown, ['1', '3']);
    advance(5_000);
    line.set('4');
    assert.deepEqual(shown, ['1', '3', '4']);
  });

  it('shows no line twice in a row, and none after the end', () => {
    const { shown, advance, line } = scene(1_000);
    line.set('1');
    line.set('2');
    line.set('1');
    advance(1_000);
    assert.deepEqual(shown, ['1']);
    line.set('3');
    line.set('4');
    line.end();
    advance(9_000);
    line.set('5');
    assert.deepEqual(shown, ['1', '3']);
  });

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

describe('the watch on the engine', () => {
  const watch = (parents: readonly number[], reachable: readonly (boolean | undefined)[]) => {
    let look = 0;
    const at = <T>(list: readonly T[]) => list[Math.min(look, list.length - 1)] as T;
    const isGone = engineWatcher({ parentId: () => at(parents), reachable: () => at(reachable) });
    return (looks: number) => {
      for (let i = 0; i < looks; i++) {
        look++;
        if (isGone()) return look;
      }
      return undefined;
    };
  };

  it('sees at the first look that the parent changed', () => {
    assert.equal(watch([10, 10, 1], [true])(5), 2);
  });

  it('takes a connection for lost only after several looks in a row', () => {
    assert.equal(watch([10], [true, false])(100), missesAllowed + 1);
    const flaky = Array.from({ length: 100 }, (_, i) => i % missesAllowed !== 0);
    assert.isUndefined(watch([10], flaky)(100));
  });

  it('looks at the parent alone where no engine was named, also where that is process 1', () => {
    assert.isUndefined(watch([1], [undefined])(100));
  });
});
