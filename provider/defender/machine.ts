/** A machine's id: 40 lower-case hex characters. */
export type MachineId = string & { readonly __brand: 'MachineId' };

const machineIdPattern = /^[0-9a-f]{40}$/i;

/** The id in its canonical, lower-case form, or undefined where `text` is no machine id. */
export function parseMachineId(text: string): MachineId | undefined {
  return machineIdPattern.test(text) ? (text.toLowerCase() as MachineId) : undefined;
}

/** `healthStatus` of a machine: whether its sensor still speaks to the service. */
export type HealthStatus =
  | 'Active'
  | 'Inactive'
  | 'ImpairedCommunication'
  | 'NoSensorData'
  | 'NoSensorDataImpairedCommunication'
  | 'Unknown';

/**
 * The fields of a Defender machine that this product reads. Every field but the id may be missing in a real answer,
 * so all others are optional; unknown enum members are kept as they came.
 */
export interface Machine {
  readonly id: MachineId;
  /** The device's FQDN. */
  readonly computerDnsName?: string;
  readonly osPlatform?: string;
  readonly version?: string;
  readonly healthStatus?: HealthStatus | (string & {});
  readonly onboardingStatus?: 'Onboarded' | 'CanBeOnboarded' | 'Unsupported' | 'InsufficientInfo' | (string & {});
  /** How much its alerts weigh. */
  readonly riskScore?: string;
  /** How exposed it is by its weaknesses. */
  readonly exposureLevel?: string;
  readonly deviceValue?: 'Normal' | 'Low' | 'High' | (string & {});
  readonly machineTags?: readonly string[];
  /** The device group. */
  readonly rbacGroupName?: string;
  /** RFC 3339; the first report. */
  readonly firstSeen?: string;
  /** RFC 3339; the last full report, about daily. */
  readonly lastSeen?: string;
  readonly lastIpAddress?: string;
  /** One entry a network card. */
  readonly ipAddresses?: readonly { readonly macAddress: string }[];
  /** Set on the old twin of a device that was reinstalled or renamed. */
  readonly mergedIntoMachineId?: string;
  readonly aadDeviceId?: string;
}
