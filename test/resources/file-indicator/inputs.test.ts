import { expect } from 'chai';
import fc from 'fast-check';
import { checkInputs, knownInputs, withDefaults } from '../../../provider/resources/file-indicator/inputs.ts';
import { type PropertyMap, unknown } from '../../../provider/resources/resource.ts';
import { sha1 } from './declared.ts';

const now = Date.UTC(2026, 0, 5, 12);
const good: PropertyMap = { indicatorValue: sha1, title: 'INC-4711', description: 'dropper' };
const check = (more: PropertyMap, old?: PropertyMap) => checkInputs(old, { ...good, ...more }, now);
const reasons = (more: PropertyMap, old?: PropertyMap) =>
  Object.fromEntries(check(more, old).failures.map(({ property, reason }) => [property, reason]));

describe('what is declared of a FileIndicator', () => {
  it('gets its defaults, and its type from the length of the hash', () => {
    expect(check({})).to.deep.equal({
      failures: [],
      inputs: {
        ...good,
        indicatorType: 'FileSha1',
        action: 'BlockAndRemediate',
        severity: 'High',
        generateAlert: true,
      },
    });
    for (const [hash, type] of [
      ['A'.repeat(64), 'FileSha256'],
      [` ${sha1.toUpperCase()} `, 'FileSha1'],
      ['0'.repeat(32), 'FileMd5'],
    ] as const) {
      const { inputs, failures } = check({ indicatorValue: hash });
      expect(failures).to.deep.equal([]);
      expect(inputs).to.include({ indicatorValue: hash.trim().toLowerCase(), indicatorType: type });
    }
  });

  const wrong: [PropertyMap, string, string][] = [
    [{ indicatorValue: undefined }, 'indicatorValue', 'is missing'],
    [{ indicatorValue: 1234 }, 'indicatorValue', 'lost digits; put quotes'],
    [{ indicatorValue: 'dropper.exe' }, 'indicatorValue', 'is no hash of a file: SHA-256 (64 hex digits)'],
    [{ indicatorValue: 'a'.repeat(128) }, 'indicatorValue', 'has 128 hex digits; Defender takes SHA-256'],
    [
      { indicatorType: 'FileMd5' },
      'indicatorType',
      'FileMd5 has 32 hex digits, and indicatorValue has 40: that is FileSha1',
    ],
    [{ indicatorType: 'Sha1' }, 'indicatorType', 'is none of FileSha1'],
    [{ title: undefined }, 'title', 'is missing'],
    [{ title: '\t ' }, 'title', 'is blank'],
    [{ description: '' }, 'description', 'is blank'],
    [{ description: 'a\u0007b' }, 'description', 'control character U+0007'],
    [{ recommendedActions: ' ' }, 'recommendedActions', 'is blank'],
    [{ action: 'block' }, 'action', 'did you mean Block?'],
    [{ severity: 'Critical' }, 'severity', 'is none of Informational, Low, Medium, High'],
    [{ generateAlert: 'yes' }, 'generateAlert', 'must be true or false'],
    [{ takeOwnership: 1 }, 'takeOwnership', 'must be true or false'],
    [{ action: 'Audit', generateAlert: false }, 'generateAlert', 'set generateAlert: true'],
    [{ expirationTime: '2026-12-01' }, 'expirationTime', 'is no RFC 3339 moment'],
    [{ expirationTime: '2026-02-30T08:00:00Z' }, 'expirationTime', 'is no RFC 3339 moment'],
    [{ expirationTime: '2026-01-05T12:00:00Z' }, 'expirationTime', 'is past'],
    [{ rbacGroupNames: 'servers' }, 'rbacGroupNames', 'must be a list'],
    [{ rbacGroupNames: [] }, 'rbacGroupNames', 'is empty'],
    [{ rbacGroupNames: ['a', ' '] }, 'rbacGroupNames', 'is blank'],
    [{ rbacGroupNames: ['a', 'b', 'A '] }, 'rbacGroupNames', '"A" is there twice'],
    [{ rbacGroupNames: ['a, b'] }, 'rbacGroupNames', 'holds a comma'],
    [{ rbacGroupNames: [7] }, 'rbacGroupNames', 'must be text'],
    [{ expiry: '2026-12-01T08:00:00Z' }, 'expiry', 'FileIndicator has no property expiry; it has indicatorValue'],
    [{ Title: 'x' }, 'Title', 'did you mean title?'],
  ];
  for (const [more, property, reason] of wrong)
    it(`is refused with ${JSON.stringify(more)}, by property`, () => {
      const told = reasons(more);
      expect(Object.keys(told)).to.deep.equal([property]);
      expect(told[property]).to.contain(reason);
    });

  it('may keep an end that has passed meanwhile, as it was declared', () => {
    const expirationTime = '2026-01-01T00:00:00Z';
    expect(reasons({ expirationTime }, { ...good, expirationTime })).to.deep.equal({});
    expect(reasons({ expirationTime }, { ...good, expirationTime: '2026-01-02T00:00:00Z' })).to.have.keys(
      'expirationTime',
    );
  });

  it('keeps what a preview does not know yet', () => {
    const { inputs, failures } = check({ indicatorValue: unknown, title: unknown, rbacGroupNames: ['a', unknown] });
    expect(failures).to.deep.equal([]);
    expect(inputs.indicatorValue).to.equal(unknown);
    expect(knownInputs(inputs)).to.deep.equal({ unknowns: ['indicatorValue', 'title', 'rbacGroupNames'] });
  });

  it('is the same once more when it is checked again, and never throws', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(withDefaults(good)), 'x'), fc.anything()), (changes) => {
        const once = checkInputs(undefined, { ...good, ...(changes as PropertyMap) }, now);
        if (once.failures.length > 0) return;
        expect(checkInputs(undefined, once.inputs, now)).to.deep.equal(once);
      }),
    );
  });
});
