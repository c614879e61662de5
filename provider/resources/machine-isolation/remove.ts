import type { Machine, MachineId } from '../../defender/machine.ts';
import { type OperationContext, type PropertyMap, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { record } from './account.ts';
import { type HostRequest, hostOf, signalOf } from './act.ts';
import { nameOf } from './claim.ts';
import { contain } from './contain.ts';
import { withDefaults } from './inputs.ts';
import { resolveName } from './machine-name.ts';
import { obstacle } from './obstacle.ts';
import { planFor } from './plan-for.ts';
import { defaultReleaseTimeoutMs, performRelease, planReleaseOf, refusalText } from './release.ts';
import { lookAt, machineIdOf, type Sight } from './sight.ts';
import { liftNote, remember, type StateOutputs, stateOf } from './state.ts';

export async function remove(
  context: OperationContext,
  id: string,
  outputs: PropertyMap,
  oldInputs: PropertyMap | undefined,
  runtime: Runtime,
): Promise<void> {
  const state = stateOf(outputs);
  const inputs = withDefaults(oldInputs !== undefined && Object.keys(oldInputs).length > 0 ? oldInputs : outputs);
  const { key } = context.declaration;
  const machineId = machineIdOf(id);
  const inherited = (heir: string): void =>
    context.log.info(
      `${state.deviceName ?? machineId} stays isolated: ${nameOf(heir)} declares it now; nothing was sent`,
    );
  const known = knownClaimant(key, machineId, state, runtime);
  if (known !== undefined) {
    inherited(known);
    return;
  }
  const stopped = await obstacle(state, runtime);
  if (stopped !== undefined) throw new UserError(`not released: ${stopped}`);
  const heir = await claimantByName(key, machineId, state, runtime);
  if (heir !== undefined) {
    inherited(heir);
    return;
  }
  const request: HostRequest = {
    context,
    runtime,
    machineId,
    inputs,
    remembered: remember(state),
    declarationChanged: false,
  };
  const sight = await lookAt(
    { ...request, declaration: context.declaration, notBefore: runtime.fleet.clock.monotonic() },
    runtime,
  );
  const plan = planReleaseOf(sight, request);
  switch (plan.kind) {
    case 'gone':
      record(request, sight, 'unchanged', plan.reason);
      context.log.info(`${hostOf(sight)}: ${plan.reason}`);
      return;
    case 'leave':
      record(request, sight, 'left', plan.reason);
      context.log.warn(`${hostOf(sight)}: ${plan.reason}`);
      return;
    case 'fail':
      record(request, sight, 'not-released', plan.reason);
      throw new UserError(`NOT RELEASED: ${hostOf(sight)}: ${plan.reason}`);
    case 'release':
      break;
  }
  if (!runtime.settings.holdReleases) await runtime.fleet.gate.gather(machineId, signalOf(request));
  const refusal = refusedRelease(request, sight);
  if (refusal !== undefined) {
    await renewRefused(request, sight);
    record(request, sight, 'refused', refusal);
    throw new UserError(`NOT RELEASED: ${hostOf(sight)}: ${refusal}`);
  }
  const failure = await performRelease(
    { ...request, remainingMs: context.timeoutMs ?? defaultReleaseTimeoutMs },
    sight,
    { adopt: plan.adopt, watch: true },
  );
  record(request, sight, failure === undefined ? 'released' : 'not-released', failure ?? 'no longer declared');
  if (failure !== undefined) throw new UserError(failure);
  context.log.done(`released ${hostOf(sight)}`);
}

/** Another declaration of this run (or the new incarnation of this one) that claims the machine. */
function knownClaimant(key: string, machineId: MachineId, state: StateOutputs, runtime: Runtime): string | undefined {
  const { claims } = runtime;
  if (claims.of(key)?.machineId === machineId) return key;
  return claims.claimedByOther(key, { machineId, deviceName: state.deviceName });
}

/** The same, once every claimed name was resolved; a name that cannot be may mean this machine, so nothing is released. */
async function claimantByName(
  key: string,
  machineId: MachineId,
  state: StateOutputs,
  runtime: Runtime,
): Promise<string | undefined> {
  const { claims } = runtime;
  const own = claims.of(key);
  const open = [...claims.unresolved(key)];
  // Deleted before its replacement was created: the replacement may mean the same machine.
  if (own?.machineId === undefined && own?.deviceName !== undefined) open.push({ key, deviceName: own.deviceName });
  for (const claim of open) {
    let resolved: Machine;
    try {
      resolved = await resolveName(claim.deviceName, runtime);
    } catch (error) {
      if (error instanceof UserError) {
        throw new UserError(
          `not released: ${nameOf(claim.key)} declares ${claim.deviceName}, and whether that is this machine cannot be told. ${error.message}`,
        );
      }
      throw error;
    }
    claims.bind(claim.key, resolved.id);
  }
  return knownClaimant(key, machineId, state, runtime);
}

function refusedRelease(request: HostRequest, sight: Sight): string | undefined {
  const { runtime } = request;
  if (runtime.settings.holdReleases) {
    return `releases is hold in the provider's configuration: it stays isolated and in state. ${liftNote(sight.observation, runtime.settings.renewalRestartsLease)} Run with mde:releases apply to release it`;
  }
  const verdict = runtime.fleet.gate.requestForDelete(sight.machineId);
  if (!verdict.allowed) return refusalText(verdict);
  if (verdict.staleOverride)
    request.context.log.warn(
      'mde:allowReleases does not fit the hosts that this run releases, and is ignored; they are within the limits',
    );
  return undefined;
}

/** A host whose release is refused is still declared by nobody else: it is kept contained all the same (semantics 2.5). */
async function renewRefused(request: HostRequest, sight: Sight): Promise<void> {
  const renewing = { ...request, inputs: { ...request.inputs, allowTypeChange: false }, declarationChanged: false };
  const plan = planFor(sight, renewing);
  if (plan.kind !== 'isolate' || plan.fresh) return;
  const result = await contain(renewing);
  for (const failure of result.failures) request.context.log.warn(failure);
}
