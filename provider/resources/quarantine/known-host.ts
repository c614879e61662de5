import { codeRestriction, stateWord } from '../../containment/pair.ts';
import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import { type CheckedInputs, inputsDiffer } from '../machine-isolation/inputs.ts';
import { unreadableState } from '../machine-isolation/obstacle.ts';
import type { StateOutputs } from '../machine-isolation/state.ts';
import { type PropertyMap, UserError } from '../resource.ts';
import { type DeclaredHost, declaredByLine } from './declared-host.ts';
import { readPairs, textOfPairs } from './pairs.ts';

/** One host as the set's state holds it. */
export interface KnownHost {
  readonly key: string;
  readonly machineId: MachineId;
  readonly state: StateOutputs;
  /** What is known of its restriction, in the shape of an isolation's state; undefined: it has none of ours to look after. */
  readonly restriction?: StateOutputs | undefined;
  /** As it was declared when something was done about it last. */
  readonly declared: DeclaredHost;
}

/** What the whole set knows of itself, and each of its hosts inherits. */
export interface SetFacts {
  readonly tenantId?: string;
  readonly cloud?: NonNullable<StateOutputs['cloud']>;
  readonly stateVersion?: number;
}

/** Kept of a host, in this order; what people look for stands first. */
const kept = [
  'deviceName',
  'machineId',
  'isolationType',
  'actionId',
  'requestor',
  'leaseStartedAfter',
  'leaseStartedBy',
  'takenAt',
] as const satisfies readonly (keyof StateOutputs)[];
const keptNames: ReadonlySet<string> = new Set(kept);

/**
 * `isolated, until=2026-12-01T08:00:00Z, ours, …| Full: INC-4711`: what is known of a host, then how it was declared, on
 * one line. Nothing that changes without an event stands in it.
 */
export function lineOfKnown(state: StateOutputs, declared: DeclaredHost, restriction?: StateOutputs): string {
  const pairs: [string, string][] = [];
  if (state.coveredUntil !== undefined) pairs.push(['until', state.coveredUntil]);
  if (state.owned === true) pairs.push(['ours', '']);
  for (const name of kept) {
    const value = state[name];
    // Whose it is matters where it is not ours, and the name where it is not the one that the host is declared by.
    const isTold =
      (name === 'requestor' && state.owned === true) ||
      (name === 'deviceName' && value?.toLowerCase() === declared.key);
    if (value !== undefined && !isTold) pairs.push([name, value]);
  }
  if (restriction !== undefined) pairs.push(...pairsOfRestriction(restriction));
  return `${textOfPairs(state.state ?? 'unknown', pairs)} | ${declared.line}`;
}

/** What is kept of a restriction: its name in the line, by its name in state. */
const keptOfRestriction = {
  actionId: 'restrictionActionId',
  requestor: 'restrictionRequestor',
  isolatedAt: 'restrictedAt',
  takenAt: 'restrictionTakenAt',
} as const satisfies Partial<Record<keyof StateOutputs, string>>;
const restrictionNames: ReadonlyMap<string, string> = new Map(
  Object.entries(keptOfRestriction).map(([name, inLine]) => [inLine, name]),
);
const restrictionStates: ReadonlyMap<string, string> = new Map(
  Object.entries(codeRestriction.words.states).map(([state, word]) => [word, state]),
);

/** `restriction=restricted, restrictionOurs, restrictionActionId=…`. */
function pairsOfRestriction(state: StateOutputs): [string, string][] {
  const pairs: [string, string][] = [['restriction', stateWord(codeRestriction, state.state ?? 'unknown')]];
  if (state.owned === true) pairs.push(['restrictionOurs', '']);
  for (const [name, inLine] of Object.entries(keptOfRestriction)) {
    const value = state[name as keyof typeof keptOfRestriction];
    if (value !== undefined && !(name === 'requestor' && state.owned === true)) pairs.push([inLine, value]);
  }
  return pairs;
}

