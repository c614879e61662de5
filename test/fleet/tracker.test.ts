import { expect } from 'chai';
import { DAY, MINUTE, SECOND } from '../../provider/containment/duration.ts';
import type { DefenderErrorKind } from '../../provider/defender/errors.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
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
});
