import { expect } from 'chai';
import { isDefenderError } from '../../provider/defender/errors.ts';
import type { Machine, MachineId } from '../../provider/defender/machine.ts';
import { MachineLookup } from '../../provider/fleet/machine-lookup.ts';
import { IncompleteList, NameLookup } from '../../provider/fleet/name-lookup.ts';
import { createFakeTime } from '../defender/fake-time.ts';
import { createScriptedDefender, failure } from './scripted-defender.ts';

const nameOf = (index: number) => `Laptop-${index}.contoso.com`;
const names = (count: number, from = 0) => Array.from({ length: count }, (_, index) => nameOf(from + index));
const machine = (index: number, computerDnsName = nameOf(index)): Machine => ({
  id: (index + 1).toString(16).padStart(40, '0') as MachineId,
  computerDnsName,
});

function setUp(count: number) {
  const time = createFakeTime();
  const scripted = createScriptedDefender(time.clock);
  scripted.script.machines = Array.from({ length: count }, (_, index) => machine(index));
  const machines = new MachineLookup(scripted.defender, time.clock, time.timer);
  const lookup = new NameLookup(scripted.defender, machines, time.clock, time.timer);
  const find = async (wanted: readonly string[]) => {
    const answers = wanted.map((name) => lookup.find(name).catch((error: unknown) => error));
    await time.advance(1_000);
    return Promise.all(answers);
  };
  return { ...scripted, time, machines, find, named: () => scripted.calls.map((call) => call.name) };
}

describe('NameLookup', () => {
  it('semantics 6.1: finds whole names ignoring case, every machine that has one', async () => {
    const { find, script } = setUp(3);
    script.machines.push(machine(7, 'LAPTOP-1.contoso.com'), { id: machine(8).id });
    expect(await find(['laptop-1.CONTOSO.com', 'laptop-1', nameOf(2)])).to.deep.equal([
      [machine(1), machine(7, 'LAPTOP-1.contoso.com')],
      [],
      [machine(2)],
    ]);
  });
  it('asks for those that are wanted at once in one call', async () => {
    const { find, calls } = setUp(16);
    await find(names(16));
    expect(calls.map((call) => [call.name, call.ids])).to.deep.equal([['listMachinesByNames', names(16)]]);
  });
  it('from 17 different names on, lists all machines, once, and finds the same', async () => {
    const { find, count, script } = setUp(300);
    script.machines.push(machine(500, 'LAPTOP-20.contoso.com'));
    const found = await find(names(301));
    expect(found[299]).to.deep.equal([machine(299)]);
    expect(found[20]).to.deep.equal([machine(20), machine(500, 'LAPTOP-20.contoso.com')]);
    expect(found[300]).to.deep.equal([]);
    expect(count('listMachines')).to.equal(1);
    expect(count('listMachinesByNames')).to.equal(1);
  });
  it('one name in many spellings is one name', async () => {
    const { find, count } = setUp(1);
    await find(Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? nameOf(0) : nameOf(0).toUpperCase())));
    expect(count('listMachines')).to.equal(0);
  });
  it('shares the list with those who look machines up by id', async () => {
    const { find, machines, time, count } = setUp(40);
    const byId = names(40).map((_, index) => machines.get(machine(index).id, time.clock.monotonic()));
    await find(names(40));
    await Promise.all(byId);
    expect(count('listMachines')).to.equal(1);
  });
  it('never answers from a list that began more than ten seconds before the question', async () => {
    const { find, script, time, count } = setUp(40);
    const [found] = await find(names(40).reverse());
    expect(found).to.deep.equal([machine(39)]);
    script.machines.push(machine(99, nameOf(39)));
    await time.advance(8_000);
    expect(await find([nameOf(39)]), 'nine seconds').to.deep.equal([[machine(39)]]);
    await time.advance(1_000);
    expect(await find([nameOf(39)])).to.deep.equal([[machine(39), machine(99, nameOf(39))]]);
    expect(count('listMachines')).to.equal(2);
  });
  it('asks a tenant that is too large to list by name, a hundred at a time', async () => {
    const { find, calls, count } = setUp(20_001);
    const found = await find(names(250));
    expect(found.every((each) => Array.isArray(each) && each.length === 1)).to.equal(true);
    expect(count('listMachines')).to.equal(1);
    const asked = calls.filter((call) => call.name === 'listMachinesByNames').map((call) => call.ids.length);
    expect(Math.max(...asked)).to.equal(100);
    expect(asked.length).to.be.at.most(4);
  });
  it('semantics 1.2: where the list of all machines is incomplete, asks by name', async () => {
    const { find, script, count } = setUp(40);
    script.before = (call) => {
      script.complete = call.name !== 'listMachines';
    };
    expect((await find(names(40))).at(-1)).to.deep.equal([machine(39)]);
    expect([count('listMachines'), count('listMachinesByNames')]).to.deep.equal([1, 2]);
  });
  for (const wanted of [1, 40]) {
    it(`semantics 1.2: of an incomplete list nothing is told, with ${wanted} names`, async () => {
      const { find, script } = setUp(40);
      script.complete = false;
      for (const answer of await find(names(wanted))) {
        expect(answer).to.be.instanceOf(IncompleteList);
        expect(answer).to.include({ kind: 'server' });
      }
      script.complete = true;
      expect(await find([nameOf(0)])).to.deep.equal([[machine(0)]]);
    });
    it(`a failed list fails those who waited for it, with ${wanted} names, and the next asks again`, async () => {
      const { find, script } = setUp(40);
      script.before = () => {
        throw failure('forbidden');
      };
      for (const answer of await find(names(wanted))) {
        expect(isDefenderError(answer) && answer.kind).to.equal('forbidden');
        expect(answer).not.to.be.instanceOf(IncompleteList);
      }
      script.before = () => undefined;
      expect(await find([nameOf(0)])).to.deep.equal([[machine(0)]]);
    });
  }
});
