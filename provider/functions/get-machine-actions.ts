import { DAY } from '../containment/duration.ts';
import type { MachineActionStatus, MachineActionType } from '../defender/machine-action.ts';
import { type Judged, judgeChoice, judgeText } from '../manifest/host-rules.ts';
import { nearName } from '../manifest/near-name.ts';
import { shown } from '../manifest/shown.ts';
import {
  actionStatusValues,
  type GetMachineActionsOutputs,
  getMachineActionsInputNames,
} from '../resources/schema-types.ts';
import type { MachineMeant } from './input-reader.ts';
import { type Lookup, refuseIncomplete } from './lookup.ts';
import { machineMeant } from './machine-meant.ts';
import { actionRecord } from './records.ts';

/** What a search of the whole tenant reaches back by itself. */
const defaultReachMs = 30 * DAY;

interface Inputs {
  readonly machine: MachineMeant | undefined;
  readonly types: readonly string[] | undefined;
  readonly statuses: readonly MachineActionStatus[] | undefined;
  /** ms */
  readonly requestedSince: number | undefined;
  readonly limit: number;
}

/** `mde:index:getMachineActions`: requests to machines, the newest first. */
export const getMachineActions: Lookup<Inputs, GetMachineActionsOutputs> = {
  name: 'getMachineActions',
  inputNames: getMachineActionsInputNames,
  read: (reader) => ({
    machine: reader.perhapsMachine(),
    types: reader.list('types', judgeType),
    statuses: reader.list('statuses', (given) => judgeChoice(given, actionStatusValues)),
    requestedSince: reader.moment('requestedSince'),
    limit: reader.limit(),
  }),
  async answer({ machine, types, statuses, requestedSince, limit }, ports, { signal }) {
    const { defender, clock } = ports.fleet;
    const machineId =
      machine === undefined
        ? undefined
        : 'machineId' in machine
          ? machine.machineId
          : (await machineMeant(machine, ports)).id;
    const reach = machineId === undefined ? (defender.serviceNow() ?? clock.wall()) - defaultReachMs : undefined;
    const found = await defender.searchMachineActions(
      { machineId, types, statuses, createdSince: requestedSince ?? reach },
      limit,
      { signal },
    );
    refuseIncomplete('machine actions', found);
    return { actions: found.items.map(actionRecord), isTruncated: found.isTruncated };
  },
};

const knownTypes: readonly MachineActionType[] = [
  'Isolate',
  'Unisolate',
  'StopAndQuarantineFile',
  'RestrictCodeExecution',
  'UnrestrictCodeExecution',
  'RunAntiVirusScan',
  'CollectInvestigationPackage',
  'Offboard',
  'LiveResponse',
];

/** Types that are not known here are asked for as they are: the service may learn new ones. */
function judgeType(given: unknown): Judged<string> {
  const judged = judgeText(given);
  if (!('value' in judged) || knownTypes.some((type) => type === judged.value)) return judged;
  const near = nearName(judged.value, knownTypes);
  return near === undefined ? judged : { problem: `"${shown(given)}" is no type of action; did you mean ${near}?` };
}
