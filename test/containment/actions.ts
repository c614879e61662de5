import { DAY, HOUR } from '../../provider/containment/duration.ts';
import { type MarkSource, markedComment } from '../../provider/containment/mark.ts';
import { type FoldOptions, type Observed, observe } from '../../provider/containment/observation.ts';
import type { Self } from '../../provider/containment/ownership.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import type { ActionId, MachineAction, MachineActionStatus } from '../../provider/defender/machine-action.ts';

/** The moment from which histories in tests count their hours. */
export const epoch = Date.UTC(2026, 0, 5);

export const machineId = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07' as MachineId;

/** Our declaration, and whom the service calls us. */
export const source: MarkSource = { project: 'quarantine', stack: 'prod', name: 'laptop-7', machineId };
export const ourName = 'quarantine-pipeline';
export const self: Self = { source, requestors: [ourName], actionIds: new Set() };

export function hour(hours: number): number {
  return epoch + hours * HOUR;
}

export function day(days: number): number {
  return epoch + days * DAY;
}

let made = 0;

export function actionId(number: number): ActionId {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}` as ActionId;
}

/** A request of an analyst: Succeeded one minute after it was made, unless told otherwise. */
export function action(
  type: 'Isolate' | 'Unisolate',
  createdAt: number,
  changes: Partial<MachineAction> = {},
): MachineAction {
  made += 1;
  return {
    id: actionId(made),
    type,
    status: 'Succeeded',
    machineId,
    computerDnsName: 'laptop-7.contoso.com',
    requestor: 'analyst@contoso.com',
    requestorComment: 'by hand',
    requestSource: 'Portal',
    scope: type === 'Isolate' ? 'Full' : null,
    sha1: null,
    createdAt,
    updatedAt: createdAt + 60_000,
    cancellationRequestor: null,
    cancellationComment: null,
    externalId: null,
    ...changes,
  };
}

export const isolate = (createdAt: number, changes: Partial<MachineAction> = {}) =>
  action('Isolate', createdAt, changes);
export const unisolate = (createdAt: number, changes: Partial<MachineAction> = {}) =>
  action('Unisolate', createdAt, changes);

/** What makes a request ours: the mark, our name, the API. */
export const ours: Partial<MachineAction> = {
  requestor: ourName,
  requestorComment: markedComment(source, 'INC-1'),
  requestSource: 'PublicApi',
};

export const running: Partial<MachineAction> = { status: 'Pending' };

/** Ended without success at `updatedAt`. */
export function ended(status: MachineActionStatus, updatedAt: number): Partial<MachineAction> {
  return { status, updatedAt };
}

export const defaultFold: Omit<FoldOptions, 'now'> = { renewBeforeMs: 96 * HOUR, renewalRestartsLease: false };

export function observeAt(
  now: number,
  actions: readonly MachineAction[],
  options: Partial<FoldOptions> = {},
): Observed {
  return observe(actions, { ...defaultFold, now, ...options });
}
