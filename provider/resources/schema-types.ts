// Written by schema/generate-types.ts from schema/schema.json. Change the schema, then run it.

/** One of Microsoft's clouds. */
export const cloudValues = ['Commercial', 'GCC', 'GCCHigh', 'DoD'] as const;
export type Cloud = (typeof cloudValues)[number];

/** A geographic API host of the Commercial cloud. */
export const regionValues = ['us', 'eu', 'uk', 'au', 'swa', 'ina'] as const;
export type Region = (typeof regionValues)[number];

/** What is done with releases. */
export const releasesValues = ['apply', 'hold'] as const;
export type Releases = (typeof releasesValues)[number];

/** How far a host is cut off. */
export const isolationTypeValues = ['Full', 'Selective', 'UnManagedDevice'] as const;
export type IsolationType = (typeof isolationTypeValues)[number];

/** What a run waits for. */
export const waitForValues = ['Succeeded', 'Submitted'] as const;
export type WaitFor = (typeof waitForValues)[number];

/** What becomes of the host when its resource is deleted. */
export const onDeleteValues = ['release', 'retain'] as const;
export type OnDelete = (typeof onDeleteValues)[number];

/** What is done when an analyst released the host by hand. */
export const onManualReleaseValues = ['reisolate', 'hold'] as const;
export type OnManualRelease = (typeof onManualReleaseValues)[number];

/** What is known of a host's isolation. */
export const isolationStateValues = [
  'released',
  'isolated',
  'expiring',
  'uncertain',
  'lapsed',
  'isolating',
  'releasing',
  'doubtful',
  'missing',
  'unknown',
] as const;
export type IsolationState = (typeof isolationStateValues)[number];

/** The API's call budget, per API route, application and tenant, and our share of it. */
export interface RateLimits {
  /** Calls that the service allows in any 60 seconds. Default: 100. */
  readonly perMinute?: number | undefined;
  /** Calls that the service allows in any 60 minutes. Default: 1500. */
  readonly perHour?: number | undefined;
  /** Share of both that a run may spend, above 0 and at most 1. Default: 0.9, since other tools use the same budget. */
  readonly share?: number | undefined;
  /**
   * How long the window of `perMinute` is, 100ms to 60s. Default: 60s, which is the service's. A shorter one is for
   * rehearsing against a simulator that is set up alike, so that hours pass in minutes.
   */
  readonly minuteLength?: string | undefined;
  /**
   * How long the window of `perHour` is, 100ms to 60m and not below `minuteLength`. Default: 60m, which is the
   * service's. A shorter one is for rehearsing, as with `minuteLength`.
   */
  readonly hourLength?: string | undefined;
}

/** Limits on what one run may do. A refusal stops releases; it never stops isolations or renewals. */
export interface Guardrails {
  /**
   * Most hosts that one run may release, counted over all resources. Default: 5. Either all releases of a run fit, or
   * none is sent.
   */
  readonly maxReleases?: number | undefined;
  /**
   * Largest share of the hosts contained before the change that one run may release, in percent. Default: 20; at least
   * one host. The smaller of this and `maxReleases` applies.
   */
  readonly maxReleasePercent?: number | undefined;
  /** Most hosts that one run may newly isolate. Default: 100. Renewals do not count. */
  readonly maxIsolations?: number | undefined;
  /**
   * Hosts that are never isolated, beside the machine that Pulumi runs on, machines whose value is `High` and those
   * tagged `mde-protected`. Becoming protected releases nobody.
   */
  readonly protected?: Protected | undefined;
}

/** Hosts that must not be isolated. What matches any of the lists is protected; upper and lower case are the same. */
export interface Protected {
  /** Machine ids, 40 hexadecimal digits each. Default: none. */
  readonly machineIds?: readonly string[] | undefined;
  /** Device names; `*` stands for any characters, as in `dc-*.contoso.com`. Default: none. */
  readonly names?: readonly string[] | undefined;
  /** Machine tags. Default: none beside `mde-protected`. */
  readonly tags?: readonly string[] | undefined;
  /** OS platforms in Defender's words, such as `WindowsServer2022`. Default: none. */
  readonly osPlatforms?: readonly string[] | undefined;
}

/**
 * One host of a Quarantine, in the words of MachineIsolation. Options that are left out are those of the manifest's
 * top level, then of the resource.
 */
export interface HostDeclaration {
  /**
   * Defender's machine id: 40 hexadecimal digits. Give this, `deviceName` or both; with both the machine must bear
   * that name. Another id is another host: the new one is isolated, the old one is released as one that left the set.
   */
  readonly machineId?: string | undefined;
  /**
   * The whole device name as Defender shows it, such as `laptop-7.contoso.com`; upper and lower case are the same. It
   * is bound to a machine id the first time; where it later names another machine, nothing is done to that host and
   * both ids are reported. Servers are declared with `machineId`.
   */
  readonly deviceName?: string | undefined;
  /**
   * Why the host is isolated: the reason or the ticket. Here, in the manifest or on the resource it must not be blank.
   * No secrets.
   */
  readonly comment?: string | undefined;
  /**
   * `Full` or `Selective`. The change of a standing isolation is a release followed by an isolation, so it needs
   * `allowTypeChange`.
   */
  readonly isolationType?: IsolationType | undefined;
  /**
   * When the host is to be released, as an RFC 3339 moment with a zone. The first run after that moment releases it. A
   * new value in the past is an error.
   */
  readonly releaseAt?: string | undefined;
  /**
   * `Succeeded` waits until the host reports that it is isolated; `Submitted` only until Defender has taken the
   * request.
   */
  readonly waitFor?: WaitFor | undefined;
  /** `release` releases the host when it leaves the set; `retain` leaves it isolated and says until when. */
  readonly onDelete?: OnDelete | undefined;
  /**
   * When an analyst released the host by hand: `reisolate` isolates it again, `hold` leaves it released until its
   * declaration changes.
   */
  readonly onManualRelease?: OnManualRelease | undefined;
  /** Makes an isolation that somebody else began ours, so that leaving the set releases the host. */
  readonly takeOwnership?: boolean | undefined;
  /** Allows a change of `isolationType` on an isolated host, which releases it for a moment. */
  readonly allowTypeChange?: boolean | undefined;
  /**
   * Beside its isolation, lets only programs signed by Microsoft run on the host. Taken out, or where the host leaves
   * the set, the restriction is lifted.
   */
  readonly restrictCodeExecution?: boolean | undefined;
  /** Isolates the host although it is protected. */
  readonly allowProtected?: boolean | undefined;
  /** Releases the host when it leaves the set although somebody else isolated it. */
  readonly releaseForeign?: boolean | undefined;
  /** How long before the earliest lift its isolation is renewed, as a Go duration such as `96h`; at most `168h`. */
  readonly renewBefore?: string | undefined;
}

/** One file that a Quarantine has quarantined. Without `machineIds` and `deviceNames` on all hosts of the set. */
export interface FileDeclaration {
  /** SHA-1 of the file: 40 hexadecimal digits. Defender takes no other hash here. */
  readonly sha1: string;
  /** Machines by Defender's machine id, 40 hexadecimal digits each. They need not be hosts of the set. */
  readonly machineIds?: readonly string[] | undefined;
  /** Machines by their whole device name. They need not be hosts of the set. */
  readonly deviceNames?: readonly string[] | undefined;
  /**
   * Why the file is quarantined: the reason or the ticket. Default: the comment of the manifest's top level, then of
   * the resource. No secrets. A change alone asks nothing of any host.
   */
  readonly comment?: string | undefined;
}

/** Limits of one set of hosts. They only tighten those of the provider's configuration. */
export interface QuarantineGuardrails {
  /** Most hosts of this set that one run may release. Default: what the provider's configuration allows. */
  readonly maxReleases?: number | undefined;
  /**
   * Largest share of this set's contained hosts that one run may release, in percent; at least one host. Default: what
   * the provider's configuration allows.
   */
  readonly maxReleasePercent?: number | undefined;
  /** Most hosts of this set that one run may newly isolate. Default: what the provider's configuration allows. */
  readonly maxIsolations?: number | undefined;
  /**
   * Hosts that are never isolated, beside those that the provider's configuration protects. Becoming protected
   * releases nobody.
   */
  readonly protected?: Protected | undefined;
  /**
   * Lets one refused set of releases through: the count and digest that the refusal prints, such as `60-ab12cd34`. It
   * fits that set of hosts only; a stale one is ignored with a warning. A destroy asks for `mde:allowReleases`
   * instead.
   */
  readonly allowReleases?: string | undefined;
}

