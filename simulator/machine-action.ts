import type { CancelEvent } from './clock.ts';
import type { Machine } from './machine.ts';
import type { ResponseAction } from './response-action.ts';
import { formatTicks, type Ticks } from './time.ts';

export type MachineActionStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'TimeOut' | 'Cancelled';

/** A machine action as the API prints it: fields, order and casing as in captured answers. */
export interface MachineActionBody {
  readonly id: string;
  readonly type: string;
  readonly title: string | null;
  readonly requestor: string;
  readonly requestorComment: string;
  readonly status: MachineActionStatus;
  readonly machineId: string;
  readonly computerDnsName: string | null;
  readonly creationDateTimeUtc: string;
  readonly lastUpdateDateTimeUtc: string;
  readonly cancellationRequestor: string | null;
  readonly cancellationComment: string | null;
  readonly cancellationDateTimeUtc: string | null;
  readonly errorHResult: number;
  readonly scope: string | null;
  readonly externalId: string | null;
  readonly requestSource: string;
  readonly relatedFileInfo: { readonly fileIdentifier: string; readonly fileIdentifierType: 'Sha1' } | null;
  readonly commands: readonly never[];
  readonly troubleshootInfo: null;
}

/** Where a request came from. */
export type Origin =
  | { readonly via: 'api'; readonly tenantId: string; readonly appId: string; readonly route: string }
  | { readonly via: 'analyst' }
  | { readonly via: 'service' };

/** The record as it stood from `at` on; a list that lags shows an older one. */
export interface MachineActionVersion {
  readonly at: Ticks;
  readonly created: Ticks;
  readonly updated: Ticks;
  readonly body: MachineActionBody;
  /** The body in JSON, made once. */
  json?: string;
}

/** One request to one machine, with all that became of it. */
export interface MachineActionEntry {
  readonly id: string;
  readonly kind: ResponseAction;
  readonly machine: Machine;
  readonly parameters: Readonly<Record<string, string>>;
  readonly origin: Origin;
  readonly created: Ticks;
  /** Oldest first; never empty. */
  readonly versions: [MachineActionVersion, ...MachineActionVersion[]];
  /** Seconds it takes from pick-up to end, where the request said so. */
  readonly latencySeconds: number | undefined;
  /** When the machine really did it, ms since 1970. */
  executedAt: number | undefined;
  events: CancelEvent[];
}

export function currentVersion(entry: MachineActionEntry): MachineActionVersion {
  return entry.versions.at(-1) ?? entry.versions[0];
}

/** The record as it stood at `at`, or undefined before its creation. */
export function versionAt(entry: MachineActionEntry, at: Ticks): MachineActionVersion | undefined {
  return entry.versions.findLast((version) => version.at <= at);
}

export function statusOf(entry: MachineActionEntry): MachineActionStatus {
  return currentVersion(entry).body.status;
}

/** Whether the record can still change: no final status yet. */
export function isActive(entry: MachineActionEntry): boolean {
  const status = statusOf(entry);
  return status === 'Pending' || status === 'InProgress';
}

/** Adds a version in which `changes` are made. */
export function revise(entry: MachineActionEntry, at: Ticks, changes: Partial<MachineActionBody>): void {
  const { body } = currentVersion(entry);
  entry.versions.push({
    at,
    created: entry.created,
    updated: at,
    body: { ...body, ...changes, lastUpdateDateTimeUtc: formatTicks(at) },
  });
}

export function jsonOf(version: MachineActionVersion): string {
  version.json ??= JSON.stringify(version.body);
  return version.json;
}
