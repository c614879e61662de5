import type { MachineProperties } from './machine.ts';
import { createRandom, type Random } from './random.ts';

/** A machine of a made-up fleet. */
export interface FleetMachine {
  readonly id: string;
  readonly properties: MachineProperties;
  readonly online: boolean;
  /** Ms since 1970; set where not online. */
  readonly offlineSince: number | undefined;
}

export interface FleetOptions {
  readonly count: number;
  /** The same seed gives the same fleet. */
  readonly seed: number;
  /** The moment that "last seen" and the like are counted from, ms since 1970. */
  readonly now: number;
}

interface SystemRow {
  /** Of a hundred machines. */
  readonly share: number;
  readonly osPlatform: string;
  readonly role: 'client' | 'server' | 'mac';
  readonly versions: readonly { readonly version: string; readonly osBuild: number | null }[];
  readonly agents: readonly string[];
}

const windowsAgents = ['10.8760.26100.1', '10.8750.19041.4', '10.8735.22621.9'];

const systems: readonly SystemRow[] = [
  {
    share: 28,
    osPlatform: 'Windows10',
    role: 'client',
    versions: [
      { version: '22H2', osBuild: 19045 },
      { version: '21H2', osBuild: 19044 },
      { version: '1909', osBuild: 18363 },
    ],
    agents: windowsAgents,
  },
  {
    share: 40,
    osPlatform: 'Windows11',
    role: 'client',
    versions: [
      { version: '24H2', osBuild: 26100 },
      { version: '23H2', osBuild: 22631 },
    ],
    agents: windowsAgents,
  },
  {
    share: 8,
    osPlatform: 'WindowsServer2019',
    role: 'server',
    versions: [{ version: '1809', osBuild: 17763 }],
    agents: windowsAgents,
  },
  {
    share: 7,
    osPlatform: 'WindowsServer2022',
    role: 'server',
    versions: [{ version: '21H2', osBuild: 20348 }],
    agents: windowsAgents,
  },
  {
    share: 10,
    osPlatform: 'Linux',
    role: 'server',
    versions: [
      { version: '22.04', osBuild: null },
      { version: '9.4', osBuild: null },
      { version: '12.0', osBuild: null },
    ],
    agents: ['30.124082.4.0', '30.125032.2.0'],
  },
  {
    share: 7,
    osPlatform: 'macOS',
    role: 'mac',
    versions: [
      { version: '14.7', osBuild: null },
      { version: '15.3', osBuild: null },
    ],
    agents: ['101.25032.6', '101.24122.5'],
  },
];

const sites = ['ber', 'lon', 'nyc', 'sin', 'zrh'];
const clientNames = ['laptop', 'desk', 'wks'];
const serverNames = ['sql', 'web', 'app', 'file', 'build', 'mail'];
const domains = ['contoso.com', 'contoso.com', 'emea.contoso.com', 'corp.contoso.com'];
const departments = ['finance', 'sales', 'engineering', 'legal', 'support'];

const dayMs = 86_400_000;

/** A fleet as one finds it: mostly active clients, some servers, some away, a few never onboarded, a few twins. */
export function createFleet({ count, seed, now }: FleetOptions): readonly FleetMachine[] {
  const random = createRandom(seed);
  const fleet: FleetMachine[] = [];
  for (let index = 0; index < count; index += 1) {
    const made = createMachine(random, index, now);
    const earlier = fleet.at(-1);
    // About one in a hundred was reinstalled: an old, silent twin of the machine before it.
    fleet.push(earlier?.online === true && index % 97 === 41 ? mergedTwin(made, earlier) : made);
  }
  return fleet;
}