/** What is known of the restriction of code execution on a host. */
export const restrictionStateValues = [
  'unrestricted',
  'restricted',
  'restricting',
  'unrestricting',
  'doubtful',
  'missing',
  'unknown',
] as const;
export type RestrictionState = (typeof restrictionStateValues)[number];

/** How much of a host an antivirus scan looks at. */
export const scanTypeValues = ['Quick', 'Full'] as const;
export type ScanType = (typeof scanTypeValues)[number];

/** How far a machine action has come. */
export const actionStatusValues = ['Pending', 'InProgress', 'Succeeded', 'Failed', 'TimeOut', 'Cancelled'] as const;
export type ActionStatus = (typeof actionStatusValues)[number];

/** Which kind of hash names a file. */
export const fileIndicatorTypeValues = ['FileSha1', 'FileSha256', 'FileMd5'] as const;
export type FileIndicatorType = (typeof fileIndicatorTypeValues)[number];

/** What is done where a file with this hash is met. */
export const indicatorActionValues = ['Allowed', 'Audit', 'Warn', 'Block', 'BlockAndRemediate'] as const;
export type IndicatorAction = (typeof indicatorActionValues)[number];

/** Whether an indicator is in force. */
export const indicatorStateValues = ['active', 'missing', 'expired', 'unknown'] as const;
export type IndicatorState = (typeof indicatorStateValues)[number];

/** Severity of the alert that a match raises. */
export const indicatorSeverityValues = ['Informational', 'Low', 'Medium', 'High'] as const;
export type IndicatorSeverity = (typeof indicatorSeverityValues)[number];

/** The state of a machine's sensor. */
export const healthStatusValues = [
  'Active',
  'Inactive',
  'ImpairedCommunication',
  'NoSensorData',
  'NoSensorDataImpairedCommunication',
  'Unknown',
] as const;
export type HealthStatus = (typeof healthStatusValues)[number];

/** How much the alerts of a machine weigh. */
export const riskScoreValues = ['None', 'Informational', 'Low', 'Medium', 'High'] as const;
export type RiskScore = (typeof riskScoreValues)[number];

/** How exposed a machine is by its weaknesses. */
export const exposureLevelValues = ['None', 'Low', 'Medium', 'High'] as const;
export type ExposureLevel = (typeof exposureLevelValues)[number];

/** Whether Defender manages a device. */
export const onboardingStatusValues = ['Onboarded', 'CanBeOnboarded', 'Unsupported', 'InsufficientInfo'] as const;
export type OnboardingStatus = (typeof onboardingStatusValues)[number];

/** A machine as Defender knows it. */
export interface Machine {
  /** Defender's machine id: 40 hexadecimal digits. */
  readonly machineId: string;
  /** The whole device name; absent where Defender knows none. */
  readonly deviceName?: string | undefined;
  /** The sensor's health, such as `Active` or `Inactive`. */
  readonly healthStatus?: string | undefined;
  /** Such as `Onboarded` or `CanBeOnboarded`. */
  readonly onboardingStatus?: string | undefined;
  /** The OS platform in Defender's words, such as `Windows11`. */
  readonly osPlatform?: string | undefined;
  /** The OS release, such as `22H2`. */
  readonly version?: string | undefined;
  /** The last full report, RFC 3339 in UTC; about once a day, so up to a day older than what the portal shows. */
  readonly lastSeen?: string | undefined;
  /** The first report, RFC 3339 in UTC. */
  readonly firstSeen?: string | undefined;
  /** The last internal address. */
  readonly lastIpAddress?: string | undefined;
  /** How much its alerts weigh, such as `High`. */
  readonly riskScore?: string | undefined;
  /** How exposed it is by its weaknesses, such as `Medium`. */
  readonly exposureLevel?: string | undefined;
  /** What it is worth to you, as set in the portal: `Low`, `Normal` or `High`. */
  readonly deviceValue?: string | undefined;
  /** Its tags. */
  readonly machineTags: readonly string[];
  /** The device group that it belongs to. */
  readonly rbacGroupName?: string | undefined;
  /** Its device id in Microsoft Entra; absent where it has none. */
  readonly aadDeviceId?: string | undefined;
  /** The machine that took its place when the device was reinstalled or renamed; absent where none did. */
  readonly mergedIntoMachineId?: string | undefined;
}

/** One request to a machine, as Defender's history tells it. */
export interface MachineActionRecord {
  /** Id of the action, a GUID. */
  readonly actionId: string;
  /** What was asked for, such as `Isolate` or `StopAndQuarantineFile`. */
  readonly type: string;
  /** How far it has come. */
  readonly status: ActionStatus;
  /** The machine: 40 hexadecimal digits. */
  readonly machineId: string;
  /** The machine's name at that time; absent where Defender knew none. */
  readonly deviceName?: string | undefined;
  /** Who asked for it: a user, or an application by name or id. */
  readonly requestor: string;
  /** The reason that was given, without the provider's mark. */
  readonly comment: string;
  /** Such as `Full` or `Selective`; absent where there is none or Defender does not tell. */
  readonly scope?: string | undefined;
  /** The file, for `StopAndQuarantineFile`; else absent. */
  readonly sha1?: string | undefined;
  /** When it was asked for, RFC 3339 in UTC. */
  readonly createdAt: string;
  /** When its status changed last, RFC 3339 in UTC. */
  readonly updatedAt: string;
  /** Whether it carries a mark of this provider, of whatever stack. */
  readonly ours: boolean;
  /** The stack whose mark it carries, such as `prod`; absent where it carries none. */
  readonly stack?: string | undefined;
  /** The resource whose mark it carries; absent where it carries none. */
  readonly resource?: string | undefined;
}

/** A host that is isolated, or may be, with who did it and why. */
export interface IsolatedMachine {
  /** The machine: 40 hexadecimal digits. */
  readonly machineId: string;
  /** Its device name; absent where Defender knows none. */
  readonly deviceName?: string | undefined;
  /** What its history says. */
  readonly state: IsolationState;
  /** The type in force; absent where Defender does not tell. */
  readonly isolationType?: IsolationType | undefined;
  /** When the isolation in force took effect, RFC 3339 in UTC; absent where it has not. */
  readonly isolatedAt?: string | undefined;
  /**
   * The earliest moment at which Defender may lift it, RFC 3339 in UTC; absent where nothing is in force for certain.
   */
  readonly coveredUntil?: string | undefined;
  /** Who requested it. */
  readonly requestor: string;
  /** The reason that was given, without the provider's mark. */
  readonly comment: string;
  /** The action that stands for it. */
  readonly actionId?: string | undefined;
  /** The stack whose mark it carries, such as `prod`; absent where the comment names none. */
  readonly stack?: string | undefined;
  /** The resource whose mark it carries; absent where the comment names none. */
  readonly resource?: string | undefined;
}

