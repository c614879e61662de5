import { toRfc3339 } from '../containment/duration.ts';
import { containedMachines } from '../fleet/contained-machines.ts';
import { observeMachine } from '../fleet/observe-machine.ts';
import { type GetIsolatedMachinesOutputs, getIsolatedMachinesInputNames } from '../resources/schema-types.ts';
import { foldFor, isolationTold } from './isolation-told.ts';
import type { Lookup } from './lookup.ts';

/** `mde:index:getIsolatedMachines`: every machine of the tenant that is isolated, or may be. */
export const getIsolatedMachines: Lookup<undefined, GetIsolatedMachinesOutputs> = {
  name: 'getIsolatedMachines',
  inputNames: getIsolatedMachinesInputNames,
  read: () => undefined,
  async answer(_, ports) {
    const { observatory, defender, clock } = ports.fleet;
    // Not what resources saw up to ten seconds ago: a program may ask for what the run has just done.
    const notBefore = clock.monotonic();
    const recordNotBefore = observatory.readable();
    const fold = foldFor(ports);
    const seen = await containedMachines(
      {
        notBefore,
        fold,
        async lookCloser(machineId) {
          const [machine, observation] = await Promise.all([
            observatory.machine(machineId, recordNotBefore),
            observeMachine({ machineId, notBefore, fold, isKnown: false }, observatory),
          ]);
          return { machineId, machine, observation };
        },
      },
      observatory,
    );
    const asOf = Math.min(...seen.map(({ observation }) => observation.asOf), defender.serviceNow() ?? clock.wall());
    const machines = seen.map(({ observation, ...each }) => isolationTold({ ...each, observed: observation }, ports));
    const key = ({ deviceName, machineId }: (typeof machines)[number]) =>
      `${(deviceName ?? '\uffff').toLowerCase()} ${machineId}`;
    return {
      machines: machines.sort((a, b) => (key(a) < key(b) ? -1 : 1)),
      asOf: toRfc3339(asOf),
    };
  },
};
