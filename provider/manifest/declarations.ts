import type { MachineId } from '../defender/machine.ts';
import { readFiles } from './file-declarations.ts';
import {
  defaultRenewBefore,
  type Judged,
  judgeChoice,
  judgeComment,
  judgeDeviceName,
  judgeFlag,
  judgeMachineId,
  judgeReleaseAt,
  judgeRenewBefore,
  judgeText,
} from './host-rules.ts';
import type { HostDeclaration, HostDefaults, Manifest, ManifestGuardrails } from './manifest.ts';
import type { Report } from './problem.ts';
import type { PropertyPath } from './property-path.ts';
import { shown } from './shown.ts';
import { missingHosts } from './structure.ts';

type Rule<T = unknown> = (given: unknown) => Judged<T>;
type Values = Readonly<Record<string, unknown>>;

/** What may stand in a host's entry, and at the top as the default of all. */
export const optionRules: { readonly [K in keyof HostDefaults]-?: Rule<NonNullable<HostDefaults[K]>> } = {
  comment: (given) => judgeComment(given),
  isolationType: (given) => judgeChoice(given, ['Full', 'Selective', 'UnManagedDevice']),
  waitFor: (given) => judgeChoice(given, ['Succeeded', 'Submitted']),
  onDelete: (given) => judgeChoice(given, ['release', 'retain']),
  onManualRelease: (given) => judgeChoice(given, ['reisolate', 'hold']),
  renewBefore: judgeRenewBefore,
  releaseAt: judgeReleaseAt,
  takeOwnership: judgeFlag,
  allowTypeChange: judgeFlag,
  allowProtected: judgeFlag,
  releaseForeign: judgeFlag,
  restrictCodeExecution: judgeFlag,
};

export const identityRules = { machineId: judgeMachineId, deviceName: judgeDeviceName } as const;

export const limitRules: { readonly [K in keyof Omit<ManifestGuardrails, 'protected'>]-?: Rule } = {
  maxReleases: (given) => judgeNumber(given, 1_000_000, 'a whole number of hosts'),
  maxReleasePercent: (given) => judgeNumber(given, 100, 'a percentage from 0 to 100'),
  maxIsolations: (given) => judgeNumber(given, 1_000_000, 'a whole number of hosts'),
  allowReleases: judgeOverride,
};

/** Rules for each element of a list. */
export const protectedRules: {
  readonly [K in keyof NonNullable<ManifestGuardrails['protected']>]-?: Rule<string>;
} = {
  machineIds: judgeMachineId,
  names: judgeNamePattern,
  tags: judgeText,
  osPlatforms: judgeText,
};

/** Keys whose values are text, or lists of text. */
export const textKeys: ReadonlySet<string> = new Set([
  ...['machineId', 'deviceName', 'comment', 'isolationType', 'waitFor', 'onDelete', 'onManualRelease', 'renewBefore'],
  ...['releaseAt', 'allowReleases', 'machineIds', 'deviceNames', 'sha1', 'names', 'tags', 'osPlatforms'],
]);

const builtIn = {
  isolationType: 'Full',
  waitFor: 'Succeeded',
  onDelete: 'release',
  onManualRelease: 'reisolate',
  renewBefore: defaultRenewBefore,
} satisfies HostDefaults;

function judgeNumber(given: unknown, most: number, what: string): Judged<number> {
  const whole = what.startsWith('a whole');
  if (typeof given === 'number' && given >= 0 && given <= most && (!whole || Number.isInteger(given)))
    return { value: given };
  return { problem: `"${shown(given)}" is not ${what}` };
}

/** One, or several with commas: what is isolated and restricted has one for each. */
const longestOverride = 1_000;
const overrides = /^\d+-[0-9a-f]{8}( *, *\d+-[0-9a-f]{8})*$/;

function judgeOverride(given: unknown): Judged<string> {
  if (typeof given === 'string' && given.length <= longestOverride && overrides.test(given)) return { value: given };
  return { problem: `"${shown(given)}" is no override as a refusal prints it, such as 60-ab12cd34` };
}

function judgeNamePattern(given: unknown): Judged<string> {
  const value = typeof given === 'string' ? given.trim() : '';
  if (/^[\p{L}\p{N}_.*-]+$/u.test(value)) return { value };
  return { problem: `"${shown(given)}" is no device name or pattern of one, such as dc-*.contoso.com` };
}

/**
 * Reads checked or unchecked data as a manifest and reports every value that cannot be right. Maps and lists that are
 * none are passed over, since the schema tells of them.
 */
