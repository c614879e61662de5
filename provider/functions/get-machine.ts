import type { Machine, MachineId } from '../defender/machine.ts';
import { isOldTwin, machinesNamed } from '../fleet/named-machine.ts';
import { type GetMachineOutputs, getMachineInputNames } from '../resources/schema-types.ts';
import type { MachineMeant } from './input-reader.ts';
import type { Lookup } from './lookup.ts';
import { machineMeant } from './machine-meant.ts';
import { machineRecord } from './records.ts';

/** `mde:index:getMachine`: one machine, by its id or its whole name. */
export const getMachine: Lookup<MachineMeant | undefined, GetMachineOutputs> = {
  name: 'getMachine',
  inputNames: getMachineInputNames,
  read: (reader) => reader.machine(),
  async answer(meant, ports) {
    const machine = await machineMeant(meant, ports);
    const { computerDnsName } = machine;
    const namesakes = computerDnsName === undefined ? [] : await machinesNamed(computerDnsName, ports.fleet.names);
    return { ...machineRecord(machine), formerMachineIds: mergedInto(machine.id, namesakes) };
  },
};

/** Old twins of a machine, those of its twins too, in the order of their ids. */
function mergedInto(id: MachineId, namesakes: readonly Machine[]): readonly MachineId[] {
  const merged = new Set<string>([id]);
  // What is added while it is gone through is gone through as well.
  for (const into of merged) {
    for (const twin of namesakes) {
      if (isOldTwin(twin) && twin.mergedIntoMachineId?.toLowerCase() === into) merged.add(twin.id);
    }
  }
  return namesakes
    .map((twin) => twin.id)
    .filter((twin) => twin !== id && merged.has(twin))
    .sort();
}
