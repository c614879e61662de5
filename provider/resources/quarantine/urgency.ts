import type { ContainPlan } from '../../containment/contain-plan.ts';
import { HOUR } from '../../containment/duration.ts';
import { earliestLift } from '../../containment/lease.ts';
import { isObserved, type Observation } from '../../containment/observation.ts';

/** A cover that ends this soon goes before everything else. */
const urgentWithinMs = 2 * HOUR;

/** The rank of a host to which nothing is sent. */
export const sendsNothing = 3;

/**
 * Who goes first where calls wait for the limits, lower before higher: renewals whose cover ends within two hours, then
 * hosts that are not covered for certain, then other renewals, then what sends nothing.
 */
export function urgency(plan: ContainPlan, observation: Observation, renewalRestartsLease: boolean): number {
  if (plan.kind === 'none' || plan.kind === 'hold' || plan.kind === 'disputed' || plan.kind === 'fail')
    return sendsNothing;
  if (!isObserved(observation) || observation.state !== 'expiring' || observation.period === undefined) return 1;
  const left = earliestLift(observation.period, renewalRestartsLease) - observation.asOf;
  return left <= urgentWithinMs ? 0 : 2;
}