export function declare(
  data: unknown,
  defaults: HostDefaults,
  report: Report,
  where: (path: PropertyPath) => string,
): Manifest {
  const top = isMap(data) ? data : {};
  const common = { ...builtIn, ...given(defaults), ...readEach(top, [], optionRules, report) };
  const guardrails = readGuardrails(top.guardrails, report);
  if (top.hosts === null) report(['hosts'], missingHosts);
  const list: readonly unknown[] = Array.isArray(top.hosts) ? top.hosts : [];
  // A default that is wrong has been told of; then its absence from the hosts needs no telling.
  const commentWanted = !Object.hasOwn(top, 'comment');
  const hosts = list.map((entry, index) => {
    const path = ['hosts', index];
    if (!isMap(entry)) return undefined;
    const host = {
      ...common,
      ...readEach(entry, path, identityRules, report),
      ...readEach(entry, path, optionRules, report),
    };
    if (commentWanted && !Object.hasOwn(entry, 'comment') && isBlank(host.comment)) {
      report(
        [...path, 'comment'],
        'is missing; say why the host is isolated, here or for all hosts at the top, best with the ticket, such as "INC-4711 ransomware, floor 3"',
      );
    }
    return host as HostDeclaration;
  });
  reportTwins(hosts, report, where);
  const files = readFiles(top, common.comment, report, where);
  return {
    guardrails,
    hosts: hosts.filter((host) => host !== undefined),
    ...(files.length === 0 ? {} : { files }),
  };
}

function isBlank(comment: unknown): boolean {
  return typeof comment !== 'string' || comment.trim() === '';
}

function readGuardrails(found: unknown, report: Report): ManifestGuardrails {
  if (found === null) report(['guardrails'], emptyValue);
  if (!isMap(found)) return {};
  const limits = readEach(found, ['guardrails'], limitRules, report) as ManifestGuardrails;
  if (!Object.hasOwn(found, 'protected')) return limits;
  const path = ['guardrails', 'protected'];
  if (found.protected === null) report(path, emptyValue);
  const lists = isMap(found.protected) ? found.protected : {};
  const read = Object.entries(protectedRules).flatMap(([key, rule]) => {
    const list = lists[key];
    if (list === null) report([...path, key], emptyValue);
    if (!Array.isArray(list)) return [];
    return [[key, list.flatMap((each, index) => right(rule, each, [...path, key, index], report))] as const];
  });
  return { ...limits, protected: Object.fromEntries(read) };
}

const emptyValue = 'is empty; give it a value, or take the key out';

/** Those values of a map that there are rules for, as the rules give them; wrong ones are reported and left out. */
function readEach(
  map: Values,
  path: PropertyPath,
  rules: Readonly<Record<string, Rule>>,
  report: Report,
): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [key, rule] of Object.entries(rules)) {
    if (!Object.hasOwn(map, key)) continue;
    for (const value of right(rule, map[key], [...path, key], report)) read[key] = value;
  }
  return read;
}

function right<T>(rule: Rule<T>, given: unknown, path: PropertyPath, report: Report): readonly T[] {
  const judged = given === null ? { problem: emptyValue } : rule(given);
  if ('value' in judged) return [judged.value];
  report(path, judged.problem);
  return [];
}

/** One machine declared twice, as far as the text shows it: by its id, or by its name in whatever case. */
function reportTwins(
  hosts: readonly (HostDeclaration | undefined)[],
  report: Report,
  where: (path: PropertyPath) => string,
): void {
  const byId = new Map<MachineId, number>();
  const byName = new Map<string, number>();
  for (const [index, host] of hosts.entries()) {
    if (host === undefined) continue;
    const { machineId } = host;
    const name = host.deviceName?.toLowerCase();
    if (machineId !== undefined) {
      const first = byId.get(machineId);
      if (first === undefined) byId.set(machineId, index);
      else
        report(['hosts', index, 'machineId'], `is declared twice; first ${at(first, 'machineId')}. Keep one of them`);
    }
    if (name !== undefined) {
      const first = byName.get(name);
      if (first === undefined) byName.set(name, index);
      else report(['hosts', index, 'deviceName'], nameTwice(first, machineId));
    }
  }

  function at(index: number, key: string): string {
    return where(['hosts', index, key]);
  }

  function nameTwice(first: number, machineId: MachineId | undefined): string {
    const other = hosts[first]?.machineId;
    const differ = machineId !== undefined && other !== undefined && machineId !== other;
    return `is declared twice; first ${at(first, 'deviceName')}. ${
      differ ? 'Where two machines do bear one name, declare them by machineId alone' : 'Keep one of them'
    }`;
  }
}

function given(defaults: HostDefaults): HostDefaults {
  return Object.fromEntries(Object.entries(defaults).filter(([, value]) => value !== undefined && value !== null));
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