/** The provider's configuration. */
export interface ProviderConfig {
  /**
   * Entra ID tenant to sign in to: its GUID or a verified domain name. Default: `AZURE_TENANT_ID`. A host that was
   * contained in one tenant is never looked up in another: a changed tenant makes reads, updates and deletes fail
   * before any call.
   */
  readonly tenantId?: string | undefined;
  /**
   * Application (client) id of the app registration to sign in as; with `useManagedIdentity` the user-assigned
   * identity. Default: `AZURE_CLIENT_ID`. A new application does not own what another one isolated, unless state holds
   * the action.
   */
  readonly clientId?: string | undefined;
  /**
   * Client secret of the app registration. Default: `AZURE_CLIENT_SECRET`, read when it is needed and never stored.
   * Set it with `pulumi config set --secret mde:clientSecret`.
   */
  readonly clientSecret?: string | undefined;
  /**
   * Path of a PEM or PFX file with the app registration's certificate and private key, used instead of a secret.
   * Default: `AZURE_CLIENT_CERTIFICATE_PATH`.
   */
  readonly clientCertificatePath?: string | undefined;
  /**
   * Password of the certificate's private key, where it has one. Default: `AZURE_CLIENT_CERTIFICATE_PASSWORD`, read
   * when it is needed and never stored.
   */
  readonly clientCertificatePassword?: string | undefined;
  /**
   * Sign in with a federated token (workload identity): from `oidcTokenFilePath`, or from the pipeline's token
   * service. Default: false.
   */
  readonly useOidc?: boolean | undefined;
  /**
   * File that holds the federated token, read again each time an access token is fetched. Default:
   * `AZURE_FEDERATED_TOKEN_FILE`.
   */
  readonly oidcTokenFilePath?: string | undefined;
  /**
   * Sign in as the managed identity of the machine that runs Pulumi; `clientId` chooses a user-assigned one. Default:
   * false.
   */
  readonly useManagedIdentity?: boolean | undefined;
  /**
   * Sign in as whoever is signed in to the Azure CLI. Default: false; without any of these settings the usual chain of
   * environment, workload identity, managed identity and Azure CLI is tried.
   */
  readonly useAzureCli?: boolean | undefined;
  /**
   * Which of Microsoft's clouds the tenant is in: `Commercial`, `GCC`, `GCCHigh` or `DoD`. Decides the login host, the
   * API host and the token's audience. Default: `Commercial`, or the cloud that `apiUrl` belongs to. A change makes
   * reads, updates and deletes of hosts contained elsewhere fail before any call.
   */
  readonly cloud?: Cloud | undefined;
  /**
   * Geographic API host of the Commercial cloud, for shorter ways: `us`, `eu`, `uk`, `au`, `swa` or `ina`. Default:
   * none, the worldwide host. A change affects no host.
   */
  readonly region?: Region | undefined;
  /**
   * `apply` (default) releases hosts that were removed from the declaration. `hold` lists those releases and does not
   * send them: their hosts stay in state, stay isolated and are renewed, and the run does not fail for it. Scheduled
   * repair runs use `hold`.
   */
  readonly releases?: Releases | undefined;
  /**
   * Whether a second isolate request is taken to restart Defender's seven-day clock. Default: false, the cautious
   * reading: cover is counted from the first request. True means fewer renewals, and a gap if your tenant behaves
   * otherwise.
   */
  readonly renewalRestartsLease?: boolean | undefined;
  /**
   * Longest time that one run works, as a Go duration such as `50m` or `1h30m`. Default: `50m`. It ends between two
   * hosts; what is left is reported and the next run goes on from there.
   */
  readonly maxRunTime?: string | undefined;
  /**
   * Base URL of the API, where it is none of Microsoft's: a private gateway or a simulator. https only; plain http on
   * loopback only. Default: the host of `cloud` and `region`. Certificates of a private authority are trusted through
   * `NODE_EXTRA_CA_CERTS`.
   */
  readonly apiUrl?: string | undefined;
  /**
   * Login host, where it is none of Microsoft's. https only. Default: `AZURE_AUTHORITY_HOST`, else the login host of
   * `cloud`.
   */
  readonly authorityHost?: string | undefined;
  /**
   * How much of the API's call budget a run may spend. Default: 90 % of 100 calls a minute and 1,500 an hour, per API
   * route.
   */
  readonly rateLimits?: RateLimits | undefined;
  /** Limits that every resource obeys; a resource may only tighten them. Absent ones have their own defaults. */
  readonly guardrails?: Guardrails | undefined;
  /**
   * Lets one refused set of releases through: the count and digest that the refusal prints, such as `60-ab12cd34`.
   * Default: none. It fits that set of hosts only; a stale one is ignored with a warning.
   */
  readonly allowReleases?: string | undefined;
  /**
   * Tells apart two state backends that hold equal project and stack names, so that neither takes the other's
   * isolations for its own. Default: empty. After a change, older isolations are recognised only by the action ids in
   * state.
   */
  readonly ownerKey?: string | undefined;
  /**
   * Text that stands before the declared comment in every request, such as the name of the team. Default: empty. A
   * change affects new requests only.
   */
  readonly commentPrefix?: string | undefined;
}

/** The configuration's keys, and what kind of value each holds. */
export const configKeys: Readonly<Record<keyof ProviderConfig, 'string' | 'boolean' | 'number' | 'object'>> = {
  tenantId: 'string',
  clientId: 'string',
  clientSecret: 'string',
  clientCertificatePath: 'string',
  clientCertificatePassword: 'string',
  useOidc: 'boolean',
  oidcTokenFilePath: 'string',
  useManagedIdentity: 'boolean',
  useAzureCli: 'boolean',
  cloud: 'string',
  region: 'string',
  releases: 'string',
  renewalRestartsLease: 'boolean',
  maxRunTime: 'string',
  apiUrl: 'string',
  authorityHost: 'string',
  rateLimits: 'object',
  guardrails: 'object',
  allowReleases: 'string',
  ownerKey: 'string',
  commentPrefix: 'string',
};

/** Configuration keys whose values are secret. */
export const secretConfigKeys = ['clientSecret', 'clientCertificatePassword'] as const;

/** What is declared of a MachineIsolation. */
export interface MachineIsolationInputs {
  /**
   * Defender's machine id: 40 hexadecimal digits. Give this or `deviceName`, exactly one. Another machine is a
   * replacement: the new one is isolated first, then the old one is released.
   */
  readonly machineId?: string | undefined;
  /**
   * The whole device name as Defender shows it, such as `laptop-7.contoso.com`; upper and lower case are the same.
   * Give this or `machineId`, exactly one. It is bound to a machine id the first time; where it later names another
   * machine, nothing is done and both ids are reported. Servers are declared by `machineId` only.
   */
  readonly deviceName?: string | undefined;
  /**
   * `Full` (default) or `Selective`. The change of a standing isolation is a release followed by an isolation, so it
   * needs `allowTypeChange`.
   */
  readonly isolationType?: IsolationType | undefined;
  /**
   * Why the host is isolated: the reason or the ticket. Must not be blank; it stands in Defender's action center. No
   * secrets. A change alone affects no host.
   */
  readonly comment: string;
  /**
   * When the host is to be released, as an RFC 3339 moment with a zone, such as `2026-12-01T08:00:00Z`. Default:
   * never. The first run after that moment releases it. A new value in the past is an error.
   */
  readonly releaseAt?: string | undefined;
  /**
   * `Succeeded` (default) waits until the host reports that it is isolated; `Submitted` only until Defender has taken
   * the request, so the host may still be on the network when the run ends. A change affects no host.
   */
  readonly waitFor?: WaitFor | undefined;
  /**
   * `release` (default) releases the host when this resource is deleted; `retain` leaves it isolated and says until
   * when. A change affects no host.
   */
  readonly onDelete?: OnDelete | undefined;
  /**
   * When an analyst released the host by hand: `reisolate` (default) isolates it again, `hold` leaves it released
   * until the declaration changes. Setting `reisolate` on a held host isolates it.
   */
  readonly onManualRelease?: OnManualRelease | undefined;
  /**
   * Makes an isolation that somebody else began ours, so that deleting this resource releases it. Default: false: such
   * an isolation is kept and renewed, and left in place on delete.
   */
  readonly takeOwnership?: boolean | undefined;
  /**
   * Allows a standing isolation of another type to be released and made again as declared; the host is on the network
   * in between. Default: false: the type is kept and the difference is reported.
   */
  readonly allowTypeChange?: boolean | undefined;
  /** Allows this host to be isolated although it is protected. Default: false. */
  readonly allowProtected?: boolean | undefined;
  /**
   * Allows the release of an isolation that somebody else began. Default: false: it is left in place with a warning
   * that names who began it.
   */
  readonly releaseForeign?: boolean | undefined;
  /**
   * How long before the earliest possible lift the isolation is renewed, as a Go duration such as `96h`. Default:
   * `96h`: a request for a host that is switched off may wait three days, and one is to spare. At most seven days
   * (`168h`).
   */
  readonly renewBefore?: string | undefined;
}

