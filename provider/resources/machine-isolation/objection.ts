import { codeRestriction } from '../../containment/pair.ts';
import { protectedBecause } from '../../containment/protection.ts';
import type { Machine, MachineId } from '../../defender/machine.ts';
import type { IsolationType } from '../../defender/machine-action.ts';
import type { Runtime } from '../runtime.ts';
import type { HostRequest } from './act.ts';

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
  if (machine.onboardingStatus !== undefined && machine.onboardingStatus !== 'Onboarded') {
    return `it is not onboarded to Defender (${machine.onboardingStatus}), so it cannot be isolated. Onboard it, or contain it elsewhere`;
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

export function refuseNewIsolation(machine: Machine, request: HostRequest): string | undefined {
  const refused = objection(machine, request);
  if (refused !== undefined) return refused;
  return refuseByQuota(machine.id, request.runtime);
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
export function refuseTypeChange(machine: Machine, request: HostRequest): string | undefined {
  if (machine.healthStatus !== 'Active') {
    return `its type is changed only while the device reports (healthStatus is ${machine.healthStatus ?? 'not known'})`;
  }
  return refuseNewIsolation(machine, request);
}
