import { expect } from 'chai';
import fc from 'fast-check';
import { parseMachineAction } from '../../provider/defender/machine-actions.ts';
import { actionBody, actionId, machineId } from './entities.ts';

describe('a machine action', () => {
  it('is read from the body that the service really sends', () => {
    expect(parseMachineAction(actionBody())).to.deep.equal({
      id: actionId,
      type: 'Isolate',
      status: 'Pending',
      machineId,
      computerDnsName: 'laptop-7.contoso.com',
      requestor: 'quarantine',
      requestorComment: '[mde:0123456789abcdef] ticket',
      requestSource: 'PublicApi',
      scope: null,
      sha1: null,
      createdAt: Date.UTC(2026, 0, 5, 11, 25, 48, 330),
      updatedAt: Date.UTC(2026, 0, 5, 11, 25, 48, 330),
      cancellationRequestor: null,
      cancellationComment: null,
      externalId: null,
    });
  });

  it('has its ids in lower case', () => {
    const action = parseMachineAction(actionBody({ id: actionId.toUpperCase(), machineId: machineId.toUpperCase() }));
    expect(action).to.include({ id: actionId, machineId });
  });

  it('takes the older spellings of cancelled and of the update time', () => {
    expect(parseMachineAction(actionBody({ status: 'Canceled' }))?.status).to.equal('Cancelled');
    const older = actionBody({ lastUpdateTimeUtc: '2026-01-05T12:00:00Z' });
    delete older.lastUpdateDateTimeUtc;
    expect(parseMachineAction(older)?.updatedAt).to.equal(Date.UTC(2026, 0, 5, 12));
  });

  it('keeps a type that it does not know', () => {
    expect(parseMachineAction(actionBody({ type: 'Teleport' }))?.type).to.equal('Teleport');
  });

  it('bears nulls in all that is only told', () => {
    const action = parseMachineAction(
      actionBody({ computerDnsName: null, requestor: null, requestorComment: null, requestSource: null }),
    );
    expect(action).to.include({ computerDnsName: null, requestor: '', requestorComment: '', requestSource: null });
  });

  for (const [name, value] of Object.entries({
    id: ['', 'not-a-guid', 7, null],
    type: ['', null, 7],
    status: ['', 'Exploded', 'toString', 'pending', null],
    machineId: ['', 'laptop-7', null],
    creationDateTimeUtc: ['', 'noon', null, 7],
    lastUpdateDateTimeUtc: ['', 'noon', null],
  })) {
    it(`is not guessed at when its ${name} cannot be read`, () => {
      for (const bad of value) expect(parseMachineAction(actionBody({ [name]: bad })), String(bad)).to.equal(undefined);
    });
  }

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.anything(), (value) => parseMachineAction(value) === undefined || true));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(actionBody())), fc.anything()), (changes) => {
        parseMachineAction(actionBody(changes));
      }),
    );
  });
});
