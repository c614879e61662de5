import { expect } from 'chai';
import { hostLog } from '../../provider/dynamic/host-log.ts';
import { Redaction } from '../../provider/redaction.ts';
import { heldTime } from '../provider/held-time.ts';

describe("the dynamic host's log", () => {
  function logged() {
    const lines: string[] = [];
    const { timers, advance } = heldTime();
    const redaction = new Redaction();
    redaction.add('hunter2-secret');
    const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(`! ${line}`) };
    return { lines, advance, log: hostLog('pc-7', { output, redaction, timers }) };
  }

  it('names the resource in every line, also of a text of several', () => {
    const { lines, log } = logged();
    log.info('isolate\r\n  because of drift');
    log.warn('the lease is uncertain');
    expect(lines).to.deep.equal([
      'mde pc-7: isolate',
      'mde pc-7:   because of drift',
      '! mde pc-7: warning: the lease is uncertain',
    ]);
  });

  it('shows no secret, and nothing that repaints a terminal', () => {
    const { lines, log } = logged();
    log.info('\u001b[31mred\u001b[0m hunter2-secret');
    expect(lines).to.deep.equal(['mde pc-7: red [secret]']);
  });

  it('tells progress once in half a minute, since every line stays, and none after the end', () => {
    const { lines, advance, log } = logged();
    for (let seconds = 0; seconds < 75; seconds++) {
      log.status(`waiting for ${seconds} s`);
      advance(1_000);
    }
    log.end();
    advance(60_000);
    expect(lines).to.deep.equal(['mde pc-7: waiting for 29 s', 'mde pc-7: waiting for 59 s']);
  });
});
