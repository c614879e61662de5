import type { MachineId } from './machine.ts';

/** A machine action's id, a GUID. */
export type ActionId = string & { readonly __brand: 'ActionId' };

/** Types of machine action as the service spells them. */
export type MachineActionType =
  | 'Isolate'
  | 'Unisolate'
  | 'StopAndQuarantineFile'
  | 'RestrictCodeExecution'
  | 'UnrestrictCodeExecution'
  | 'RunAntiVirusScan'
  | 'CollectInvestigationPackage'
  | 'Offboard'
  | 'LiveResponse';

/** `Pending` and `InProgress` run; the other four are final. */
export type MachineActionStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'TimeOut' | 'Cancelled';

/** `UnManagedDevice` contains a device that is not onboarded. */
export type IsolationType = 'Full' | 'Selective' | 'UnManagedDevice';

/**
 * One request to one machine, as `GET /api/machineactions` tells it. Times are milliseconds since the epoch on the
 * service's clock (the service sends up to seven fractional digits; they are cut to three).
 */
export interface MachineAction {
  readonly id: ActionId;
  readonly type: MachineActionType | (string & {});
  readonly status: MachineActionStatus;
  readonly machineId: MachineId;
  readonly computerDnsName: string | null;
  /** For an app its display name or GUID, for a person the UPN. */
  readonly requestor: string;
  readonly requestorComment: string;
  /** `PublicApi` for requests over this API. */
  readonly requestSource: string | null;
  /** For an isolation `Full`, `Selective` or `UnManagedDevice`, for a scan `Quick` or `Full`; null: none, or unknown. */
  readonly scope: string | null;
  /** SHA-1 of the file that it is about, lower case; null where it is about none. */
  readonly sha1: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly cancellationRequestor: string | null;
  readonly cancellationComment: string | null;
  readonly externalId: string | null;
}

/** Whether the action can still change: it is queued or the device is carrying it out. */
export function isRunning(action: MachineAction): boolean {
  return action.status === 'Pending' || action.status === 'InProgress';
}