/** What state keeps of a MachineIsolation. */
export interface MachineIsolationOutputs {
  /** As declared. Why the host is isolated: the reason or the ticket. */
  readonly comment: string;
  /**
   * As declared. When the host is to be released, as an RFC 3339 moment with a zone, such as `2026-12-01T08:00:00Z`.
   */
  readonly releaseAt?: string | undefined;
  /**
   * As declared. `Succeeded` (default) waits until the host reports that it is isolated; `Submitted` only until
   * Defender has taken the request, so the host may still be on the network when the run ends.
   */
  readonly waitFor?: WaitFor | undefined;
  /**
   * As declared. `release` (default) releases the host when this resource is deleted; `retain` leaves it isolated and
   * says until when.
   */
  readonly onDelete?: OnDelete | undefined;
  /**
   * As declared. When an analyst released the host by hand: `reisolate` (default) isolates it again, `hold` leaves it
   * released until the declaration changes.
   */
  readonly onManualRelease?: OnManualRelease | undefined;
  /** As declared. Makes an isolation that somebody else began ours, so that deleting this resource releases it. */
  readonly takeOwnership?: boolean | undefined;
  /**
   * As declared. Allows a standing isolation of another type to be released and made again as declared; the host is on
   * the network in between.
   */
  readonly allowTypeChange?: boolean | undefined;
  /** As declared. Allows this host to be isolated although it is protected. */
  readonly allowProtected?: boolean | undefined;
  /** As declared. Allows the release of an isolation that somebody else began. */
  readonly releaseForeign?: boolean | undefined;
  /**
   * As declared. How long before the earliest possible lift the isolation is renewed, as a Go duration such as `96h`.
   */
  readonly renewBefore?: string | undefined;
  /**
   * The machine that is isolated: 40 hexadecimal digits. Also the resource's id. It stays what the first run bound it
   * to.
   */
  readonly machineId: string;
  /** The machine's device name when it was last observed; absent where Defender knows none. */
  readonly deviceName?: string | undefined;
  /** GUID of the tenant that the machine belongs to. A sign-in to another tenant is refused. */
  readonly tenantId: string;
  /** The cloud that the tenant is in. */
  readonly cloud: Cloud;
  /** Version of the shape of these outputs. State written by a newer version of the provider is refused. */
  readonly stateVersion: number;
  /** The machine's OS platform in Defender's words, such as `Windows11`; absent where it is not known. */
  readonly osPlatform?: string | undefined;
  /** The machine's sensor health in Defender's words, such as `Active` or `Inactive`; absent where it is not known. */
  readonly healthStatus?: string | undefined;
  /**
   * The type of the isolation in force, which is not always the declared one; absent where none is in force or
   * Defender does not tell.
   */
  readonly isolationType?: IsolationType | undefined;
  /** What is known of the isolation. Only `isolated` and `expiring` say that the host is contained. */
  readonly state: IsolationState;
  /**
   * Id of the machine action that stands for this isolation in Defender: the running one, else the last that
   * succeeded; absent where there is none.
   */
  readonly actionId?: string | undefined;
  /** When the isolation took effect, RFC 3339 in UTC; absent where it has not. */
  readonly isolatedAt?: string | undefined;
  /**
   * The earliest moment at which Defender may lift the isolation unless a run renews it before, RFC 3339 in UTC;
   * absent where nothing is in force for certain.
   */
  readonly coveredUntil?: string | undefined;
  /**
   * The earliest moment at which Defender's seven-day clock of the present isolation can have started, RFC 3339 in
   * UTC. Absent where nothing is in force.
   */
  readonly leaseStartedAfter?: string | undefined;
  /**
   * The latest moment at which Defender's seven-day clock of the present isolation can have started, RFC 3339 in UTC;
   * the latest lift follows from it. Absent where nothing is in force.
   */
  readonly leaseStartedBy?: string | undefined;
  /** Who requested the isolation in force: a user, or the id of an application; absent where nothing is in force. */
  readonly requestor?: string | undefined;
  /** Whether the isolation is ours. What is not ours is kept and renewed, and left in place on delete. */
  readonly owned: boolean;
  /**
   * When the isolation of somebody else was imported or taken over, RFC 3339 in UTC; isolations of others from after
   * that moment make it foreign again. Absent where we began it.
   */
  readonly takenAt?: string | undefined;
  /**
   * What a person should know and the other fields do not say, such as why the state could not be observed; absent
   * where there is nothing.
   */
  readonly note?: string | undefined;
}

/** The names of a MachineIsolation's inputs. */
export const machineIsolationInputNames = [
  'machineId',
  'deviceName',
  'isolationType',
  'comment',
  'releaseAt',
  'waitFor',
  'onDelete',
  'onManualRelease',
  'takeOwnership',
  'allowTypeChange',
  'allowProtected',
  'releaseForeign',
  'renewBefore',
] as const;

/** The names of a MachineIsolation's outputs. */
export const machineIsolationOutputNames = [
  'comment',
  'releaseAt',
  'waitFor',
  'onDelete',
  'onManualRelease',
  'takeOwnership',
  'allowTypeChange',
  'allowProtected',
  'releaseForeign',
  'renewBefore',
  'machineId',
  'deviceName',
  'tenantId',
  'cloud',
  'stateVersion',
  'osPlatform',
  'healthStatus',
  'isolationType',
  'state',
  'actionId',
  'isolatedAt',
  'coveredUntil',
  'leaseStartedAfter',
  'leaseStartedBy',
  'requestor',
  'owned',
  'takenAt',
  'note',
] as const;

/** What is declared of a Quarantine. */
export interface QuarantineInputs {
  /**
   * The text of a quarantine.yaml, in a YAML stack `fn::readFile: ./quarantine.yaml`. Give this or `hosts`. A host
   * that joins is isolated, one that leaves is released within the guardrails; an empty list of hosts where some are
   * contained is refused unless it is allowed by name.
   */
  readonly manifest?: string | undefined;
  /** The hosts in the manifest's shape, written in the program. Give this or `manifest`. */
  readonly hosts?: readonly HostDeclaration[] | undefined;
  /**
   * Files to stop and quarantine, once on each machine, beside `hosts`; a manifest has its own. What is taken out is
   * not restored: Defender's API cannot do that.
   */
  readonly files?: readonly FileDeclaration[] | undefined;
  /** Limits of this set; with those in the manifest the tighter of each applies. They only tighten the provider's. */
  readonly guardrails?: QuarantineGuardrails | undefined;
  /** Reason for hosts that give none of their own. No secrets. */
  readonly comment?: string | undefined;
  /** For hosts that give none: `Full` (default) or `Selective`. */
  readonly isolationType?: IsolationType | undefined;
  /** For hosts that give none: when they are to be released (RFC 3339). Default: never. */
  readonly releaseAt?: string | undefined;
  /** For hosts that give none: `Succeeded` (default) or `Submitted`. */
  readonly waitFor?: WaitFor | undefined;
  /** For hosts that give none: `release` (default) or `retain`, when they leave the set or the set is deleted. */
  readonly onDelete?: OnDelete | undefined;
  /** For hosts that give none: `reisolate` (default) or `hold`. */
  readonly onManualRelease?: OnManualRelease | undefined;
  /** For hosts that do not say: whether isolations that others began are taken over. Default: false. */
  readonly takeOwnership?: boolean | undefined;
  /** For hosts that do not say: whether their type may be changed, which releases them for a moment. Default: false. */
  readonly allowTypeChange?: boolean | undefined;
  /**
   * For hosts that do not say: whether only programs signed by Microsoft run on them, beside their isolation. Default:
   * false.
   */
  readonly restrictCodeExecution?: boolean | undefined;
  /** For hosts that do not say: whether they are isolated although they are protected. Default: false. */
  readonly allowProtected?: boolean | undefined;
  /** For hosts that do not say: whether they are released although somebody else isolated them. Default: false. */
  readonly releaseForeign?: boolean | undefined;
  /** For hosts that give none: how long before the earliest lift they are renewed. Default: `96h`. */
  readonly renewBefore?: string | undefined;
}

