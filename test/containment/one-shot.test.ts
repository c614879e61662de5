import { expect } from 'chai';
import fc from 'fast-check';
import { isAsked } from '../../provider/containment/asked.ts';
import { MINUTE } from '../../provider/containment/duration.ts';
import { markedComment, markOf } from '../../provider/containment/mark.ts';
import { type KnownRequest, type OneShotView, planOneShot } from '../../provider/containment/one-shot.ts';
import { oneShotActions, refusedBecause } from '../../provider/containment/one-shot-actions.ts';
import type { MachineAction, MachineActionStatus } from '../../provider/defender/machine-action.ts';
import { action, hour, machineId, source } from './actions.ts';

const sha1 = '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const ask = { type: 'StopAndQuarantineFile', sha1 } as const;
const asked = { ...source, asked: JSON.stringify([ask]) };
const now = hour(200);

function request(createdAt: number, status: MachineActionStatus, changes: Partial<MachineAction> = {}): MachineAction {
  const isFinal = status !== 'Pending' && status !== 'InProgress';
  return {
    ...action('Isolate', createdAt),
    type: 'StopAndQuarantineFile',
    status,
    sha1,
    updatedAt: isFinal ? createdAt + MINUTE : createdAt,
    ...changes,
  };
}

const ours = (createdAt: number, status: MachineActionStatus, changes: Partial<MachineAction> = {}) =>
  request(createdAt, status, {
    requestorComment: markedComment(asked, 'INC-1'),
    requestSource: 'PublicApi',
    ...changes,
  });

const known = ({ id, createdAt }: MachineAction, status: MachineActionStatus): KnownRequest => ({
  actionId: id,
  status,
  requestedAt: createdAt,
});

function plan(history: readonly MachineAction[], more: Partial<OneShotView> = {}) {
  return planOneShot({
    ask,
    mark: markOf(asked),
    history,
    asOf: now,
    known: undefined,
    replacesUntil: undefined,
    ...more,
  });
}

const another = 'f'.repeat(40);

