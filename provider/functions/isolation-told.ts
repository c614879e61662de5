import { beganBy } from '../containment/containment-of.ts';
import { describeMoment, parseDuration, toRfc3339 } from '../containment/duration.ts';
import { earliestLift, givenUpAt, latestLift } from '../containment/lease.ts';
import { declaredIn, isMarked } from '../containment/mark.ts';
import { type Observed, observe } from '../containment/observation.ts';
import type { Machine, MachineId } from '../defender/machine.ts';
import type { MachineAction } from '../defender/machine-action.ts';
import { defaultRenewBefore } from '../manifest/host-rules.ts';
import { shownText } from '../manifest/shown.ts';
import type { IsolatedMachine } from '../resources/schema-types.ts';
import type { LookupPorts } from './lookup.ts';
import { reasonOf } from './records.ts';

/** The fold of the resources, for a machine that nothing declares. @param now the service's clock */
export function foldFor({ renewalRestartsLease }: LookupPorts) {
  const renewBeforeMs = parseDuration(defaultRenewBefore) ?? 0;
  return (actions: readonly MachineAction[], now: number): Observed =>
    observe(actions, { now, renewBeforeMs, renewalRestartsLease });
}

/** What is told of one machine's isolation, in the words of the schema; the state of a machine that is gone is `missing`. */
export function isolationTold(
  { machineId, machine, observed }: { machineId: MachineId; machine: Machine | undefined; observed: Observed },
  { renewalRestartsLease }: LookupPorts,
): IsolatedMachine {
  const request = requestToldOf(observed);
  const { state, period } = observed;
  const isCertain = period !== undefined && (state === 'isolated' || state === 'expiring');
  return {
    machineId,
    deviceName: machine?.computerDnsName ?? request?.computerDnsName ?? undefined,
    state: machine === undefined ? 'missing' : state,
    isolationType: observed.isolationType,
    isolatedAt: period === undefined ? undefined : toRfc3339(period.beganBy.updatedAt),
    coveredUntil: isCertain ? toRfc3339(earliestLift(period, renewalRestartsLease)) : undefined,
    requestor: request?.requestor ?? '',
    comment: request === undefined ? '' : reasonOf(request),
    actionId: request?.id,
    ...(request !== undefined && isMarked(request) ? declaredIn(request.requestorComment) : {}),
  };
}

/** The request that stands for the isolation; where there is none, the one that may have undone it. */
function requestToldOf(observed: Observed): MachineAction | undefined {
  if (observed.state === 'released') return undefined;
  return beganBy(observed) ?? observed.doubt ?? observed.runningUnisolates[0];
}

/** The state in a sentence: who, since when, until when. */
export function explain(host: string, observed: Observed, { renewalRestartsLease }: LookupPorts): string {
  const { period } = observed;
  const began = beganBy(observed);
  const since = period === undefined ? '' : ` since ${describeMoment(period.beganBy.updatedAt)}`;
  const type = observed.isolationType === undefined ? '' : ` (${observed.isolationType})`;
  const why = began === undefined ? '' : `; ${requestedBy(began)}`;
  const sentence = (): string => {
    switch (observed.state) {
      case 'released':
        return observed.lastRelease === undefined
          ? 'is not isolated, as far as its history tells: no isolation in it took effect'
          : `is not isolated: released at ${describeMoment(observed.lastRelease.updatedAt)}; ${requestedBy(observed.lastRelease)}`;
      case 'isolated':
      case 'expiring': {
        const until =
          period === undefined
            ? ''
            : `, for certain until ${describeMoment(earliestLift(period, renewalRestartsLease))}`;
        return `is isolated${type}${since}${until} unless it is released or renewed before${why}`;
      }
      case 'uncertain': {
        const [earliest, latest] =
          period === undefined
            ? ['', '']
            : [
                ` at any time from ${describeMoment(earliestLift(period, renewalRestartsLease))}`,
                ` to ${describeMoment(latestLift(period))}`,
              ];
        return `may not be isolated any more: it was${type}${since}, and Defender lifts that by itself${earliest}${latest}${why}`;
      }
      case 'lapsed': {
        const by = period === undefined ? '' : ` by ${describeMoment(latestLift(period))}`;
        return `is not isolated any more: Defender has lifted its isolation${by}${why}`;
      }
      case 'isolating': {
        const running = observed.runningIsolates[0];
        const gives = running === undefined ? '' : ` (${running.status}), until ${describeMoment(givenUpAt(running))}`;
        return `is not isolated for certain yet: Defender is trying${gives}${why}`;
      }
      case 'releasing': {
        const running = observed.runningUnisolates[0];
        return `is being released${running === undefined ? '' : ` (${running.status}); ${requestedBy(running)}`}`;
      }
      case 'doubtful': {
        const { doubt } = observed;
        return `may be isolated or not${
          doubt === undefined
            ? ''
            : `: the ${doubt.type} that ended ${doubt.status} at ${describeMoment(doubt.updatedAt)} may have been carried out all the same; ${requestedBy(doubt)}`
        }`;
      }
    }
  };
  return shownText(`${host} ${sentence()}`);
}

function requestedBy(action: MachineAction): string {
  const { stack, resource } = isMarked(action) ? declaredIn(action.requestorComment) : {};
  const declared = stack === undefined ? '' : ` for ${stack}/${resource}`;
  const reason = reasonOf(action);
  const who = action.requestor === '' ? 'somebody' : action.requestor;
  return `requested by ${who}${declared}${reason === '' ? '' : `: ${reason}`}`;
}
