import { expect } from 'chai';
import { DAY, MINUTE, SECOND } from '../../provider/containment/duration.ts';
import type { DefenderErrorKind } from '../../provider/defender/errors.ts';
import type { ActionId, MachineAction } from '../../provider/defender/machine-action.ts';
import { type Tracked, Tracker } from '../../provider/fleet/tracker.ts';
import { action, epoch, isolate, running } from '../containment/actions.ts';
import { createFakeTime } from '../defender/fake-time.ts';
import { createScriptedDefender, failure } from './scripted-defender.ts';

function setUp() {
  const time = createFakeTime(epoch);
  const scripted = createScriptedDefender(time.clock);
  const tracker = new Tracker(scripted.defender, time.clock, time.timer);
  const abort = new AbortController();
  const finish = (pending: MachineAction, status: MachineAction['status'] = 'Succeeded') => {
    const { script } = scripted;
    script.actions = [...script.actions.filter((each) => each.id !== pending.id), { ...pending, status }];
  };
  const follow = (pending: MachineAction, timeoutMs = 20 * MINUTE, onChange?: (now: MachineAction) => void) => {
    let ended: Tracked | undefined;
    void tracker
      .track(pending, { timeoutMs, signal: abort.signal, ...(onChange === undefined ? {} : { onChange }) })
      .then((tracked) => {
        ended = tracked;
      });
    return () => ended;
  };
  return { ...scripted, time, tracker, abort, finish, follow, polls: () => scripted.count('listMachineActionsById') };
}

