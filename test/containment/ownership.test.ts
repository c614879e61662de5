import { expect } from 'chai';
import { DAY, HOUR } from '../../provider/containment/duration.ts';
import { markedComment } from '../../provider/containment/mark.ts';
import {
  isOurs,
  ownershipOf,
  type RememberedOwnership,
  withRequestorOf,
} from '../../provider/containment/ownership.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { day, ended, hour, isolate, observeAt, ourName, ours, running, self, source, unisolate } from './actions.ts';

const kindAt = (
  now: number,
  actions: readonly MachineAction[],
  remembered?: RememberedOwnership,
  includeRunning?: boolean,
) => ownershipOf(observeAt(now, actions), self, remembered, includeRunning).kind;

describe('isOurs', () => {
  const rows: readonly [string, Partial<MachineAction>, boolean][] = [
    ['mark, requestor and API', {}, true],
    ['the requestor in other letters', { requestor: ourName.toUpperCase() }, true],
    ['another requestor with our mark', { requestor: 'analyst@contoso.com' }, false],
    ['our mark from the portal', { requestSource: 'Portal' }, false],
    ['our mark with no source told', { requestSource: null }, false],
    ['no mark', { requestorComment: 'INC-1' }, false],
    ['a mark that does not come first', { requestorComment: `re: ${markedComment(source, 'INC-1')}` }, false],
    ['an altered mark', { requestorComment: markedComment(source, 'INC-1').replace(/[0-9a-f]\]/, 'x]') }, false],
    ['the mark of another stack', { requestorComment: markedComment({ ...source, stack: 'dev' }, 'INC-1') }, false],
    [
      'the mark of another project',
      { requestorComment: markedComment({ ...source, project: 'other' }, 'INC-1') },
      false,
    ],
    [
      'the mark of a backend with an owner key',
      { requestorComment: markedComment({ ...source, ownerKey: 'b' }, '') },
      false,
    ],
    [
      'our mark under the name that the resource had',
      { requestorComment: markedComment({ ...source, name: 'old: name' }, 'INC-1') },
      true,
    ],
  ];
  for (const [title, changes, expected] of rows) {
    it(`semantics 3.2, 3.4: ${title}: ${expected ? 'ours' : 'foreign'}`, () => {
      expect(isOurs(isolate(hour(0), { ...ours, ...changes }), self)).to.equal(expected);
    });
  }
  it('semantics 3.2: an action id in our state is ours, whatever else it says', () => {
    const plain = isolate(hour(0));
    expect(isOurs(plain, { ...self, actionIds: new Set([plain.id]) })).to.equal(true);
  });
});

describe('withRequestorOf: looked at by another app than the one that wrote', () => {
  const reader = { ...self, requestors: ['quarantine-read'] };
  const first = isolate(hour(0), ours);
  const renewal = isolate(day(4), ours);
  const remembered = { actionId: renewal.id, owned: true, takenAt: undefined };
  const seen = (memory: RememberedOwnership | undefined, ...actions: readonly MachineAction[]) => {
    const observed = observeAt(day(5), actions);
    return ownershipOf(observed, withRequestorOf(memory, observed.history, reader), memory).kind;
  };

  it('semantics 3.2: what state holds as ours makes its requestor ours, also for the requests before it', () => {
    expect(seen(remembered, first, renewal)).to.equal('ours');
  });
  it('semantics 3.2: without that memory, another requestor with our mark is foreign', () => {
    expect(seen(undefined, first, renewal)).to.equal('foreign');
    expect(seen({ ...remembered, owned: false }, first, renewal)).to.equal('foreign');
    expect(seen({ ...remembered, actionId: isolate(hour(9)).id }, first, renewal)).to.equal('foreign');
  });
  it('semantics 3.2: an isolate of somebody else in between is still foreign, with our mark or without', () => {
    expect(seen(remembered, first, isolate(day(1)), renewal)).to.equal('foreign');
    expect(seen(remembered, first, isolate(day(1), { ...ours, requestor: 'soar' }), renewal)).to.equal('foreign');
  });
  it("semantics 3.2: what was taken over from an analyst does not make the analyst's requests ours", () => {
    const taken = isolate(hour(0));
    const forged = isolate(hour(1), { ...ours, requestor: taken.requestor });
    expect(withRequestorOf({ actionId: taken.id, owned: true, takenAt: hour(2) }, [taken, forged], reader)).to.equal(
      reader,
    );
  });
});

