import { ApiError } from './errors.ts';
import type { Machine } from './machine.ts';
import type { SwitchSettings } from './switches.ts';

/** A family of systems that can do something. */
export interface PlatformSupport {
  readonly platform: RegExp;
  /** Windows 10 releases before this one are refused. */
  readonly windowsRelease?: string;
  /** Clients before this one are refused. */
  readonly client?: string;
}

export const windows11: PlatformSupport = { platform: /^Windows11/i };
export const serversFrom2012R2: PlatformSupport = { platform: /^WindowsServer(2012R2|2016|2019|2022|2025)/i };
export const serversFrom2019: PlatformSupport = { platform: /^WindowsServer(2019|2022|2025)/i };
/** Agents on Linux count their releases in another way than the documents' `101.98.84`, so none is too old. */
export const linux: PlatformSupport = { platform: /^Linux/i };
export const macOs: PlatformSupport = { platform: /^macOS/i, client: '101.98.84' };

export function windows10From(windowsRelease: string): PlatformSupport {
  return { platform: /^Windows10/i, windowsRelease };
}

/** Throws the ApiError of a machine that is not onboarded, unless such a request is accepted and fails. */
export function refuseUnlessOnboarded({ id, properties }: Machine, settings: SwitchSettings): void {
  if (properties.onboardingStatus === 'Onboarded' || settings.isolateNotOnboarded === 'fail') return;
  throw new ApiError(400, 'InvalidInput', `Machine ${id} is not onboarded`);
}

/** Throws the ApiError of a machine whose system is none of `systems`, or too old. */
export function refuseUnlessSupported(machine: Machine, action: string, systems: readonly PlatformSupport[]): void {
  const { osPlatform, version, agentVersion } = machine.properties;
  const system = systems.find(({ platform }) => platform.test(osPlatform));
  if (system === undefined) {
    throw new ApiError(400, 'OsPlatformNotSupported', `OS Platform ${osPlatform} isn't supported for this action`);
  }
  const { windowsRelease, client } = system;
  const tooOldFor =
    windowsRelease !== undefined && releaseOrder(version) < releaseOrder(windowsRelease)
      ? windowsRelease
      : client !== undefined && agentVersion.localeCompare(client, 'en', { numeric: true }) < 0
        ? client
        : undefined;
  if (tooOldFor === undefined) return;
  const message = `${action} is supported on client version ${tooOldFor} and above`;
  throw new ApiError(400, 'ClientVersionNotSupported', message);
}

/** Windows releases in order of time: `1703`, `1909`, `20H2`, `22H2`. */
function releaseOrder(release: string): number {
  const half = /^(\d\d)H([12])$/i.exec(release);
  if (half !== null) return Number(half[1]) * 100 + (half[2] === '1' ? 5 : 11);
  return /^\d{4}$/.test(release) ? Number(release) : Number.POSITIVE_INFINITY;
}
