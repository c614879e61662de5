import { entityReply, listReply } from './answers.ts';
import type { Call } from './call.ts';
import { ApiError, notFound } from './errors.ts';
import { healthStatus, lastSeen, type Machine, machineBody } from './machine.ts';
import { type Field, type Fields, type FieldType, fieldsOf } from './odata/fields.ts';
import type { Reply } from './reply.ts';
import { ticksOf } from './time.ts';

const machineCache = new WeakMap<Machine, { key: string; properties: object; json: string }>();

/** A machine in JSON, made anew only where something in it changed. */
function machineJson(machine: Machine, now: number): string {
  const key = `${lastSeen(machine, now)} ${healthStatus(machine, now)}`;
  const cached = machineCache.get(machine);
  if (cached?.key === key && cached.properties === machine.properties) return cached.json;
  const json = JSON.stringify(machineBody(machine, now));
  machineCache.set(machine, { key, properties: machine.properties, json });
  return json;
}

/** `?tag=…&useStartsWithFilter=true|false`: machines with this tag, or with one that begins so. */
export function findMachinesByTag(call: Call): Reply {
  const { parts, estate, parameters } = call;
  const ignoreCase = parts.settings.filterCase === 'insensitive';
  const folded = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const tag = folded(parameters.get('tag') ?? '');
  const prefix = (parameters.get('useStartsWithFilter') ?? 'false').toLowerCase();
  if (tag === '') throw new ApiError(400, 'MissingRequiredParameter', 'Required parameter tag is missing');
  if (prefix !== 'true' && prefix !== 'false') {
    throw new ApiError(400, 'InvalidInput', 'Invalid input: useStartsWithFilter');
  }
  const fits = (one: string): boolean => (prefix === 'true' ? folded(one).startsWith(tag) : folded(one) === tag);
  const found = estate.machines.all().filter(({ properties }) => properties.machineTags.some(fits));
  const now = parts.clock.now();
  return listReply(call, 'Machines', found, machineFields(now), (one) => machineJson(one, now));
}

export function listMachines(call: Call): Reply {
  const { parts, estate } = call;
  const machines = estate.machines.all();
  if (machines.length === 0 && parts.settings.noMachines === '404') {
    throw new ApiError(404, 'ResourceNotFound', 'No machines were found');
  }
  const now = parts.clock.now();
  return listReply(call, 'Machines', machines, machineFields(now), (one) => machineJson(one, now));
}

export function getMachine({ estate, id, parts, ...call }: Call): Reply {
  const machine = estate.machines.lookUp(id);
  if (machine === undefined) throw notFound('Machine', id);
  return entityReply(call, 200, 'Machines', machineJson(machine, parts.clock.now()));
}

function machineFields(now: number): Fields<Machine> {
  const property = (
    name: Exclude<keyof Machine['properties'], 'ipAddresses' | 'firstSeen' | 'lastSeen'>,
    type: FieldType,
    filterable: boolean,
  ): Field<Machine> => ({ name, type, filterable, value: ({ properties }) => properties[name] ?? null });
  return fieldsOf('Microsoft.WindowsDefenderATP.Api.Machine', [
    { name: 'id', type: 'string', filterable: true, value: ({ id }) => id },
    property('computerDnsName', 'string', true),
    property('version', 'string', true),
    property('deviceValue', 'string', true),
    property('aadDeviceId', 'string', true),
    property('machineTags', 'strings', true),
    { name: 'lastSeen', type: 'datetime', filterable: true, value: (machine) => lastSeen(machine, now) },
    property('exposureLevel', 'string', true),
    property('onboardingStatus', 'string', true),
    property('lastIpAddress', 'string', true),
    { name: 'healthStatus', type: 'string', filterable: true, value: (machine) => healthStatus(machine, now) },
    property('osPlatform', 'string', true),
    property('riskScore', 'string', true),
    property('rbacGroupId', 'number', true),
    {
      name: 'firstSeen',
      type: 'datetime',
      filterable: false,
      value: ({ properties }) => ticksOf(properties.firstSeen),
    },
    property('rbacGroupName', 'string', false),
    property('osBuild', 'number', false),
    property('osVersion', 'string', false),
    property('osProcessor', 'string', false),
    property('osArchitecture', 'string', false),
    property('agentVersion', 'string', false),
    property('lastExternalIpAddress', 'string', false),
    property('isAadJoined', 'boolean', false),
    property('mergedIntoMachineId', 'string', false),
    property('isPotentialDuplication', 'boolean', false),
    property('isExcluded', 'boolean', false),
    property('exclusionReason', 'string', false),
    property('defenderAvStatus', 'string', false),
    property('managedBy', 'string', false),
    property('managedByStatus', 'string', false),
  ]);
}
