import { ApiError } from './errors.ts';
import type { IsolationType, Machine } from './machine.ts';
import type { MachineActionEntry } from './machine-action.ts';
import type { SwitchSettings } from './switches.ts';

/** A body parameter; names are case-sensitive. */
export interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly values?: readonly string[];
}

/** What carrying an action out can do to a machine. */
export interface Effects {
  readonly settings: SwitchSettings;
  isolate(entry: MachineActionEntry, type: IsolationType): void;
  release(): void;
}

/** Whether a machine begins an action now, or it waits for something other than its turn. */
export type Readiness = 'ready' | 'waits-for-release' | 'hangs';

/**
 * A response action. Everything that tells one from another is here, so a new one is one row: permissions, parameters,
 * which machines can, how long it takes, what it does.
 */
export interface ResponseAction {
  /** `type` of the machine action. */
  readonly type: string;
  /** The last segment of `POST machines/{id}/…`. */
  readonly path: string;
  /** App roles of which a token needs one. */
  readonly roles: readonly string[];
  /** Delegated permissions of which a token needs one. */
  readonly scopes: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly latencySeconds: number;
  /** `scope` of the record once it is told. */
  scope(parameters: Readonly<Record<string, string>>): string | null;
  /** Fills in what the request may leave out, and throws the ApiError by which this machine is refused. */
  accept(
    machine: Machine,
    parameters: Readonly<Record<string, string>>,
    settings: SwitchSettings,
  ): Readonly<Record<string, string>>;
  readiness(machine: Machine, settings: SwitchSettings): Readiness;
  /** Does it; the answer is the final status. */
  carryOut(machine: Machine, entry: MachineActionEntry, effects: Effects): 'Succeeded' | 'Failed';
}

interface PlatformSupport {
  readonly platform: RegExp;
  readonly types: readonly IsolationType[];
  /** Windows 10 releases before this one are refused. */
  readonly windowsRelease?: string;
  /** Clients before this one are refused. */
  readonly client?: string;
}

/** Which systems can be isolated how, as the portal's page lists them. */
const isolationSupport: readonly PlatformSupport[] = [
  { platform: /^Windows10/i, types: ['Full', 'Selective'], windowsRelease: '1703' },
  { platform: /^Windows11/i, types: ['Full', 'Selective'] },
  { platform: /^WindowsServer(2012R2|2016|2019|2022|2025)/i, types: ['Full', 'Selective'] },
  { platform: /^Linux/i, types: ['Full'] },
  { platform: /^macOS/i, types: ['Full', 'Selective'], client: '101.98.84' },
];

const isolationTypes = ['Full', 'Selective', 'UnManagedDevice'] as const;

const comment: Parameter = { name: 'Comment', required: true };
const correlation: readonly Parameter[] = ['ExternalId', 'Title', 'RequestSource'].map((name) => ({
  name,
  required: false,
}));

export const responseActions: readonly ResponseAction[] = [
  {
    type: 'Isolate',
    path: 'isolate',
    roles: ['Machine.Isolate'],
    scopes: ['Machine.Isolate'],
    parameters: [comment, { name: 'IsolationType', required: false, values: isolationTypes }, ...correlation],
    latencySeconds: 66,
    scope: (parameters) => parameters.IsolationType ?? null,
    accept: (machine, parameters, settings) => {
      if (parameters.IsolationType === undefined && settings.missingIsolationType === 'reject') {
        throw new ApiError(400, 'MissingRequiredParameter', 'Required parameter IsolationType is missing');
      }
      const IsolationType = (parameters.IsolationType ?? 'Full') as IsolationType;
      refuseUnlessIsolatable(machine, IsolationType, settings);
      return { ...parameters, IsolationType };
    },
    readiness: (machine, { isolateWhenIsolated }) => {
      if (machine.isolation === undefined || isolateWhenIsolated === 'succeed') return 'ready';
      return isolateWhenIsolated === 'stay-pending' ? 'hangs' : 'waits-for-release';
    },
    carryOut: (machine, entry, effects) => {
      const type = (entry.parameters.IsolationType ?? 'Full') as IsolationType;
      if (type !== 'UnManagedDevice' && machine.properties.onboardingStatus !== 'Onboarded') return 'Failed';
      effects.isolate(entry, type);
      return 'Succeeded';
    },
  },
  {
    type: 'Unisolate',
    path: 'unisolate',
    roles: ['Machine.Isolate'],
    scopes: ['Machine.Isolate'],
    parameters: [comment, ...correlation],
    latencySeconds: 60,
    scope: () => null,
    accept: (_machine, parameters) => parameters,
    readiness: () => 'ready',
    carryOut: (machine, _entry, effects) => {
      const wasIsolated = machine.isolation !== undefined;
      effects.release();
      return wasIsolated || effects.settings.unisolateWhenNotIsolated === 'succeed' ? 'Succeeded' : 'Failed';
    },
  },
];

/** Any one of these lets a token cancel. */
export const cancelRoles: readonly string[] = [
  'Machine.CollectForensics',
  'Machine.Isolate',
  'Machine.RestrictExecution',
  'Machine.Scan',
  'Machine.Offboard',
  'Machine.StopAndQuarantine',
  'Machine.LiveResponse',
];

function refuseUnlessIsolatable(machine: Machine, type: IsolationType, settings: SwitchSettings): void {
  const { osPlatform, version, agentVersion, onboardingStatus } = machine.properties;
  const onboarded = onboardingStatus === 'Onboarded';
  if (type === 'UnManagedDevice') {
    if (onboarded) throw new ApiError(400, 'InvalidInput', 'Invalid input: IsolationType');
    return;
  }
  if (!onboarded) {
    if (settings.isolateNotOnboarded === 'fail') return;
    throw new ApiError(400, 'InvalidInput', `Machine ${machine.id} is not onboarded`);
  }
  const support = isolationSupport.find(({ platform }) => platform.test(osPlatform));
  if (!support?.types.includes(type)) {
    throw new ApiError(400, 'OsPlatformNotSupported', `OS Platform ${osPlatform} isn't supported for this action`);
  }
  const { windowsRelease, client } = support;
  if (windowsRelease !== undefined && releaseOrder(version) < releaseOrder(windowsRelease)) {
    throw new ApiError(
      400,
      'ClientVersionNotSupported',
      `Isolate is supported on client version ${windowsRelease} and above`,
    );
  }
  if (client !== undefined && agentVersion.localeCompare(client, 'en', { numeric: true }) < 0) {
    throw new ApiError(400, 'ClientVersionNotSupported', `Isolate is supported on client version ${client} and above`);
  }
}

/** Windows releases in order of time: `1703`, `1909`, `20H2`, `22H2`. */
function releaseOrder(release: string): number {
  const half = /^(\d\d)H([12])$/i.exec(release);
  if (half !== null) return Number(half[1]) * 100 + (half[2] === '1' ? 5 : 11);
  const month = /^\d{4}$/.test(release) ? Number(release) : Number.POSITIVE_INFINITY;
  return month;
}
