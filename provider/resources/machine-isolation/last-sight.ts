import type { MachineAction } from '../../defender/machine-action.ts';
import type { Tracked } from '../../fleet/tracker.ts';
import { type HostRequest, signalOf } from './act.ts';
import { lookAt, type Sight, withFollowed } from './sight.ts';

/** The host after a request was followed without success: much may have happened to it meanwhile. */
export async function sightAfter(
  tracked: Tracked,
  last: Sight,
  request: HostRequest,
  followed: ReadonlyMap<string, MachineAction>,
  notBefore: number,
  recordNotBefore: number,
): Promise<Sight> {
  // No other look where none is to be made, where the last one has just failed after all its tries, or where a set looks
  // at all its hosts once more.
  const told = tracked.ended === 'final' && request.context.among !== undefined;
  if (told || tracked.ended === 'aborted' || tracked.ended === 'lookup-failed') {
    const look = { ...request, declaration: request.context.declaration, followed: [...followed.values()] };
    return withFollowed(last, look, request.runtime);
  }
  return finalSight(last, request, followed, notBefore, recordNotBefore);
}

/** The host now, or what is known of it where no other look is to be made. */
export function sightLast(
  last: Sight,
  request: HostRequest,
  followed: ReadonlyMap<string, MachineAction>,
  recordNotBefore: number,
): Promise<Sight> | Sight {
  const { clock } = request.runtime.fleet;
  if (!signalOf(request).aborted) return finalSight(last, request, followed, clock.monotonic(), recordNotBefore);
  const look = { ...request, declaration: request.context.declaration, followed: [...followed.values()] };
  return withFollowed(last, look, request.runtime);
}

/** How the host stands at the end; where it cannot be looked at, as it was seen last, with what was followed since. */
export async function finalSight(
  last: Sight,
  request: HostRequest,
  followed: ReadonlyMap<string, MachineAction>,
  notBefore: number,
  recordNotBefore: number,
): Promise<Sight> {
  const look = { ...request, declaration: request.context.declaration, followed: [...followed.values()] };
  const sight = await lookAt({ ...look, notBefore, recordNotBefore }, request.runtime);
  return sight.observation.state === 'unknown' ? withFollowed(last, look, request.runtime) : sight;
}
