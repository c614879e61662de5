import { containmentOf } from '../../provider/containment/containment-of.ts';
import { parseDuration } from '../../provider/containment/duration.ts';
import { isObserved, observe } from '../../provider/containment/observation.ts';
import type { MachineId } from '../../provider/defender/machine.ts';
import type { MachineAction } from '../../provider/defender/machine-action.ts';
import { containedMachines } from '../../provider/fleet/contained-machines.ts';
import type { Sight } from '../../provider/resources/machine-isolation/sight.ts';
import type { Runtime } from '../../provider/resources/runtime.ts';
import { lookFromOutside, plainInputs } from '../look.ts';
import { coveredUntil } from './declared-status.ts';
import type { HostStatus, Standing } from './host-status.ts';
import { describeStack, type StackName } from './stack-marks.ts';

/** Every machine of the tenant that is contained or about to be, or may be, except those given. */
export function containedHosts(
  runtime: Runtime,
  notBefore: number,
  except: ReadonlySet<MachineId> = new Set(),
): Promise<readonly Sight[]> {
  return containedMachines<Sight>(
    {
      notBefore,
      except,
      fold: (actions, now) =>
        observe(actions, {
          now,
          renewBeforeMs: parseDuration(plainInputs.renewBefore) ?? 0,
          renewalRestartsLease: runtime.settings.renewalRestartsLease,
        }),
      lookCloser: (machineId) => lookFromOutside({ machineId, notBefore }, runtime),
    },
    runtime.fleet.observatory,
  );
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
    ...containmentOf(sight.observation),
    coveredUntil: coveredUntil(sight.observation, runtime),
  };
}
