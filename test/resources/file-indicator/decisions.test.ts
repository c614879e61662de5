import { expect } from 'chai';
import fc from 'fast-check';
import type { Indicator, IndicatorId } from '../../../provider/defender/indicator.ts';
import {
  blocks,
  type Declared,
  declaredBy,
  differences,
  requestFor,
  weakening,
} from '../../../provider/resources/file-indicator/declared.ts';
import { withDefaults } from '../../../provider/resources/file-indicator/inputs.ts';
import { type MayTake, planFor } from '../../../provider/resources/file-indicator/plan.ts';
import type { Seen } from '../../../provider/resources/file-indicator/sight.ts';
import { indicatorActionValues } from '../../../provider/resources/schema-types.ts';
import { sha1 } from './declared.ts';

const now = Date.UTC(2026, 0, 5, 12);
const day = 86_400_000;
const declared = declaredBy(withDefaults({ indicatorValue: sha1, title: 'INC-4711', description: 'dropper' }));
const told = (changes: Partial<Indicator> = {}): Indicator => ({
  ...declared,
  id: '1' as IndicatorId,
  application: null,
  createdBy: 'app',
  createdAt: now,
  lastUpdatedBy: null,
  updatedAt: now,
  ...changes,
});
const want = (changes: Partial<Declared>): Declared => ({ ...declared, ...changes });

describe('an indicator and its declaration', () => {
  const same: [Partial<Declared>, Partial<Indicator>][] = [
    [{}, {}],
    [{}, { severity: null, generateAlert: null }],
    [{ title: 'a\nb' }, { title: 'a\r\nb ' }],
    [{ rbacGroupNames: ['a', 'B'] }, { rbacGroupNames: ['b', 'A'] }],
    [{ expirationTime: now + 59_999 }, { expirationTime: now }],
    [{ recommendedActions: null }, { recommendedActions: null }],
  ];
  for (const [wanted, is] of same)
    it(`are the same with ${JSON.stringify(wanted)} and ${JSON.stringify(is)} (semantics 1.6)`, () =>
      expect(differences(want(wanted), told(is))).to.deep.equal([]));

  const different: [Partial<Declared>, Partial<Indicator>, string][] = [
    [{}, { action: 'Block' }, 'action'],
    [{}, { action: 'SomethingNew' }, 'action'],
    [{}, { title: 'x' }, 'title'],
    [{}, { description: 'x' }, 'description'],
    [{}, { severity: 'Low' }, 'severity'],
    [{}, { generateAlert: false }, 'generateAlert'],
    [{}, { recommendedActions: 'x' }, 'recommendedActions'],
    [{}, { expirationTime: now }, 'expirationTime'],
    [{ expirationTime: now }, {}, 'expirationTime'],
    [{ expirationTime: now + 60_000 }, { expirationTime: now }, 'expirationTime'],
    [{}, { rbacGroupNames: ['a'] }, 'rbacGroupNames'],
    [{ rbacGroupNames: ['a'] }, { rbacGroupNames: ['a', 'b'] }, 'rbacGroupNames'],
  ];
  for (const [wanted, is, property] of different)
    it(`differ in ${property} with ${JSON.stringify(wanted)} and ${JSON.stringify(is)}`, () =>
      expect(differences(want(wanted), told(is))).to.deep.equal([property]));

  it('what is cleared is asked for by name, and a new one is asked for with what is declared', () => {
    const fresh = requestFor(declared, undefined, 'mark');
    expect(fresh).to.not.have.any.keys('recommendedActions', 'expirationTime', 'rbacGroupNames');
    expect(fresh.application).to.equal('mark');
    const before = told({ recommendedActions: 'x', expirationTime: now, rbacGroupNames: ['a'] });
    expect(requestFor(declared, before, 'mark')).to.deep.include({
      recommendedActions: '',
      expirationTime: null,
      rbacGroupNames: [],
    });
  });
});