/** What state keeps of a Quarantine. */
export interface QuarantineOutputs {
  /**
   * What is known of each host, by its name, on one line: its state, until when it is certain, whose it is, its ids,
   * the same of its restriction where it has one, and behind ` | ` how it is declared. `pulumi-mde status` tells it as
   * a table.
   */
  readonly hosts: Readonly<Record<string, string>>;
  /**
   * What is known of each file, by its SHA-1, on one line: how many machines there are in each state, then each
   * machine with its status, its action's id and when it was asked. Absent where no file is declared.
   */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** How many hosts there are in each state, such as `1000 hosts: 998 isolated, 2 isolating; 12 restricted`. */
  readonly summary: string;
  /**
   * Until when the containment of all hosts that are contained is certain, unless a run renews it before (RFC 3339).
   */
  readonly coveredUntil?: string | undefined;
  /** GUID of the tenant that the machine belongs to. A sign-in to another tenant is refused. */
  readonly tenantId: string;
  /** The cloud that the tenant is in. */
  readonly cloud: Cloud;
  /** Version of the shape of these outputs. State written by a newer version of the provider is refused. */
  readonly stateVersion: number;
}

/** The names of a Quarantine's inputs. */
export const quarantineInputNames = [
  'manifest',
  'hosts',
  'files',
  'guardrails',
  'comment',
  'isolationType',
  'releaseAt',
  'waitFor',
  'onDelete',
  'onManualRelease',
  'takeOwnership',
  'allowTypeChange',
  'restrictCodeExecution',
  'allowProtected',
  'releaseForeign',
  'renewBefore',
] as const;

/** The names of a Quarantine's outputs. */
export const quarantineOutputNames = [
  'hosts',
  'files',
  'summary',
  'coveredUntil',
  'tenantId',
  'cloud',
  'stateVersion',
] as const;

/** What is declared of a FileQuarantine. */
export interface FileQuarantineInputs {
  /** SHA-1 of the file: 40 hexadecimal digits. Defender takes no other hash here. Another file is a replacement. */
  readonly sha1: string;
  /** Machine ids, 40 hexadecimal digits each. Give these, `deviceNames` or both. */
  readonly machineIds?: readonly string[] | undefined;
  /**
   * Whole device names as Defender shows them; upper and lower case are the same. Each is bound to a machine id the
   * first time.
   */
  readonly deviceNames?: readonly string[] | undefined;
  /**
   * Why the file is quarantined: the reason or the ticket. Must not be blank. No secrets. A change alone asks nothing
   * of any host.
   */
  readonly comment: string;
  /**
   * `Succeeded` (default) waits until the hosts have reported; `Submitted` only until Defender has taken the requests.
   * A change affects no host.
   */
  readonly waitFor?: WaitFor | undefined;
}

/** What state keeps of a FileQuarantine. */
export interface FileQuarantineOutputs {
  /** As declared, in lower case. */
  readonly sha1: string;
  /** As declared. Why the file is quarantined. */
  readonly comment: string;
  /** As declared. Machine ids. */
  readonly machineIds?: readonly string[] | undefined;
  /** As declared. Device names. */
  readonly deviceNames?: readonly string[] | undefined;
  /** As declared. What a run waits for. */
  readonly waitFor?: WaitFor | undefined;
  /**
   * What became of the request to each machine, by machine id, on one line: its status, its action's id, when it was
   * asked, and the device name.
   */
  readonly machines: Readonly<Record<string, string>>;
  /** How many machines there are in each state, such as `3 machines: 2 quarantined, 1 pending`. */
  readonly summary: string;
  /**
   * What an administrator runs on a host to restore files that were quarantined by request; the API has no way to do
   * it.
   */
  readonly restoreCommand: string;
  /** GUID of the tenant that the machine belongs to. A sign-in to another tenant is refused. */
  readonly tenantId: string;
  /** The cloud that the tenant is in. */
  readonly cloud: Cloud;
  /** Version of the shape of these outputs. State written by a newer version of the provider is refused. */
  readonly stateVersion: number;
}

/** The names of a FileQuarantine's inputs. */
export const fileQuarantineInputNames = ['sha1', 'machineIds', 'deviceNames', 'comment', 'waitFor'] as const;

/** The names of a FileQuarantine's outputs. */
export const fileQuarantineOutputNames = [
  'sha1',
  'comment',
  'machineIds',
  'deviceNames',
  'waitFor',
  'machines',
  'summary',
  'restoreCommand',
  'tenantId',
  'cloud',
  'stateVersion',
] as const;

/** What is declared of a CodeExecutionRestriction. */
export interface CodeExecutionRestrictionInputs {
  /**
   * Defender's machine id: 40 hexadecimal digits. Give this or `deviceName`, exactly one. Another machine is a
   * replacement: the new one is restricted first, then the old one's restriction is lifted.
   */
  readonly machineId?: string | undefined;
  /**
   * The whole device name as Defender shows it, such as `laptop-7.contoso.com`; upper and lower case are the same.
   * Give this or `machineId`, exactly one. It is bound to a machine id the first time.
   */
  readonly deviceName?: string | undefined;
  /**
   * Why the host is restricted: the reason or the ticket. Must not be blank; it stands in Defender's action center. No
   * secrets. A change alone affects no host.
   */
  readonly comment: string;
  /**
   * When the restriction is to be lifted, as an RFC 3339 moment with a zone. Default: never. The first run after that
   * moment lifts it. A new value in the past is an error.
   */
  readonly releaseAt?: string | undefined;
  /**
   * `Succeeded` (default) waits until the host reports that it is restricted; `Submitted` only until Defender has
   * taken the request. A change affects no host.
   */
  readonly waitFor?: WaitFor | undefined;
  /**
   * `release` (default) lifts the restriction when this resource is deleted; `retain` leaves it. A change affects no
   * host.
   */
  readonly onDelete?: OnDelete | undefined;
  /**
   * When an analyst lifted the restriction by hand: `reisolate` (default) restricts the host again, `hold` leaves it
   * until the declaration changes.
   */
  readonly onManualRelease?: OnManualRelease | undefined;
  /** Makes a restriction that somebody else began ours, so that deleting this resource lifts it. Default: false. */
  readonly takeOwnership?: boolean | undefined;
  /** Allows this host to be restricted although it is protected. Default: false. */
  readonly allowProtected?: boolean | undefined;
  /**
   * Allows a restriction to be lifted that somebody else began. Default: false: it is left in place with a warning
   * that names who began it.
   */
  readonly releaseForeign?: boolean | undefined;
}

/** What state keeps of a CodeExecutionRestriction. */
export interface CodeExecutionRestrictionOutputs {
  /** As declared. Why the host is restricted. */
  readonly comment: string;
  /** As declared. When the restriction is to be lifted. */
  readonly releaseAt?: string | undefined;
  /** As declared. What a run waits for. */
  readonly waitFor?: WaitFor | undefined;
  /** As declared. What deletion does. */
  readonly onDelete?: OnDelete | undefined;
  /** As declared. What is done where an analyst lifted it. */
  readonly onManualRelease?: OnManualRelease | undefined;
  /** As declared. Makes a restriction that somebody else began ours. */
  readonly takeOwnership?: boolean | undefined;
  /** As declared. Allows this host although it is protected. */
  readonly allowProtected?: boolean | undefined;
  /** As declared. Allows a restriction of somebody else to be lifted. */
  readonly releaseForeign?: boolean | undefined;
  /**
   * The machine that is restricted: 40 hexadecimal digits. Also the resource's id. It stays what the first run bound
   * it to.
   */
  readonly machineId: string;
  /** The machine's device name when it was last observed; absent where Defender knows none. */
  readonly deviceName?: string | undefined;
  /** GUID of the tenant that the machine belongs to. A sign-in to another tenant is refused. */
  readonly tenantId: string;
  /** The cloud that the tenant is in. */
  readonly cloud: Cloud;
  /** Version of the shape of these outputs. State written by a newer version of the provider is refused. */
  readonly stateVersion: number;
  /** The machine's OS platform in Defender's words, such as `Windows11`; absent where it is not known. */
  readonly osPlatform?: string | undefined;
  /** The machine's sensor health in Defender's words, such as `Active` or `Inactive`; absent where it is not known. */
  readonly healthStatus?: string | undefined;
  /** What is known of the restriction. Only `restricted` says that it is in force. */
  readonly state: RestrictionState;
  /**
   * Id of the machine action that stands for this restriction in Defender: the running one, else the last that
   * succeeded; absent where there is none.
   */
  readonly actionId?: string | undefined;
  /** When the restriction took effect, RFC 3339 in UTC; absent where it has not. */
  readonly restrictedAt?: string | undefined;
  /** Who requested the restriction in force: a user, or the id of an application; absent where nothing is in force. */
  readonly requestor?: string | undefined;
  /** Whether the restriction is ours. What is not ours is kept, and left in place on delete. */
  readonly owned: boolean;
  /** When the restriction of somebody else was imported or taken over, RFC 3339 in UTC. Absent where we began it. */
  readonly takenAt?: string | undefined;
  /**
   * What a person should know and the other fields do not say, such as why the state could not be observed; absent
   * where there is nothing.
   */
  readonly note?: string | undefined;
}

