import { parseMachineId } from '../../defender/machine.ts';
import type { HostDeclaration } from '../../manifest/manifest.ts';
import { type CheckedInputs, withDefaults } from '../machine-isolation/inputs.ts';
import type { PropertyMap } from '../resource.ts';
import { isolationTypeValues } from '../schema-types.ts';
import { readPairs, textOfPairs } from './pairs.ts';

/** One host of a set, as it is declared. */
export interface DeclaredHost {
  /** What it is called in state and in diffs: its device name in lower case, else its machine id. */
  readonly key: string;
  readonly inputs: CheckedInputs;
  /** Beside its isolation, only programs signed by Microsoft run on it. */
  readonly restricts: boolean;
  /** The whole declaration on one line, as it stands in state; see `lineOf`. */
  readonly line: string;
}

export function declaredHost(host: HostDeclaration | PropertyMap): DeclaredHost {
  const { restrictCodeExecution, ...rest } = host as PropertyMap;
  const inputs = withDefaults(rest);
  const restricts = restrictCodeExecution === true;
  const key = inputs.deviceName?.toLowerCase() ?? inputs.machineId ?? '';
  return { key, inputs, restricts, line: lineOf(key, inputs, restricts) };
}

/** How the manifest calls it, too. */
const restrictFlag = 'restrictCodeExecution';

/** The same host without its reason, which every declaration has: beside it, each is a change. */
export function notCarriedOut({ key, inputs: declared, restricts }: DeclaredHost): DeclaredHost {
  const inputs = { ...declared, comment: '' };
  return { key, inputs, restricts, line: lineOf(key, inputs, restricts) };
}

const flags = ['takeOwnership', 'allowTypeChange', 'allowProtected', 'releaseForeign'] as const;
const choices = {
  waitFor: 'Succeeded',
  onDelete: 'release',
  onManualRelease: 'reisolate',
  renewBefore: '96h',
} as const;

/**
 * `Selective, releaseAt=2026-12-01T08:00:00Z: INC-4711 patient zero`: the type, what differs from the defaults, and the
 * reason last, since it may hold anything. One line a host, because the engine's cost is per value and not per byte.
 */
function lineOf(key: string, inputs: CheckedInputs, restricts: boolean): string {
  const pairs: [string, string][] = [];
  if (inputs.machineId !== undefined && inputs.machineId !== key) pairs.push(['machineId', inputs.machineId]);
  // As it was written: the service may mind case.
  if (inputs.deviceName !== undefined && (inputs.deviceName !== key || !isNameInKey(key)))
    pairs.push(['deviceName', inputs.deviceName]);
  if (inputs.releaseAt !== undefined) pairs.push(['releaseAt', inputs.releaseAt]);
  for (const [name, fallback] of Object.entries(choices)) {
    const value = inputs[name as keyof typeof choices];
    if (value !== fallback) pairs.push([name, value]);
  }
  for (const flag of flags) if (inputs[flag] === true) pairs.push([flag, 'true']);
  if (restricts) pairs.push([restrictFlag, 'true']);
  return `${textOfPairs(inputs.isolationType, pairs)}: ${inputs.comment}`;
}

/** Whether the key says the device name already; a key that looks like a machine id is one. */
function isNameInKey(key: string): boolean {
  return parseMachineId(key) === undefined;
}

/** The declaration that a line of state tells; undefined where it is none. */
export function declaredByLine(key: string, line: string): DeclaredHost | undefined {
  const at = line.indexOf(': ');
  if (at === -1) return undefined;
  const inputs: Record<string, string | boolean> = {};
  if (isNameInKey(key)) inputs.deviceName = key;
  let restricts = false;
  const word = readPairs(line.slice(0, at), (name, value) => {
    if (name === restrictFlag) restricts = value === 'true';
    else inputs[name] = (flags as readonly string[]).includes(name) ? value === 'true' : value;
  });
  if (!isolationTypeValues.some((each) => each === word)) return undefined;
  inputs.isolationType = word;
  inputs.comment = line.slice(at + 2);
  if (inputs.deviceName === undefined) inputs.machineId ??= key;
  return { key, inputs: withDefaults(inputs as PropertyMap), restricts, line };
}
