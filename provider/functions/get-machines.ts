import type { MachineSearch } from '../defender/api.ts';
import { type Judged, judgeChoice, judgeText } from '../manifest/host-rules.ts';
import { shown } from '../manifest/shown.ts';
import type { GetMachinesOutputs } from '../resources/schema-types.ts';
import {
  exposureLevelValues,
  getMachinesInputNames,
  healthStatusValues,
  onboardingStatusValues,
  riskScoreValues,
} from '../resources/schema-types.ts';
import { type Lookup, refuseIncomplete } from './lookup.ts';
import { machineRecord } from './records.ts';

const deviceValues = ['Low', 'Normal', 'High'] as const;

interface Inputs {
  readonly search: MachineSearch;
  readonly limit: number;
}

/** `mde:index:getMachines`: machines of the tenant that all of the filters fit, in the order of their names. */
export const getMachines: Lookup<Inputs, GetMachinesOutputs> = {
  name: 'getMachines',
  inputNames: getMachinesInputNames,
  read: (reader) => ({
    search: {
      namePrefix: reader.value('deviceNamePrefix', judgeNamePrefix),
      tag: reader.value('machineTag', judgeText),
      healthStatus: reader.value('healthStatus', (given) => judgeChoice(given, healthStatusValues)),
      onboardingStatus: reader.value('onboardingStatus', (given) => judgeChoice(given, onboardingStatusValues)),
      osPlatform: reader.value('osPlatform', judgeText),
      riskScore: reader.value('riskScore', (given) => judgeChoice(given, riskScoreValues)),
      exposureLevel: reader.value('exposureLevel', (given) => judgeChoice(given, exposureLevelValues)),
      deviceValue: reader.value('deviceValue', (given) => judgeChoice(given, deviceValues)),
      rbacGroupName: reader.value('rbacGroupName', judgeText),
      seenSince: reader.moment('seenSince'),
    },
    limit: reader.limit(),
  }),
  async answer({ search, limit }, { fleet }, { signal, log }) {
    const found = await fleet.defender.searchMachines(search, limit, { signal });
    refuseIncomplete('machines', found);
    if (found.isTruncated) {
      log.warn(
        `getMachines: more than ${limit} machines fit, and which of them are answered may change from run to run. Narrow the filters, or raise limit`,
      );
    }
    return { machines: found.items.map(machineRecord), isTruncated: found.isTruncated };
  },
};

function judgeNamePrefix(given: unknown): Judged<string> {
  const value = typeof given === 'string' ? given.trim() : '';
  if (/^[\p{L}\p{N}_.-]{1,253}$/u.test(value)) return { value };
  return { problem: `"${shown(given)}" is no beginning of a device name; give it without wildcards, such as laptop-` };
}
