import { expect } from 'chai';
import fc from 'fast-check';
import { DAY, HOUR, MINUTE } from '../../provider/containment/duration.ts';
import { needsWholeHistory, type ObservedState, windowMs } from '../../provider/containment/observation.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { day, ended, hour, isolate, observeAt, ours, running, unisolate } from './actions.ts';
import { histories, moments, toldAt } from './worlds.ts';

describe('observe', () => {
  const rows: readonly [string, number, readonly MachineAction[], ObservedState][] = [
    ['no actions at all', day(0), [], 'released'],
    ['an isolate that Succeeded', hour(1), [isolate(hour(0))], 'isolated'],
    ['one that is still running', hour(1), [isolate(hour(0), running)], 'isolating'],
    ['an isolate and a later release', hour(3), [isolate(hour(0)), unisolate(hour(2))], 'released'],
    ['a release that is still running', hour(3), [isolate(hour(0)), unisolate(hour(2), running)], 'releasing'],
    ['a release that runs on a host that is free already', hour(3), [unisolate(hour(2), running)], 'releasing'],
    ['the last moment before renewal is due', day(3) - 1, [isolate(day(0))], 'isolated'],
    ['the moment at which renewal is due', day(3), [isolate(day(0))], 'expiring'],
    ['the last moment of certain cover', day(7) - 1, [isolate(day(0))], 'expiring'],
    ['the earliest lift', day(7), [isolate(day(0))], 'uncertain'],
    ['the latest lift', day(8) + MINUTE, [isolate(day(0))], 'uncertain'],
    ['after the latest lift', day(8) + MINUTE + 1, [isolate(day(0))], 'lapsed'],
    [
      'a renewal that runs does not count as cover',
      day(7) + HOUR,
      [isolate(day(0)), isolate(day(6), running)],
      'uncertain',
    ],
    ['an isolate that runs after the lapse', day(9), [isolate(day(0)), isolate(day(9), running)], 'isolating'],
  ];
  for (const [title, now, actions, state] of rows) {
    it(`semantics 1.4, 2.2: ${title}: ${state}`, () => {
      expect(observeAt(now, actions).state).to.equal(state);
    });
  }

  it('semantics 1.1: what completed last counts, not what was requested last', () => {
    const queue = [
      isolate(hour(0), { updatedAt: hour(1) }),
      isolate(hour(2), { updatedAt: hour(9) }),
      unisolate(hour(3), { updatedAt: hour(4) }),
      unisolate(hour(5), { updatedAt: hour(6) }),
    ];
    expect(observeAt(hour(8), queue.slice(0, 1).concat(queue.slice(2))).state).to.equal('released');
    expect(observeAt(hour(10), queue).state).to.equal('isolated');
  });

  it('semantics 1.1: of a release and an isolate that completed in one instant, neither is sure to be last', () => {
    const both = [isolate(hour(0), { updatedAt: hour(2) }), unisolate(hour(1), { updatedAt: hour(2) })];
    expect(observeAt(hour(3), both)).to.include({ state: 'doubtful', doubt: both[1] });
    const three = [...both, isolate(hour(1), { updatedAt: hour(2) })];
    expect(observeAt(hour(3), three).state, 'a third of that instant').to.equal('doubtful');
  });

  it('semantics 1.1: other types of action make no difference', () => {
    const scan = { ...isolate(hour(0)), type: 'RunAntiVirusScan' };
    expect(observeAt(hour(1), [scan])).to.deep.include({ state: 'released', history: [] });
  });

  it('semantics 1.2: an action told twice counts once, by its final telling', () => {
    const pending = isolate(hour(0), { ...running, updatedAt: hour(5) });
    const final = { ...pending, status: 'Succeeded' as const, updatedAt: hour(1) };
    for (const actions of [
      [pending, final],
      [final, pending],
    ]) {
      const observed = observeAt(hour(6), actions);
      expect(observed.state).to.equal('isolated');
      expect(observed.history).to.have.length(1);
    }
  });

  it('semantics 1.2, 1.6: of two tellings that differ in what they leave out, the fuller one counts, whichever came first', () => {
    const bare = isolate(hour(0), { scope: null });
    const full = { ...bare, scope: 'Selective' };
    expect(observeAt(hour(1), [bare, full]).isolationType).to.equal('Selective');
    expect(observeAt(hour(1), [full, bare]).isolationType).to.equal('Selective');
  });

  it('semantics 1.1, 1.2: the order in which pages arrive, and duplicates between them, make no difference', () => {
    const shuffled = fc.tuple(histories, moments).chain(([requests, now]) => {
      const told = toldAt(requests, now, ours);
      const earlier = toldAt(requests, now - 30 * HOUR, ours);
      const all = [...told, ...earlier];
      return fc.tuple(fc.constant(told), fc.shuffledSubarray(all, { minLength: all.length }), fc.constant(now));
    });
    fc.assert(
      fc.property(shuffled, ([told, pages, now]) => {
        expect(observeAt(now, pages)).to.deep.equal(observeAt(now, told));
      }),
      { numRuns: 500 },
    );
  });

  describe('doubt', () => {
    for (const status of ['Cancelled', 'TimeOut', 'Failed'] as const) {
      it(`semantics 1.5: a release that ended ${status} after the isolate makes the host doubtful`, () => {
        const release = unisolate(hour(1), ended(status, hour(2)));
        expect(observeAt(hour(3), [isolate(hour(0)), release])).to.include({ state: 'doubtful', doubt: release });
      });
      it(`semantics 1.5: an isolate that ended ${status} after the release makes the host doubtful`, () => {
        const again = isolate(hour(2), ended(status, hour(3)));
        const observed = observeAt(hour(4), [isolate(hour(0)), unisolate(hour(1)), again]);
        expect(observed).to.include({ state: 'doubtful', doubt: again });
      });
    }
    it('semantics 1.5: what Succeeded after it ends the doubt', () => {
      const failed = unisolate(hour(1), ended('Failed', hour(2)));
      expect(observeAt(hour(4), [isolate(hour(0)), failed, isolate(hour(3))]).state).to.equal('isolated');
      expect(observeAt(hour(4), [isolate(hour(0)), failed, unisolate(hour(3))]).state).to.equal('released');
    });
    it('semantics 1.5: a renewal that failed leaves the isolation that stands', () => {
      expect(observeAt(hour(5), [isolate(hour(0)), isolate(hour(1), ended('Failed', hour(2)))]).state).to.equal(
        'isolated',
      );
    });
    it('semantics 1.5: a release that never became final is doubt once MDE has given it up', () => {
      const stuck = unisolate(hour(1), running);
      expect(observeAt(hour(24), [isolate(hour(0)), stuck]).state).to.equal('releasing');
      expect(observeAt(hour(1) + 3 * DAY + 7 * HOUR, [isolate(hour(0)), stuck])).to.include({
        state: 'doubtful',
        doubt: stuck,
      });
    });
    it('semantics 1.5: an isolate that never became final is doubt as well', () => {
      const stuck = isolate(hour(0), running);
      expect(observeAt(hour(3 * 24 + 7), [stuck])).to.include({ state: 'doubtful', doubt: stuck });
    });
    it('semantics 1.5: an isolate in doubt is none any more once MDE would have lifted it', () => {
      const failed = isolate(hour(0), ended('TimeOut', day(3)));
      expect(observeAt(day(11), [failed]).state).to.equal('doubtful');
      expect(observeAt(day(11) + 1, [failed]).state).to.equal('released');
    });
    it('semantics 1.5: after a lapse, an isolate that failed makes the host doubtful, a release that failed does not', () => {
      const old = isolate(day(0));
      expect(observeAt(day(10), [old, isolate(day(9), ended('Failed', day(9)))]).state).to.equal('doubtful');
      expect(observeAt(day(10), [old, unisolate(day(9), ended('Failed', day(9)))]).state).to.equal('lapsed');
    });
  });

  it('semantics 1.6: the type is the one that was told last; where none was, it is not known', () => {
    const silent = isolate(hour(2), { scope: null });
    expect(observeAt(hour(3), [isolate(hour(0), { scope: 'Selective' }), silent]).isolationType).to.equal('Selective');
    expect(observeAt(hour(3), [silent]).isolationType).to.equal(undefined);
    expect(observeAt(hour(3), [isolate(hour(0), { scope: 'UnManagedDevice' })]).isolationType).to.equal(
      'UnManagedDevice',
    );
    expect(observeAt(hour(3), [isolate(hour(0), { scope: 'Sideways' })]).isolationType).to.equal(undefined);
  });
});

