import { expect } from 'chai';
import { SECOND } from '../../provider/containment/duration.ts';
import { markedComment, markOf } from '../../provider/containment/mark.ts';
import type { DefenderErrorKind } from '../../provider/defender/errors.ts';
import type { ActionId, MachineAction } from '../../provider/defender/machine-action.ts';
import { Observatory } from '../../provider/fleet/observatory.ts';
import { type Request, type Sent, sendRequest } from '../../provider/fleet/requests.ts';
import { action, epoch, machineId, ours, running, source } from '../containment/actions.ts';
import { createFakeTime } from '../defender/fake-time.ts';
import { createScriptedDefender, failure } from './scripted-defender.ts';

function setUp(type: 'Isolate' | 'Unisolate' = 'Isolate') {
  const time = createFakeTime(epoch);
  const scripted = createScriptedDefender(time.clock);
  const ports = {
    defender: scripted.defender,
    observatory: new Observatory(scripted.defender, time.clock, time.timer),
    clock: time.clock,
    timer: time.timer,
  };
  const abort = new AbortController();
  const base: Request = {
    ask: type === 'Isolate' ? { type, isolationType: 'Full' } : { type },
    machineId,
    comment: markedComment(source, 'INC-1'),
    mark: markOf(source),
    knownBefore: new Set<ActionId>(),
    signal: abort.signal,
  };
  /** What the service makes of a request: an action of ours, created now. */
  const made = (changes: Partial<MachineAction> = {}) =>
    action(type, time.clock.wall(), { ...ours, ...running, updatedAt: time.clock.wall(), ...changes });
  return {
    ...scripted,
    time,
    abort,
    made,
    posts: () => scripted.count(type),
    async send(changes: Partial<Request> = {}, forMs = 300 * SECOND): Promise<Sent> {
      const sent = sendRequest({ ...base, ...changes }, ports);
      sent.catch(() => undefined);
      await time.advance(forMs);
      return sent;
    },
  };
}