describe('what is done once', () => {
  const table: readonly (readonly [string, string, () => ReturnType<typeof plan>])[] = [
    ['nothing was asked yet', 'send', () => plan([])],
    [
      'semantics 3.1: a running request of ours that state does not know',
      'adopt',
      () => plan([ours(hour(199), 'Pending')]),
    ],
    [
      'semantics 3.1: one of ours of which the service does not tell the file yet',
      'adopt',
      () => plan([ours(hour(199), 'Pending', { sha1: null })]),
    ],
    [
      'semantics 4.2: a running request of another for this file',
      'adopt',
      () => plan([request(hour(199), 'InProgress')]),
    ],
    [
      'a running request of another for another file',
      'send',
      () => plan([request(hour(199), 'Pending', { sha1: another })]),
    ],
    [
      'a running request of another that does not tell its file',
      'send',
      () => plan([request(hour(199), 'Pending', { sha1: null })]),
    ],
    ['another has done it', 'send', () => plan([request(hour(199), 'Succeeded')])],
    ['semantics 3.1: a killed run of ours has done it', 'none', () => plan([ours(hour(199), 'Succeeded')])],
    [
      'semantics 3.4: one under our mark that did not come over the API',
      'send',
      () => plan([ours(hour(199), 'Succeeded', { requestSource: 'Portal' })]),
    ],
    ['a declaration that was deleted days ago has done it', 'send', () => plan([ours(hour(100), 'Succeeded')])],
    [
      'the declaration that this one replaces has done it',
      'send',
      () => plan([ours(hour(199), 'Succeeded')], { replacesUntil: hour(199) }),
    ],
    [
      'a killed run has done it after the one that this one replaces',
      'none',
      () => plan([ours(hour(198), 'Succeeded'), ours(hour(199), 'Succeeded')], { replacesUntil: hour(198) }),
    ],
    ['a killed run of ours failed', 'send', () => plan([ours(hour(199), 'Failed')])],
    [
      'semantics 1.5: a request that MDE should have given up long ago',
      'send',
      () => plan([request(hour(100), 'Pending')]),
    ],
  ];
  for (const [what, kind, decide] of table) it(`${what}: ${kind}`, () => expect(decide().kind).to.equal(kind));

  for (const status of ['Failed', 'TimeOut', 'Cancelled'] as const) {
    it(`semantics 4.3: state's request ended ${status}: sent again`, () => {
      const old = ours(hour(100), status, { cancellationRequestor: 'ada@contoso.com' });
      const decided = plan([old], { known: known(old, 'Pending') });
      expect(decided.kind).to.equal('send');
      expect(decided.reason).to.contain(`ended ${status}`);
    });
    it(`semantics 4.1: state's request ended ${status}, and a killed run asked again: adopted`, () => {
      const old = ours(hour(100), status);
      const later = ours(hour(199), 'Pending');
      expect(plan([old, later], { known: known(old, status) })).to.include({ kind: 'adopt', action: later });
      const done = ours(hour(199), 'Succeeded');
      expect(plan([old, done], { known: known(old, status) })).to.include({ kind: 'none', action: done });
    });
  }

  it('what state knows as done stays done, also where the service has forgotten it', () => {
    const old = ours(hour(1), 'Succeeded');
    expect(plan([], { known: known(old, 'Succeeded') }).kind).to.equal('none');
  });

  it('what state knows as running and the service does not show is left alone for its three days, then asked again', () => {
    const pending = known(ours(hour(199), 'Pending'), 'Pending');
    expect(plan([], { known: pending }).kind).to.equal('unseen');
    expect(plan([], { known: { ...pending, requestedAt: hour(200 - 24 * 3 - 7) } }).kind).to.equal('send');
  });

  it('nothing is sent while a request of ours or for the same file runs, whatever else happened', () => {
    const histories = fc.array(
      fc.record({
        at: fc.integer({ min: 150, max: 199 }),
        status: fc.constantFrom<MachineActionStatus>(
          'Pending',
          'InProgress',
          'Succeeded',
          'Failed',
          'TimeOut',
          'Cancelled',
        ),
        isOurs: fc.boolean(),
        hash: fc.constantFrom(sha1, another, null),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(histories, fc.boolean(), (told, isKnown) => {
        const history = told.map(({ at, status, isOurs, hash }) =>
          (isOurs ? ours : request)(hour(at), status, { sha1: isOurs ? sha1 : hash }),
        );
        const first = history.find((each) => each.requestorComment.startsWith('[mde:'));
        const remembered = isKnown && first !== undefined ? known(first, first.status) : undefined;
        const decided = plan(history, { known: remembered });
        const runs = history.filter(({ status }) => status === 'Pending' || status === 'InProgress');
        if (runs.some((each) => each.sha1 === sha1)) expect(decided.kind).not.to.equal('send');
        // Never another file's for ours.
        if (decided.kind === 'adopt' || (decided.kind === 'none' && decided.action !== undefined))
          expect(decided.action?.sha1).to.equal(sha1);
      }),
    );
  });

  it('a scan of another is the one that is asked for where it is at least as thorough, for all that is told', () => {
    const scan = (scope: string | null) =>
      request(hour(199), 'Pending', { type: 'RunAntiVirusScan', sha1: null, scope });
    const answers = (['Quick', 'Full'] as const).map((scanType) =>
      ['Quick', 'Full', null].map((scope) => isAsked(scan(scope), { type: 'RunAntiVirusScan', scanType })),
    );
    expect(answers).to.deep.equal([
      [true, true, true],
      [false, true, false],
    ]);
  });

  it('machines that cannot carry it out are told why, and what to do', () => {
    const machine = { id: machineId, onboardingStatus: 'Onboarded', osPlatform: 'Windows11' };
    for (const type of Object.keys(oneShotActions) as (keyof typeof oneShotActions)[]) {
      expect(refusedBecause(machine, type), type).to.equal(undefined);
      expect(refusedBecause({ ...machine, onboardingStatus: 'CanBeOnboarded' }, type)).to.match(
        /not onboarded.*Onboard it/,
      );
      expect(refusedBecause({ ...machine, osPlatform: 'iOS' }, type)).to.match(/iOS/);
      expect(refusedBecause({ id: machineId }, type), 'nothing is told of it').to.equal(undefined);
    }
    expect(refusedBecause({ ...machine, osPlatform: 'Ubuntu' }, 'StopAndQuarantineFile')).to.match(/Windows only/);
    expect(refusedBecause({ ...machine, osPlatform: 'Ubuntu' }, 'RunAntiVirusScan')).to.equal(undefined);
  });
});
