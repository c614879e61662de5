import type { Machine } from './machine.ts';
import type { SwitchSettings } from './switches.ts';

/** A file on a machine. */
export interface MachineFile {
  readonly sha1: string;
  /** Who signed it; files of Microsoft and of publishers that it trusts are never quarantined. */
  readonly signer?: 'Microsoft' | 'TrustedPublisher' | 'Other';
  /** Ms since 1970; absent: now. */
  readonly lastSeen?: number;
}

const longestUnseenMs = 30 * 86_400_000;

/** Stops a file and puts it into quarantine. The answer: whether that could be done. */
export function quarantineFile(machine: Machine, hash: string, now: number, settings: SwitchSettings): boolean {
  const sha1 = hash.toLowerCase();
  const { files } = machine;
  if (files !== undefined) {
    const file = files.find((one) => one.sha1.toLowerCase() === sha1);
    if (file === undefined) return settings.fileNotPresent === 'succeed';
    const { signer = 'Other', lastSeen = now } = file;
    if (signer !== 'Other' || now - lastSeen > longestUnseenMs) return false;
    machine.files = files.filter((one) => one !== file);
  }
  const earlier = machine.quarantine.filter((one) => one.sha1 !== sha1);
  machine.quarantine = [...earlier, { sha1, since: now }];
  return true;
}

/** Brings everything back from quarantine, as the command for it on the device does: it knows no single file. */
export function restoreFiles(machine: Machine): void {
  const restored = machine.quarantine.map(({ sha1 }): MachineFile => ({ sha1 }));
  if (machine.files !== undefined) machine.files = [...machine.files, ...restored];
  machine.quarantine = [];
}