describe('Tracker', () => {
  it('ends at once with an action that is final already', async () => {
    const { follow, time, calls } = setUp();
    const ended = follow(isolate(epoch));
    await time.advance(0);
    expect(ended()).to.include({ ended: 'final' });
    expect(calls).to.be.empty;
  });

  it('follows many actions with one call a poll', async () => {
    const { follow, time, calls, finish, polls } = setUp();
    const pending = Array.from({ length: 150 }, () => isolate(epoch, running));
    const ends = pending.map((each) => follow(each));
    await time.advance(SECOND);
    expect(polls()).to.equal(1);
    expect(calls[0]?.ids).to.have.length(150);
    for (const each of pending) finish(each);
    await time.advance(2 * SECOND);
    expect(polls()).to.equal(2);
    expect(ends.every((ended) => ended()?.ended === 'final')).to.equal(true);
    await time.advance(MINUTE);
    expect(polls(), 'nothing is left to follow').to.equal(2);
    expect(time.pending()).to.equal(0);
  });

  it('asks for an action once that two follow', async () => {
    const { follow, time, calls } = setUp();
    const pending = isolate(epoch, running);
    follow(pending);
    follow(pending);
    await time.advance(SECOND);
    expect(calls[0]?.ids).to.deep.equal([pending.id]);
  });

  it('polls slower while nothing moves, at once again when something new comes', async () => {
    const { follow, time, polls, finish } = setUp();
    follow(isolate(epoch, running), DAY);
    await time.advance(10 * MINUTE);
    expect(polls()).to.be.within(60, 70);
    for (let before = polls(); polls() === before; ) await time.advance(100);
    await time.advance(2 * SECOND);
    const before = polls();
    const late = isolate(epoch, running);
    finish(late);
    const ended = follow(late);
    await time.advance(SECOND - 1);
    expect(polls(), 'a new action takes a moment to show').to.equal(before);
    await time.advance(1);
    expect(polls()).to.equal(before + 1);
    expect(ended()).to.include({ ended: 'final' });
  });

  it('a steady stream of new actions does not put polls off', async () => {
    const { follow, time, polls } = setUp();
    for (let round = 0; round < 40; round += 1) {
      follow(isolate(epoch, running));
      await time.advance(500);
    }
    expect(polls()).to.be.at.least(10);
  });

  it('tells each change of status, and survives a listener that throws', async () => {
    const { follow, time, finish } = setUp();
    const pending = isolate(epoch, running);
    const told: string[] = [];
    const ended = follow(pending, MINUTE, (now) => {
      told.push(now.status);
      throw new Error('the log is gone');
    });
    finish(pending, 'InProgress');
    await time.advance(5 * SECOND);
    finish(pending);
    await time.advance(5 * SECOND);
    expect(told).to.deep.equal(['InProgress', 'Succeeded']);
    expect(ended()).to.include({ ended: 'final' });
  });

  it('an action that the list does not show yet is still followed', async () => {
    const { follow, time, finish } = setUp();
    const pending = isolate(epoch, running);
    const ended = follow(pending);
    await time.advance(30 * SECOND);
    expect(ended()).to.equal(undefined);
    finish(pending, 'Failed');
    await time.advance(15 * SECOND);
    expect(ended()).to.deep.include({ ended: 'final', action: { ...pending, status: 'Failed' } });
  });

  it('one that never shows ends with its time', async () => {
    const { follow, time } = setUp();
    const pending = isolate(epoch, running);
    const ended = follow(pending, 2 * MINUTE);
    await time.advance(2 * MINUTE + 10 * SECOND);
    expect(ended()).to.deep.equal({ action: pending, ended: 'time' });
  });

  it("semantics 1.7: the time-out runs on the service's clock where that one runs faster", async () => {
    const { follow, time, script } = setUp();
    const ended = follow(isolate(epoch, running), 20 * MINUTE);
    await time.advance(5 * SECOND);
    expect(ended()).to.equal(undefined);
    script.aheadMs = 20 * MINUTE;
    await time.advance(10 * SECOND);
    expect(ended()).to.include({ ended: 'time' });
  });

  it('aborts at once, with what is known, and asks no more', async () => {
    const { follow, time, abort, script, calls } = setUp();
    const pending = isolate(epoch, running);
    script.actions = [{ ...pending, status: 'InProgress' }];
    const ended = follow(pending);
    await time.advance(2 * SECOND);
    abort.abort();
    await time.advance(0);
    expect(ended()).to.deep.include({ ended: 'aborted', action: { ...pending, status: 'InProgress' } });
    const asked = calls.length;
    await time.advance(MINUTE);
    expect(calls).to.have.length(asked);
    const after = follow(pending);
    await time.advance(0);
    expect(after()).to.include({ ended: 'aborted' });
  });

  for (const kind of ['forbidden', 'unauthorized', 'sign-in', 'rejected', 'untrusted'] satisfies DefenderErrorKind[]) {
    it(`ends where a look meets ${kind}, which the next would meet again`, async () => {
      const { follow, time, script } = setUp();
      script.before = () => {
        throw failure(kind);
      };
      const ended = follow(isolate(epoch, running));
      await time.advance(2 * SECOND);
      expect(ended()).to.include({ ended: 'lookup-failed' });
    });
  }
  for (const kind of ['server', 'lost', 'not-sent', 'throttled'] satisfies DefenderErrorKind[]) {
    it(`goes on after ${kind}`, async () => {
      const { follow, time, script, finish } = setUp();
      const pending = isolate(epoch, running);
      let failures = 3;
      script.before = () => {
        failures -= 1;
        if (failures >= 0) throw failure(kind);
      };
      const ended = follow(pending);
      finish(pending);
      await time.advance(MINUTE);
      expect(ended()).to.include({ ended: 'final' });
    });
  }
  it('tells the failure where it lasted until the time was over', async () => {
    const { follow, time, script } = setUp();
    script.before = () => {
      throw failure('server');
    };
    const ended = follow(isolate(epoch, running), MINUTE);
    await time.advance(MINUTE + 10 * SECOND);
    expect(ended()).to.include({ ended: 'lookup-failed' });
    expect(ended()?.error).to.include({ kind: 'server' });
  });
  it('follows releases as it follows isolates', async () => {
    const { follow, time, finish } = setUp();
    const pending = action('Unisolate', epoch, running);
    const ended = follow(pending);
    finish(pending, 'TimeOut');
    await time.advance(2 * SECOND);
    expect(ended()?.action.status).to.equal('TimeOut');
  });

  describe('with a predicate instead of a time', () => {
    it('asks it after each poll, and ends once it says so', async () => {
      const { tracker, time, abort, polls } = setUp();
      let asked = 0;
      let ended: Tracked | undefined;
      const isTimeUp = () => {
        asked += 1;
        return asked === 3;
      };
      void tracker.track(isolate(epoch, running), { isTimeUp, signal: abort.signal }).then((tracked) => {
        ended = tracked;
      });
      await time.advance(2 * SECOND);
      expect([asked, polls(), ended]).to.deep.equal([1, 1, undefined]);
      await time.advance(MINUTE);
      expect([asked, polls()]).to.deep.equal([3, 3]);
      expect(ended).to.include({ ended: 'time' });
    });

    it('one that throws ends its own action, and no other', async () => {
      const { tracker, time, abort, follow, finish } = setUp();
      const isTimeUp = () => {
        throw new Error('the run is gone');
      };
      let ended: Tracked | undefined;
      void tracker.track(isolate(epoch, running), { isTimeUp, signal: abort.signal }).then((tracked) => {
        ended = tracked;
      });
      const other = isolate(epoch, running);
      const otherEnded = follow(other);
      await time.advance(2 * SECOND);
      expect(ended).to.include({ ended: 'time' });
      finish(other);
      await time.advance(5 * SECOND);
      expect(otherEnded()).to.include({ ended: 'final' });
    });
  });

  describe('while more is expected', () => {
    it('looks after a minute, or when many new actions are there, and not twice in a second', async () => {
      const { tracker, follow, time, polls } = setUp();
      tracker.expectMore();
      follow(isolate(epoch, running));
      await time.advance(MINUTE - 1);
      expect(polls()).to.equal(0);
      await time.advance(1);
      expect(polls()).to.equal(1);
      for (let index = 0; index < 89; index += 1) follow(isolate(epoch, running));
      await time.advance(5 * SECOND);
      expect(polls()).to.equal(1);
      follow(isolate(epoch, running));
      await time.advance(0);
      expect(polls(), 'ninety new ones').to.equal(2);
      for (let index = 0; index < 200; index += 1) follow(isolate(epoch, running));
      await time.advance(SECOND - 1);
      expect(polls()).to.equal(2);
      await time.advance(1);
      expect(polls()).to.equal(3);
    });

    it('looks within a second once nobody expects more, whoever else did, and only once each', async () => {
      const { tracker, follow, time, polls } = setUp();
      const [first, second] = [tracker.expectMore(), tracker.expectMore()];
      follow(isolate(epoch, running));
      await time.advance(10 * SECOND);
      first();
      first();
      await time.advance(10 * SECOND);
      expect(polls()).to.equal(0);
      second();
      await time.advance(SECOND);
      expect(polls()).to.equal(1);
      await time.advance(MINUTE);
      expect(polls()).to.be.within(7, 12);
    });

    it('does not forget new actions that came while a look was under way', async () => {
      const { tracker, follow, time, script, polls } = setUp();
      let answer: () => void = () => undefined;
      tracker.expectMore();
      follow(isolate(epoch, running));
      script.before = () =>
        new Promise<void>((resolve) => {
          answer = resolve;
        });
      await time.advance(MINUTE);
      for (let index = 0; index < 100; index += 1) follow(isolate(epoch, running));
      script.before = () => undefined;
      answer();
      await time.advance(SECOND);
      expect(polls()).to.equal(2);
    });

    it('asks nothing where nothing is followed, and leaves no timer behind', async () => {
      const { tracker, follow, time, abort, calls } = setUp();
      tracker.expectMore();
      follow(isolate(epoch, running));
      await time.advance(SECOND);
      expect(time.pending()).to.equal(1);
      abort.abort();
      await time.advance(0);
      expect(time.pending()).to.equal(0);
      await time.advance(DAY);
      expect(calls).to.be.empty;
    });

    it('looks at a fleet that has stood still for minutes every half minute', async () => {
      const { tracker, follow, time, polls } = setUp();
      const done = tracker.expectMore();
      follow(isolate(epoch, running), DAY);
      done();
      await time.advance(5 * MINUTE);
      const before = polls();
      await time.advance(10 * MINUTE);
      expect(polls() - before).to.be.within(19, 21);
    });
  });

  for (const [hosts, most] of [
    [1_000, 0.035],
    [10_000, 0.02],
  ] as const) {
    it(`takes at most ${most} calls a host over a run of ${hosts}, and sees its end within two seconds`, async () => {
      const run = await runFleet(hosts);
      expect(run.endedAt - run.finalAt, 'from the last result to its being seen').to.be.at.most(2 * SECOND);
      expect(run.calls / hosts).to.be.at.most(most);
    });
  }

  it('a fleet that shares one signal has one listener on it, and none when it is over', async () => {
    const { tracker, time, abort, finish } = setUp();
    let listeners = 0;
    const { signal } = abort;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const pending = Array.from({ length: 1_000 }, () => isolate(epoch, running));
    const ends = pending.map((each) => tracker.track(each, { timeoutMs: MINUTE, signal }));
    expect(listeners).to.equal(1);
    for (const each of pending) finish(each);
    await time.advance(2 * SECOND);
    await Promise.all(ends);
    expect(listeners).to.equal(0);
    const late = Array.from({ length: 1_000 }, () =>
      tracker.track(isolate(epoch, running), { timeoutMs: DAY, signal }),
    );
    abort.abort();
    expect((await Promise.all(late)).every(({ ended }) => ended === 'aborted')).to.equal(true);
  });
});

