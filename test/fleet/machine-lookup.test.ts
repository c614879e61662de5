import { expect } from 'chai';
import type { Machine, MachineId } from '../../provider/defender/machine.ts';
import { MachineLookup } from '../../provider/fleet/machine-lookup.ts';
import { createFakeTime } from '../defender/fake-time.ts';
import { createScriptedDefender, failure } from './scripted-defender.ts';

const ids = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => (from + index + 1).toString(16).padStart(40, '0') as MachineId);

function setUp(machines: readonly MachineId[]) {
  const time = createFakeTime();
  const scripted = createScriptedDefender(time.clock);
  scripted.script.machines = machines.map((id) => ({ id }));
  const lookup = new MachineLookup(scripted.defender, time.clock, time.timer);
  const get = async (wanted: readonly MachineId[], notBefore = time.clock.monotonic()) => {
    const answers = wanted.map((id) =>
      lookup.get(id, notBefore).then(
        (machine): Machine | string | undefined => machine,
        (error: Error) => error.message,
      ),
    );
    await time.advance(1_000);
    return Promise.all(answers);
  };
  return { ...scripted, time, get };
}

describe('MachineLookup', () => {
  it('looks up those that are asked for at once in one call', async () => {
    const { get, calls } = setUp(ids(16));
    expect((await get(ids(16))).map((machine) => (machine as Machine).id)).to.deep.equal(ids(16));
    expect(calls.map((call) => [call.name, call.ids.length])).to.deep.equal([['listMachinesById', 16]]);
  });
  it('from 17 different machines on, lists them all, once', async () => {
    const { get, count } = setUp(ids(300));
    const found = await get(ids(300));
    expect(found.every((machine) => typeof machine === 'object')).to.equal(true);
    expect(count('listMachines')).to.equal(1);
    expect(count('listMachinesById')).to.equal(0);
  });
  it('semantics 1.8: a list serves later readings, a write asks anew', async () => {
    const { get, count, time } = setUp(ids(30));
    await get(ids(30));
    const began = time.clock.monotonic();
    await get(ids(30), began - 5_000);
    expect(count('listMachines')).to.equal(1);
    await get(ids(30), began + 1_000);
    expect(count('listMachines')).to.equal(2);
  });
  it('semantics 1.8: what a reading took from an older list is not passed on to a write as fresh', async () => {
    const { get, count, time } = setUp(ids(30));
    await get(ids(30));
    await time.advance(5_000);
    const writeBegan = time.clock.monotonic();
    await time.advance(10);
    await get(ids(1), time.clock.monotonic() - 9_000);
    expect(count('listMachines'), 'the reading shares').to.equal(1);
    await get(ids(1), writeBegan);
    expect(count('listMachines'), 'the write does not').to.equal(2);
  });
  it('asks a tenant that is too large to list by id, a hundred at a time', async () => {
    const { get, calls, count } = setUp(ids(20_001));
    const found = await get(ids(150));
    expect(found.every((machine) => typeof machine === 'object')).to.equal(true);
    expect(count('listMachines')).to.equal(1);
    const byId = calls.filter((call) => call.name === 'listMachinesById');
    expect(Math.max(...byId.map((call) => call.ids.length))).to.be.at.most(100);
    await get(ids(30));
    expect(count('listMachines'), 'not tried again').to.equal(1);
  });
  it('looks ten thousand up with one list, or a hundred at a time where the tenant is too large', async () => {
    for (const [tenant, lists, byId] of [
      [10_000, 1, 0],
      [20_001, 1, 101],
    ] as const) {
      const { get, count } = setUp(ids(tenant));
      const found = await get(ids(10_000));
      expect(found.every((machine) => typeof machine === 'object')).to.equal(true);
      expect(count('listMachines')).to.equal(lists);
      expect(count('listMachinesById')).to.be.at.most(byId);
      expect(count('getMachine')).to.equal(0);
    }
  });
  it('semantics 1.4: absent from a list is not missing; only its own 404 says so', async () => {
    const { get, script, calls } = setUp(ids(2));
    const [first, second] = ids(2) as [MachineId, MachineId];
    script.before = (call) => {
      if (call.name === 'listMachinesById') script.machines = script.machines.filter(({ id }) => id !== second);
      else script.machines.push({ id: second });
    };
    expect(await get([first, second])).to.deep.equal([{ id: first }, { id: second }]);
    expect(calls.map((call) => call.name)).to.deep.equal(['listMachinesById', 'getMachine']);
    script.before = () => undefined;
    expect(await get(ids(1, 7))).to.deep.equal([undefined]);
    expect(calls.at(-1)).to.deep.include({ name: 'getMachine', ids: ids(1, 7) });
  });
  it('semantics 1.4: a failed confirmation is a failure, never a missing machine', async () => {
    const { get, script } = setUp([]);
    script.before = (call) => {
      if (call.name === 'getMachine') throw failure('server');
    };
    expect(await get(ids(1))).to.deep.equal(['scripted server']);
  });
  it('a failed call fails those who waited for it, and the next asks again', async () => {
    const { get, script } = setUp(ids(2));
    script.before = () => {
      throw failure('server');
    };
    expect(await get(ids(2))).to.deep.equal(['scripted server', 'scripted server']);
    script.before = () => undefined;
    expect(await get(ids(1))).to.deep.equal([{ id: ids(1)[0] }]);
  });
});