describe('the window', () => {
  const now = day(30);
  const since = now - windowMs;
  const asks = (actions: readonly MachineAction[], known = false) =>
    needsWholeHistory(observeAt(now, actions), since, undefined, known);

  it('semantics 1.3: is twelve days', () => {
    expect(windowMs).to.equal(12 * DAY);
  });
  it('semantics 1.3: a host that state knows and the window does not is asked singly', () => {
    expect(asks([], true)).to.equal(true);
    expect(asks([], false)).to.equal(false);
  });
  it('semantics 1.3: an isolate of the last hours needs nothing else: whatever came before has lapsed', () => {
    expect(asks([isolate(now - HOUR)])).to.equal(false);
  });
  it('semantics 1.3: an older one may be the renewal of a lease that the window does not show', () => {
    expect(asks([isolate(now - 5 * DAY)])).to.equal(true);
  });
  it('semantics 1.3: a release that nothing unseen can follow is a sure start', () => {
    expect(asks([unisolate(now - 6 * DAY), isolate(now - 5 * DAY)])).to.equal(false);
  });
  it('semantics 1.3: a release that an unseen, queued isolate may have followed is none', () => {
    const unseen = isolate(since - HOUR, { updatedAt: since + 2 * DAY });
    const seen = [unisolate(since + DAY), isolate(now - 2 * DAY)];
    expect(observeAt(now, seen).state, 'by the window alone').to.equal('isolated');
    expect(asks(seen)).to.equal(true);
    expect(observeAt(now, [unseen, ...seen]).state, 'in truth').to.equal('uncertain');
  });
  it('semantics 1.3: what state remembers is a sure start where the window shows it', () => {
    const began = isolate(now - 6 * DAY);
    const remembered = { actionId: began.id, latestStart: began.updatedAt };
    expect(needsWholeHistory(observeAt(now, [began], { remembered }), since, remembered)).to.equal(false);
    const other = isolate(now - 5 * DAY);
    expect(needsWholeHistory(observeAt(now, [other], { remembered }), since, remembered)).to.equal(true);
  });
  it('semantics 1.3: a remembered isolate so old that an unseen one may have followed it is none', () => {
    const began = isolate(now - 10 * DAY);
    const remembered = { actionId: began.id, latestStart: began.updatedAt };
    expect(needsWholeHistory(observeAt(now, [began], { remembered }), since, remembered)).to.equal(true);
  });
});
