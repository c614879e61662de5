import { expect } from 'chai';
import { SharedLookup } from '../../provider/fleet/shared-lookup.ts';
import { createFakeTime } from '../defender/fake-time.ts';

/** A lookup that takes `takesMs` and answers the moment at which it began; `fails` makes it throw. */
function setUp(takesMs = 500) {
  const time = createFakeTime();
  const began: number[] = [];
  const control = { fails: false, running: 0, most: 0 };
  const shared = new SharedLookup(
    async () => {
      const at = time.clock.monotonic();
      began.push(at);
      control.running += 1;
      control.most = Math.max(control.most, control.running);
      const failing = control.fails;
      await new Promise<void>((resolve) => {
        time.timer.after(takesMs, resolve);
      });
      control.running -= 1;
      if (failing) throw new Error(`failed at ${at}`);
      return at;
    },
    time.clock,
    time.timer,
  );
  const now = () => time.clock.monotonic();
  /** How the answer stands after `forMs`. */
  const ask = (notBefore: number) => {
    let answer: number | string | undefined;
    shared.get(notBefore).then(
      (at) => {
        answer = at;
      },
      (error: Error) => {
        answer = error.message;
      },
    );
    return () => answer;
  };
  return { time, began, control, shared, ask, now };
}

describe('SharedLookup', () => {
  it('semantics 1.8: answers everybody who asks at about the same time with one lookup', async () => {
    const { time, began, ask, now } = setUp();
    const answers = Array.from({ length: 100 }, () => ask(now() - 10_000));
    await time.advance(1_000);
    expect(began).to.have.length(1);
    expect(new Set(answers.map((answer) => answer()))).to.deep.equal(new Set(began));
  });
  it('semantics 1.8: a reading takes one that began at most as long ago as it says', async () => {
    const { time, began, ask, now } = setUp();
    ask(now());
    await time.advance(10_000);
    const fresh = ask(now() - 10_000 + 20);
    await time.advance(0);
    expect(fresh(), 'ten seconds old').to.equal(began[0]);
    await time.advance(1);
    const late = ask(now() - 10_000 + 20);
    await time.advance(1_000);
    expect(late()).to.equal(began[1]);
  });
  it('semantics 1.8: a write joins only one that begins after it, though one is under way', async () => {
    const { time, began, ask, now } = setUp();
    const reader = ask(now() - 10_000);
    await time.advance(200);
    const asked = now();
    const writer = ask(asked);
    const another = ask(asked);
    await time.advance(2_000);
    expect(reader()).to.equal(began[0]);
    expect(began).to.have.length(2);
    expect(writer()).to.equal(began[1]);
    expect(another()).to.equal(began[1]);
    expect(began[1]).to.be.at.least(asked);
  });
  it('runs one lookup at a time', async () => {
    const { time, control, ask, now } = setUp();
    for (let round = 0; round < 20; round += 1) {
      ask(now());
      await time.advance(130);
    }
    await time.advance(5_000);
    expect(control.most).to.equal(1);
  });
  it('hands a failure to those who waited for it, and to nobody after', async () => {
    const { time, began, control, ask, now } = setUp();
    control.fails = true;
    const first = ask(now());
    const second = ask(now());
    await time.advance(600);
    expect(first()).to.equal('failed at 20');
    expect(second()).to.equal('failed at 20');
    control.fails = false;
    const third = ask(now() - 10_000);
    await time.advance(1_000);
    expect(third()).to.equal(began[1]);
  });
  it('a failure does not stop the lookup that waits behind it', async () => {
    const { time, began, control, ask, now } = setUp();
    control.fails = true;
    ask(now());
    await time.advance(100);
    control.fails = false;
    const behind = ask(now());
    await time.advance(2_000);
    expect(behind()).to.equal(began[1]);
  });
  it('a failure that nobody waits for any more harms nobody', async () => {
    const { time, control, shared, now } = setUp();
    control.fails = true;
    void shared.get(now()).catch(() => undefined);
    await time.advance(1_000);
  });
  it('asks anew after it was told to forget', async () => {
    const { time, began, shared, ask, now } = setUp();
    ask(now());
    await time.advance(1_000);
    shared.forget();
    const after = ask(now() - 10_000);
    await time.advance(1_000);
    expect(after()).to.equal(began[1]);
  });
});
