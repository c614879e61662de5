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
