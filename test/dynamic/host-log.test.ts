import { expect } from 'chai';
import { hostLog } from '../../provider/dynamic/host-log.ts';

describe("the dynamic host's log", () => {
  function logged() {
    const lines: string[] = [];
    const clock = { now: 0 };
    const log = hostLog('pc-7', {
      out: (line) => lines.push(line),
      error: (line) => lines.push(`! ${line}`),
      now: () => clock.now,
    });
    return { lines, clock, log };
  }

  it('names the resource in every line, also of a text of several', () => {
    const { lines, log } = logged();
    log.info('isolate\n  because of drift');
    log.warn('the lease is uncertain');
    expect(lines).to.deep.equal([
      'mde pc-7: isolate',
      'mde pc-7:   because of drift',
      '! mde pc-7: warning: the lease is uncertain',
    ]);
  });

  it('tells progress once in half a minute, since every line stays', () => {
    const { lines, clock, log } = logged();
    for (clock.now = 0; clock.now <= 90_000; clock.now += 1_000) log.status(`waiting for ${clock.now / 1000} s`);
    expect(lines).to.deep.equal([
      'mde pc-7: waiting for 30 s',
      'mde pc-7: waiting for 60 s',
      'mde pc-7: waiting for 90 s',
    ]);
  });
});
