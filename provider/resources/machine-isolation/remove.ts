import type { Machine, MachineId } from '../../defender/machine.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import { setOf } from '../../fleet/release-gate.ts';
import { type PropertyMap, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { record } from './account.ts';
import { type HostRequest, hostOf, signalOf } from './act.ts';
import type { HostContext } from './among.ts';
import { nameOf } from './claim.ts';
import { type CheckedInputs, withDefaults } from './inputs.ts';
import { keepCover } from './keep-cover.ts';
import { sightLast } from './last-sight.ts';
import { resolveName } from './machine-name.ts';
import { slipIn } from './name-of-id.ts';
import { obstacle } from './obstacle.ts';
import { defaultReleaseTimeoutMs, performRelease, planReleaseOf, refusalText } from './release.ts';
import { lookAt, machineIdOf, type Sight, withFollowed } from './sight.ts';
import { liftNote, remember, type StateOutputs, stateOf } from './state.ts';

/** What became of a host that is declared no more. */
export type Removal =
  /** State may forget it: it is released, was not contained, is left to another, or another declaration has it. */
  | { readonly kind: 'gone' }
  /** It stays contained and in state, since the guardrails or the configuration keep it (semantics 8). */
  | { readonly kind: 'refused' | 'held'; readonly reason: string; readonly sight: Sight }
  /** It stays in state; nobody may take it for released. */
  | { readonly kind: 'failed'; readonly reason: string; readonly sight?: Sight };

/** Why a host goes: its resource is deleted, or an update of its set leaves it out (and waited for claims of others). */
export type RemovedBy = 'delete' | 'update';

export async function remove(
  context: HostContext,
  id: string,
  outputs: PropertyMap,
  oldInputs: PropertyMap | undefined,
  runtime: Runtime,
): Promise<void> {
  const inputs = withDefaults(oldInputs !== undefined && Object.keys(oldInputs).length > 0 ? oldInputs : outputs);
  const removal = await removeHost(context, machineIdOf(id), stateOf(outputs), inputs, runtime, 'delete');
  if (removal.kind === 'failed') throw new UserError(removal.reason);
  if (removal.kind !== 'gone')
    throw new UserError(`NOT ${runtime.pair.words.RELEASED}: ${hostOf(removal.sight)}: ${removal.reason}`);
}

/** Releases a host that is declared no more, within ownership and guardrails; it throws nothing of Defender's. */
export async function removeHost(
  context: HostContext,
  machineId: MachineId,
  state: StateOutputs,
  inputs: CheckedInputs,
  runtime: Runtime,
  by: RemovedBy,
): Promise<Removal> {
  const { key } = context.declaration;
  const { words } = runtime.pair;
  const inherited = (heir: string): Removal => {
    context.log.info(
      `${state.deviceName ?? machineId} stays ${words.applied}: ${nameOf(heir)} declares it now; nothing was sent`,
    );
    return { kind: 'gone' };
  };
  const who = state.deviceName === undefined ? `machine ${machineId}` : `${state.deviceName} (${machineId})`;
  const claimant = knownClaimant(key, machineId, state, runtime);
  const isBound = (heir: string) =>
    runtime.claims.of(heir)?.machineId !== undefined && !runtime.claims.unread().includes(setOf(heir));
  // Neither a name that cannot be resolved nor a declaration that was refused is an heir: it keeps no host in its state.
  if (claimant !== undefined && couldNotTake(claimant, machineId, runtime)) {
    const reason = `${who}: not ${words.released}: ${nameOf(claimant)} declares ${state.deviceName ?? machineId} now, and could not take it over in this run. It stays ${words.applied} and in state; run again`;
    return { kind: 'failed', reason };
  }
  if (claimant !== undefined && isBound(claimant)) return inherited(claimant);
  const stopped = await obstacle(state, runtime);
  if (stopped !== undefined) return { kind: 'failed', reason: `${who}: not ${words.released}: ${stopped}` };
  const untold = await settleNames(key, runtime);
  const names = [state.deviceName, inputs.deviceName];
  const unsettled =
    untold ??
    namesakeOf(key, machineId, state.deviceName, runtime) ??
    (await slipIn(runtime.claims.rivals(machineId, names), machineId, runtime));
  const heir = knownClaimant(key, machineId, state, runtime);
  if (heir !== undefined && (unsettled === undefined || isBound(heir))) return inherited(heir);
  const request: HostRequest = {
    context,
    runtime,
    machineId,
    inputs,
    remembered: remember(state),
    declarationChanged: false,
  };
  const notBefore = context.among?.lookedSince() ?? runtime.fleet.clock.monotonic();
  const sight = await lookAt({ ...request, declaration: context.declaration, notBefore }, runtime);
  const keep = async (reason: string): Promise<Removal> => {
    // It may well be meant, so it is kept contained (semantics 2.5).
    const cover = await keepCover(request, sight);
    record(request, cover.sight, 'not-released', reason);
    const named = reason === untold ? `${who}: ${reason}` : reason;
    return { kind: 'failed', reason: [...cover.failures, named].join('\n'), sight: cover.sight };
  };
  if (unsettled !== undefined) return keep(unsettled);
  const plan = planReleaseOf(sight, request);
  switch (plan.kind) {
    case 'gone':
      record(request, sight, 'unchanged', plan.reason);
      context.log.info(`${hostOf(sight)}: ${plan.reason}`);
      return { kind: 'gone' };
    case 'leave':
      record(request, sight, 'left', plan.reason);
      context.log.warn(`${hostOf(sight)}: ${plan.reason}`);
      return { kind: 'gone' };
    case 'fail':
      record(request, sight, 'not-released', plan.reason);
      return { kind: 'failed', reason: `NOT ${words.RELEASED}: ${hostOf(sight)}: ${plan.reason}`, sight };
    case 'release':
      break;
  }
  const early = by === 'delete' ? deletedFirst(key, runtime) : undefined;
  if (early !== undefined) return keep(`NOT ${words.RELEASED}: ${hostOf(sight)}: ${early}`);
  const refusal = await judgeRelease(request, sight, by);
  if (refusal !== undefined) {
    // Declared by nobody else, it is kept contained all the same (semantics 2.5).
    const cover = await keepCover(request, sight);
    record(request, cover.sight, 'refused', refusal.reason);
    if (cover.failures.length === 0) return { ...refusal, sight: cover.sight };
    const reason = [...cover.failures, ...(refusal.kind === 'refused' ? [refusal.reason] : [])].join('\n');
    return { kind: 'failed', reason, sight: cover.sight };
  }
  const followed = new Map<string, MachineAction>();
  const failure = await performRelease(
    { ...request, remainingMs: context.timeoutMs ?? defaultReleaseTimeoutMs },
    sight,
    { adopt: plan.adopt, watch: true, followed },
  );
  if (failure === undefined) {
    record(request, sight, 'released', 'no longer declared');
    context.log.done(`${words.released} ${hostOf(sight)}`);
    return { kind: 'gone' };
  }
  // Of a failed delete the engine saves nothing, so there another look is not worth a call.
  const known = { ...request, declaration: context.declaration, followed: [...followed.values()] };
  const after =
    by === 'delete' ? withFollowed(sight, known, runtime) : await sightLast(sight, request, followed, notBefore);
  record(request, after, 'not-released', failure);
  return { kind: 'failed', reason: failure, sight: after };
}

/** Another declaration of this run (or the new incarnation of this one) that claims the machine. */
function knownClaimant(key: string, machineId: MachineId, state: StateOutputs, runtime: Runtime): string | undefined {
  const { claims } = runtime;
  if (claims.of(key)?.machineId === machineId) return key;
  return claims.claimedByOther(key, { machineId, deviceName: state.deviceName });
}

/**
 * Whether the declaration that has this machine now failed and keeps nothing of it: it did not know of this one's, which
 * nobody had read before. Forgotten here, a host that is contained would be in no state at all.
 */
function couldNotTake(heir: string, machineId: MachineId, { record, pair, predecessors }: Runtime): boolean {
  return !predecessors.has(machineId) && record.of(heir, machineId, pair.name)?.outcome === 'not-contained';
}

/** Why a machine is not released whose name another declaration claims that is bound to another machine (semantics 6.2). */
export function namesakeOf(
  key: string,
  machineId: MachineId,
  deviceName: string | undefined,
  { claims, pair: { words } }: Pick<Runtime, 'claims' | 'pair'>,
): string | undefined {
  const namesake = claims.namesake(key, { machineId, deviceName });
  if (namesake === undefined) return undefined;
  return `${deviceName} (${machineId}) is not ${words.released} before it is settled who is meant: ${nameOf(namesake.key)} declares ${deviceName}, which was bound to machine ${namesake.machineId}. It stays ${words.applied} and in state; declare the machineId of the one that is meant there, then run again`;
}

/**
 * Why a deletion that comes before its replacement releases nobody: the new host is not contained yet, and may never be
 * (semantics 6.4). Undefined where it comes after, or where nothing replaces it.
 */
function deletedFirst(key: string, { claims, fleet, pair: { words } }: Runtime): string | undefined {
  const { replacements } = fleet;
  const stays = `It stays ${words.applied} and in state`;
  const next = claims.of(key);
  if (next === undefined) {
    const set = setOf(key);
    if (!replacements.isAwaited(set) || claims.hasSet(set)) return undefined;
    const name = nameOf(set);
    return `whom ${name} declares comes from a resource that the engine deletes before it replaces it (deleteBeforeReplace), and ${name} with it; this host may be meant again. ${stays}. Set deleteBeforeReplace: false on that resource, then run again`;
  }
  if (next.machineId === undefined || replacements.holds(key, next.machineId)) return undefined;
  return `${nameOf(key)} declares ${next.machineId} now, which this run has not ${words.applied} yet, and the engine deletes first (deleteBeforeReplace). ${stays}. Leave deleteBeforeReplace out, then run again`;
}

/**
 * Resolves every claimed name; answers why not: a name that cannot be resolved may mean any machine, and so may a
 * declaration that could not be read. Then nothing is released.
 */
export async function settleNames(key: string, runtime: Runtime): Promise<string | undefined> {
  const { claims } = runtime;
  const { released } = runtime.pair.words;
  const [unread] = claims.unread();
  if (unread !== undefined)
    return `not ${released}: what ${nameOf(unread)} declares could not be read, and it may be this machine. Correct ${nameOf(unread)}, then run again`;
  const own = claims.of(key);
  const open = [...claims.unresolved(key)];
  // Deleted before its replacement was created: the replacement may mean the same machine.
  if (own?.machineId === undefined && own?.deviceName !== undefined) open.push({ key, deviceName: own.deviceName });
  const settled = await Promise.all(
    open.map(async (claim) => {
      let resolved: Machine;
      try {
        resolved = await resolveName(claim.deviceName, runtime);
      } catch (error) {
        if (error instanceof UserError) {
          return `not ${released}: ${nameOf(claim.key)} declares ${claim.deviceName}, and whether that is this machine cannot be told. ${error.message}`;
        }
        throw error;
      }
      claims.bind(claim.key, resolved.id);
      return undefined;
    }),
  );
  return settled.find((failure) => failure !== undefined);
}

async function judgeRelease(
  request: HostRequest,
  { machineId, observation }: Sight,
  by: RemovedBy,
): Promise<{ readonly kind: 'refused' | 'held'; readonly reason: string } | undefined> {
  const { context, runtime } = request;
  const { gate } = runtime.fleet;
  const { words } = runtime.pair;
  if (runtime.settings.holdReleases) {
    return {
      kind: 'held',
      reason: `releases is hold in the provider's configuration: it stays ${words.applied} and in state. ${liftNote(observation, runtime.settings.renewalRestartsLease)} Run with mde:releases apply to ${words.release} it`,
    };
  }
  if (by === 'delete') await gate.gather(context.declaration.key, machineId, signalOf(request));
  const verdict = gate.requestForDelete(machineId);
  if (!verdict.allowed) return { kind: 'refused', reason: refusalText(verdict, runtime.pair, by === 'update') };
  if (verdict.staleOverride) {
    context.log.warn(
      `allowReleases does not fit the hosts that this run ${words.releases}, and is ignored; they are within the limits`,
    );
  }
  return undefined;
}
