import type { MachineAction } from '../../defender/machine-action.ts';
import { PartialFailure, type PropertyMap, UserError, type Written } from '../resource.ts';
import { outputsFor, record } from './account.ts';
import { type HostRequest, hostOf } from './act.ts';
import { defaultReleaseTimeoutMs, performRelease, planReleaseOf } from './release.ts';
import { lookAt, type Sight, withFollowed } from './sight.ts';
import type { StateOutputs } from './state.ts';

/** `releaseAt` has passed: releases the host, a few a run, also under `hold` (semantics 8.7). */
export async function releaseDue(request: HostRequest, state: StateOutputs): Promise<Written> {
  const { context, runtime, machineId, inputs } = request;
  const { words } = runtime.pair;
  const look = (notBefore: number) => lookAt({ ...request, declaration: context.declaration, notBefore }, runtime);
  const written = async (sight: Sight, note: string | undefined): Promise<Written> => ({
    id: machineId,
    outputs: await outputsFor(request, sight, { before: state, note }),
  });
  const sight = await look(context.preview ? runtime.fleet.observatory.readable() : runtime.fleet.clock.monotonic());
  const plan = planReleaseOf(sight, request);
  switch (plan.kind) {
    case 'fail':
      throw new UserError(`${hostOf(sight)}: ${plan.reason}`);
    case 'gone':
      record(request, sight, 'unchanged', plan.reason);
      return written(sight, undefined);
    case 'leave':
      context.log.warn(`${hostOf(sight)}: releaseAt has passed: ${plan.reason}`);
      record(request, sight, 'left', plan.reason);
      return written(sight, plan.reason);
    case 'release':
      break;
  }
  if (context.preview) {
    context.log.info(`would ${words.release} ${hostOf(sight)}: releaseAt ${inputs.releaseAt} has passed`);
    return { id: machineId, outputs: { ...(inputs as unknown as PropertyMap), machineId } };
  }
  const { dueReleases, limits } = runtime.fleet;
  if (dueReleases.size >= limits.maxReleases && !dueReleases.has(machineId)) {
    const reason = `releaseAt has passed, but this run has ${words.released} ${dueReleases.size} due hosts already (maxReleases); the next run goes on`;
    context.log.warn(`${hostOf(sight)}: ${reason}`);
    record(request, sight, 'refused', reason);
    return written(sight, reason);
  }
  dueReleases.add(machineId);
  const followed = new Map<string, MachineAction>();
  const failure = await performRelease(
    { ...request, remainingMs: context.timeoutMs ?? defaultReleaseTimeoutMs },
    sight,
    { adopt: plan.adopt, watch: true, followed },
  );
  const known = { ...request, declaration: context.declaration, followed: [...followed.values()] };
  const after = context.signal.aborted
    ? withFollowed(sight, known, runtime)
    : await look(runtime.fleet.clock.monotonic());
  record(
    request,
    after,
    failure === undefined ? 'released' : 'not-released',
    failure ?? `releaseAt ${inputs.releaseAt}`,
  );
  const result = await written(after, failure);
  if (failure !== undefined) throw new PartialFailure(machineId, result.outputs, [failure]);
  context.log.done(`${words.released} ${hostOf(after)}: releaseAt ${inputs.releaseAt} has passed`);
  return result;
}
