import type { Indicator, IndicatorId, IndicatorRequest } from './indicator.ts';
import type { Machine, MachineId } from './machine.ts';
import type { ActionId, MachineAction, MachineActionStatus } from './machine-action.ts';
import type { ResponseRequest } from './response-actions.ts';

/** What every call takes: an abort signal that ends it at once, also while it waits for its turn. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Who goes first when calls wait for the throttle: lower before higher, equals in order of arrival. Default 0. */
  readonly priority?: number | undefined;
  /**
   * When the call has to be on its way, on the client's monotonic clock, ms. One that has not got its turn by then is not
   * sent: DefenderError `not-started`. A repeat needs its turn by then too.
   */
  readonly startBy?: number | undefined;
}

/** A list that was read to its last page; `complete` is false where its size disagrees with `@odata.count`. */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly complete: boolean;
  /** The service's clock (its `Date` header, whole seconds) when the first page was answered, ms since the epoch. */
  readonly asOf: number;
}

/** The first so many of what a search finds. */
export interface Excerpt<T> extends Listing<T> {
  /** There are more; of machines the service decides which of them are told, of actions they are the newest. */
  readonly isTruncated: boolean;
}

/** What machines are looked for; all that is given must fit. Texts are the same whatever their case. */
export interface MachineSearch {
  readonly namePrefix?: string | undefined;
  /** A whole tag. */
  readonly tag?: string | undefined;
  readonly healthStatus?: string | undefined;
  readonly onboardingStatus?: string | undefined;
  readonly osPlatform?: string | undefined;
  readonly riskScore?: string | undefined;
  readonly exposureLevel?: string | undefined;
  readonly deviceValue?: string | undefined;
  /** The service cannot filter by it, so other machines are read as well. */
  readonly rbacGroupName?: string | undefined;
  /** Last full report at this moment or later, ms since the epoch. */
  readonly seenSince?: number | undefined;
}

/** What actions are looked for; all that is given must fit. Not for a fold, which needs those of every status. */
export interface MachineActionSearch {
  /** Absent: of every type. */
  readonly types?: readonly string[] | undefined;
  readonly machineId?: MachineId | undefined;
  readonly statuses?: readonly MachineActionStatus[] | undefined;
  /** Requested at this moment or later, ms since the epoch. */
  readonly createdSince?: number | undefined;
}

/** Which actions a listing asks for. There is deliberately no status filter: a fold needs them all. */
export interface MachineActionQuery {
  readonly types: readonly string[];
  /** Any number, asked in parts; absent: every machine. */
  readonly machineIds?: readonly MachineId[];
  /** Only actions created at or after this moment, ms since the epoch. */
  readonly createdSince?: number;
}

/** What the access token says about who we are. Absent claims are undefined. */
export interface TokenIdentity {
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
  readonly appDisplayName: string | undefined;
  readonly objectId: string | undefined;
  readonly userPrincipalName: string | undefined;
  /** App roles (`roles`) or delegated scopes (`scp`). */
  readonly roles: readonly string[];
  readonly delegated: boolean;
}

/**
 * Defender for Endpoint's REST API, as far as this product uses it. Each call waits for its turn in the throttle,
 * repeats only what is safe to repeat (see retry.ts), and throws a DefenderError for everything that went wrong.
 */
export interface Defender {
  /** Who the current token belongs to; fetches a token where none is held. */
  identity(options?: CallOptions): Promise<TokenIdentity>;
  /** One machine by id, or undefined where the API itself (no gateway, no web page) says 404. */
  getMachine(id: MachineId, options?: CallOptions): Promise<Machine | undefined>;
  /** Machines by id, any number, about 130 a call; ids that do not exist are absent from the answer. */
  listMachinesById(ids: readonly MachineId[], options?: CallOptions): Promise<Listing<Machine>>;
  /** Machines whose device name equals `name`, ignoring case; the whole name. */
  listMachinesByName(name: string, options?: CallOptions): Promise<Listing<Machine>>;
  /** Machines whose device name equals one of `names`, any number, asked in parts; as listMachinesByName for each. */
  listMachinesByNames(names: readonly string[], options?: CallOptions): Promise<Listing<Machine>>;
  /** Every machine of the tenant, or undefined when there are more than `atMost` (asked with `$count` on the first page). */
  listMachines(atMost: number, options?: CallOptions): Promise<Listing<Machine> | undefined>;
  /** Machines by what they are like, at most `limit`; no page is read once there are enough. In the order of names. */
  searchMachines(search: MachineSearch, limit: number, options?: CallOptions): Promise<Excerpt<Machine>>;
  /** Actions, ordered by `creationDateTimeUtc`, all pages, de-duplicated by id. */
  listMachineActions(query: MachineActionQuery, options?: CallOptions): Promise<Listing<MachineAction>>;
  /** Actions by id, any number, about 140 a call, for tracking. Unknown ids are absent. */
  listMachineActionsById(ids: readonly ActionId[], options?: CallOptions): Promise<Listing<MachineAction>>;
  /** The newest actions that fit, newest first, at most `limit`; no page is read once there are enough. */
  searchMachineActions(
    search: MachineActionSearch,
    limit: number,
    options?: CallOptions,
  ): Promise<Excerpt<MachineAction>>;
  /** Asks something of one machine. The answer may be an older action of that type that still runs. */
  request(id: MachineId, request: ResponseRequest, comment: string, options?: CallOptions): Promise<MachineAction>;
  /**
   * The link to the investigation package of a Succeeded collection, which anybody can follow who has it: a secret that
   * holds for a short time. Undefined where the API itself says 404: there is no package, or none any more.
   */
  getPackageUri(id: ActionId, options?: CallOptions): Promise<string | undefined>;
  /** Cancels an action that is not final. A 400 (already final) throws. */
  cancelMachineAction(id: ActionId, body: { comment: string }, options?: CallOptions): Promise<MachineAction>;
  /**
   * Indicators for these values, any number, whatever their types; absent: every indicator. An app that holds
   * `Ti.ReadWrite` alone is shown none but those that it created itself.
   */
  listIndicators(values: readonly string[] | undefined, options?: CallOptions): Promise<Listing<Indicator>>;
  /**
   * Creates the indicator, or changes the one that is there. Which one that is, the service decides: by value and type,
   * and maybe by action. So the answer may have another id than an indicator that is known for this value.
   */
  putIndicator(request: IndicatorRequest, options?: CallOptions): Promise<Indicator>;
  /** Deletes; `not-found` where it is gone already. */
  deleteIndicator(id: IndicatorId, options?: CallOptions): Promise<void>;
  /** The service's clock now: the last `Date` header plus the monotonic time since. Undefined before the first answer. */
  serviceNow(): number | undefined;
  /** Ends keep-alive connections. */
  close(): void;
}
