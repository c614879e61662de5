import type { Machine } from '../defender/machine.ts';
import type { ResponseRequest } from '../defender/response-actions.ts';

/** Actions that are done once, and have nothing that undoes them. */
export type OneShotType = 'StopAndQuarantineFile' | 'RunAntiVirusScan' | 'CollectInvestigationPackage';
export type OneShotAsk = Extract<ResponseRequest, { type: OneShotType }>;

/** What people are told about an action, and which machines can carry it out. */
export interface OneShotAction {
  /** `quarantine`, `quarantined`: of the machine it is done on, in messages. */
  readonly verb: string;
  readonly done: string;
  /** In `NOT QUARANTINED YET`. */
  readonly DONE: string;
  /** At the end of a run, before the hosts it was done on. */
  readonly summary: string;
  /** `the quarantine request`. */
  readonly request: string;
  /** What must hold on the device, for when the action fails there. */
  readonly needs: string;
  readonly systems: { readonly pattern: RegExp; readonly names: string };
}

const notPhones = { pattern: /^(?!android|ios)/i, names: 'Windows, macOS and Linux' };

/** Source of systems and preconditions: the API pages and the pages about response actions of Microsoft Learn. */
export const oneShotActions: { readonly [T in OneShotType]: OneShotAction } = {
  StopAndQuarantineFile: {
    verb: 'quarantine',
    done: 'quarantined',
    DONE: 'QUARANTINED',
    summary: 'file quarantined',
    request: 'the quarantine request',
    needs:
      'Defender quarantines a file on Windows only, where the device has seen it in the last 30 days, it is signed neither by Microsoft nor by a publisher that Microsoft trusts, and Microsoft Defender Antivirus runs at least in passive mode',
    systems: { pattern: /^windows/i, names: 'Windows' },
  },
  RunAntiVirusScan: {
    verb: 'scan',
    done: 'scanned',
    DONE: 'SCANNED',
    summary: 'scanned',
    request: 'the scan request',
    needs:
      'Microsoft Defender Antivirus must run on the device, at least in passive mode, and the device must stay on until the scan is over',
    systems: notPhones,
  },
  CollectInvestigationPackage: {
    verb: 'collect the investigation package of',
    done: 'collected',
    DONE: 'COLLECTED',
    summary: 'investigation package collected',
    request: 'the collection request',
    needs: 'The device must reach Defender until the package is uploaded, and have room for it on its disk',
    systems: notPhones,
  },
};

/** Why the service would refuse to ask this of the machine; undefined where it may be asked, for all that is known. */
export function refusedBecause(machine: Machine, type: OneShotType): string | undefined {
  const { systems, verb } = oneShotActions[type];
  if (machine.onboardingStatus !== undefined && machine.onboardingStatus !== 'Onboarded')
    return `it is not onboarded to Defender (${machine.onboardingStatus}), so Defender cannot ${verb} it. Onboard it first`;
  const platform = machine.osPlatform ?? '';
  if (platform !== '' && !systems.pattern.test(platform))
    return `Defender does this on ${systems.names} only, and it runs ${platform}. Take it out of the declaration`;
  return undefined;
}