function createMachine(random: Random, index: number, now: number): FleetMachine {
  const system = pickSystem(random);
  const { version, osBuild } = random.pick(system.versions);
  const name = deviceName(random, system.role, index);
  const fate = random.next() * 100;
  const onboarded = fate >= 3;
  const inactive = onboarded && fate < 8;
  const away = onboarded && !inactive && fate < 15;
  const impaired = onboarded && !inactive && !away && fate < 16;
  const ip = `10.${(index >> 14) & 255}.${(index >> 7) & 127}.${(index & 127) + 10}`;
  const firstSeen = now - random.integer(30, 700) * dayMs - random.integer(0, dayMs);
  const domainController = system.role === 'server' && system.osPlatform !== 'Linux' && random.chance(6);
  const id = random.hex(40);
  return {
    id,
    online: onboarded && !inactive && !away,
    offlineSince: onboarded && !inactive && !away ? undefined : now - awayMs(random, inactive),
    properties: {
      computerDnsName: domainController ? name.replace(/-[a-z]+-/, '-dc-') : name,
      osPlatform: system.osPlatform,
      osVersion: null,
      osProcessor: system.role === 'mac' ? 'arm64' : 'x64',
      osArchitecture: '64-bit',
      version,
      osBuild,
      agentVersion: onboarded ? random.pick(system.agents) : '',
      lastIpAddress: ip,
      lastExternalIpAddress: `203.0.113.${random.integer(1, 254)}`,
      ipAddresses: [
        {
          ipAddress: ip,
          macAddress: random.hex(12).toUpperCase(),
          type: system.role === 'client' && random.chance(60) ? 'Wireless80211' : 'Ethernet',
          operationalStatus: 'Up',
        },
      ],
      onboardingStatus: onboarded ? 'Onboarded' : random.pick(['CanBeOnboarded', 'CanBeOnboarded', 'Unsupported']),
      rbacGroupId: system.role === 'server' ? 140 : 0,
      rbacGroupName: system.role === 'server' ? 'Servers' : null,
      riskScore: random.pick(['None', 'None', 'None', 'Informational', 'Low', 'Medium', 'High'] as const),
      exposureLevel: random.pick(['Low', 'Low', 'Medium', 'High'] as const),
      deviceValue: domainController || random.chance(3) ? 'High' : random.chance(10) ? 'Low' : 'Normal',
      isAadJoined: system.role === 'client',
      aadDeviceId: system.role === 'client' ? random.guid() : null,
      machineTags: domainController ? ['domain-controller'] : tags(random, system.role),
      mergedIntoMachineId: null,
      isPotentialDuplication: false,
      isExcluded: false,
      exclusionReason: null,
      defenderAvStatus: onboarded ? 'Updated' : 'NotSupported',
      managedBy: system.role === 'client' && onboarded ? 'Intune' : 'Unknown',
      managedByStatus: system.role === 'client' && onboarded ? 'Success' : 'Unknown',
      healthStatus: onboarded ? (impaired ? 'ImpairedCommunication' : undefined) : 'Unknown',
      firstSeen,
    },
  };
}

function pickSystem(random: Random): SystemRow {
  let rest = random.next() * 100;
  for (const system of systems) {
    rest -= system.share;
    if (rest < 0) return system;
  }
  return random.pick(systems);
}

function deviceName(random: Random, role: SystemRow['role'], index: number): string {
  const kind = role === 'server' ? random.pick(serverNames) : role === 'mac' ? 'mac' : random.pick(clientNames);
  return `${random.pick(sites)}-${kind}-${String(index + 1).padStart(4, '0')}.${random.pick(domains)}`;
}

function tags(random: Random, role: SystemRow['role']): readonly string[] {
  const chosen = role === 'server' ? ['server'] : [random.pick(departments)];
  return random.chance(60) ? chosen : [];
}

/** Inactive means silent for more than seven days; a machine that is merely away was there this week. */
function awayMs(random: Random, inactive: boolean): number {
  return inactive ? random.integer(8, 90) * dayMs : random.integer(1, 120) * 3_600_000;
}

function mergedTwin(twin: FleetMachine, current: FleetMachine): FleetMachine {
  const offlineSince = current.properties.firstSeen - dayMs;
  return {
    ...twin,
    online: false,
    offlineSince: Math.min(offlineSince, twin.offlineSince ?? offlineSince),
    properties: {
      ...current.properties,
      mergedIntoMachineId: current.id,
      isPotentialDuplication: true,
      firstSeen: current.properties.firstSeen - 200 * dayMs,
    },
  };
}
