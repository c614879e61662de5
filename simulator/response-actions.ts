import { ApiError } from './errors.ts';
import type { IsolationType, Machine } from './machine.ts';
import { quarantineFile } from './machine-files.ts';
import { readRoles } from './permissions.ts';
import {
  linux,
  macOs,
  type PlatformSupport,
  refuseUnlessOnboarded,
  refuseUnlessSupported,
  serversFrom2012R2,
  serversFrom2019,
  windows10From,
  windows11,
} from './platform-support.ts';
import type { Parameter, ResponseAction } from './response-action.ts';
import type { SwitchSettings } from './switches.ts';

/** Which systems can be isolated how, as the portal's page lists them. */
const isolationSupport: readonly (PlatformSupport & { readonly types: readonly IsolationType[] })[] = [
  { ...windows10From('1703'), types: ['Full', 'Selective'] },
  { ...windows11, types: ['Full', 'Selective'] },
  { ...serversFrom2012R2, types: ['Full', 'Selective'] },
  { ...linux, types: ['Full'] },
  { ...macOs, types: ['Full', 'Selective'] },
];
const isolationTypes = ['Full', 'Selective', 'UnManagedDevice'] as const;
const restrictable = [windows10From('1709'), windows11, serversFrom2019];

const comment: Parameter = { name: 'Comment', required: true };
const correlation: readonly Parameter[] = ['ExternalId', 'Title', 'RequestSource'].map((name) => ({
  name,
  required: false,
}));
const sha1: Parameter = {
  name: 'Sha1',
  required: true,
  format: { pattern: /^[0-9a-f]{40}$/i, code: 'InvalidHashValue' },
};

/** What most actions have in common. */
const usual = {
  parameters: [comment, ...correlation],
  scope: () => null,
  file: () => null,
  accept: (_machine, parameters) => parameters,
  conflictKey: () => '',
  duplicates: ({ duplicateRequest }) => duplicateRequest,
  readiness: () => 'ready',
} as const satisfies Partial<ResponseAction>;

/** For actions of which the service was seen, or is said, to refuse a second one. */
const refusesDuplicates = ({
  duplicateOfFileOrPackage,
  duplicateRequest,
}: SwitchSettings): SwitchSettings['duplicateRequest'] =>
  duplicateOfFileOrPackage === 'as-others' ? duplicateRequest : duplicateOfFileOrPackage;

