import { expect } from 'chai';
import type { Indicator, IndicatorId } from '../../provider/defender/indicator.ts';
import { IndicatorLookup } from '../../provider/fleet/indicator-lookup.ts';
import { createHurriedTime } from '../defender/fake-time.ts';
import { createScriptedDefender } from './scripted-defender.ts';

const hash = (number: number) => number.toString(16).padStart(40, '0');
const indicator = (number: number): Indicator => ({
  id: String(number) as IndicatorId,
  indicatorValue: hash(number),
  indicatorType: 'FileSha1',
  action: 'Block',
  title: 'INC-4711',
  description: 'dropper',
  severity: 'High',
  recommendedActions: null,
  generateAlert: true,
  expirationTime: null,
  rbacGroupNames: [],
  application: null,
  createdBy: null,
  createdAt: 0,
  lastUpdatedBy: null,
  updatedAt: 0,
});

describe('the lookup of indicators', () => {
  const open = (count: number) => {
    const { clock, timer } = createHurriedTime();
    const scripted = createScriptedDefender(clock);
    scripted.script.indicators = Array.from({ length: count }, (_, at) => indicator(at));
    return { ...scripted, lookup: new IndicatorLookup(scripted.defender, clock, timer) };
  };
  const ids = ({ found }: { found: readonly Indicator[] }) => found.map(({ id }) => id);

  it('asks once for all who ask at about the same time, and answers each its own', async () => {
    const { lookup, calls } = open(30);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => lookup.find(hash(at), 0)));
    expect(answers.map(ids)).to.deep.equal(Array.from({ length: 30 }, (_, at) => [String(at)]));
    expect(calls.map((call) => call.ids.length)).to.deep.equal([30]);
  });

  it('semantics 1.8: reading may use a look of the last ten seconds, writing none', async () => {
    const { lookup, count } = open(1);
    await lookup.find(hash(0), 0);
    await lookup.find(hash(0), 10_000);
    expect(count('listIndicators')).to.equal(1);
    await lookup.find(hash(0), 0);
    expect(count('listIndicators')).to.equal(2);
  });

  it('after a write it has no answer from before it, not from a look that was under way either', async () => {
    const { lookup, script, count } = open(1);
    await lookup.find(hash(0), 0);
    lookup.forget(hash(0));
    await lookup.find(hash(0), 10_000);
    expect(count('listIndicators')).to.equal(2);
    script.before = () => {
      lookup.forget(hash(0));
      script.before = () => undefined;
    };
    await lookup.find(hash(0), 0);
    await lookup.find(hash(0), 10_000);
    expect(count('listIndicators')).to.be.greaterThan(3);
  });

  it('hundreds are read by lists of all', async () => {
    const { lookup, calls } = open(200);
    for (let at = 0; at < 200; at += 1) expect(ids(await lookup.find(hash(at), 10_000))).to.deep.equal([String(at)]);
    expect(calls.length).to.be.lessThan(45);
  });

  it('semantics 1.2: a list that is not complete is an error', async () => {
    const { lookup, script } = open(1);
    script.complete = false;
    const error = await lookup.find(hash(0), 0).catch((reason: unknown) => reason);
    expect(error).to.be.an('error').with.property('message').that.contains('not complete');
  });
});
