import { newestFirst } from '../defender/machine-actions.ts';
import { type GetIsolationOutputs, getIsolationInputNames } from '../resources/schema-types.ts';
import type { MachineMeant } from './input-reader.ts';
import { explain, foldFor, isolationTold } from './isolation-told.ts';
import type { Lookup } from './lookup.ts';
import { machineMeant } from './machine-meant.ts';
import { actionRecord } from './records.ts';

/** `mde:index:getIsolation`: what the whole history of one machine says of its isolation, with that history. */
export const getIsolation: Lookup<MachineMeant | undefined, GetIsolationOutputs> = {
  name: 'getIsolation',
  inputNames: getIsolationInputNames,
  read: (reader) => reader.machine(),
  async answer(meant, ports) {
    const machine = await machineMeant(meant, ports);
    const { actions, asOf } = await ports.fleet.observatory.whole(machine.id);
    const observed = foldFor(ports)(actions, asOf);
    const { requestor, comment, ...told } = isolationTold({ machineId: machine.id, machine, observed }, ports);
    return {
      ...told,
      // Where nothing isolates it, nobody asked for it.
      ...(told.actionId === undefined ? {} : { requestor, comment }),
      history: [...observed.history].sort(newestFirst).map(actionRecord),
      explanation: explain(machine.computerDnsName ?? machine.id, observed, ports),
    };
  },
};
