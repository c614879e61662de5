import { type ContainPlan, planContained } from '../../containment/contain-plan.ts';
import type { HostRequest } from './act.ts';
import { renewBeforeMs } from './inputs.ts';
import type { Sight } from './sight.ts';

/** The plan for one host, from what was seen. */
export function planFor(sight: Sight, request: HostRequest): ContainPlan {
  const { inputs, runtime } = request;
  const plan = planContained(
    sight.observation,
    {
      isolationType: inputs.isolationType,
      renewBeforeMs: renewBeforeMs(inputs),
      onManualRelease: inputs.onManualRelease,
      allowTypeChange: inputs.allowTypeChange === true,
    },
    {
      self: sight.self,
      ownership: sight.ownership,
      renewalRestartsLease: runtime.settings.renewalRestartsLease,
      machineIsActive: sight.machine?.healthStatus === 'Active',
      declarationChanged: request.declarationChanged,
      mayRelease: sight.ownership.kind === 'ours' || inputs.takeOwnership === true || inputs.releaseForeign === true,
    },
  );
  if (plan.kind !== 'change-type' || !runtime.settings.holdReleases) return plan;
  // It is a release for a moment, and releases are held (semantics 8.6).
  return {
    kind: 'keep-type',
    reason: `${plan.reason}; releases is hold, so it stays as it is until a run may release`,
  };
}

/** What state says of a host that is left as it is though it is not as declared. */
export function noteOf(plan: ContainPlan): string | undefined {
  if (plan.kind === 'disputed') return `disputed: ${plan.reason}`;
  return plan.kind === 'hold' || plan.kind === 'keep-type' ? plan.reason : undefined;
}
