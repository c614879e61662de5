import { codeRestriction } from '../../containment/pair.ts';
import { protectedBecause } from '../../containment/protection.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { Machine, MachineId } from '../../defender/machine.ts';
import type { IsolationType } from '../../defender/machine-action.ts';
import { mostContainedDevices } from '../../fleet/contained-devices.ts';
import type { Runtime } from '../runtime.ts';
import type { HostRequest } from './act.ts';
import { describeDefenderError } from './sight.ts';

/** Why a machine cannot or must not be newly isolated or restricted; undefined where it may be (semantics 8.2). */
export function objection(machine: Machine, request: Pick<HostRequest, 'inputs' | 'runtime'>): string | undefined {
  const { inputs, runtime } = request;
  const { words } = runtime.pair;
  const impossible =
    runtime.pair.name === 'isolation' ? cannotIsolate(machine, inputs.isolationType) : cannotRestrict(machine);
  if (impossible !== undefined) return impossible;
  if (inputs.allowProtected === true) return undefined;
  const declaredBy = inputs.machineId === undefined ? 'deviceName' : 'machineId';
  const reason = protectedBecause(machine, declaredBy, runtime.settings.protection, runtime.here);
  return reason === undefined
    ? undefined
    : `it is protected: ${reason}. Set allowProtected: true on this resource to ${words.apply} it all the same`;
}

function cannotIsolate(machine: Machine, isolationType: IsolationType): string | undefined {
  const { onboardingStatus } = machine;
  if (isolationType === 'UnManagedDevice') {
    if (onboardingStatus === 'Onboarded')
      return 'it is onboarded to Defender, and isolationType UnManagedDevice contains devices that are not. Declare isolationType: Full or Selective';
    return onboardingStatus === undefined
      ? 'whether it is onboarded to Defender is not known, and isolationType UnManagedDevice contains devices that are not. Run again, or declare isolationType: Full'
      : undefined;
  }
  if (onboardingStatus !== undefined && onboardingStatus !== 'Onboarded') {
    return `it is not onboarded to Defender (${onboardingStatus}), so it cannot be isolated. Declare isolationType: UnManagedDevice, with which onboarded devices keep it off; or onboard it`;
  }
  const platform = machine.osPlatform ?? '';
  if (/^(?:android|ios)/i.test(platform)) return `Defender cannot isolate ${platform} devices. Contain it elsewhere`;
  if (
    isolationType === 'Selective' &&
    /linux|ubuntu|debian|centos|fedora|suse|sles|rocky|alma|mariner/i.test(platform)
  ) {
    return `isolationType: ${platform} supports Full isolation only, declared is Selective`;
  }
  return undefined;
}

/** Source: Microsoft Learn, Restrict app execution API (Windows 10 1709, Windows 11, Windows Server 2019 and later). */
function cannotRestrict({ onboardingStatus, osPlatform = '', version = '' }: Machine): string | undefined {
  if (onboardingStatus !== undefined && onboardingStatus !== 'Onboarded') {
    return `it is not onboarded to Defender (${onboardingStatus}), so its code execution cannot be restricted. Onboard it, or contain it elsewhere`;
  }
  const { needs = '' } = codeRestriction.words;
  const isOld = /^windows10/i.test(osPlatform) && /^\d{4}$/.test(version) && Number(version) < 1709;
  if (isOld) return `code execution cannot be restricted on ${osPlatform} ${version}. ${needs} Update the device`;
  if (osPlatform === '' || restrictable.test(osPlatform)) return undefined;
  return `code execution cannot be restricted on ${osPlatform}. ${needs} Or take it out of the declaration`;
}

/** Platforms as Defender names them: `Windows10`, `Windows11`, `WindowsServer2019`; later ones than are known are let pass. */
const restrictable = /^windows(?:1\d(?!\d)|server(?!20(?:0\d|1[0-8]))|(?!server|\d))/i;

/** A promise only where one has to be waited for: of hosts that are begun together the most urgent must send first. */
export function refuseNewIsolation(
  machine: Machine,
  request: HostRequest,
): string | undefined | Promise<string | undefined> {
  const refused = objection(machine, request);
  if (refused !== undefined) return refused;
  const byQuota = () => refuseByQuota(machine.id, request.runtime);
  return isCounted(request) ? refuseByCount(machine.id, request).then((byCount) => byCount ?? byQuota()) : byQuota();
}

/** Whether the declaration contains a device that is not onboarded, of which only so many may be at a time. */
function isCounted({ inputs, runtime }: Pick<HostRequest, 'inputs' | 'runtime'>): boolean {
  return runtime.pair.name === 'isolation' && inputs.isolationType === 'UnManagedDevice';
}

/** Whether as many devices that are not onboarded are contained as may be. */
export async function refuseByCount(
  machineId: MachineId,
  request: Pick<HostRequest, 'inputs' | 'runtime'>,
): Promise<string | undefined> {
  if (!isCounted(request)) return undefined;
  const { runtime } = request;
  try {
    if (await runtime.fleet.containedDevices.take(machineId)) return undefined;
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    return `how many devices are contained as UnManagedDevice could not be told: ${describeDefenderError(error)} Run again`;
  }
  return `${mostContainedDevices} devices are contained as UnManagedDevice already, and Microsoft advises no more at a time. Release some of them, then run again; or onboard the device and isolate it`;
}

/** Whether the run has isolated as many new hosts as it may (semantics 8.1). */
export function refuseByQuota(
  machineId: MachineId,
  { fleet, pair }: Pick<Runtime, 'fleet' | 'pair'>,
): string | undefined {
  const refused = fleet.quota.take(machineId);
  if (refused === undefined) return undefined;
  const raise = refused.ofSet
    ? "raise it in this resource's guardrails"
    : 'raise it: pulumi config set --path mde:guardrails.maxIsolations <number>';
  return `this run ${pair.words.applies} ${refused.limit} new hosts already (guardrails.maxIsolations). Run again, or ${raise}`;
}

/** A release that waits for a device that is away would be carried out when nobody is there to isolate it again. */
export async function refuseTypeChange(machine: Machine, request: HostRequest): Promise<string | undefined> {
  if (machine.healthStatus !== 'Active') {
    return `its type is changed only while the device reports (healthStatus is ${machine.healthStatus ?? 'not known'})`;
  }
  return refuseNewIsolation(machine, request);
}
