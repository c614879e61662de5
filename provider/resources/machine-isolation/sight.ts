import { SECOND } from '../../containment/duration.ts';
import {
  isObserved,
  type Observation,
  type Observed,
  observe,
  type RememberedPeriod,
} from '../../containment/observation.ts';
import { type Ownership, ownershipOf, type Self, withRequestorOf } from '../../containment/ownership.ts';
import type { Pair } from '../../containment/pair.ts';
import type { TokenIdentity } from '../../defender/api.ts';
import { describeDefenderError } from '../../defender/describe-error.ts';
import { isDefenderError } from '../../defender/errors.ts';
import { type Machine, type MachineId, parseMachineId } from '../../defender/machine.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import { pause } from '../../defender/ports.ts';
import { observeMachine } from '../../fleet/observe-machine.ts';
import type { DeclarationIdentity } from '../resource.ts';
import { UserError } from '../resource.ts';
import type { Remembered, Runtime } from '../runtime.ts';
import { type CheckedInputs, renewBeforeMs } from './inputs.ts';

export { describeDefenderError };

/** One look at one host. */
export interface Sight {
  readonly machineId: MachineId;
  /** Undefined on 404, and where the lookup failed (then the observation is `unknown`). */
  readonly machine: Machine | undefined;
  readonly observation: Observation;
  readonly self: Self;
  /** Running isolates of others count. */
  readonly ownership: Ownership;
  readonly remembered: Remembered | undefined;
}

export interface LookAt {
  readonly declaration: DeclarationIdentity;
  readonly machineId: MachineId;
  readonly inputs: CheckedInputs;
  readonly remembered: Remembered | undefined;
  /** Monotonic: the observation must have begun then or later. */
  readonly notBefore: number;
  /** The same for the machine's record, which changes slowly: once an operation is enough. Default: `notBefore`. */
  readonly recordNotBefore?: number;
  /** Actions that this operation followed to their end; the list may lag behind them. */
  readonly followed?: readonly MachineAction[];
}

/** Looks at a host; a lookup that fails or is incomplete makes it `unknown`, never `released`. Throws nothing of Defender's. */
export async function lookAt(look: LookAt, runtime: Runtime): Promise<Sight> {
  const { machineId, remembered } = look;
  let self = selfOf(look, runtime, undefined);
  try {
    self = selfOf(look, runtime, await runtime.identity());
    const machine = await runtime.fleet.observatory.machine(machineId, look.recordNotBefore ?? look.notBefore);
    if (machine === undefined) {
      const asOf = runtime.fleet.defender.serviceNow() ?? runtime.fleet.clock.wall();
      return {
        machineId,
        machine,
        self,
        remembered,
        observation: { state: 'missing', asOf },
        ownership: { kind: 'none' },
      };
    }
    const observation = await observeHost(look, runtime);
    self = withRequestorOf(remembered, observation.history, self);
    return { machineId, machine, self, remembered, observation, ownership: ownershipOf(observation, self, remembered) };
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    const reason = describeDefenderError(error);
    return {
      machineId,
      machine: undefined,
      self,
      remembered,
      observation: { state: 'unknown', reason },
      ownership: { kind: 'none' },
    };
  }
}

/**
 * An earlier look, together with what was learned since of actions that the operation followed: what is known without
 * another call, for when none is to be made (Ctrl-C) or it failed.
 */
export function withFollowed(
  sight: Sight,
  look: Pick<LookAt, 'declaration' | 'machineId' | 'inputs' | 'remembered' | 'followed'>,
  runtime: Runtime,
): Sight {
  if (!isObserved(sight.observation)) return sight;
  const { history, asOf } = sight.observation;
  const now = runtime.fleet.defender.serviceNow() ?? asOf;
  const observation = foldOf(look, runtime)(history, now, rememberedPeriodOf(look.remembered));
  return { ...sight, observation, ownership: ownershipOf(observation, sight.self, look.remembered) };
}

