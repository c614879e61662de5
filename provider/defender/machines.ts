import type { MachineSearch } from './api.ts';
import { asObject, asText } from './json-body.ts';
import { type Machine, parseMachineId } from './machine.ts';
import { allOf, type Filter, holdsOneOf, isOneOf, since, startsWithOneOf } from './odata.ts';
import { parseServiceTime } from './service-time.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const textFields = [
  'computerDnsName',
  'osPlatform',
  'version',
  'healthStatus',
  'onboardingStatus',
  'riskScore',
  'exposureLevel',
  'deviceValue',
  'rbacGroupName',
  'firstSeen',
  'lastSeen',
  'lastIpAddress',
  'mergedIntoMachineId',
  'aadDeviceId',
] as const satisfies readonly (keyof Machine)[];

/** A machine as the service writes it, or undefined where it has no usable id. Fields of odd types are left out. */
export function parseMachine(value: unknown): Machine | undefined {
  const body = asObject(value);
  const id = parseMachineId(asText(body?.id) ?? '');
  if (body === undefined || id === undefined) return undefined;
  const machine: Writable<Machine> = { id };
  for (const name of textFields) {
    const text = body[name];
    if (typeof text === 'string' && text !== '') machine[name] = text;
  }
  if (Array.isArray(body.machineTags)) {
    machine.machineTags = body.machineTags.filter((tag): tag is string => typeof tag === 'string');
  }
  if (Array.isArray(body.ipAddresses)) {
    // A tenant's machines are held together: of their addresses only what is read, once a network card.
    const macAddresses = body.ipAddresses.flatMap((entry) => asText(asObject(entry)?.macAddress) ?? []);
    machine.ipAddresses = [...new Set(macAddresses)].map((macAddress) => ({ macAddress }));
  }
  return machine;
}

/** Two device names are the same where their keys are: names compare ignoring case. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

/** How `name` is asked for: the service's `eq` minds case, and names are mostly stored in lower case. */
export function nameSpellings(name: string): readonly string[] {
  return [...new Set([name, name.toLowerCase()])];
}

/** Properties that a search asks the service for by their whole value. */
const exactFields = [
  'healthStatus',
  'onboardingStatus',
  'osPlatform',
  'riskScore',
  'exposureLevel',
  'deviceValue',
] as const satisfies readonly (keyof MachineSearch & keyof Machine)[];

/**
 * The part of a search that the service can answer (get-machines on Microsoft Learn tells by which properties). It minds
 * case, and may be asked for two spellings of what people name.
 */
export function machineFilter(search: MachineSearch): Filter | undefined {
  const { namePrefix, tag, seenSince } = search;
  return allOf([
    ...(namePrefix === undefined ? [] : [startsWithOneOf('computerDnsName', nameSpellings(namePrefix))]),
    ...(tag === undefined ? [] : [holdsOneOf('machineTags', nameSpellings(tag))]),
    ...exactFields.flatMap((name) => (search[name] === undefined ? [] : [isOneOf(name, [search[name]])])),
    ...(seenSince === undefined ? [] : [since('lastSeen', seenSince)]),
  ]);
}

/** Whether the service can answer the whole search, so that no machine is read in vain. */
export function isServicesOwn({ rbacGroupName }: MachineSearch): boolean {
  return rbacGroupName === undefined;
}

/** Whether a machine is one that is looked for, also where the service overlooked a part of the filter. */
export function fitsSearch(machine: Machine, search: MachineSearch): boolean {
  const { namePrefix, tag, rbacGroupName, seenSince } = search;
  const seen = parseServiceTime(machine.lastSeen);
  const sameText = (a: string | undefined, b: string) => a !== undefined && nameKey(a) === nameKey(b);
  return (
    (namePrefix === undefined || nameKey(machine.computerDnsName ?? '').startsWith(nameKey(namePrefix))) &&
    (tag === undefined || (machine.machineTags ?? []).some((each) => sameText(each, tag))) &&
    exactFields.every((name) => search[name] === undefined || sameText(machine[name], search[name])) &&
    (rbacGroupName === undefined || sameText(machine.rbacGroupName, rbacGroupName)) &&
    (seenSince === undefined || (seen !== undefined && seen >= seenSince))
  );
}

/** By device name, those without one last; of one name by id. */
export function byNameThenId(a: Machine, b: Machine): number {
  const [nameA, nameB] = [a, b].map(({ computerDnsName }) => nameKey(computerDnsName ?? '\uffff')) as [string, string];
  return nameA < nameB ? -1 : nameA > nameB ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
