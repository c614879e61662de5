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
export const isolationTypeValues = ['Full', 'Selective'] as const;
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
  /** Isolates the host although it is protected. */
  readonly allowProtected?: boolean | undefined;
  /** Releases the host when it leaves the set although somebody else isolated it. */
  readonly releaseForeign?: boolean | undefined;
  /** How long before the earliest lift its isolation is renewed, as a Go duration such as `96h`; at most `168h`. */
  readonly renewBefore?: string | undefined;
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
   * and behind ` | ` how it is declared. `pulumi-mde status` tells it as a table.
   */
  readonly hosts: Readonly<Record<string, string>>;
  /** How many hosts there are in each state, such as `1000 hosts: 998 isolated, 2 isolating`. */
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
  'guardrails',
  'comment',
  'isolationType',
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

/** The names of a Quarantine's outputs. */
export const quarantineOutputNames = ['hosts', 'summary', 'coveredUntil', 'tenantId', 'cloud', 'stateVersion'] as const;
