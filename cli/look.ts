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

/** Ids of those actions that `isOne` holds for. */
export function idsOf(
  actions: readonly MachineAction[],
  isOne: (action: MachineAction) => boolean,
): ReadonlySet<ActionId> {
  return new Set(actions.filter(isOne).map((action) => action.id));
}