describe('whether a change keeps a file less from running (semantics 11.3)', () => {
  const weaker: [Partial<Indicator>, Partial<Declared>][] = [
    [{}, { action: 'Block' }],
    [{}, { action: 'Allowed' }],
    [{ action: 'Audit' }, { action: 'Allowed' }],
    [{ action: 'SomethingNew' }, {}],
    [{}, { expirationTime: now }],
    [{ expirationTime: now + day }, { expirationTime: now }],
    [{}, { rbacGroupNames: ['a'] }],
    [{ rbacGroupNames: ['a', 'b'] }, { rbacGroupNames: ['b', 'c'] }],
  ];
  for (const [is, wanted] of weaker)
    it(`it does from ${JSON.stringify(is)} to ${JSON.stringify(wanted)}`, () =>
      expect(weakening(told(is), want(wanted))).to.have.length(1));

  const notWeaker: [Partial<Indicator>, Partial<Declared>][] = [
    [{}, {}],
    [{ action: 'Block' }, {}],
    [{ expirationTime: now }, { expirationTime: now + day }],
    [{ expirationTime: now }, {}],
    [{ rbacGroupNames: ['a'] }, {}],
    [{ rbacGroupNames: ['a'] }, { rbacGroupNames: ['A', 'b'] }],
    [{ action: 'Allowed' }, { action: 'Allowed', expirationTime: now }],
    [{}, { title: 'x', severity: 'Low', generateAlert: false }],
  ];
  for (const [is, wanted] of notWeaker)
    it(`it does not from ${JSON.stringify(is)} to ${JSON.stringify(wanted)}`, () =>
      expect(weakening(told(is), want(wanted))).to.deep.equal([]));

  const rules = fc.record({
    action: fc.constantFrom(...indicatorActionValues),
    expirationTime: fc.constantFrom(null, now, now + day),
    rbacGroupNames: fc.subarray(['a', 'b', 'c']),
  });

  it('a way back from a weaker one is never weaker, where only one property changed', () => {
    fc.assert(
      fc.property(rules, rules, fc.constantFrom('action', 'expirationTime'), (one, other, property) => {
        const changed = { ...one, [property]: other[property as 'action'] };
        if (weakening(told(one), want(changed)).length === 0) return;
        expect(weakening(told(changed), want(one))).to.deep.equal([]);
      }),
    );
  });

  it('a change without a difference is no weaker one, and a deletion of what does not block frees nobody', () => {
    fc.assert(
      fc.property(rules, (rule) => {
        expect(weakening(told(rule), want(rule))).to.deep.equal([]);
      }),
    );
    expect(indicatorActionValues.filter((action) => blocks({ action }))).to.deep.equal([
      'Warn',
      'Block',
      'BlockAndRemediate',
    ]);
    expect(blocks({ action: 'SomethingNew' })).to.equal(true);
  });
});

describe('what is done about the indicators of a file', () => {
  const seen = (changes: Partial<Seen>): Seen => ({
    kind: 'seen',
    ours: [],
    others: [],
    blind: false,
    asOf: now,
    ...changes,
  });
  const nobody: MayTake = { takeOwnership: false, isInState: () => false };
  const onPurpose: MayTake = { takeOwnership: true, isInState: () => false };
  const handedOver: MayTake = { takeOwnership: false, isInState: (id: IndicatorId) => id === '7' };
  const other = told({ id: '7' as IndicatorId, action: 'Allowed' });
  const plan = (sight: Partial<Seen>, may = nobody, wanted = declared, known = true) =>
    planFor(seen(sight), wanted, known, may);

  it('nothing, where ours is as declared, whoever else has one', () => {
    expect(plan({ ours: [told()], others: [other] }).kind).to.equal('none');
  });
  it('one is made where there is none, and made again where there was one', () => {
    expect(plan({}, nobody, declared, false)).to.deep.equal({ kind: 'make', again: false });
    expect(plan({})).to.deep.equal({ kind: 'make', again: true });
  });
  it('one that is over is not made again, also where somebody made another since', () => {
    const over = want({ expirationTime: now });
    expect(plan({}, nobody, over).kind).to.equal('expired');
    expect(plan({ others: [other] }, nobody, over).kind).to.equal('expired');
    expect(plan({}, nobody, want({ expirationTime: now + 1 })).kind).to.equal('make');
  });
  it('ours is changed in what differs, and what an interrupted change left is deleted', () => {
    const stale = told({ action: 'Block' });
    const right = told({ id: '2' as IndicatorId });
    expect(plan({ ours: [stale] })).to.deep.include({
      kind: 'change',
      properties: ['action'],
      surplus: [],
      takesOver: false,
    });
    expect(plan({ ours: [stale, right] })).to.deep.include({
      kind: 'change',
      indicator: right,
      properties: [],
      surplus: [stale],
    });
  });
  it('one of somebody else is taken over on purpose or from a resource that gives it up, and never otherwise', () => {
    expect(plan({ others: [other] })).to.deep.include({ kind: 'refuse', why: 'taken' });
    for (const may of [onPurpose, handedOver])
      expect(plan({ others: [other] }, may)).to.deep.include({ kind: 'change', indicator: other, takesOver: true });
    expect(plan({ others: [other, told()] }, handedOver)).to.deep.include({ kind: 'refuse', why: 'taken' });
    expect(plan({ others: [other, told()] }, onPurpose)).to.deep.include({ kind: 'refuse', why: 'several' });
  });
  it('a sign-in that sees its own only makes none unseen, unless on purpose', () => {
    expect(plan({ blind: true })).to.deep.include({ kind: 'refuse', why: 'blind' });
    expect(plan({ blind: true }, onPurpose).kind).to.equal('make');
    expect(plan({ blind: true, ours: [told()] }).kind).to.equal('none');
  });
});