/** Writes at 100 a minute and 1,500 an hour, in bursts as a sliding window lets them, each carried out in about 66 s. */
async function runFleet(hosts: number) {
  const time = createFakeTime(epoch);
  const finals = new Map<ActionId, MachineAction>();
  let calls = 0;
  const tracker = new Tracker(
    {
      ...createScriptedDefender(time.clock).defender,
      listMachineActionsById: async (ids) => {
        calls += Math.ceil(ids.length / 140);
        const items = ids.flatMap((id) => finals.get(id) ?? []);
        return { items, complete: true, asOf: time.clock.wall() };
      },
    },
    time.clock,
    time.timer,
  );
  const { signal } = new AbortController();
  const done = tracker.expectMore();
  const ends: Promise<Tracked>[] = [];
  let finalAt = 0;
  for (let sent = 0; sent < hosts; sent += 1) {
    const pending = isolate(epoch, running);
    ends.push(tracker.track(pending, { timeoutMs: DAY, signal }));
    const takesMs = (60 + (sent % 13)) * SECOND;
    finalAt = Math.max(finalAt, time.clock.monotonic() + takesMs);
    time.timer.after(takesMs, () =>
      finals.set(pending.id, { ...pending, status: 'Succeeded', updatedAt: pending.createdAt + takesMs }),
    );
    if (sent === hosts - 1) break;
    if (sent % 1_500 === 1_499) await time.advance(46 * MINUTE);
    else if (sent % 100 === 99) await time.advance(55 * SECOND);
    else if (sent % 20 === 19) await time.advance(SECOND);
  }
  done();
  let endedAt = 0;
  const all = Promise.all(ends).then(() => {
    endedAt = time.clock.monotonic();
  });
  await time.advance(2 * MINUTE);
  await all;
  return { calls, finalAt, endedAt };
}
