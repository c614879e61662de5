import type { MachineActionEntry, MachineActionStatus } from './machine-action.ts';
import type { MachineFile } from './machine-files.ts';
import { formatTicks, type Ticks, ticksOf } from './time.ts';

export type HealthStatus =
  | 'Active'
  | 'Inactive'
  | 'ImpairedCommunication'
  | 'NoSensorData'
  | 'NoSensorDataImpairedCommunication'
  | 'Unknown';

export type IsolationType = 'Full' | 'Selective' | 'UnManagedDevice';

/** The isolation that is really in force on a machine, whatever the record says. Times in ms since 1970. */
export interface Isolation {
  type: IsolationType;
  since: number;
  liftsAt: number;
  /** The action that began it; absent for one made outside the machine actions. */
  readonly actionId?: string;
}

/** A stretch of time in which a machine was really isolated, without a break. Times in ms since 1970. */
export interface IsolationStretch {
  readonly since: number;
  /** Both absent while it lasts. */
  until?: number;
  endedBy?: 'lift' | 'release';
}

export interface IpAddress {
  readonly ipAddress: string;
  readonly macAddress: string;
  readonly type: string;
  readonly operationalStatus: string;
}

/** What is set of a machine, by the fleet or by a test. The rest of what the API tells follows from it and the time. */
export interface MachineProperties {
  computerDnsName: string;
  osPlatform: string;
  osVersion: string | null;
  osProcessor: string;
  osArchitecture: string;
  /** The Windows release (`22H2`), or the version of Linux or macOS. */
  version: string;
  osBuild: number | null;
  agentVersion: string;
  lastIpAddress: string;
  lastExternalIpAddress: string;
  ipAddresses: readonly IpAddress[];
  onboardingStatus: 'Onboarded' | 'CanBeOnboarded' | 'Unsupported' | 'InsufficientInfo';
  rbacGroupId: number;
  rbacGroupName: string | null;
  riskScore: 'None' | 'Informational' | 'Low' | 'Medium' | 'High' | null;
  exposureLevel: 'None' | 'Low' | 'Medium' | 'High' | null;
  deviceValue: 'Normal' | 'Low' | 'High';
  isAadJoined: boolean;
  aadDeviceId: string | null;
  machineTags: readonly string[];
  mergedIntoMachineId: string | null;
  isPotentialDuplication: boolean;
  isExcluded: boolean;
  exclusionReason: string | null;
  defenderAvStatus: string;
  managedBy: string;
  managedByStatus: string;
  /** Told by the API; absent: `Active`, and `Inactive` after seven days offline. */
  healthStatus?: HealthStatus | undefined;
  /** Ms since 1970. */
  firstSeen: number;
  /** Told by the API; absent: the last of the daily reports while online. Ms since 1970. */
  lastSeen?: number | undefined;
}

/** How the next actions of a type end on a machine, instead of succeeding. */
export interface ScriptedOutcome {
  readonly status: Extract<MachineActionStatus, 'Failed' | 'TimeOut'>;
  /** Whether the machine carries it out all the same; default false. */
  readonly executed?: boolean;
  /** For how many actions; default all. */
  times?: number;
}

/** A device as it is: its properties, whether it can be reached, what is in force on it and what it has still to do. */
export interface Machine {
  readonly id: string;
  /** Counts up in the order in which machines were added. */
  readonly order: number;
  properties: MachineProperties;
  online: boolean;
  /** Ms since 1970; set while offline. */
  offlineSince: number | undefined;
  isolation: Isolation | undefined;
  /** When it was isolated, oldest first. */
  readonly stretches: IsolationStretch[];
  codeRestricted: boolean;
  /** What is on it; undefined: every file that anybody asks for. */
  files: readonly MachineFile[] | undefined;
  /** What was put into quarantine, oldest first; SHA-1 in lower case, `since` in ms since 1970. */
  quarantine: readonly { readonly sha1: string; readonly since: number }[];
  /** Carried out, oldest first; `at` in ms since 1970. */
  readonly scans: { readonly scanType: string; readonly at: number; readonly actionId: string }[];
  readonly packages: { readonly at: number; readonly actionId: string }[];
  /** Seconds an action of a type takes here, where it differs from the table. */
  latencySeconds: Partial<Record<string, number>>;
  outcomes: Partial<Record<string, ScriptedOutcome>>;
  /** Received and not begun, in the order of submission. */
  readonly queue: MachineActionEntry[];
  readonly running: Set<MachineActionEntry>;
  /** Accepted, and waiting for something other than their turn: for a release, or in vain. */
  readonly parked: Map<MachineActionEntry, 'waits-for-release' | 'hangs'>;
  /** Carried out while the machine could not report it. */
  readonly unreported: Map<MachineActionEntry, MachineActionStatus>;
}

const dayMs = 86_400_000;

export function healthStatus(machine: Machine, now: number): HealthStatus {
  if (machine.properties.healthStatus !== undefined) return machine.properties.healthStatus;
  const silentMs = machine.offlineSince === undefined ? 0 : now - machine.offlineSince;
  return silentMs > 7 * dayMs ? 'Inactive' : 'Active';
}

/** `lastSeen` is the last full report, which comes about once a day, not the last sign of life. */
export function lastSeen(machine: Machine, now: number): Ticks {
  const { properties, id } = machine;
  if (properties.lastSeen !== undefined) return ticksOf(properties.lastSeen);
  const phase = Number.parseInt(id.slice(0, 6), 16) * 5;
  const until = machine.offlineSince ?? now;
  const report = Math.floor((until - phase) / dayMs) * dayMs + phase;
  return ticksOf(Math.max(report, properties.firstSeen), Number.parseInt(id.slice(6, 9), 16));
}

/** A machine as the API prints it, in the service's order. */
export function machineBody(machine: Machine, now: number): Record<string, unknown> {
  const { properties: p } = machine;
  return {
    id: machine.id,
    mergedIntoMachineId: p.mergedIntoMachineId,
    isPotentialDuplication: p.isPotentialDuplication,
    isExcluded: p.isExcluded,
    exclusionReason: p.exclusionReason,
    computerDnsName: p.computerDnsName,
    firstSeen: formatTicks(ticksOf(p.firstSeen, Number.parseInt(machine.id.slice(9, 12), 16))),
    lastSeen: formatTicks(lastSeen(machine, now)),
    osPlatform: p.osPlatform,
    osVersion: p.osVersion,
    osProcessor: p.osProcessor,
    version: p.version,
    lastIpAddress: p.lastIpAddress,
    lastExternalIpAddress: p.lastExternalIpAddress,
    agentVersion: p.agentVersion,
    osBuild: p.osBuild,
    healthStatus: healthStatus(machine, now),
    deviceValue: p.deviceValue,
    rbacGroupId: p.rbacGroupId,
    rbacGroupName: p.rbacGroupName,
    riskScore: p.riskScore,
    exposureLevel: p.exposureLevel,
    isAadJoined: p.isAadJoined,
    aadDeviceId: p.aadDeviceId,
    machineTags: p.machineTags,
    defenderAvStatus: p.defenderAvStatus,
    onboardingStatus: p.onboardingStatus,
    osArchitecture: p.osArchitecture,
    managedBy: p.managedBy,
    managedByStatus: p.managedByStatus,
    ipAddresses: p.ipAddresses,
    vmMetadata: null,
  };
}
