import { parseRfc3339, toRfc3339 } from '../../containment/duration.ts';
import { earliestLift, endsByItself } from '../../containment/lease.ts';
import { isObserved, type Observation } from '../../containment/observation.ts';
import { isOurs, type Ownership, type Self } from '../../containment/ownership.ts';
import { liftReason } from '../../containment/release-plan.ts';
import type { Machine, MachineId } from '../../defender/machine.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import { parseActionId } from '../../defender/machine-actions.ts';
import type { PropertyMap, PropertyValue } from '../resource.ts';
import type { Remembered } from '../runtime.ts';
import type { Cloud, IsolationState, MachineIsolationOutputs } from '../schema-types.ts';
import type { CheckedInputs } from './inputs.ts';

/** Shape of the outputs; raised when an older provider could misread a newer state. */
export const stateVersion = 1;
/** Of a set that restricts hosts, too. */
export const withRestrictions = 2;
/** The newest that this provider reads. */
export const newestStateVersion = withRestrictions;

/** Outputs of state, as far as they can be trusted to be there. */
export type StateOutputs = Partial<MachineIsolationOutputs>;

export function stateOf(outputs: PropertyMap): StateOutputs {
  return outputs as StateOutputs;
}

/** What state remembers of the host's containment. */
export function remember(state: StateOutputs): Remembered {
  return {
    actionId: typeof state.actionId === 'string' ? parseActionId(state.actionId) : undefined,
    owned: state.owned === true,
    takenAt: momentOf(state.takenAt),
    leaseStartedAfter: momentOf(state.leaseStartedAfter),
    leaseStartedBy: momentOf(state.leaseStartedBy),
    ...inForce(state),
  };
}

/** Of what stands until it is lifted: of that there is no lease in state. */
function inForce({ isolatedAt, leaseStartedBy, requestor }: StateOutputs): Pick<Remembered, 'inForce'> {
  const since = leaseStartedBy === undefined ? momentOf(isolatedAt) : undefined;
  return since === undefined
    ? {}
    : { inForce: { since, requestor: typeof requestor === 'string' ? requestor : undefined } };
}

function momentOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseRfc3339(value) : undefined;
}

/** The same the other way: what a resource that takes a host over starts from, where it cannot look at it. */
export function inherited(remembered: Remembered): StateOutputs {
  const { actionId, owned, takenAt, leaseStartedAfter, leaseStartedBy, inForce } = remembered;
  const moment = (ms: number | undefined) => (ms === undefined ? undefined : toRfc3339(ms));
  const state = {
    actionId,
    owned,
    takenAt: moment(takenAt),
    leaseStartedAfter: moment(leaseStartedAfter),
    leaseStartedBy: moment(leaseStartedBy),
    isolatedAt: moment(inForce?.since),
    requestor: inForce?.requestor,
  };
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
}

export interface Known {
  readonly machineId: MachineId;
  readonly machine: Machine | undefined;
  readonly observation: Observation;
  readonly ownership: Ownership;
  /** Undefined where nothing was looked at. */
  readonly self?: Self;
  readonly tenantId: string;
  readonly cloud: Cloud;
  readonly renewalRestartsLease: boolean;
  readonly takenAt: number | undefined;
  readonly note: string | undefined;
  /** What state held before, for what could not be observed now. */
  readonly before: StateOutputs | undefined;
}

/** Outputs as they go to state: the declaration, and what is known of the host. */
export function outputsOf(inputs: CheckedInputs, known: Known): PropertyMap {
  const { observation, machine, before } = known;
  const seen = isObserved(observation) ? observation : undefined;
  const period = seen?.period;
  // An id beside `owned` makes that request ours for good: one of another that still waits beside ours must not get there.
  const mayStand = (action: MachineAction) =>
    known.ownership.kind !== 'ours' ||
    known.self === undefined ||
    isOurs(action, known.self) ||
    (known.takenAt !== undefined && action.createdAt <= known.takenAt);
  const began =
    period?.beganBy ??
    seen?.runningIsolates.find(mayStand) ??
    (seen?.state === 'released' ? undefined : seen?.chain.find(mayStand));
  const state: IsolationState = observation.state === 'unknown' ? (before?.state ?? 'unknown') : observation.state;
  const outputs: Record<string, PropertyValue | undefined> = {
    ...(inputs as unknown as PropertyMap),
    machineId: known.machineId,
    deviceName: machine?.computerDnsName ?? before?.deviceName ?? inputs.deviceName,
    tenantId: known.tenantId,
    cloud: known.cloud,
    stateVersion,
    osPlatform: machine?.osPlatform ?? before?.osPlatform,
    healthStatus: machine?.healthStatus ?? before?.healthStatus,
    isolationType:
      seen === undefined
        ? before?.isolationType
        : (seen.isolationType ?? (period === undefined ? undefined : inputs.isolationType)),
    state,
    owned: seen === undefined ? before?.owned === true : known.ownership.kind === 'ours',
    takenAt: known.takenAt === undefined ? undefined : toRfc3339(known.takenAt + 999),
    note: known.note,
  };
  if (seen === undefined) {
    for (const key of [
      'actionId',
      'isolatedAt',
      'coveredUntil',
      'leaseStartedAfter',
      'leaseStartedBy',
      'requestor',
    ] as const)
      outputs[key] = before?.[key];
  } else {
    outputs.actionId = began?.id;
    outputs.requestor = began?.requestor;
    outputs.isolatedAt = period === undefined ? undefined : toRfc3339(period.beganBy.updatedAt);
    // A promise: not for a host whose isolation is in doubt, or under release.
    outputs.coveredUntil =
      period === undefined || !endsByItself(period) || !tellsCover.includes(seen.state)
        ? undefined
        : toRfc3339(earliestLift(period, known.renewalRestartsLease));
    // What stands until it is lifted has no clock.
    const clocked = period !== undefined && endsByItself(period) ? period : undefined;
    outputs.leaseStartedAfter = clocked === undefined ? undefined : toRfc3339(clocked.earliestStart);
    // Rounded up: a start that state tells too early would promise cover that nobody has.
    outputs.leaseStartedBy = clocked === undefined ? undefined : toRfc3339(clocked.latestStart + 999);
  }
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined)) as PropertyMap;
}

const tellsCover: readonly IsolationState[] = ['isolated', 'expiring', 'uncertain', 'lapsed'];

/** `It is covered until …`, for warnings about hosts that are left contained. */
export function liftNote(observation: Observation, renewalRestartsLease: boolean): string {
  return isObserved(observation) ? liftReason(observation.period, { renewalRestartsLease }) : '';
}