describe('sendRequest', () => {
  it('semantics 4.1: an answered request is sent once and looked for nowhere', async () => {
    const to = setUp();
    const answered = to.made();
    to.script.post = () => answered;
    expect(await to.send()).to.deep.equal({ kind: 'accepted', action: answered, ours: true });
    expect(to.calls.map((call) => call.name)).to.deep.equal(['Isolate']);
  });

  it('semantics 4.2: 201 with an action known before is adopted, and not taken for ours anew', async () => {
    const to = setUp();
    const older = to.made();
    to.script.post = () => older;
    expect(await to.send({ knownBefore: new Set([older.id]) })).to.include({ kind: 'accepted', ours: false });
  });
  it("semantics 4.2: 201 with another's action is adopted, and not ours", async () => {
    const to = setUp();
    to.script.post = () => to.made({ requestorComment: 'by hand' });
    expect(await to.send()).to.include({ kind: 'accepted', ours: false });
  });
  it('semantics 4.2: 400 ActiveRequestAlreadyExists: the one that runs is found and adopted, nothing is repeated', async () => {
    const to = setUp();
    const theirs = action('Isolate', epoch, running);
    to.script.actions = [action('Isolate', epoch), action('Unisolate', epoch, running), theirs];
    to.script.post = () => {
      throw failure('active-request');
    };
    expect(await to.send()).to.deep.equal({ kind: 'accepted', action: theirs, ours: false });
    expect(to.posts()).to.equal(1);
  });
  it('semantics 4.2: also where it shows in the history only later', async () => {
    const to = setUp();
    to.script.post = () => {
      to.time.timer.after(40 * SECOND, () => to.script.actions.push(action('Isolate', epoch, running)));
      throw failure('active-request');
    };
    expect(await to.send()).to.include({ kind: 'accepted', ours: false });
  });
  it('semantics 4.2: where none is found within 90 s it is a refusal, and nothing is repeated', async () => {
    const to = setUp();
    to.script.post = () => {
      throw failure('active-request');
    };
    expect((await to.send()).kind).to.equal('refused');
    expect(to.posts()).to.equal(1);
  });

  for (const kind of ['lost', 'server'] as const) {
    for (const appearsAfter of [0, 5, 60, 89]) {
      it(`semantics 4.1: after ${kind}, the request is found when it shows after ${appearsAfter} s, and not repeated`, async () => {
        const to = setUp();
        let carriedOut: MachineAction | undefined;
        to.script.post = () => {
          const mine = to.made();
          carriedOut = mine;
          to.time.timer.after(appearsAfter * SECOND, () => to.script.actions.push(mine));
          throw failure(kind);
        };
        const sent = await to.send();
        expect(sent).to.deep.equal({ kind: 'accepted', action: carriedOut, ours: true });
        expect(to.posts()).to.equal(1);
      });
    }
  }
  it('semantics 4.1: an isolate that is not found for 90 s is repeated, once', async () => {
    const to = setUp();
    to.script.post = () => {
      throw failure('lost');
    };
    expect((await to.send()).kind).to.equal('lost');
    const posts = to.calls.filter((call) => call.name === 'Isolate').map((call) => call.at);
    expect(posts).to.have.length(2);
    expect((posts[1] ?? 0) - (posts[0] ?? 0)).to.be.at.least(90 * SECOND);
    const before = to.calls.filter((call) => call.at <= (posts[1] ?? 0) && call.name === 'listMachineActions');
    expect((before.at(-1)?.at ?? 0) - (posts[0] ?? 0), 'the look that decided').to.be.at.least(90 * SECOND);
  });
  it('semantics 4.1: the repeat that is answered is ours', async () => {
    const to = setUp();
    to.script.post = () => {
      if (to.posts() === 1) throw failure('lost');
      return to.made();
    };
    expect(await to.send()).to.include({ kind: 'accepted', ours: true });
  });
  it('semantics 4.1: nothing is repeated blindly: where no look succeeds, the isolate stays lost', async () => {
    const to = setUp();
    to.script.before = (call) => {
      if (call.name === 'listMachineActions') throw failure('not-sent');
    };
    to.script.post = () => {
      throw failure('lost');
    };
    expect((await to.send()).kind).to.equal('lost');
    expect(to.posts()).to.equal(1);
  });
  it('semantics 1.2, 4.1: nor where every list was incomplete', async () => {
    const to = setUp();
    to.script.complete = false;
    to.script.post = () => {
      throw failure('lost');
    };
    expect((await to.send()).kind).to.equal('lost');
    expect(to.posts()).to.equal(1);
  });
  it('semantics 4.1: nor where only the last look failed', async () => {
    const to = setUp();
    to.script.before = (call) => {
      if (call.name === 'listMachineActions' && call.at >= 89 * SECOND) throw failure('server');
    };
    to.script.post = () => {
      throw failure('lost');
    };
    expect((await to.send()).kind).to.equal('lost');
    expect(to.posts()).to.equal(1);
  });
  it('semantics 4.1: an unisolate is never repeated', async () => {
    const to = setUp('Unisolate');
    to.script.post = () => {
      throw failure('lost');
    };
    expect((await to.send()).kind).to.equal('lost');
    expect(to.posts()).to.equal(1);
  });
  it('semantics 3.4, 4.1: neither a request known before, nor one of the other type, nor a foreign one is taken for the lost one', async () => {
    const to = setUp();
    const known = to.made();
    to.script.actions = [known, action('Unisolate', epoch, ours), action('Isolate', epoch, running)];
    to.script.post = () => {
      throw failure('lost');
    };
    expect((await to.send({ knownBefore: new Set([known.id]) })).kind).to.equal('lost');
  });
  for (const kind of [
    'rejected',
    'forbidden',
    'not-found',
    'throttled',
    'not-sent',
    'unauthorized',
  ] satisfies DefenderErrorKind[]) {
    it(`semantics 4.1: ${kind}: refused, without a look`, async () => {
      const to = setUp();
      to.script.post = () => {
        throw failure(kind);
      };
      expect((await to.send()).kind).to.equal('refused');
      expect(to.calls).to.have.length(1);
    });
  }
  it('cancelled while it looks, it sends nothing more', async () => {
    const to = setUp();
    to.script.post = () => {
      to.time.timer.after(10 * SECOND, () => to.abort.abort());
      throw failure('lost');
    };
    expect((await to.send()).kind).to.equal('lost');
    expect(to.posts()).to.equal(1);
    expect(to.calls.at(-1)?.at).to.be.at.most(11 * SECOND);
  });

  for (const type of ['Isolate', 'Unisolate'] as const) {
    it(`${type}: its place in the queue and the time by which it must start go with it`, async () => {
      const to = setUp(type);
      to.script.post = () => to.made();
      await to.send({ priority: -1, startBy: 5_000 });
      expect(to.calls[0]?.options).to.include({ priority: -1, startBy: 5_000 });
    });
  }
  it('one whose turn did not come is refused, looked for nowhere and not repeated', async () => {
    const to = setUp();
    to.script.post = () => {
      throw failure('not-started');
    };
    const sent = await to.send();
    expect(sent.kind === 'refused' && sent.error.kind).to.equal('not-started');
    expect(to.calls).to.have.length(1);
  });
  for (const kind of ['not-started', 'aborted'] as const) {
    it(`semantics 4.1: a repeat that is ${kind} does not turn a lost request into a refused one`, async () => {
      const to = setUp();
      to.script.post = () => {
        throw failure(to.posts() === 1 ? 'lost' : kind);
      };
      const sent = await to.send();
      expect(to.posts()).to.equal(2);
      expect(sent.kind === 'lost' && sent.error.kind).to.equal('lost');
    });
  }
});
