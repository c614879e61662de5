import type { MachineId } from '../../defender/machine.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import { outputsFor } from '../machine-isolation/account.ts';
import type { HostRequest } from '../machine-isolation/act.ts';
import type { Among } from '../machine-isolation/among.ts';
import { keepCover } from '../machine-isolation/keep-cover.ts';
import { planFor } from '../machine-isolation/plan-for.ts';
import { planReleaseOf } from '../machine-isolation/release.ts';
import { type RemovedBy, removeHost, settleNames } from '../machine-isolation/remove.ts';
import { lookAt, type Sight } from '../machine-isolation/sight.ts';
import { remember } from '../machine-isolation/state.ts';
import type { OperationContext, PropertyMap } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';
import { hostContext } from './host-context.ts';
import type { KnownHost } from './known-host.ts';
import { mistakenForGone } from './mistaken-for-gone.ts';
import { SetTime } from './set-time.ts';
import { type HostFailure, type Told, unexpected } from './told.ts';
import { eachOf, inTurn } from './turns.ts';
import { urgency } from './urgency.ts';

const width = 32;

export interface AllRemoved {
  /** Hosts that stay in state, with what was seen of them since, in the shape of a MachineIsolation's outputs. */
  readonly staying: readonly { readonly known: KnownHost; readonly outputs: PropertyMap | undefined }[];
  /** Of these, those that the configuration holds: no failure (semantics 8.6). */
  readonly held: readonly string[];
  readonly failures: readonly HostFailure[];
}

/**
 * Lets go hosts that are declared no more, within ownership and guardrails; a host that is not released stays in state.
 *
 * @param added hosts that are declared and not in state
 */
export async function removeAll(
  context: OperationContext,
  removed: readonly KnownHost[],
  declared: Iterable<DeclaredHost>,
  told: Told,
  runtime: Runtime,
  by: RemovedBy = 'update',
): Promise<AllRemoved> {
  const staying: { known: KnownHost; outputs: PropertyMap | undefined }[] = [];
  const held: string[] = [];
  const failures: HostFailure[] = [];
  if (removed.length === 0) return { staying, held, failures };
  const stays = (known: KnownHost, outputs?: PropertyMap) => staying.push({ known, outputs });
  // Where nothing was read first, whoever takes them over learns of them here.
  for (const { machineId, state } of removed)
    if (!runtime.predecessors.has(machineId)) runtime.predecessors.set(machineId, remember(state));
  const { gate } = runtime.fleet;
  const { words } = runtime.pair;
  // Another resource may still declare one of them (semantics 6.4).
  const isQuiet = by === 'delete' || runtime.settings.holdReleases || (await gate.quiet(context.signal));
  if (!isQuiet) {
    const reason = `not ${words.released}: the run was cancelled before it was decided. It stays ${words.applied} and in state; run again`;
    for (const known of removed) {
      stays(known);
      failures.push({ host: known.key, reason });
    }
    return { staying, held, failures };
  }
  const mistaken = await mistakenForGone(removed, declared, runtime);
  const time = new SetTime(runtime, removed.length, context.timeoutMs);
  const leaving = await foresee(context, removed, mistaken, time, told, runtime);
  let released = 0;
  await inTurn(leaving, width, async ({ known, rank }, waits) => {
    const among: Among = {
      lookedSince: () => time.lookedSince(),
      recordedSince: () => time.lookedSince(),
      priority: rank,
      startBy: time.runEnds(),
      remaining: () => time.remaining(),
      wrote: () => time.wrote(),
      waits,
      did: undefined,
      followed: new Map<string, MachineAction>(),
    };
    const request = requestOf(context, known, told, runtime, among);
    try {
      const mistake = mistaken.get(known);
      const removal =
        mistake === undefined
          ? await removeHost(request.context, known.machineId, known.state, request.inputs, runtime, by)
          : { ...(await keepContained(request)), kind: 'failed' as const, reason: mistake };
      if (removal.kind === 'gone') {
        released += 1;
        context.log.status(`${released}/${removed.length} let go`);
        return;
      }
      const seen = by === 'delete' ? undefined : removal.sight;
      stays(known, seen === undefined ? undefined : await outputsFor(request, seen, { before: known.state }));
      if (removal.kind === 'held') held.push(known.key);
      if (removal.kind !== 'held' || by === 'delete') failures.push({ host: known.key, reason: removal.reason });
    } catch (error) {
      stays(known);
      failures.push({ host: known.key, reason: `not ${words.released}: ${unexpected(error)}` });
    } finally {
      time.settled();
    }
  });
  return { staying, held, failures };
}

function requestOf(
  context: OperationContext,
  known: KnownHost,
  told: Told,
  runtime: Runtime,
  among?: Among,
): HostRequest {
  return {
    context: hostContext(context, known.key, told.log, among),
    runtime,
    machineId: known.machineId,
    inputs: known.declared.inputs,
    remembered: remember(known.state),
    declarationChanged: false,
  };
}

function sightOf({ context, runtime, machineId, inputs, remembered }: HostRequest, notBefore: number): Promise<Sight> {
  return lookAt({ declaration: context.declaration, machineId, inputs, remembered, notBefore }, runtime);
}

async function keepContained(request: HostRequest): Promise<{ readonly sight: Sight }> {
  const { context, runtime } = request;
  const sight = await sightOf(request, context.among?.lookedSince() ?? runtime.fleet.clock.monotonic());
  const cover = await keepCover(request, sight);
  for (const failure of cover.failures) context.log.warn(failure);
  return cover;
}

/** Looks at all of them and tells the guardrails what is going to be released, so that it is judged as a whole (8.1). */
async function foresee(
  context: OperationContext,
  removed: readonly KnownHost[],
  mistaken: ReadonlyMap<KnownHost, string>,
  time: SetTime,
  told: Told,
  runtime: Runtime,
): Promise<readonly { readonly known: KnownHost; readonly rank: number }[]> {
  const { gate } = runtime.fleet;
  if (!runtime.settings.holdReleases) await settleNames(context.declaration.key, runtime);
  return eachOf(removed, async (known) => {
    const request = requestOf(context, known, told, runtime);
    const { key } = request.context.declaration;
    const sight = await sightOf(request, time.lookedSince());
    const rank = urgency(planFor(sight, request), sight.observation, runtime.settings.renewalRestartsLease);
    const isReleased =
      planReleaseOf(sight, request).kind === 'release' && !runtime.settings.holdReleases && !mistaken.has(known);
    if (isReleased && !isClaimed(key, known.machineId, known.state.deviceName, runtime))
      gate.intend(key, known.machineId);
    else gate.withdraw(key);
    return { known, rank };
  });
}

function isClaimed(key: string, machineId: MachineId, deviceName: string | undefined, { claims }: Runtime): boolean {
  return (
    claims.of(key)?.machineId === machineId ||
    claims.claimedByOther(key, { machineId, deviceName }) !== undefined ||
    claims.namesake(key, { machineId, deviceName }) !== undefined
  );
}
