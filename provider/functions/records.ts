import { toRfc3339 } from '../containment/duration.ts';
import { declaredIn, declaredReason, isMarked } from '../containment/mark.ts';
import type { Machine } from '../defender/machine.ts';
import type { MachineAction } from '../defender/machine-action.ts';
import { parseServiceTime } from '../defender/service-time.ts';
import type { MachineActionRecord, Machine as MachineRecord } from '../resources/schema-types.ts';

/** A machine in the words of the schema. */
export function machineRecord(machine: Machine): MachineRecord {
  return {
    machineId: machine.id,
    deviceName: machine.computerDnsName,
    healthStatus: machine.healthStatus,
    onboardingStatus: machine.onboardingStatus,
    osPlatform: machine.osPlatform,
    version: machine.version,
    lastSeen: moment(machine.lastSeen),
    firstSeen: moment(machine.firstSeen),
    lastIpAddress: machine.lastIpAddress,
    riskScore: machine.riskScore,
    exposureLevel: machine.exposureLevel,
    deviceValue: machine.deviceValue,
    machineTags: machine.machineTags ?? [],
    rbacGroupName: machine.rbacGroupName,
    aadDeviceId: machine.aadDeviceId,
    mergedIntoMachineId: machine.mergedIntoMachineId,
  };
}

/** The service writes up to seven fractional digits. */
function moment(text: string | undefined): string | undefined {
  const at = parseServiceTime(text);
  return at === undefined ? undefined : toRfc3339(at);
}

/** A request to a machine in the words of the schema. */
export function actionRecord(action: MachineAction): MachineActionRecord {
  const ours = isMarked(action);
  return {
    actionId: action.id,
    type: action.type,
    status: action.status,
    machineId: action.machineId,
    deviceName: action.computerDnsName ?? undefined,
    requestor: action.requestor,
    comment: reasonOf(action),
    scope: action.scope ?? undefined,
    sha1: action.sha1 ?? undefined,
    createdAt: toRfc3339(action.createdAt),
    updatedAt: toRfc3339(action.updatedAt),
    ours,
    ...(ours ? declaredIn(action.requestorComment) : {}),
  };
}

/** The reason that was given, without our mark and place. */
export function reasonOf(action: MachineAction): string {
  return isMarked(action) ? declaredReason(action.requestorComment, '') : action.requestorComment;
}