describe('ownershipOf', () => {
  it('semantics 3.2: what we began is ours; what another began is not', () => {
    expect(kindAt(hour(1), [isolate(hour(0), ours)])).to.equal('ours');
    expect(kindAt(hour(1), [isolate(hour(0))])).to.equal('foreign');
  });
  it('semantics 3.2: nothing that contains the host belongs to nobody', () => {
    expect(kindAt(hour(3), [isolate(hour(0), ours), unisolate(hour(1))])).to.equal('none');
  });
  it('semantics 3.2: a foreign isolate in our period makes it foreign, by its requestor', () => {
    const observed = observeAt(hour(3), [isolate(hour(0), ours), isolate(hour(1), { requestor: 'soar' })]);
    expect(ownershipOf(observed, self, undefined)).to.include({ kind: 'foreign', requestor: 'soar' });
  });
  for (const status of ['Cancelled', 'TimeOut', 'Failed'] as const) {
    it(`semantics 3.2: so does a foreign one that ended ${status}: it was somebody's wish that the host be contained`, () => {
      expect(kindAt(hour(5), [isolate(hour(0), ours), isolate(hour(1), ended(status, hour(2)))])).to.equal('foreign');
    });
  }
  it('semantics 3.2: and one that hung until MDE gave it up', () => {
    expect(kindAt(day(5), [isolate(hour(0), ours), isolate(hour(1), running)])).to.equal('foreign');
  });
  it('semantics 5.1: a foreign isolate that still waits is told apart when releasing', () => {
    const actions = [isolate(hour(0), ours), isolate(hour(1), running)];
    expect(kindAt(hour(2), actions)).to.equal('foreign');
    expect(kindAt(hour(2), actions, undefined, false)).to.equal('ours');
  });
  it('semantics 3.2: a release ends it: what we isolate after a foreign period is ours', () => {
    expect(kindAt(hour(5), [isolate(hour(0)), unisolate(hour(1)), isolate(hour(2), ours)])).to.equal('ours');
  });
  it('semantics 3.2: where a foreign isolate and a release completed in one instant, it may still stand', () => {
    const tied = [isolate(hour(0), { updatedAt: hour(2) }), unisolate(hour(1), { updatedAt: hour(2) })];
    expect(kindAt(hour(5), [...tied, isolate(hour(3), ours)])).to.equal('foreign');
  });
  it('semantics 3.2: so does a lapse', () => {
    expect(kindAt(day(10), [isolate(day(0)), isolate(day(9), ours)])).to.equal('ours');
  });
  it('semantics 3.2: renewing what another began never takes it over, however often', () => {
    const renewals = [3, 7.2, 7.5, 8.2, 11, 14.5, 15, 15.5, 16.5].map((days) => isolate(day(days), ours));
    expect(kindAt(day(17), [isolate(day(0)), ...renewals])).to.equal('foreign');
  });
  it('semantics 3.2: nor where state has come to remember a renewal of ours as the beginning of the lease', () => {
    const began = isolate(day(0));
    const renewals = [isolate(day(7.5), ours), isolate(day(8.2), ours)];
    const { period } = observeAt(day(9), [began, ...renewals]);
    expect(period?.beganBy.id, 'the lease is dated by a renewal').to.equal(renewals[0]?.id);
    const remembered = { actionId: period?.beganBy.id ?? began.id, latestStart: period?.latestStart ?? day(0) };
    const whole = observeAt(day(9), [began, ...renewals], { remembered });
    expect(ownershipOf(whole, self, { actionId: remembered.actionId, owned: false, takenAt: undefined }).kind).to.equal(
      'foreign',
    );
    expect(ownershipOf(whole, self, { actionId: remembered.actionId, owned: true, takenAt: undefined }).kind).to.equal(
      'foreign',
    );
    const windowed = observeAt(day(13), renewals, { remembered });
    expect(
      ownershipOf(windowed, self, { actionId: remembered.actionId, owned: false, takenAt: undefined }).kind,
      'the window shows nothing foreign',
    ).to.equal('foreign');
  });

  describe('taken on purpose or imported', () => {
    const foreign = isolate(hour(0));
    const taken: RememberedOwnership = { actionId: foreign.id, owned: true, takenAt: hour(2) };
    it('semantics 3.2: what stood then is ours', () => {
      expect(kindAt(hour(3), [foreign, isolate(hour(1))], taken)).to.equal('ours');
    });
    it('semantics 3.2: a foreign isolate since then is not', () => {
      expect(kindAt(hour(4), [foreign, isolate(hour(3))], taken)).to.equal('foreign');
    });
    it('semantics 3.2: nor is a later foreign period', () => {
      expect(kindAt(hour(9), [foreign, unisolate(hour(3)), isolate(hour(5))], taken)).to.equal('foreign');
    });
    it('semantics 3.2: a moment alone, without ownership in state, takes nothing', () => {
      expect(kindAt(hour(3), [foreign], { ...taken, owned: false })).to.equal('foreign');
    });
  });

  it('semantics 1.5, 3.2: doubt about a foreign isolate is not ours to resolve', () => {
    const stuck = isolate(hour(0), running);
    const actions = [stuck, isolate(hour(1), ours), unisolate(hour(2), ours)];
    expect(observeAt(3 * DAY + hour(7), actions).state).to.equal('doubtful');
    expect(kindAt(3 * DAY + hour(7), actions)).to.equal('foreign');
    expect(
      kindAt(hour(24) + HOUR, [unisolate(hour(0)), isolate(hour(1), { ...ours, ...ended('Failed', hour(2)) })]),
    ).to.equal('ours');
  });
});
