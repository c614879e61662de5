import { isObserved } from '../provider/containment/observation.ts';
import type { MachineId } from '../provider/defender/machine.ts';
import type { ActionId, MachineAction } from '../provider/defender/machine-action.ts';
import { defaultRenewBefore } from '../provider/manifest/host-rules.ts';
import type { CheckedInputs } from '../provider/resources/machine-isolation/inputs.ts';
import { lookAt, type Sight } from '../provider/resources/machine-isolation/sight.ts';
import type { Runtime } from '../provider/resources/runtime.ts';

interface CliLook {
  readonly machineId: MachineId;
  readonly inputs?: CheckedInputs;
  /** Monotonic: the observation must have begun then or later. */
  readonly notBefore: number;
  readonly followed?: readonly MachineAction[];
}

/** What a host is looked at with where nothing declares it. */
export const plainInputs: CheckedInputs = {
  comment: '',
  isolationType: 'Full',
  waitFor: 'Succeeded',
  onDelete: 'release',
  onManualRelease: 'reisolate',
  renewBefore: defaultRenewBefore,
};

/** The provider's own look at a host; whose its isolation is, is told by the caller, for here is no stack. */
export function lookFromOutside(look: CliLook, runtime: Runtime): Promise<Sight> {
  const { machineId, inputs = plainInputs, notBefore, followed = [] } = look;
  return lookAt(
    {
      declaration: { project: '', stack: '', type: '', name: '', key: machineId },
      machineId,
      inputs,
      remembered: undefined,
      notBefore,
      recordNotBefore: Math.min(notBefore, runtime.fleet.observatory.readableRecord()),
      followed,
    },
    runtime,
  );
}

const anyMark = /^\[mde:[0-9a-f]{16}\]/;

/** Whether a pulumi-mde made the request: it came over the API, and a mark begins its comment. */
export function isMarked(action: MachineAction): boolean {
  return action.requestSource === 'PublicApi' && anyMark.test(action.requestorComment);
}

/** Ids of those actions that `isOne` holds for. */
export function idsOf(
  actions: readonly MachineAction[],
  isOne: (action: MachineAction) => boolean,
): ReadonlySet<ActionId> {
  return new Set(actions.filter(isOne).map((action) => action.id));
}

/** Who contains a host, since when and why, as far as its history tells. */
export interface Containment {
  /** Everybody whose isolate is part of it, each once. */
  readonly requestors: readonly string[];
  /** ms; when the isolation in force was carried out, or the one under way requested. */
  readonly since: number | undefined;
  /** Of the request that began it. */
  readonly comment: string | undefined;
}

export function containmentOf({ observation }: Pick<Sight, 'observation'>): Containment {
  if (!isObserved(observation)) return { requestors: [], since: undefined, comment: undefined };
  const { period, chain, runningIsolates } = observation;
  const began = period?.beganBy ?? runningIsolates[0] ?? (observation.state === 'released' ? undefined : chain[0]);
  return {
    requestors: observation.state === 'released' ? [] : [...new Set(chain.map((action) => action.requestor))],
    since: period?.beganBy.updatedAt ?? began?.createdAt,
    comment: began?.requestorComment,
  };
}