export const responseActions: readonly ResponseAction[] = [
  {
    ...usual,
    type: 'Isolate',
    path: 'isolate',
    roles: [['Machine.Isolate']],
    scopes: [['Machine.Isolate']],
    parameters: [comment, { name: 'IsolationType', required: false, values: isolationTypes }, ...correlation],
    latencySeconds: 66,
    scope: (parameters) => parameters.IsolationType ?? null,
    accept: (machine, parameters, settings) => {
      if (parameters.IsolationType === undefined && settings.missingIsolationType === 'reject') {
        throw new ApiError(400, 'MissingRequiredParameter', 'Required parameter IsolationType is missing');
      }
      const IsolationType = (parameters.IsolationType ?? 'Full') as IsolationType;
      if (IsolationType === 'UnManagedDevice') refuseUnlessContainable(machine);
      else {
        const systems = isolationSupport.filter(({ types }) => types.includes(IsolationType));
        acceptFrom(systems, 'Isolate')(machine, parameters, settings);
      }
      return { ...parameters, IsolationType };
    },
    readiness: (machine, { isolateWhenIsolated }) => {
      if (machine.isolation === undefined || isolateWhenIsolated === 'succeed') return 'ready';
      return isolateWhenIsolated === 'stay-pending' ? 'hangs' : 'waits-for-release';
    },
    carryOut: (machine, entry, effects) => {
      const type = (entry.parameters.IsolationType ?? 'Full') as IsolationType;
      if (type !== 'UnManagedDevice' && !isOnboarded(machine)) return 'Failed';
      effects.isolate(entry, type);
      return 'Succeeded';
    },
  },
  {
    ...usual,
    type: 'Unisolate',
    path: 'unisolate',
    roles: [['Machine.Isolate']],
    scopes: [['Machine.Isolate']],
    latencySeconds: 60,
    carryOut: (machine, _entry, effects) => {
      const wasIsolated = machine.isolation !== undefined;
      effects.release();
      return wasIsolated || effects.settings.unisolateWhenNotIsolated === 'succeed' ? 'Succeeded' : 'Failed';
    },
  },
  {
    ...usual,
    type: 'RestrictCodeExecution',
    path: 'restrictCodeExecution',
    roles: [['Machine.RestrictExecution']],
    scopes: [['Machine.RestrictExecution']],
    latencySeconds: 60,
    accept: acceptFrom(restrictable, 'RestrictCodeExecution'),
    readiness: ({ codeRestricted }, { restrictWhenRestricted }) =>
      codeRestricted && restrictWhenRestricted === 'stay-pending' ? 'hangs' : 'ready',
    carryOut: (machine) => {
      if (!isOnboarded(machine)) return 'Failed';
      machine.codeRestricted = true;
      return 'Succeeded';
    },
  },
  {
    ...usual,
    type: 'UnrestrictCodeExecution',
    path: 'unrestrictCodeExecution',
    roles: [['Machine.RestrictExecution']],
    scopes: [['Machine.RestrictExecution']],
    latencySeconds: 60,
    accept: acceptFrom(restrictable, 'UnrestrictCodeExecution'),
    carryOut: (machine, _entry, { settings }) => {
      const wasRestricted = machine.codeRestricted;
      machine.codeRestricted = false;
      return wasRestricted || settings.unrestrictWhenNotRestricted === 'succeed' ? 'Succeeded' : 'Failed';
    },
  },
  {
    ...usual,
    type: 'StopAndQuarantineFile',
    path: 'StopAndQuarantineFile',
    // The one action that was seen to be refused without a role that reads machines. Persons need its own alone.
    roles: [['Machine.StopAndQuarantine'], readRoles],
    scopes: [['Machine.StopAndQuarantine']],
    parameters: [comment, sha1, ...correlation],
    latencySeconds: 34,
    file: (parameters) => parameters.Sha1 ?? null,
    accept: acceptFrom([windows10From('1703'), windows11, serversFrom2012R2], 'StopAndQuarantineFile'),
    conflictKey: ({ Sha1 = '' }, { fileConflictKey }) =>
      fileConflictKey === 'machine-and-hash' ? Sha1.toLowerCase() : '',
    duplicates: refusesDuplicates,
    carryOut: (machine, { parameters }, { now, settings }) =>
      isOnboarded(machine) && quarantineFile(machine, parameters.Sha1 ?? '', now, settings) ? 'Succeeded' : 'Failed',
  },
  {
    ...usual,
    type: 'RunAntiVirusScan',
    path: 'runAntiVirusScan',
    roles: [['Machine.Scan']],
    scopes: [['Machine.Scan']],
    parameters: [comment, { name: 'ScanType', required: true, values: ['Quick', 'Full'] }, ...correlation],
    latencySeconds: 30,
    scope: (parameters) => parameters.ScanType ?? null,
    accept: acceptFrom([windows10From('1709'), windows11, serversFrom2012R2, linux, macOs], 'RunAntiVirusScan'),
    carryOut: (machine, { id, parameters }, { now }) => {
      if (!isOnboarded(machine)) return 'Failed';
      machine.scans.push({ scanType: parameters.ScanType ?? '', at: now, actionId: id });
      return 'Succeeded';
    },
  },
  {
    ...usual,
    type: 'CollectInvestigationPackage',
    path: 'collectInvestigationPackage',
    roles: [['Machine.CollectForensics']],
    scopes: [['Machine.CollectForensics']],
    latencySeconds: 88,
    accept: acceptFrom(
      [windows10From('1703'), windows11, serversFrom2012R2, linux, macOs],
      'CollectInvestigationPackage',
    ),
    duplicates: refusesDuplicates,
    carryOut: (machine, { id }, { now }) => {
      if (!isOnboarded(machine)) return 'Failed';
      machine.packages.push({ at: now, actionId: id });
      return 'Succeeded';
    },
  },
];

/** By type or path, in any case. Throws a RangeError that names what there is. */
export function responseAction(name: string): ResponseAction {
  const wanted = name.toLowerCase();
  const found = responseActions.find((one) => [one.type, one.path].some((known) => known.toLowerCase() === wanted));
  if (found !== undefined) return found;
  throw new RangeError(
    `there is no response action "${name}"; there are ${responseActions.map(({ type }) => type).join(', ')}`,
  );
}

function acceptFrom(systems: readonly PlatformSupport[], action: string): ResponseAction['accept'] {
  return (machine, parameters, settings) => {
    refuseUnlessOnboarded(machine, settings);
    // What is not onboarded has no client whose version could be told.
    if (isOnboarded(machine)) refuseUnlessSupported(machine, action, systems);
    return parameters;
  };
}

function isOnboarded({ properties }: Machine): boolean {
  return properties.onboardingStatus === 'Onboarded';
}

/** Other devices can be told to keep away only from one that has no sensor of its own. */
function refuseUnlessContainable(machine: Machine): void {
  if (isOnboarded(machine)) throw new ApiError(400, 'InvalidInput', 'Invalid input: IsolationType');
}
