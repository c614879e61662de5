import { type ContainPlan, planContained } from '../../provider/containment/contain-plan.ts';
import { containmentOf } from '../../provider/containment/containment-of.ts';
import { parseRfc3339 } from '../../provider/containment/duration.ts';
import { earliestLift } from '../../provider/containment/lease.ts';
import { isObserved, type Observation, unobservedReason } from '../../provider/containment/observation.ts';
import { type Ownership, ownershipOf, type Self } from '../../provider/containment/ownership.ts';
import type { Machine, MachineId } from '../../provider/defender/machine.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import type { HostDeclaration } from '../../provider/manifest/manifest.ts';
import { type CheckedInputs, renewBeforeMs } from '../../provider/resources/machine-isolation/inputs.ts';
import { objection } from '../../provider/resources/machine-isolation/objection.ts';
import type { Sight } from '../../provider/resources/machine-isolation/sight.ts';
import type { Runtime } from '../../provider/resources/runtime.ts';
import { type DeclaredHost, nameContradicts } from '../declared-hosts.ts';
import { idsOf, lookFromOutside } from '../look.ts';
import type { HostStatus, Standing } from './host-status.ts';

/** How one declared host stands, and what a run would do about it. */
export async function declaredStatus(
  host: DeclaredHost,
  isOurs: (action: MachineAction) => boolean,
  runtime: Runtime,
  notBefore: number,
): Promise<HostStatus> {
  const { declaration, path, line, meant } = host;
  if ('error' in meant) {
    return unobserved(host, declaration.machineId, meant.error);
  }
  const inputs: CheckedInputs = { ...declaration };
  const sight = await lookFromOutside({ machineId: meant.machineId, inputs, notBefore }, runtime);
  const contradiction = sight.machine === undefined ? undefined : nameContradicts(declaration, sight.machine);
  if (contradiction !== undefined) return unobserved(host, meant.machineId, contradiction);
  const { standing, reason } = judge(sight, inputs, declaration, isOurs, runtime);
  return {
    standing,
    reason,
    machineId: meant.machineId,
    deviceName: sight.machine?.computerDnsName ?? declaration.deviceName,
    path,
    line,
    state: sight.observation.state,
    ...containmentOf(sight.observation),
    coveredUntil: coveredUntil(sight.observation, runtime),
  };
}

function unobserved(host: DeclaredHost, machineId: MachineId | undefined, reason: string): HostStatus {
  const { declaration, path, line } = host;
  return {
    standing: 'unobserved',
    machineId,
    deviceName: declaration.deviceName,
    path,
    line,
    state: 'unknown',
    requestors: [],
    since: undefined,
    coveredUntil: undefined,
    comment: undefined,
    reason,
  };
}

/** A promise, so only where an isolation is in force for certain. */
export function coveredUntil(observation: Observation, runtime: Runtime): number | undefined {
  if (observation.state !== 'isolated' && observation.state !== 'expiring') return undefined;
  const { period } = observation;
  return period === undefined ? undefined : earliestLift(period, runtime.settings.renewalRestartsLease);
}

interface Judgement {
  readonly standing: Standing;
  readonly reason: string;
}

function judge(
  sight: Sight,
  inputs: CheckedInputs,
  declaration: HostDeclaration,
  isOurs: (action: MachineAction) => boolean,
  runtime: Runtime,
): Judgement {
  const { observation, machine } = sight;
  if (!isObserved(observation)) return { standing: 'unobserved', reason: unobservedReason(observation) };
  // Without the stack's state, its own requests are told by their marks alone.
  const self: Self = { ...sight.self, actionIds: idsOf(observation.history, isOurs) };
  const ownership = ownershipOf(observation, self, undefined);
  const mayRelease = ownership.kind === 'ours' || inputs.takeOwnership === true || inputs.releaseForeign === true;
  const due = dueRelease(observation, declaration, ownership, mayRelease);
  if (due !== undefined) return due;
  const plan = planContained(
    observation,
    {
      isolationType: inputs.isolationType,
      renewBeforeMs: renewBeforeMs(inputs),
      onManualRelease: inputs.onManualRelease,
      allowTypeChange: inputs.allowTypeChange === true,
    },
    {
      self,
      ownership,
      renewalRestartsLease: runtime.settings.renewalRestartsLease,
      machineIsActive: machine?.healthStatus === 'Active',
      declarationChanged: false,
      mayRelease,
    },
  );
  return { standing: standingOf(observation.state, plan), reason: told(plan, machine, inputs, runtime) };
}

/** `releaseAt` has passed: the host is to be released (semantics 8.7). */
function dueRelease(
  observation: Exclude<Observation, { state: 'missing' | 'unknown' }>,
  { releaseAt }: HostDeclaration,
  ownership: Ownership,
  mayRelease: boolean,
): Judgement | undefined {
  const at = releaseAt === undefined ? undefined : parseRfc3339(releaseAt);
  if (at === undefined || at > observation.asOf) return undefined;
  const due = `its releaseAt ${releaseAt} has passed`;
  switch (observation.state) {
    case 'released':
    case 'lapsed':
      return { standing: 'in-sync', reason: `${due}, and it is released; its declaration can be dropped` };
    case 'releasing':
      return { standing: 'releasing', reason: due };
    default:
      if (mayRelease) return { standing: 'would-release', reason: `${due}: a run releases it` };
      return {
        standing: 'differs',
        reason: `${due}, but a run leaves it isolated: ${ownership.kind === 'foreign' ? `${ownership.requestor} isolated it` : 'its owner is not known'}. Set releaseForeign: true to release it all the same`,
      };
  }
}

/** A switch rather than a table: the plan matters only where a host is contained. */
function standingOf(state: Exclude<Observation['state'], 'missing' | 'unknown'>, plan: ContainPlan): Standing {
  switch (state) {
    case 'released':
    case 'lapsed':
      return 'released';
    case 'releasing':
      return 'releasing';
    case 'isolating':
    case 'doubtful':
    case 'uncertain':
      return 'not-contained';
    case 'isolated':
    case 'expiring':
      // It would be free for a moment, and the guardrails count it as a release.
      if (plan.kind === 'change-type') return 'would-release';
      return plan.kind === 'none' || plan.kind === 'adopt' ? 'in-sync' : 'differs';
  }
}

/** What a run would do, and why. */
function told(plan: ContainPlan, machine: Machine | undefined, inputs: CheckedInputs, runtime: Runtime): string {
  switch (plan.kind) {
    case 'none':
    case 'fail':
      return plan.reason;
    case 'hold':
    case 'keep-type':
      return `a run leaves it so: ${plan.reason}`;
    case 'disputed':
      return `disputed, a run leaves it so: ${plan.reason}`;
    case 'adopt':
      return `a run waits: ${plan.reason}`;
    case 'isolate': {
      const refused = plan.fresh && machine !== undefined ? objection(machine, { inputs, runtime }) : undefined;
      if (refused !== undefined) return `a run refuses to isolate it: ${refused}`;
      return `a run ${plan.fresh ? 'isolates' : 'renews'} it: ${plan.reason}`;
    }
    case 'cancel-release':
      return `a run cancels that and isolates it: ${plan.reason}`;
    case 'outlast-release':
      return `a run isolates it beside that: ${plan.reason}`;
    case 'resend':
      return `a run sends it again: ${plan.reason}`;
    case 'change-type':
      return `a run releases it for a moment and isolates it as ${plan.isolationType}: ${plan.reason}`;
  }
}
