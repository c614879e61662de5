import { asObject, asText } from './json-body.ts';
import { type Machine, parseMachineId } from './machine.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const textFields = [
  'computerDnsName',
  'osPlatform',
  'version',
  'healthStatus',
  'onboardingStatus',
  'deviceValue',
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
