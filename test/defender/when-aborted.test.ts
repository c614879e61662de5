import { expect } from 'chai';
import { whenAborted } from '../../provider/defender/when-aborted.ts';

function counted() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
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
  return { controller, signal, listeners: () => listeners };
}

describe('whenAborted', () => {
  it('runs what waits, once each, in order', () => {
    const { controller, signal } = counted();
    const ran: string[] = [];
    for (const name of ['a', 'b', 'c']) whenAborted(signal, () => ran.push(name));
    controller.abort();
    controller.abort();
    expect(ran).to.deep.equal(['a', 'b', 'c']);
  });

  it('does not run what was taken back, also by another that runs first', () => {
    const { controller, signal } = counted();
    const ran: string[] = [];
    const takeBack: (() => void)[] = [];
    const run = () => {
      ran.push('x');
      for (const each of takeBack) each();
    };
    for (let index = 0; index < 3; index += 1) takeBack.push(whenAborted(signal, run));
    takeBack[0]?.();
    takeBack[0]?.();
    controller.abort();
    expect(ran).to.deep.equal(['x']);
  });

  it('has one listener for thousands, and none once all have gone', () => {
    const { controller, signal, listeners } = counted();
    const takeBack = Array.from({ length: 10_000 }, () => whenAborted(signal, () => undefined));
    expect(listeners()).to.equal(1);
    for (const each of takeBack) each();
    expect(listeners()).to.equal(0);
    let ran = false;
    whenAborted(signal, () => {
      ran = true;
    });
    expect(listeners()).to.equal(1);
    controller.abort();
    expect(ran).to.equal(true);
  });
});
