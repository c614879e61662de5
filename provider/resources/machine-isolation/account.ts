import { earliestLift, endsByItself, latestLift } from '../../containment/lease.ts';
import { isObserved, type Observation } from '../../containment/observation.ts';
import { type Ownership, ownershipOf, type RememberedOwnership } from '../../containment/ownership.ts';
import type { Outcome } from '../../fleet/run-record.ts';
import type { OperationContext, PropertyMap } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { type HostRequest, hostOf } from './act.ts';
import type { CheckedInputs } from './inputs.ts';
import type { Sight } from './sight.ts';
import { outputsOf, remember, type StateOutputs } from './state.ts';

/** Outputs of an operation on one host; what is not given is as it was. */
export async function outputsFor(
  request: Pick<HostRequest, 'inputs' | 'runtime' | 'remembered'>,
  sight: Sight,
  change: {
    readonly before: StateOutputs | undefined;
    readonly note?: string | undefined;
    readonly ownership?: Ownership;
    readonly takenAt?: number | undefined;
  },
): Promise<PropertyMap> {
  const { inputs, runtime, remembered } = request;
  const { tenantId } = await runtime.identity();
  return outputsOf(inputs, {
    ...sight,
    ownership: change.ownership ?? ownershipToKeep(sight, remembered),
    tenantId: tenantId ?? change.before?.tenantId ?? '',
    cloud: runtime.settings.cloud,
    renewalRestartsLease: runtime.settings.renewalRestartsLease,
    takenAt: 'takenAt' in change ? change.takenAt : remembered?.takenAt,
    note: change.note,
    before: change.before,
  });
}

/**
 * Whose the host is, for state: an isolation of another that still waits is told apart when it matters. If state said
 * "not ours" because of it, a later release would walk away instead of failing with its id (semantics 5.1).
 */
function ownershipToKeep(sight: Sight, remembered: RememberedOwnership | undefined): Ownership {
  if (!isObserved(sight.observation)) return sight.ownership;
  const settled = ownershipOf(sight.observation, sight.self, remembered, false);
  return settled.kind === 'none' ? sight.ownership : settled;
}

/** Whether deleting the declaration would send a release. */
export function willRelease(
  state: Pick<StateOutputs, 'owned'> & { readonly state?: string | undefined },
  inputs: CheckedInputs,
  runtime: Runtime,
): boolean {
  if (runtime.settings.holdReleases || inputs.onDelete === 'retain') return false;
  if (state.state === 'released' || state.state === 'missing') return false;
  return state.owned === true || inputs.releaseForeign === true;
}

/** For the guardrails: what this run may come to release, and what was contained before it. */
export function noteSeen(
  context: OperationContext,
  state: StateOutputs,
  inputs: CheckedInputs,
  sight: Sight,
  runtime: Runtime,
): void {
  const owned = sight.ownership.kind === 'ours' || (!isObserved(sight.observation) && state.owned === true);
  const seenState = sight.observation.state === 'unknown' ? state.state : sight.observation.state;
  runtime.fleet.gate.noteSeen(context.declaration.key, {
    machineId: sight.machineId,
    contained: wasContained(sight.observation),
    releasable: willRelease({ owned, state: seenState }, inputs, runtime),
  });
  if (!runtime.predecessors.has(sight.machineId)) runtime.predecessors.set(sight.machineId, remember(state));
}

/**
 * Contained before the change, also where an earlier run has begun it: a release that is under way, or in doubt, takes
 * nothing from what the limits are a share of.
 */
function wasContained(observation: Observation): boolean {
  if (!isObserved(observation)) return false;
  const { asOf, period } = observation;
  return period !== undefined && asOf <= latestLift(period);
}

export function record(request: HostRequest, sight: Sight, outcome: Outcome, reason: string): void {
  const { observation } = sight;
  const gone = outcome === 'released' || outcome === 'left';
  const isCertain = observation.state === 'isolated' || observation.state === 'expiring';
  const covered = !gone && isCertain ? observation.period : undefined;
  const period = covered !== undefined && endsByItself(covered) ? covered : undefined;
  request.runtime.record.note(request.context.declaration.key, {
    outcome,
    pair: request.runtime.pair.name,
    machineId: sight.machineId,
    host: sight.machine?.computerDnsName ?? sight.machineId,
    reason: withoutHost(reason, sight),
    coveredUntil:
      period === undefined ? undefined : earliestLift(period, request.runtime.settings.renewalRestartsLease),
  });
}

/** A message as the end of a run tells it, under a heading and after the host's name: without either. */
function withoutHost(message: string, sight: Sight): string {
  const host = `${hostOf(sight)}: `;
  const at = message.indexOf(host);
  return at === -1 ? message : message.slice(at + host.length);
}