/** The names of a CodeExecutionRestriction's inputs. */
export const codeExecutionRestrictionInputNames = [
  'machineId',
  'deviceName',
  'comment',
  'releaseAt',
  'waitFor',
  'onDelete',
  'onManualRelease',
  'takeOwnership',
  'allowProtected',
  'releaseForeign',
] as const;

/** The names of a CodeExecutionRestriction's outputs. */
export const codeExecutionRestrictionOutputNames = [
  'comment',
  'releaseAt',
  'waitFor',
  'onDelete',
  'onManualRelease',
  'takeOwnership',
  'allowProtected',
  'releaseForeign',
  'machineId',
  'deviceName',
  'tenantId',
  'cloud',
  'stateVersion',
  'osPlatform',
  'healthStatus',
  'state',
  'actionId',
  'restrictedAt',
  'requestor',
  'owned',
  'takenAt',
  'note',
] as const;

/** What is declared of a FileIndicator. */
export interface FileIndicatorInputs {
  /**
   * The file's hash: SHA-256 (64 hexadecimal digits, Microsoft's advice), SHA-1 (40) or MD5 (32). Another hash is a
   * replacement.
   */
  readonly indicatorValue: string;
  /** Which kind of hash it is. Default: what its length says. */
  readonly indicatorType?: FileIndicatorType | undefined;
  /** What is done where the file is met. Default: `BlockAndRemediate`. */
  readonly action?: IndicatorAction | undefined;
  /** Title of the indicator and of its alerts: the ticket or the name of the threat. Must not be blank. */
  readonly title: string;
  /** What the indicator is about and why it is there. Must not be blank. No secrets. */
  readonly description: string;
  /** Severity of its alerts. Default: `High`. */
  readonly severity?: IndicatorSeverity | undefined;
  /** What whoever gets the alert should do. Default: none. */
  readonly recommendedActions?: string | undefined;
  /** Whether a match raises an alert. Default: true. `Audit` needs it. */
  readonly generateAlert?: boolean | undefined;
  /**
   * When the indicator ends, as an RFC 3339 moment with a zone. Default: never. A new value in the past is an error.
   */
  readonly expirationTime?: string | undefined;
  /** Device groups that it is for, by name. Default: all of them. An empty list is an error. */
  readonly rbacGroupNames?: readonly string[] | undefined;
  /**
   * Takes over an indicator that is there for this hash already, changes it to what is declared, and deletes it with
   * the resource, also where somebody else has changed it since. Default: false: an indicator that is there is an
   * error, and nothing is written.
   */
  readonly takeOwnership?: boolean | undefined;
}

/** What state keeps of a FileIndicator. */
export interface FileIndicatorOutputs {
  /** As declared, in lower case. Also what the indicator is found by. */
  readonly indicatorValue: string;
  /** Which kind of hash it is. */
  readonly indicatorType: FileIndicatorType;
  /** What is done where the file is met. */
  readonly action: IndicatorAction;
  /** As declared. Title of the indicator and of its alerts. */
  readonly title: string;
  /** As declared. What the indicator is about. */
  readonly description: string;
  /** Severity of its alerts. */
  readonly severity: IndicatorSeverity;
  /** As declared. What whoever gets the alert should do. */
  readonly recommendedActions?: string | undefined;
  /** Whether a match raises an alert. */
  readonly generateAlert: boolean;
  /** When the indicator ends, RFC 3339; absent where it does not. */
  readonly expirationTime?: string | undefined;
  /** Device groups that it is for; absent where it is for all. */
  readonly rbacGroupNames?: readonly string[] | undefined;
  /** As declared. Takes over an indicator that is there already. */
  readonly takeOwnership?: boolean | undefined;
  /** Defender's id of the indicator, digits, as it was seen last. The resource's own id is the hash, which stays. */
  readonly indicatorId?: string | undefined;
  /** Whether it is in force. One that is `missing` is made again by the next run. */
  readonly state: IndicatorState;
  /** Who created it: a user, or the id of an application. */
  readonly createdBy?: string | undefined;
  /** When it was created, RFC 3339 in UTC. */
  readonly createdAt?: string | undefined;
  /** Who changed it last; absent where nobody has. */
  readonly updatedBy?: string | undefined;
  /** When it was changed last, RFC 3339 in UTC. */
  readonly updatedAt?: string | undefined;
  /** GUID of the tenant that the indicator belongs to. A sign-in to another tenant is refused. */
  readonly tenantId: string;
  /** The cloud that the tenant is in. */
  readonly cloud: Cloud;
  /** Version of the shape of these outputs. State written by a newer version of the provider is refused. */
  readonly stateVersion: number;
}

/** The names of a FileIndicator's inputs. */
export const fileIndicatorInputNames = [
  'indicatorValue',
  'indicatorType',
  'action',
  'title',
  'description',
  'severity',
  'recommendedActions',
  'generateAlert',
  'expirationTime',
  'rbacGroupNames',
  'takeOwnership',
] as const;

/** The names of a FileIndicator's outputs. */
export const fileIndicatorOutputNames = [
  'indicatorValue',
  'indicatorType',
  'action',
  'title',
  'description',
  'severity',
  'recommendedActions',
  'generateAlert',
  'expirationTime',
  'rbacGroupNames',
  'takeOwnership',
  'indicatorId',
  'state',
  'createdBy',
  'createdAt',
  'updatedBy',
  'updatedAt',
  'tenantId',
  'cloud',
  'stateVersion',
] as const;

/** What is declared of a AntivirusScan. */
export interface AntivirusScanInputs {
  /**
   * Defender's machine id: 40 hexadecimal digits. Give this or `deviceName`, exactly one. Another machine is a
   * replacement.
   */
  readonly machineId?: string | undefined;
  /**
   * The whole device name as Defender shows it, such as `laptop-7.contoso.com`; upper and lower case are the same.
   * Give this or `machineId`, exactly one. It is bound to a machine id the first time.
   */
  readonly deviceName?: string | undefined;
  /** `Quick` (default) or `Full`. A change is a new scan. */
  readonly scanType?: ScanType | undefined;
  /**
   * Why the host is scanned: the reason or the ticket. Must not be blank. No secrets. A change alone starts no scan.
   */
  readonly comment: string;
  /** Any values; when one changes, it is done again. A one-shot action is not repeated otherwise. */
  readonly triggers?: Readonly<Record<string, string>> | undefined;
  /**
   * `Succeeded` (default) waits until the host has reported; `Submitted` only until Defender has taken the request. A
   * change affects no host.
   */
  readonly waitFor?: WaitFor | undefined;
}

/** What state keeps of a AntivirusScan. */
export interface AntivirusScanOutputs {
  /** As declared. The kind of scan. */
  readonly scanType: ScanType;
  /** As declared. Why the host is scanned. */
  readonly comment: string;
  /** As declared. When one changes, it is done again. */
  readonly triggers?: Readonly<Record<string, string>> | undefined;
  /** As declared. What a run waits for. */
  readonly waitFor?: WaitFor | undefined;
  /** The machine: 40 hexadecimal digits. Also the first part of the resource's id. */
  readonly machineId: string;
  /** The machine's device name when it was last observed; absent where Defender knows none. */
  readonly deviceName?: string | undefined;
  /** Id of the machine action. */
  readonly actionId: string;
  /** How far it has come, as of the last run. */
  readonly status: ActionStatus;
  /** When it was asked for, RFC 3339 in UTC. */
  readonly requestedAt: string;
  /** When it ended, RFC 3339 in UTC; absent while it runs. */
  readonly finishedAt?: string | undefined;
  /** Who asked for it: usually this provider; another where a scan was running already and was adopted. */
  readonly requestor?: string | undefined;
  /** What a person should know and the other fields do not say; absent where there is nothing. */
  readonly note?: string | undefined;
  /** GUID of the tenant that the machine belongs to. A sign-in to another tenant is refused. */
  readonly tenantId: string;
  /** The cloud that the tenant is in. */
  readonly cloud: Cloud;
  /** Version of the shape of these outputs. State written by a newer version of the provider is refused. */
  readonly stateVersion: number;
}

