import { parseDuration } from '../../provider/containment/duration.ts';
import { isObserved, observe } from '../../provider/containment/observation.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import type { Sight } from '../../provider/resources/machine-isolation/sight.ts';
import type { Runtime } from '../../provider/resources/runtime.ts';
import { containmentOf, lookFromOutside, plainInputs } from '../look.ts';
import { coveredUntil } from './declared-status.ts';
import type { HostStatus, Standing } from './host-status.ts';
import { describeStack, type StackName } from './stack-marks.ts';

/** States of a host that nobody isolated, or nobody has isolated any more. */
const free: readonly string[] = ['released', 'lapsed'];

/**
 * Every machine of the tenant that is contained or about to be, or may be, except those given. Only what the bulk window
 * shows as such is looked at more closely.
 */
export async function containedHosts(
  runtime: Runtime,
  notBefore: number,
  except: ReadonlySet<MachineId> = new Set(),
): Promise<readonly Sight[]> {
  const { observatory } = runtime.fleet;
  const ids = (await observatory.recentMachines(notBefore)).filter((id) => !except.has(id));
  const sights = await Promise.all(
    ids.map(async (machineId) => {
      const recent = await observatory.recent(machineId, notBefore);
      const observed = observe(recent.actions, {
        now: recent.asOf,
        renewBeforeMs: parseDuration(plainInputs.renewBefore) ?? 0,
        renewalRestartsLease: runtime.settings.renewalRestartsLease,
      });
      if (free.includes(observed.state)) return undefined;
      return lookFromOutside({ machineId, notBefore }, runtime);
    }),
  );
  return sights.filter((sight) => sight !== undefined && !free.includes(sight.observation.state)) as Sight[];
}

/** How a contained host stands where nothing is declared. */
export function containedStatus(sight: Sight, runtime: Runtime): HostStatus {
  const { observation } = sight;
  const reasons: Readonly<Partial<Record<typeof observation.state, readonly [Standing, string]>>> = {
    isolated: ['contained', 'isolated'],
    expiring: ['contained', 'isolated; a renewal is due'],
    uncertain: ['not-contained', 'MDE may have lifted its isolation'],
    isolating: ['not-contained', 'an isolation is under way'],
    doubtful: ['not-contained', 'a request that did not succeed may have been carried out'],
    releasing: ['releasing', 'a release is under way'],
    missing: ['unobserved', 'Defender no longer knows this machine (404)'],
  };
  const [standing, reason] = reasons[observation.state] ?? [
    'unobserved',
    observation.state === 'unknown' ? observation.reason : '',
  ];
  return statusOf(sight, standing, reason, runtime);
}

/** A contained host that the manifest does not declare, and that carries the stack's mark; undefined for any other. */
export function undeclaredStatus(
  sight: Sight,
  stack: StackName,
  isOurs: (action: MachineAction) => boolean,
  runtime: Runtime,
): HostStatus | undefined {
  const { observation } = sight;
  if (!isObserved(observation) || !observation.chain.some(isOurs)) return undefined;
  const marked = `carries the mark of ${describeStack(stack)} and is not declared`;
  if (observation.state === 'releasing') return statusOf(sight, 'releasing', marked, runtime);
  const stranger = observation.chain.find((action) => !isOurs(action));
  if (stranger !== undefined) {
    return statusOf(
      sight,
      'differs',
      `${marked}; a run leaves it isolated, since ${stranger.requestor} isolated it too (${stranger.id})`,
      runtime,
    );
  }
  return statusOf(sight, 'would-release', `${marked}: a run releases it, unless its onDelete is retain`, runtime);
}

function statusOf(sight: Sight, standing: Standing, reason: string, runtime: Runtime): HostStatus {
  return {
    standing,
    reason,
    machineId: sight.machineId,
    deviceName: sight.machine?.computerDnsName,
    path: undefined,
    line: undefined,
    state: sight.observation.state,
    ...containmentOf(sight),
    coveredUntil: coveredUntil(sight.observation, runtime),
  };
}
