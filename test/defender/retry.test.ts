import { expect } from 'chai';
import fc from 'fast-check';
import { type Attempt, backoff, decideRetry, defaultPatience, type Outcome } from '../../provider/defender/retry.ts';
import { parseRetryAfter } from '../../provider/defender/retry-after.ts';

const first = { faults: 1, refusals: 0, faultWaitMs: 0, refusalWaitMs: 0, renewed: false };
const response = (status: number, retryAfterMs?: number): Outcome => ({ kind: 'response', status, retryAfterMs });
const half = () => 0.5;

describe('the retry strategy', () => {
  const rows: [Outcome, string, string][] = [
    [response(200), 'give-up', 'give-up'],
    [response(400), 'give-up', 'give-up'],
    [response(401), 'renew-token', 'renew-token'],
    [response(403), 'give-up', 'give-up'],
    [response(404), 'give-up', 'give-up'],
    [response(408), 'retry', 'give-up'],
    [response(409), 'give-up', 'give-up'],
    [response(429), 'retry', 'retry'],
    [response(500), 'retry', 'give-up'],
    [response(502), 'retry', 'give-up'],
    [response(503, 5000), 'retry', 'give-up'],
    [response(302), 'give-up', 'give-up'],
    [{ kind: 'unreadable' }, 'retry', 'give-up'],
    [{ kind: 'lost' }, 'retry', 'give-up'],
    [{ kind: 'not-sent', permanent: false }, 'retry', 'retry'],
    [{ kind: 'not-sent', permanent: true }, 'give-up', 'give-up'],
  ];
  for (const [outcome, forGet, forPost] of rows) {
    const name = outcome.kind === 'response' ? `HTTP ${outcome.status}` : JSON.stringify(outcome);
    it(`${name}: GET ${forGet}, POST and DELETE ${forPost} (semantics 4.1)`, () => {
      expect(decideRetry({ method: 'GET', ...first }, outcome, half).kind).to.equal(forGet);
      expect(decideRetry({ method: 'POST', ...first }, outcome, half).kind).to.equal(forPost);
      expect(decideRetry({ method: 'DELETE', ...first }, outcome, half).kind).to.equal(forPost);
    });
  }

  it('never repeats a write that the service may have carried out, whatever the numbers (semantics 4.1)', () => {
    const outcomes = fc.oneof(
      fc.constant<Outcome>({ kind: 'lost' }),
      fc.constant<Outcome>({ kind: 'unreadable' }),
      fc
        .integer({ min: 200, max: 599 })
        .filter((status) => status !== 401 && status !== 429)
        .map((status) => response(status, 0)),
    );
    const attempts = fc.record<Attempt>({
      method: fc.constantFrom('POST', 'DELETE'),
      faults: fc.nat(10),
      refusals: fc.nat(10),
      faultWaitMs: fc.nat(1000),
      refusalWaitMs: fc.nat(1000),
      renewed: fc.boolean(),
    });
    fc.assert(
      fc.property(
        attempts,
        outcomes,
        (attempt, outcome) => decideRetry(attempt, outcome, Math.random).kind === 'give-up',
      ),
    );
  });

  it('renews a token once a call', () => {
    expect(decideRetry({ method: 'GET', ...first, renewed: true }, response(401), half).kind).to.equal('give-up');
  });

  it('waits a minute after a 429 that does not say how long, and as long as it says otherwise', () => {
    const refused = { method: 'POST' as const, ...first, refusals: 1 };
    expect(decideRetry(refused, response(429), half)).to.deep.equal({ kind: 'retry', afterMs: 60_000 });
    expect(decideRetry(refused, response(429, 7000), half)).to.deep.equal({ kind: 'retry', afterMs: 7000 });
  });

  it('takes a short Retry-After at its word at first, then waits longer each time, so that a storm of ten minutes is outlasted', () => {
    const waitsOf = (retryAfterMs: number) => {
      const waits: number[] = [];
      for (let refusals = 1, refusalWaitMs = 0; ; refusals += 1) {
        const decision = decideRetry(
          { method: 'POST', ...first, refusals, refusalWaitMs },
          response(429, retryAfterMs),
          half,
        );
        if (decision.kind !== 'retry') return waits;
        waits.push(decision.afterMs);
        refusalWaitMs += decision.afterMs;
      }
    };
    expect(waitsOf(5_000).slice(0, 9)).to.deep.equal([5_000, 5_000, 5_000, 5_000, 5_000, 5_000, 8_000, 16_000, 32_000]);
    for (const retryAfterMs of [0, 1_000, 5_000, 30_000]) {
      const waits = waitsOf(retryAfterMs);
      expect(Math.max(...waits)).to.equal(60_000);
      expect(waits.reduce((sum, each) => sum + each, 0)).to.be.greaterThan(600_000);
    }
    expect(new Set(waitsOf(90_000))).to.deep.equal(new Set([90_000]));
  });

  it('waits out a whole hourly window, but no day', () => {
    const refused = { method: 'GET' as const, ...first, refusals: 1 };
    expect(decideRetry(refused, response(429, 3_600_000), half).kind).to.equal('retry');
    expect(decideRetry(refused, response(429, 86_400_000), half).kind).to.equal('give-up');
  });

  it('ends after a number of faults, or after a time, whichever is first', () => {
    expect(decideRetry({ method: 'GET', ...first, faults: defaultPatience.faults }, response(500), half).kind).to.equal(
      'give-up',
    );
    expect(
      decideRetry({ method: 'GET', ...first, faultWaitMs: defaultPatience.faultMs }, response(500), half).kind,
    ).to.equal('give-up');
    expect(
      decideRetry({ method: 'GET', ...first, refusals: defaultPatience.refusals }, response(429), half).kind,
    ).to.equal('give-up');
  });

  it('does not count the waits for 429s against the patience for faults', () => {
    expect(decideRetry({ method: 'GET', ...first, refusalWaitMs: 3_000_000 }, { kind: 'lost' }, half).kind).to.equal(
      'retry',
    );
  });

  it('backs off by doubling, half of it random, at most 30 s', () => {
    expect([1, 2, 3, 4, 20].map((faults) => backoff(faults, () => 0))).to.deep.equal([250, 500, 1000, 2000, 15_000]);
    expect([1, 2, 3, 4, 20].map((faults) => backoff(faults, () => 0.9999999))).to.deep.equal([
      500, 1000, 2000, 4000, 30_000,
    ]);
  });

  it('minds Retry-After of a 503 where it is longer than the back-off', () => {
    expect(decideRetry({ method: 'GET', ...first }, response(503, 9000), half)).to.deep.equal({
      kind: 'retry',
      afterMs: 9000,
    });
    expect(decideRetry({ method: 'GET', ...first }, response(503, 0), () => 0)).to.deep.equal({
      kind: 'retry',
      afterMs: 250,
    });
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 5, 12, 0, 0);
  const rows: [string | undefined, number | undefined][] = [
    [undefined, undefined],
    ['', undefined],
    ['12', 12_000],
    [' 0 ', 0],
    ['1.5', 1500],
    ['Mon, 05 Jan 2026 12:00:30 GMT', 30_000],
    ['Mon, 05 Jan 2026 11:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['1e9', undefined],
    ['99999999999', 86_400_000],
  ];
  for (const [header, expected] of rows) {
    it(`${JSON.stringify(header)} → ${expected}`, () => expect(parseRetryAfter(header, now)).to.equal(expected));
  }
});
