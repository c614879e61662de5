import type { Machine } from '../defender/machine.ts';

/** What `guardrails.protected` adds to the built-in protections. Compared ignoring case. */
export interface ProtectionPolicy {
  readonly machineIds: readonly string[];
  /** Device name patterns; `*` stands for any run of characters. */
  readonly names: readonly string[];
  readonly tags: readonly string[];
  readonly osPlatforms: readonly string[];
}

export const noExtraProtection: ProtectionPolicy = { machineIds: [], names: [], tags: [], osPlatforms: [] };

/** The machine that this process runs on, so that it never cuts itself off. */
export interface Here {
  readonly hostname: string;
  readonly macAddresses: readonly string[];
}

/**
 * Why a machine must not be newly isolated, or undefined where nothing speaks against it (semantics 8.2). What cannot be
 * evaluated protects. It is asked only before a *new* isolation: becoming protected releases nobody.
 */
export function protectedBecause(
  machine: Machine,
  declaredBy: 'machineId' | 'deviceName',
  policy: ProtectionPolicy,
  here: Here,
): string | undefined {
  if (isHere(machine, here)) return 'it is the machine that this run is on';
  if (machine.computerDnsName === undefined && macsOf(machine).length === 0)
    return 'neither its name nor an address of it is known, so it may be the machine that this run is on';
  if (machine.deviceValue === undefined) return 'its deviceValue is not known, so protection cannot be judged';
  if (machine.deviceValue.toLowerCase() === 'high') return 'its deviceValue is High';
  if (machine.machineTags === undefined) return 'its tags are not known, so protection cannot be judged';
  const tags = machine.machineTags.map((tag) => tag.toLowerCase());
  const tag = ['mde-protected', ...policy.tags].find((each) => tags.includes(each.toLowerCase()));
  if (tag !== undefined) return `it has the tag ${tag}`;
  if (policy.machineIds.some((id) => id.toLowerCase() === machine.id))
    return 'guardrails.protected.machineIds lists it';
  const name = machine.computerDnsName;
  if (name === undefined && policy.names.length > 0)
    return 'its device name is not known, so protection cannot be judged';
  const pattern = policy.names.find((each) => name !== undefined && matchesName(name, each));
  if (pattern !== undefined) return `its name matches guardrails.protected.names (${pattern})`;
  const platform = machine.osPlatform;
  if (platform === undefined) {
    return declaredBy === 'machineId' && policy.osPlatforms.length === 0
      ? undefined
      : 'its osPlatform is not known, so protection cannot be judged';
  }
  if (policy.osPlatforms.some((each) => each.toLowerCase() === platform.toLowerCase())) {
    return `guardrails.protected.osPlatforms lists ${platform}`;
  }
  if (declaredBy === 'deviceName' && /server/i.test(platform))
    return `it is a server (${platform}); servers are declared by machineId only`;
  return undefined;
}

function isHere(machine: Machine, here: Here): boolean {
  const name = machine.computerDnsName?.toLowerCase();
  const host = here.hostname.toLowerCase();
  if (name !== undefined && host !== '') {
    // Either side may be the short form of the other.
    const [shortName, shortHost] = [name.split('.')[0], host.split('.')[0]];
    if (name === host || ((name === shortName || host === shortHost) && shortName === shortHost)) return true;
  }
  const macs = here.macAddresses.map(plainMac).filter(isMac);
  return macsOf(machine).some((mac) => macs.includes(mac));
}

function macsOf(machine: Machine): string[] {
  return (machine.ipAddresses ?? []).map((each) => plainMac(each.macAddress)).filter(isMac);
}

/** Tunnels and the like have an address of zeros. */
function isMac(plain: string): boolean {
  return /[1-9a-f]/.test(plain);
}

function plainMac(mac: string): string {
  return mac.toLowerCase().replace(/[^0-9a-f]/g, '');
}

/** A glob with `*` only, matched in linear time without building a regular expression from a user's text. */
function matchesName(name: string, pattern: string): boolean {
  const text = name.toLowerCase();
  const parts = pattern.toLowerCase().split('*');
  const [head = '', ...rest] = parts;
  if (rest.length === 0) return text === head;
  const tail = rest.pop() ?? '';
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