/** The names of a AntivirusScan's inputs. */
export const antivirusScanInputNames = [
  'machineId',
  'deviceName',
  'scanType',
  'comment',
  'triggers',
  'waitFor',
] as const;

/** The names of a AntivirusScan's outputs. */
export const antivirusScanOutputNames = [
  'scanType',
  'comment',
  'triggers',
  'waitFor',
  'machineId',
  'deviceName',
  'actionId',
  'status',
  'requestedAt',
  'finishedAt',
  'requestor',
  'note',
  'tenantId',
  'cloud',
  'stateVersion',
] as const;

/** What is declared of a InvestigationPackage. */
export interface InvestigationPackageInputs {
  /**
   * Defender's machine id: 40 hexadecimal digits. Give this or `deviceName`, exactly one. Another machine is a
   * replacement.
   */
  readonly machineId?: string | undefined;
  /**
   * The whole device name as Defender shows it, such as `laptop-7.contoso.com`; upper and lower case are the same.
   * Give this or `machineId`, exactly one. It is bound to a machine id the first time.
   */
  readonly deviceName?: string | undefined;
  /**
   * Why the package is collected: the reason or the ticket. Must not be blank. No secrets. A change alone collects
   * nothing.
   */
  readonly comment: string;
  /** Any values; when one changes, it is done again. A one-shot action is not repeated otherwise. */
  readonly triggers?: Readonly<Record<string, string>> | undefined;
  /**
   * `Succeeded` (default) waits until the host has reported; `Submitted` only until Defender has taken the request. A
   * change affects no host.
   */
  readonly waitFor?: WaitFor | undefined;
}

/** What state keeps of a InvestigationPackage. */
export interface InvestigationPackageOutputs {
  /** As declared. Why the package is collected. */
  readonly comment: string;
  /** As declared. When one changes, it is done again. */
  readonly triggers?: Readonly<Record<string, string>> | undefined;
  /** As declared. What a run waits for. */
  readonly waitFor?: WaitFor | undefined;
  /** The machine: 40 hexadecimal digits. Also the first part of the resource's id. */
  readonly machineId: string;
  /** The machine's device name when it was last observed; absent where Defender knows none. */
  readonly deviceName?: string | undefined;
  /** Id of the machine action. */
  readonly actionId: string;
  /** How far it has come, as of the last run. */
  readonly status: ActionStatus;
  /** When it was asked for, RFC 3339 in UTC. */
  readonly requestedAt: string;
  /** When it ended, RFC 3339 in UTC; absent while it runs. */
  readonly finishedAt?: string | undefined;
  /** Who asked for it: usually this provider; another where a collection was running already and was adopted. */
  readonly requestor?: string | undefined;
  /** What a person should know and the other fields do not say; absent where there is nothing. */
  readonly note?: string | undefined;
  /**
   * Link to the package, which anybody can follow who has it. It holds for a short time; absent until the package is
   * there.
   */
  readonly packageUri?: string | undefined;
  /** GUID of the tenant that the machine belongs to. A sign-in to another tenant is refused. */
  readonly tenantId: string;
  /** The cloud that the tenant is in. */
  readonly cloud: Cloud;
  /** Version of the shape of these outputs. State written by a newer version of the provider is refused. */
  readonly stateVersion: number;
}

/** The names of a InvestigationPackage's inputs. */
export const investigationPackageInputNames = ['machineId', 'deviceName', 'comment', 'triggers', 'waitFor'] as const;

/** The names of a InvestigationPackage's outputs. */
export const investigationPackageOutputNames = [
  'comment',
  'triggers',
  'waitFor',
  'machineId',
  'deviceName',
  'actionId',
  'status',
  'requestedAt',
  'finishedAt',
  'requestor',
  'note',
  'packageUri',
  'tenantId',
  'cloud',
  'stateVersion',
] as const;

export type StateKind = 'string' | 'boolean' | 'number' | 'texts';

/** By token, what kind of value state holds of a property; maps are not among them. */
export const stateKinds: Readonly<Record<string, Readonly<Record<string, StateKind>>>> = {
  'mde:index:MachineIsolation': {
    machineId: 'string',
    deviceName: 'string',
    isolationType: 'string',
    comment: 'string',
    releaseAt: 'string',
    waitFor: 'string',
    onDelete: 'string',
    onManualRelease: 'string',
    takeOwnership: 'boolean',
    allowTypeChange: 'boolean',
    allowProtected: 'boolean',
    releaseForeign: 'boolean',
    renewBefore: 'string',
    tenantId: 'string',
    cloud: 'string',
    stateVersion: 'number',
    osPlatform: 'string',
    healthStatus: 'string',
    state: 'string',
    actionId: 'string',
    isolatedAt: 'string',
    coveredUntil: 'string',
    leaseStartedAfter: 'string',
    leaseStartedBy: 'string',
    requestor: 'string',
    owned: 'boolean',
    takenAt: 'string',
    note: 'string',
  },
  'mde:index:Quarantine': {
    manifest: 'string',
    comment: 'string',
    isolationType: 'string',
    releaseAt: 'string',
    waitFor: 'string',
    onDelete: 'string',
    onManualRelease: 'string',
    takeOwnership: 'boolean',
    allowTypeChange: 'boolean',
    restrictCodeExecution: 'boolean',
    allowProtected: 'boolean',
    releaseForeign: 'boolean',
    renewBefore: 'string',
    summary: 'string',
    coveredUntil: 'string',
    tenantId: 'string',
    cloud: 'string',
    stateVersion: 'number',
  },
  'mde:index:FileQuarantine': {
    sha1: 'string',
    machineIds: 'texts',
    deviceNames: 'texts',
    comment: 'string',
    waitFor: 'string',
    summary: 'string',
    restoreCommand: 'string',
    tenantId: 'string',
    cloud: 'string',
    stateVersion: 'number',
  },
  'mde:index:CodeExecutionRestriction': {
    machineId: 'string',
    deviceName: 'string',
    comment: 'string',
    releaseAt: 'string',
    waitFor: 'string',
    onDelete: 'string',
    onManualRelease: 'string',
    takeOwnership: 'boolean',
    allowProtected: 'boolean',
    releaseForeign: 'boolean',
    tenantId: 'string',
    cloud: 'string',
    stateVersion: 'number',
    osPlatform: 'string',
    healthStatus: 'string',
    state: 'string',
    actionId: 'string',
    restrictedAt: 'string',
    requestor: 'string',
    owned: 'boolean',
    takenAt: 'string',
    note: 'string',
  },
  'mde:index:FileIndicator': {
    indicatorValue: 'string',
    indicatorType: 'string',
    action: 'string',
    title: 'string',
    description: 'string',
    severity: 'string',
    recommendedActions: 'string',
    generateAlert: 'boolean',
    expirationTime: 'string',
    rbacGroupNames: 'texts',
    takeOwnership: 'boolean',
    indicatorId: 'string',
    state: 'string',
    createdBy: 'string',
    createdAt: 'string',
    updatedBy: 'string',
    updatedAt: 'string',
    tenantId: 'string',
    cloud: 'string',
    stateVersion: 'number',
  },
  'mde:index:AntivirusScan': {
    machineId: 'string',
    deviceName: 'string',
    scanType: 'string',
    comment: 'string',
    waitFor: 'string',
    actionId: 'string',
    status: 'string',
    requestedAt: 'string',
    finishedAt: 'string',
    requestor: 'string',
    note: 'string',
    tenantId: 'string',
    cloud: 'string',
    stateVersion: 'number',
  },
  'mde:index:InvestigationPackage': {
    machineId: 'string',
    deviceName: 'string',
    comment: 'string',
    waitFor: 'string',
    actionId: 'string',
    status: 'string',
    requestedAt: 'string',
    finishedAt: 'string',
    requestor: 'string',
    note: 'string',
    packageUri: 'string',
    tenantId: 'string',
    cloud: 'string',
    stateVersion: 'number',
  },
};

