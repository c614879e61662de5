/** An indicator's id, digits. */
export type IndicatorId = string & { readonly __brand: 'IndicatorId' };

export type FileIndicatorType = 'FileSha1' | 'FileSha256' | 'FileMd5';

/** `Warn` asks the user, who may go on. */
export type IndicatorAction = 'Allowed' | 'Audit' | 'Warn' | 'Block' | 'BlockAndRemediate';

export type IndicatorSeverity = 'Informational' | 'Low' | 'Medium' | 'High';

/** A rule of the tenant for a file, an address or a domain, as `GET /api/indicators` tells it. Times: ms since the epoch. */
export interface Indicator {
  readonly id: IndicatorId;
  /** Of a file its hash, lower case. */
  readonly indicatorValue: string;
  readonly indicatorType: FileIndicatorType | (string & {});
  readonly action: IndicatorAction | (string & {});
  readonly title: string;
  readonly description: string;
  /** Null: not told. */
  readonly severity: IndicatorSeverity | (string & {}) | null;
  readonly recommendedActions: string | null;
  /** Null: not told. */
  readonly generateAlert: boolean | null;
  /** Null: it never ends. */
  readonly expirationTime: number | null;
  /** Device groups that it is for; none: all devices. */
  readonly rbacGroupNames: readonly string[];
  readonly application: string | null;
  /** A user's name, or an application's id. */
  readonly createdBy: string | null;
  readonly createdAt: number | undefined;
  /** Null: nobody changed it. */
  readonly lastUpdatedBy: string | null;
  readonly updatedAt: number | undefined;
}

/** What a file's indicator shall be. Absent properties are left to the service. */
export interface IndicatorRequest {
  readonly indicatorValue: string;
  readonly indicatorType: FileIndicatorType;
  readonly action: IndicatorAction;
  readonly title: string;
  readonly description: string;
  readonly severity: IndicatorSeverity;
  readonly generateAlert: boolean;
  /** Empty: clears what is there. */
  readonly recommendedActions?: string | undefined;
  /** ms since the epoch; null: clears what is there. */
  readonly expirationTime?: number | null | undefined;
  /** Empty: all devices. */
  readonly rbacGroupNames?: readonly string[] | undefined;
  /** Counts for new indicators only; the service leaves that of an older one as it is. */
  readonly application?: string | undefined;
}