export function knownByLine(key: string, line: string, facts: SetFacts): KnownHost | undefined {
  const at = line.indexOf(' | ');
  if (at === -1) return undefined;
  const declared = declaredByLine(key, line.slice(at + 3));
  if (declared === undefined) return undefined;
  const state: Record<string, unknown> = { ...facts, state: 'unknown', owned: false };
  let restriction: Record<string, unknown> | undefined;
  const ofRestriction = (name: string, value: unknown) => {
    restriction ??= { ...facts, state: 'unknown', owned: false };
    restriction[name] = value;
  };
  state.state = readPairs(line.slice(0, at), (name, value) => {
    if (name === 'until') state.coveredUntil = value;
    else if (name === 'ours') state.owned = true;
    else if (keptNames.has(name)) state[name] = value;
    else if (name === 'restriction') ofRestriction('state', restrictionStates.get(value) ?? value);
    else if (name === 'restrictionOurs') ofRestriction('owned', true);
    else if (restrictionNames.has(name)) ofRestriction(restrictionNames.get(name) ?? name, value);
  });
  const machineId = parseMachineId(typeof state.machineId === 'string' ? state.machineId : '');
  if (machineId === undefined) return undefined;
  state.deviceName ??= declared.inputs.deviceName;
  if (restriction === undefined) return { key, machineId, declared, state: state as StateOutputs };
  Object.assign(restriction, { machineId, deviceName: state.deviceName });
  return { key, machineId, declared, state: state as StateOutputs, restriction: restriction as StateOutputs };
}

/**
 * The hosts of a state; `unreadable` are keys whose lines nobody of this version wrote. Throws UserError where there is a
 * state, and no hosts in it: they would be forgotten, and some may be contained.
 */
export function knownHosts(outputs: PropertyMap): {
  readonly facts: SetFacts;
  readonly hosts: readonly KnownHost[];
  readonly unreadable: readonly string[];
} {
  const { tenantId, cloud, stateVersion } = outputs;
  const told = Object.entries({ tenantId, cloud, stateVersion }).filter(([, value]) => value !== undefined);
  const facts = Object.fromEntries(told) as SetFacts;
  const hosts: KnownHost[] = [];
  const unreadable: string[] = [];
  for (const [key, line] of Object.entries(linesIn(outputs, 'hosts'))) {
    const known = typeof line === 'string' ? knownByLine(key, line, facts) : undefined;
    if (known === undefined) unreadable.push(key);
    else hosts.push(known);
  }
  return { facts, hosts, unreadable };
}

/** Its declaration as it was, named as it is now: the machine was paired already, and how it is named is no change. */
export function declaredBefore(known: KnownHost, host: DeclaredHost): CheckedInputs {
  const { machineId: _id, deviceName: _name, ...rest } = known.declared.inputs;
  const { machineId, deviceName } = host.inputs;
  return {
    ...rest,
    ...(machineId === undefined ? {} : { machineId }),
    ...(deviceName === undefined ? {} : { deviceName }),
  };
}

export function declarationChanges(known: KnownHost, host: DeclaredHost): boolean {
  return inputsDiffer(declaredBefore(known, host), host.inputs).length > 0;
}

/** Lines by their names, of outputs that must have them; a resource that is about to be made has none yet. */
function linesIn(outputs: PropertyMap, name: string): Readonly<Record<string, unknown>> {
  if (Object.keys(outputs).length > 0 && !isMap(outputs[name])) throw new UserError(unreadableState(`its ${name}`));
  return linesOf(outputs[name]);
}

/** Lines that state need not have. Throws UserError where it holds something else in their place. */
export function optionalLines(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value !== undefined && value !== null && !isMap(value)) throw new UserError(unreadableState(what));
  return linesOf(value);
}

/** What stood in state in the place of a line, kept as it was as far as text can be. */
export function lineText(line: unknown): string {
  return typeof line === 'string' ? line : (JSON.stringify(line) ?? '');
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function linesOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
