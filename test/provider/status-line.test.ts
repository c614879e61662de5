import { assert } from 'chai';
import { type Pace, StatusLine } from '../../provider/status-line.ts';
import { heldTime } from './held-time.ts';

describe('the progress line', () => {
  function scene(pace: Pace) {
    const { timers, advance } = heldTime();
    const shown: string[] = [];
    return { shown, advance, line: new StatusLine((text) => shown.push(text), pace, timers) };
  }

  it('shows the first at once, then the newest once a pace', () => {
    const { shown, advance, line } = scene({ paceMs: 1_000 });
    for (const text of ['1', '2', '3']) line.set(text);
    assert.deepEqual(shown, ['1']);
    advance(999);
    assert.deepEqual(shown, ['1']);
    advance(1);
    assert.deepEqual(shown, ['1', '3']);
    advance(5_000);
    line.set('4');
    assert.deepEqual(shown, ['1', '3', '4']);
  });

  it('shows no line twice in a row, and none after the end', () => {
    const { shown, advance, line } = scene({ paceMs: 1_000 });
    line.set('1');
    line.set('2');
    line.set('1');
    advance(1_000);
    assert.deepEqual(shown, ['1']);
    line.set('3');
    line.set('4');
    line.end();
    advance(9_000);
    line.set('5');
    assert.deepEqual(shown, ['1', '3']);
  });

  it('keeps quiet at first where it is told to, then shows the newest', () => {
    const { shown, advance, line } = scene({ paceMs: 30_000, quietMs: 30_000 });
    line.set('1');
    line.set('2');
    advance(29_999);
    assert.deepEqual(shown, []);
    advance(1);
    assert.deepEqual(shown, ['2']);
    line.set('3');
    advance(30_000);
    assert.deepEqual(shown, ['2', '3']);
  });
});
