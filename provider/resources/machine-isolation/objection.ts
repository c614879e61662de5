import { protectedBecause } from '../../containment/protection.ts';
import type { Machine, MachineId } from '../../defender/machine.ts';
import type { Runtime } from '../runtime.ts';
import type { HostRequest } from './act.ts';

/** Why a machine cannot or must not be newly isolated; undefined where it may be (semantics 8.2). */
export function objection(machine: Machine, request: Pick<HostRequest, 'inputs' | 'runtime'>): string | undefined {
  const { inputs, runtime } = request;
  if (machine.onboardingStatus !== undefined && machine.onboardingStatus !== 'Onboarded') {
    return `it is not onboarded to Defender (${machine.onboardingStatus}), so it cannot be isolated. Onboard it, or contain it elsewhere`;
  }
  const platform = machine.osPlatform ?? '';
  if (/^(?:android|ios)/i.test(platform)) return `Defender cannot isolate ${platform} devices. Contain it elsewhere`;
  if (
    inputs.isolationType === 'Selective' &&
    /linux|ubuntu|debian|centos|fedora|suse|sles|rocky|alma|mariner/i.test(platform)
  ) {
    return `isolationType: ${platform} supports Full isolation only, declared is Selective`;
  }
  if (inputs.allowProtected === true) return undefined;
  const declaredBy = inputs.machineId === undefined ? 'deviceName' : 'machineId';
  const reason = protectedBecause(machine, declaredBy, runtime.settings.protection, runtime.here);
  return reason === undefined
    ? undefined
    : `it is protected: ${reason}. Set allowProtected: true on this resource to isolate it all the same`;
}

export function refuseNewIsolation(machine: Machine, request: HostRequest): string | undefined {
  const refused = objection(machine, request);
  if (refused !== undefined) return refused;
  return refuseByQuota(machine.id, request.runtime);
}

/** Whether the run has isolated as many new hosts as it may (semantics 8.1). */
export function refuseByQuota(machineId: MachineId, { fleet }: Pick<Runtime, 'fleet'>): string | undefined {
  const refused = fleet.quota.take(machineId);
  if (refused === undefined) return undefined;
  const raise = refused.ofSet
    ? "raise it in this resource's guardrails"
    : 'raise it: pulumi config set --path mde:guardrails.maxIsolations <number>';
  return `this run isolates ${refused.limit} new hosts already (guardrails.maxIsolations). Run again, or ${raise}`;
}

/** A release that waits for a device that is away would be carried out when nobody is there to isolate it again. */
export function refuseTypeChange(machine: Machine, request: HostRequest): string | undefined {
  if (machine.healthStatus !== 'Active') {
    return `its type is changed only while the device reports (healthStatus is ${machine.healthStatus ?? 'not known'})`;
  }
  return refuseNewIsolation(machine, request);
}
