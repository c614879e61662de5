import { expect } from 'chai';
import { DefenderError, isDefenderError } from '../../provider/defender/errors.ts';
import { createTokens } from '../../provider/defender/tokens.ts';
import { createFakeTime, settle } from './fake-time.ts';

const hour = 3_600_000;

/** Tokens t1, t2, …, each from a credential of its own, an hour long. */
function setUp(lifeMs = hour) {
  const time = createFakeTime();
  let opened = 0;
  let failWith: Error | undefined;
  let gate: Promise<void> = Promise.resolve();
  const tokens = createTokens({
    open: async () => {
      opened += 1;
      const token = `t${opened}`;
      return {
        getToken: async () => {
          await gate;
          if (failWith !== undefined) throw failWith;
          return { token, expiresOnTimestamp: time.clock.wall() + lifeMs };
        },
      };
    },
    scope: 'scope',
    clock: time.clock,
    deadline: time.timer,
    explain: (error) =>
      isDefenderError(error) ? error : new DefenderError((error as Error).message, { kind: 'sign-in' }),
  });
  return {
    time,
    tokens,
    opened: () => opened,
    fail: (error: Error | undefined) => {
      failWith = error;
    },
    hold: () => {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
    text: async () => (await tokens.get()).token,
  };
}

const kindOf = (error: unknown) => (isDefenderError(error) ? error.kind : error);

describe('the token', () => {
  it('is fetched once for all who ask at the same time', async () => {
    const { tokens, opened } = setUp();
    const all = await Promise.all(Array.from({ length: 50 }, () => tokens.get()));
    expect(new Set(all.map(({ token }) => token))).to.deep.equal(new Set(['t1']));
    expect(opened()).to.equal(1);
  });

  it('is renewed five minutes before it ends, by a new credential', async () => {
    const { time, text } = setUp();
    expect(await text()).to.equal('t1');
    await time.advance(hour - 300_001);
    expect(await text()).to.equal('t1');
    await time.advance(1);
    expect(await text()).to.equal('t2');
  });

  it('is renewed after half its life where it is short', async () => {
    const { time, text } = setUp(60_000);
    await text();
    await time.advance(29_999);
    expect(await text()).to.equal('t1');
    await time.advance(1);
    expect(await text()).to.equal('t2');
  });

  it('stays in use until its end while a new one cannot be had', async () => {
    const { time, text, fail } = setUp();
    await text();
    fail(new Error('login host away'));
    await time.advance(hour - 60_000);
    expect(await text()).to.equal('t1');
    await time.advance(60_000);
    expect(await text().catch(kindOf)).to.equal('sign-in');
    fail(undefined);
    await time.advance(10_000);
    expect(await text()).to.equal('t4');
  });

  it('that was refused is replaced once, however many callers it was refused to', async () => {
    const { tokens, opened } = setUp();
    const refused = await tokens.get();
    const renewed = await Promise.all(Array.from({ length: 20 }, () => tokens.renew(refused)));
    expect(new Set(renewed.map(({ token }) => token))).to.deep.equal(new Set(['t2']));
    expect((await tokens.renew(refused)).token).to.equal('t2');
    expect(opened()).to.equal(2);
  });

  it('that could not be had is not asked for again for ten seconds, so that nothing is locked out', async () => {
    const { time, text, fail, opened } = setUp();
    fail(new Error('wrong secret'));
    for (let index = 0; index < 20; index += 1) expect(await text().catch(kindOf)).to.equal('sign-in');
    expect(opened()).to.equal(1);
    await time.advance(10_000);
    await text().catch(kindOf);
    expect(opened()).to.equal(2);
  });

  it('is given up on by a caller whose signal aborts, and still got for the others', async () => {
    const { tokens, hold } = setUp();
    const open = hold();
    const controller = new AbortController();
    const one = tokens.get(controller.signal).catch(kindOf);
    const other = tokens.get();
    controller.abort();
    expect(await one).to.equal('aborted');
    open();
    expect((await other).token).to.equal('t1');
    expect(await tokens.get(AbortSignal.abort())).to.include({ token: 't1' });
  });

  it('is not waited for longer than a minute and a half', async () => {
    const { time, tokens, hold } = setUp();
    hold();
    const waiting = tokens.get().catch(kindOf);
    await settle();
    await time.advance(90_000);
    expect(await waiting).to.equal('sign-in');
  });

  it('where none is issued is a failed sign-in', async () => {
    const time = createFakeTime();
    const tokens = createTokens({
      open: async () => ({ getToken: async () => null }),
      scope: 's',
      clock: time.clock,
      deadline: time.timer,
      explain: (error) => error as DefenderError,
    });
    expect(await tokens.get().catch(kindOf)).to.equal('sign-in');
  });
});
