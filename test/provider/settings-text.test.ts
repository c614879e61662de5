import { assert } from 'chai';
import { describeFailures, readSettings, type SettingKind, settingFailures } from '../../provider/settings-text.ts';

const kinds: Readonly<Record<string, SettingKind>> = {
  text: 'string',
  yes: 'boolean',
  whole: 'integer',
  share: 'number',
  limits: 'object',
  names: 'array',
};
const read = (given: Readonly<Record<string, string | number | null>>) => readSettings(given, (name) => kinds[name]);

describe('settings given as text', () => {
  it('are read by what each holds', () => {
    const given = { text: 'true', yes: ' true ', whole: '7', share: '.5', limits: '{"max":3}', names: '["a"]' };
    assert.deepEqual(read(given), {
      settings: { text: 'true', yes: true, whole: 7, share: 0.5, limits: { max: 3 }, names: ['a'] },
      failures: [],
    });
  });

  it('are left as they are where they have their type, or where nobody knows them', () => {
    assert.deepEqual(read({ whole: 7, unheard: '{"x":1}', text: null }).settings, { whole: 7, unheard: '{"x":1}' });
  });

  it('name what would be right, and never repeat a value', () => {
    const wrong = { yes: 'hunter2', whole: '7.5', share: '', limits: '["hunter2"]', names: '{' };
    const { settings, failures } = read(wrong);
    assert.deepEqual(settings, {});
    assert.sameMembers(
      failures.map(({ property }) => property),
      Object.keys(wrong),
    );
    assert.notInclude(JSON.stringify(failures), 'hunter2');
  });

  it('never touch the prototype of anything', () => {
    const { settings } = read({ limits: '{"__proto__":{"polluted":1},"max":1}' });
    assert.deepEqual(settings, { limits: { max: 1 } });
    assert.notProperty(settings.limits, 'polluted');
  });

  it('are told to be wrong once each, be it the text or the value', () => {
    const check = () => [
      { property: 'yes', reason: 'missing' },
      { property: 'text', reason: 'unheard of' },
    ];
    const failures = settingFailures(read({ yes: 'maybe', text: 'x' }), check);
    assert.equal(describeFailures('mde', failures), 'mde:yes: must be "true" or "false"\nmde:text: unheard of');
  });
});