/** What getMachine is asked. */
export interface GetMachineInputs {
  /** Defender's machine id: 40 hexadecimal digits. Give this or `deviceName`, exactly one. */
  readonly machineId?: string | undefined;
  /**
   * The whole device name; upper and lower case are the same. Several machines of one name are an error that lists
   * them.
   */
  readonly deviceName?: string | undefined;
}

/** What getMachine answers. */
export interface GetMachineOutputs {
  /** Defender's machine id: 40 hexadecimal digits. */
  readonly machineId: string;
  /** The whole device name; absent where Defender knows none. */
  readonly deviceName?: string | undefined;
  /** The sensor's health, such as `Active` or `Inactive`. */
  readonly healthStatus?: string | undefined;
  /** Such as `Onboarded` or `CanBeOnboarded`. */
  readonly onboardingStatus?: string | undefined;
  /** The OS platform in Defender's words, such as `Windows11`. */
  readonly osPlatform?: string | undefined;
  /** The OS release, such as `22H2`. */
  readonly version?: string | undefined;
  /** The last full report, RFC 3339 in UTC; about once a day, so up to a day older than what the portal shows. */
  readonly lastSeen?: string | undefined;
  /** The first report, RFC 3339 in UTC. */
  readonly firstSeen?: string | undefined;
  /** The last internal address. */
  readonly lastIpAddress?: string | undefined;
  /** How much its alerts weigh, such as `High`. */
  readonly riskScore?: string | undefined;
  /** How exposed it is by its weaknesses, such as `Medium`. */
  readonly exposureLevel?: string | undefined;
  /** What it is worth to you, as set in the portal: `Low`, `Normal` or `High`. */
  readonly deviceValue?: string | undefined;
  /** Its tags. */
  readonly machineTags: readonly string[];
  /** The device group that it belongs to. */
  readonly rbacGroupName?: string | undefined;
  /** Its device id in Microsoft Entra; absent where it has none. */
  readonly aadDeviceId?: string | undefined;
  /** The machine that took its place when the device was reinstalled or renamed; absent where none did. */
  readonly mergedIntoMachineId?: string | undefined;
  /** Machines of the same name that were merged into this one when the device was reinstalled or renamed. */
  readonly formerMachineIds: readonly string[];
}

/** The names of what getMachine is asked. */
export const getMachineInputNames = ['machineId', 'deviceName'] as const;

/** What getMachines is asked. */
export interface GetMachinesInputs {
  /** What the device name begins with; upper and lower case are the same. */
  readonly deviceNamePrefix?: string | undefined;
  /** A tag that the machine bears, whole. */
  readonly machineTag?: string | undefined;
  /** The sensor's health. */
  readonly healthStatus?: HealthStatus | undefined;
  /** Whether Defender manages the device. */
  readonly onboardingStatus?: OnboardingStatus | undefined;
  /** The OS platform in Defender's words, such as `Windows11`. */
  readonly osPlatform?: string | undefined;
  /** How much its alerts weigh. */
  readonly riskScore?: RiskScore | undefined;
  /** How exposed it is. */
  readonly exposureLevel?: ExposureLevel | undefined;
  /** What it is worth to you: `Low`, `Normal` or `High`. */
  readonly deviceValue?: string | undefined;
  /** The device group that it belongs to. */
  readonly rbacGroupName?: string | undefined;
  /** Only machines whose last full report came at this RFC 3339 moment or later. */
  readonly seenSince?: string | undefined;
  /**
   * Most machines to answer. Default: 1000; at most 10000. Where more fit, Defender chooses which of them are
   * answered, and may choose others the next time.
   */
  readonly limit?: number | undefined;
}

/** What getMachines answers. */
export interface GetMachinesOutputs {
  /** The machines. */
  readonly machines: readonly Machine[];
  /** Whether there are more than `limit`. */
  readonly isTruncated: boolean;
}

/** The names of what getMachines is asked. */
export const getMachinesInputNames = [
  'deviceNamePrefix',
  'machineTag',
  'healthStatus',
  'onboardingStatus',
  'osPlatform',
  'riskScore',
  'exposureLevel',
  'deviceValue',
  'rbacGroupName',
  'seenSince',
  'limit',
] as const;

/** What getIsolation is asked. */
export interface GetIsolationInputs {
  /** Defender's machine id: 40 hexadecimal digits. Give this or `deviceName`, exactly one. */
  readonly machineId?: string | undefined;
  /**
   * The whole device name; upper and lower case are the same. Several machines of one name are an error that lists
   * them.
   */
  readonly deviceName?: string | undefined;
}

/** What getIsolation answers. */
export interface GetIsolationOutputs {
  /** The machine: 40 hexadecimal digits. */
  readonly machineId: string;
  /** Its device name; absent where Defender knows none. */
  readonly deviceName?: string | undefined;
  /** What its history says. */
  readonly state: IsolationState;
  /** The type in force; absent where Defender does not tell. */
  readonly isolationType?: IsolationType | undefined;
  /** When the isolation in force took effect, RFC 3339 in UTC; absent where it has not. */
  readonly isolatedAt?: string | undefined;
  /**
   * The earliest moment at which Defender may lift it, RFC 3339 in UTC; absent where nothing is in force for certain.
   */
  readonly coveredUntil?: string | undefined;
  /** Who requested it. */
  readonly requestor?: string | undefined;
  /** The reason that was given, without the provider's mark. */
  readonly comment?: string | undefined;
  /** The action that stands for it. */
  readonly actionId?: string | undefined;
  /** The stack whose mark it carries, such as `prod`; absent where the comment names none. */
  readonly stack?: string | undefined;
  /** The resource whose mark it carries; absent where the comment names none. */
  readonly resource?: string | undefined;
  /** Its isolations and releases, the newest first. */
  readonly history: readonly MachineActionRecord[];
  /** The state in a sentence, with who, since when and until when. */
  readonly explanation: string;
}

/** The names of what getIsolation is asked. */
export const getIsolationInputNames = ['machineId', 'deviceName'] as const;

/** What getIsolatedMachines is asked. */
export type GetIsolatedMachinesInputs = Readonly<Record<string, never>>;

/** What getIsolatedMachines answers. */
export interface GetIsolatedMachinesOutputs {
  /** The machines, in the order of their names. */
  readonly machines: readonly IsolatedMachine[];
  /** When this was so, on the service's clock, RFC 3339 in UTC. */
  readonly asOf: string;
}

/** The names of what getIsolatedMachines is asked. */
export const getIsolatedMachinesInputNames = [] as const;

/** What getMachineActions is asked. */
export interface GetMachineActionsInputs {
  /** Only those of this machine: 40 hexadecimal digits. */
  readonly machineId?: string | undefined;
  /** Only those of the machine of this whole name. Give this or `machineId`, or neither. */
  readonly deviceName?: string | undefined;
  /** Only those of these types, such as `Isolate`, `Unisolate` or `StopAndQuarantineFile`. Default: all. */
  readonly types?: readonly string[] | undefined;
  /** Only those in one of these states. Default: all. */
  readonly statuses?: readonly ActionStatus[] | undefined;
  /**
   * Only those asked for at this RFC 3339 moment or later. Default: 30 days ago, or all of a machine where one is
   * named.
   */
  readonly requestedSince?: string | undefined;
  /** Most actions to answer. Default: 1000; at most 10000. */
  readonly limit?: number | undefined;
}

/** What getMachineActions answers. */
export interface GetMachineActionsOutputs {
  /** The actions. */
  readonly actions: readonly MachineActionRecord[];
  /** Whether there are more than `limit`. */
  readonly isTruncated: boolean;
}

/** The names of what getMachineActions is asked. */
export const getMachineActionsInputNames = [
  'machineId',
  'deviceName',
  'types',
  'statuses',
  'requestedSince',
  'limit',
] as const;
