import type { CloudName, GeoRegion } from './clouds.ts';
import { DefenderError } from './errors.ts';

/** How much of the service's budget is ours; each API route has its own. */
export interface RateLimits {
  /** Calls per rolling minute that the service allows. Default 100. */
  readonly perMinute?: number | undefined;
  /** Calls per rolling hour that the service allows. Default 1,500. */
  readonly perHour?: number | undefined;
  /** The share of both that this process may spend, above 0 and at most 1. Default 0.9. */
  readonly share?: number | undefined;
  /** Length of the two windows, ms. Default the service's 60 s and 60 min; shorter against a simulator set up alike. */
  readonly minuteLength?: number | undefined;
  readonly hourLength?: number | undefined;
}

/**
 * What the client is set up with. Names are those of the provider's configuration; where one is absent the
 * environment's usual name (AZURE_TENANT_ID, …) is asked.
 */
export interface DefenderSettings {
  readonly tenantId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** PEM file with the certificate and its private key. */
  readonly clientCertificatePath?: string | undefined;
  readonly clientCertificatePassword?: string | undefined;
  /** Sign in with a federated token: from `oidcTokenFilePath`, or from GitHub Actions' token service. */
  readonly useOidc?: boolean | undefined;
  readonly oidcTokenFilePath?: string | undefined;
  /** Sign in as the managed identity of the machine; `clientId` chooses a user-assigned one. */
  readonly useManagedIdentity?: boolean | undefined;
  /** Sign in as whoever is signed in to the Azure CLI. */
  readonly useAzureCli?: boolean | undefined;
  readonly cloud?: CloudName | (string & {}) | undefined;
  /** A geographic API host of the Commercial cloud. */
  readonly region?: GeoRegion | (string & {}) | undefined;
  readonly apiUrl?: string | undefined;
  readonly authorityHost?: string | undefined;
  readonly rateLimits?: RateLimits | undefined;
  /** Version of the product, told in the user agent. */
  readonly version?: string | undefined;
}

/** A setting that cannot work, the reason, and what would be right. */
export interface SettingProblem {
  readonly property: string;
  readonly reason: string;
}

export function settingError(problem: SettingProblem): DefenderError {
  return new DefenderError(`${problem.property}: ${problem.reason}`, {
    kind: 'invalid-configuration',
    property: problem.property,
  });
}

/** The trimmed value, or undefined where it is absent or blank: a blank environment variable counts as not set. */
export function given(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}