function foldOf(look: Pick<LookAt, 'inputs' | 'followed'>, runtime: Runtime) {
  return (actions: readonly MachineAction[], now: number, remembered: RememberedPeriod | undefined) =>
    observe([...actions, ...(look.followed ?? [])], {
      now,
      renewBeforeMs: renewBeforeMs(look.inputs),
      renewalRestartsLease: runtime.settings.renewalRestartsLease,
      pair: runtime.pair,
      remembered,
    });
}

async function observeHost(look: LookAt, runtime: Runtime) {
  const { machineId, notBefore, remembered } = look;
  const { observatory } = runtime.fleet;
  const rememberedPeriod = rememberedPeriodOf(remembered);
  const fold = foldOf(look, runtime);
  const known = remembered?.actionId;
  const shows = ({ history }: Observed) => known === undefined || history.some((action) => action.id === known);
  const observed = await observeMachine(
    {
      machineId,
      notBefore,
      fold: (actions, now) => fold(actions, now, rememberedPeriod),
      remembered: rememberedPeriod,
      isKnown: remembered !== undefined,
      isEnough: shows,
    },
    observatory,
  );
  if (shows(observed)) return observed;
  // State knows a request that the service does not show: it has forgotten it, or it does not show it yet.
  await pause(runtime.fleet.timer, appearsWithinMs, runtime.lifetime);
  const later = await observatory.whole(machineId);
  return fold([...later.actions, ...forgotten(look, later.actions, runtime.pair)], later.asOf, rememberedPeriod);
}

/**
 * The request in force, as state remembers it, where the service has forgotten it: what stands until it is lifted may
 * outlive the record of it, and must not be taken for lifted (semantics 2.7).
 */
function forgotten(
  { machineId, remembered }: LookAt,
  shown: readonly MachineAction[],
  { apply, lease }: Pair,
): readonly MachineAction[] {
  const { actionId, inForce } = remembered ?? {};
  if (actionId === undefined || inForce === undefined || Number.isFinite(lease.mostMs)) return [];
  if (shown.some(({ id }) => id === actionId)) return [];
  return [
    {
      id: actionId,
      type: apply,
      status: 'Succeeded',
      machineId,
      computerDnsName: null,
      requestor: inForce.requestor ?? 'somebody',
      requestorComment: '',
      requestSource: null,
      scope: null,
      sha1: null,
      createdAt: inForce.since,
      updatedAt: inForce.since,
      cancellationRequestor: null,
      cancellationComment: null,
      externalId: null,
    },
  ];
}

/** A new request may take this long to appear (semantics 1.8). */
const appearsWithinMs = 5 * SECOND + 500;

function rememberedPeriodOf(remembered: Remembered | undefined): RememberedPeriod | undefined {
  const { actionId, leaseStartedAfter, leaseStartedBy } = remembered ?? {};
  return actionId === undefined || leaseStartedBy === undefined
    ? undefined
    : { actionId, earliestStart: leaseStartedAfter, latestStart: leaseStartedBy };
}

function selfOf(look: LookAt, runtime: Runtime, identity: TokenIdentity | undefined): Self {
  const { project, stack, name } = look.declaration;
  const claims = [identity?.appId, identity?.appDisplayName, identity?.objectId, identity?.userPrincipalName];
  const { sent } = runtime.fleet;
  const known = look.remembered?.owned === true ? look.remembered.actionId : undefined;
  return {
    source: { project, stack, name, machineId: look.machineId, ownerKey: runtime.settings.ownerKey },
    requestors: [...claims.filter((claim) => claim !== undefined), ...runtime.fleet.requestors],
    // What this run sends counts from then on; copied for each of ten thousand hosts it would be slow.
    actionIds: { has: (id) => id === known || sent.has(id) },
  };
}

/** The machine id that state or an import id names; throws UserError where it is none. */
export function machineIdOf(id: string): MachineId {
  const parsed = parseMachineId(id);
  if (parsed === undefined) throw new UserError(`"${id}" is no machine id (40 hex digits)`);
  return parsed;
}

export function isContained(observation: Observation): boolean {
  return isObserved(observation) && ['isolated', 'expiring', 'uncertain'].includes(observation.state);
}
