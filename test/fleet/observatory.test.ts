import { expect } from 'chai';
import { DAY, HOUR } from '../../provider/containment/duration.ts';
import { windowMs } from '../../provider/containment/observation.ts';
import { isDefenderError } from '../../provider/defender/errors.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import { Observatory } from '../../provider/fleet/observatory.ts';
import { epoch, isolate, machineId } from '../containment/actions.ts';
import { createFakeTime } from '../defender/fake-time.ts';
import { createScriptedDefender } from './scripted-defender.ts';

const other = '7b1f4967d9728e5aa3c06a9e617a22a4a5a17378' as MachineId;

function setUp() {
  const time = createFakeTime(epoch);
  const scripted = createScriptedDefender(time.clock);
  const observatory = new Observatory(scripted.defender, time.clock, time.timer);
  const settled = async <T>(promise: Promise<T>): Promise<T | Error> => {
    const answer = promise.catch((error: Error) => error);
    await time.advance(1_000);
    return answer;
  };
  return { ...scripted, time, observatory, settled };
}

describe('Observatory', () => {
  it('semantics 1.3, 1.8: a hundred hosts are observed with one list of the last twelve days', async () => {
    const { observatory, time, calls, script } = setUp();
    script.actions = [isolate(epoch - DAY), isolate(epoch - DAY, { machineId: other })];
    const histories = Array.from({ length: 100 }, (_, index) =>
      observatory.recent(index === 0 ? machineId : other, time.clock.monotonic()),
    );
    await time.advance(1_000);
    expect((await Promise.all(histories)).map((history) => history.actions.length)).to.deep.equal(Array(100).fill(1));
    expect(calls).to.have.length(1);
    expect(calls[0]?.query).to.deep.include({ types: ['Isolate', 'Unisolate'], createdSince: epoch + 20 - windowMs });
  });
  it('tells every machine of the window by the same list, each once', async () => {
    const { observatory, settled, script, calls } = setUp();
    script.actions = [isolate(epoch - DAY), isolate(epoch - HOUR), isolate(epoch - DAY, { machineId: other })];
    expect(await settled(observatory.recentMachines(0))).to.have.members([machineId, other]);
    await settled(observatory.recent(machineId, 0));
    expect(calls).to.have.length(1);
  });
  it('semantics 1.2: an incomplete list is no observation of anybody', async () => {
    const { observatory, settled, script } = setUp();
    script.complete = false;
    expect(isDefenderError(await settled(observatory.recentMachines(0)))).to.equal(true);
    expect(isDefenderError(await settled(observatory.recent(machineId, 0)))).to.equal(true);
    expect(isDefenderError(await settled(observatory.whole(machineId)))).to.equal(true);
  });
  it('semantics 1.3: asked singly, there is no time filter', async () => {
    const { observatory, settled, script, calls } = setUp();
    script.actions = [isolate(epoch - 90 * DAY), isolate(epoch, { machineId: other })];
    const whole = await settled(observatory.whole(machineId));
    expect(whole).to.deep.include({ since: undefined });
    expect((whole as unknown as { actions: unknown[] }).actions).to.have.length(1);
    expect(calls[0]?.query).to.not.have.property('createdSince');
  });
  it('semantics 1.3: a thousand that are asked at once share lists of a hundred, each with its own history alone', async () => {
    const { observatory, time, script, calls } = setUp();
    const ids = Array.from({ length: 1_000 }, (_, index) => (index + 1).toString(16).padStart(40, '0') as MachineId);
    script.actions = ids.flatMap((id, index) =>
      index % 2 === 0 ? [isolate(epoch - 90 * DAY, { machineId: id }), isolate(epoch, { machineId: id })] : [],
    );
    const wholes = Promise.all(ids.map((id) => observatory.whole(id)));
    await time.advance(1_000);
    (await wholes).forEach(({ actions, since }, index) => {
      expect(actions.map((each) => each.machineId)).to.deep.equal(index % 2 === 0 ? [ids[index], ids[index]] : []);
      expect(since).to.equal(undefined);
    });
    expect(calls.map((call) => call.ids.length)).to.deep.equal(Array(10).fill(100));
    expect(calls.every((call) => call.query?.createdSince === undefined)).to.equal(true);
  });
  it('semantics 1.2: an incomplete list fails those who share it, and no others', async () => {
    const { observatory, time, script } = setUp();
    const ids = Array.from({ length: 200 }, (_, index) => (index + 1).toString(16).padStart(40, '0') as MachineId);
    script.before = (call) => {
      script.complete = !call.ids.includes(ids[0] as string);
    };
    const wholes = ids.map((id) => observatory.whole(id).then(() => 'seen', isDefenderError));
    await time.advance(1_000);
    expect(await Promise.all(wholes)).to.deep.equal([...Array(100).fill(true), ...Array(100).fill('seen')]);
  });
  it('semantics 1.8: one that is asked later is answered by a list that began later', async () => {
    const { observatory, settled, script, calls } = setUp();
    expect((await settled(observatory.whole(machineId))) as object).to.deep.include({ actions: [] });
    script.actions = [isolate(epoch)];
    expect((await settled(observatory.whole(machineId))) as object).to.deep.include({ actions: script.actions });
    expect(calls).to.have.length(2);
  });
  for (const aheadMs of [-30 * DAY, -5 * HOUR, 5 * HOUR, 30 * DAY]) {
    it(`semantics 1.7: where our clock is ${-aheadMs / HOUR} h ahead, the window is still the service's twelve days`, async () => {
      const { observatory, settled, script, calls } = setUp();
      const serviceNow = epoch + aheadMs;
      script.actions = [isolate(serviceNow - 11.9 * DAY)];
      // The first answer is what tells the service's clock.
      script.aheadMs = undefined;
      script.before = () => {
        script.aheadMs = aheadMs;
      };
      const history = (await settled(observatory.recent(machineId, 0))) as unknown as {
        actions: unknown[];
        since: number;
      };
      expect(history.actions).to.have.length(1);
      expect(history.since).to.be.at.most(serviceNow + 1_000 - windowMs + 60_000);
      expect(calls.length).to.be.at.most(2);
    });
  }
  it('semantics 1.3, 1.7: a service whose clocks disagree is not asked for ever; what was asked for is told', async () => {
    const { observatory, settled, script, calls } = setUp();
    script.listLagMs = 2 * HOUR;
    const history = (await settled(observatory.recent(machineId, 0))) as unknown as { since: number };
    expect(calls).to.have.length(2);
    expect(history.since).to.equal(calls[1]?.query?.createdSince);
  });
});
