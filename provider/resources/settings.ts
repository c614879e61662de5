import { MINUTE, parseDuration } from '../containment/duration.ts';
import { noExtraProtection, type ProtectionPolicy } from '../containment/protection.ts';
import { defaultMaxIsolations, defaultReleaseLimits } from '../containment/release-limits.ts';
import { resolveEndpoint } from '../defender/endpoint.ts';
import { settingProblems } from '../defender/setting-problems.ts';
import type { DefenderSettings } from '../defender/settings.ts';
import type { FleetLimits } from '../fleet/fleet.ts';
import { type CheckFailure, type PropertyMap, type PropertyValue, unknown } from './resource.ts';
import { type Cloud, cloudValues, configKeys, regionValues, releasesValues } from './schema-types.ts';

/** The provider's configuration in force. */
export interface Settings {
  readonly defender: DefenderSettings;
  readonly cloud: Cloud;
  readonly holdReleases: boolean;
  readonly renewalRestartsLease: boolean;
  readonly limits: FleetLimits;
  readonly protection: ProtectionPolicy;
  readonly ownerKey: string | undefined;
  /** Ends with a space, or is empty. */
  readonly commentPrefix: string;
}

const defaultMaxRunTimeMs = 50 * MINUTE;

/**
 * Reads configuration; what cannot be right is told as failures, each with its property and what would be right.
 *
 * @param env where the login host may come from; nothing else of it is read
 */
export function readSettings(
  config: PropertyMap,
  env: Readonly<Record<string, string | undefined>> = {},
): { settings: Settings; failures: readonly CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  for (const key of Object.keys(config)) {
    if (!Object.hasOwn(configKeys, key) && key !== 'version' && key !== 'pluginDownloadURL') {
      fail(key, `unknown configuration key mde:${key}; known are ${Object.keys(configKeys).join(', ')}`);
    }
  }
  const read = reader(config, fail);
  const guardrails = reader(read.map('guardrails'), (property, reason) => fail(`guardrails.${property}`, reason));
  const protectedHosts = reader(guardrails.map('protected'), (property, reason) =>
    fail(`guardrails.protected.${property}`, reason),
  );
  const rates = reader(read.map('rateLimits'), (property, reason) => fail(`rateLimits.${property}`, reason));
  const prefix = read.text('commentPrefix');
  const defender: DefenderSettings = {
    tenantId: read.text('tenantId'),
    clientId: read.text('clientId'),
    clientSecret: read.text('clientSecret'),
    clientCertificatePath: read.text('clientCertificatePath'),
    clientCertificatePassword: read.text('clientCertificatePassword'),
    useOidc: read.flag('useOidc'),
    oidcTokenFilePath: read.text('oidcTokenFilePath'),
    useManagedIdentity: read.flag('useManagedIdentity'),
    useAzureCli: read.flag('useAzureCli'),
    cloud: read.choice('cloud', cloudValues),
    region: read.choice('region', regionValues),
    apiUrl: read.text('apiUrl'),
    authorityHost: read.text('authorityHost'),
    rateLimits: {
      perMinute: rates.number('perMinute', 1, 100_000),
      perHour: rates.number('perHour', 1, 10_000_000),
      share: rates.number('share', 0.01, 1),
      minuteLength: rates.duration('minuteLength', '60s'),
      hourLength: rates.duration('hourLength', '60m'),
    },
  };
  for (const problem of settingProblems(defender)) fail(problem.property, problem.reason);
  const resolved = resolveEndpoint(defender, env);
  const settings: Settings = {
    defender,
    cloud: 'endpoint' in resolved ? resolved.endpoint.cloud : 'Commercial',
    holdReleases: read.choice('releases', releasesValues) === 'hold',
    renewalRestartsLease: read.flag('renewalRestartsLease') ?? false,
    limits: {
      maxReleases: guardrails.count('maxReleases') ?? defaultReleaseLimits.maxReleases,
      maxReleasePercent: guardrails.number('maxReleasePercent', 0, 100) ?? defaultReleaseLimits.maxReleasePercent,
      maxIsolations: guardrails.count('maxIsolations') ?? defaultMaxIsolations,
      allowReleases: read.text('allowReleases'),
      maxRunTimeMs: read.duration('maxRunTime', '50m or 1h30m') ?? defaultMaxRunTimeMs,
    },
    protection: {
      machineIds: protectedHosts.texts('machineIds') ?? noExtraProtection.machineIds,
      names: protectedHosts.texts('names') ?? noExtraProtection.names,
      tags: protectedHosts.texts('tags') ?? noExtraProtection.tags,
      osPlatforms: protectedHosts.texts('osPlatforms') ?? noExtraProtection.osPlatforms,
    },
    ownerKey: read.text('ownerKey'),
    commentPrefix: prefix === undefined ? '' : `${prefix} `,
  };
  return { settings, failures: dedupe(failures) };
}

function dedupe(failures: readonly CheckFailure[]): readonly CheckFailure[] {
  const seen = new Set<string>();
  return failures.filter((failure) => {
    const key = `${failure.property}\n${failure.reason}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/** Reads one map's values by kind. Stack configuration carries numbers and booleans as text too. */
function reader(map: PropertyMap, fail: (property: string, reason: string) => void) {
  const value = (key: string): Exclude<PropertyValue, null> | undefined => {
    const found = Object.hasOwn(map, key) ? map[key] : undefined;
    return found === null || found === unknown ? undefined : (found as Exclude<PropertyValue, null> | undefined);
  };
  const text = (key: string): string | undefined => {
    const found = value(key);
    if (found === undefined || (typeof found === 'string' && found.trim() === '')) return undefined;
    if (typeof found === 'string') return found.trim();
    // Never the value itself: it may be a secret.
    fail(key, `must be text, not ${Array.isArray(found) ? 'a list' : typeof found}`);
    return undefined;
  };
  const number = (key: string, min: number, max: number): number | undefined => {
    const found = value(key);
    if (found === undefined) return undefined;
    const parsed =
      typeof found === 'number' ? found : typeof found === 'string' && found.trim() !== '' ? Number(found) : Number.NaN;
    if (parsed >= min && parsed <= max) return parsed;
    fail(key, `must be a number from ${min} to ${max}`);
    return undefined;
  };
  return {
    text,
    number,
    count(key: string): number | undefined {
      const found = number(key, 0, 1_000_000);
      if (found === undefined || Number.isInteger(found)) return found;
      fail(key, 'must be a whole number');
      return undefined;
    },
    flag(key: string): boolean | undefined {
      const found = value(key);
      if (found === undefined || typeof found === 'boolean') return found;
      if (found === 'true') return true;
      if (found === 'false') return false;
      fail(key, 'must be true or false');
      return undefined;
    },
    /** Milliseconds. */
    duration(key: string, example: string): number | undefined {
      const found = text(key);
      const ms = found === undefined ? undefined : parseDuration(found);
      if (found !== undefined && ms === undefined)
        fail(key, `"${found}" is no duration such as ${example} (units h, m, s, ms)`);
      return ms;
    },
    choice<T extends string>(key: string, values: readonly T[]): T | undefined {
      const found = text(key);
      const match = values.find((each) => each.toLowerCase() === found?.toLowerCase());
      if (found !== undefined && match === undefined) fail(key, `"${found}" is none of ${values.join(', ')}`);
      return match;
    },
    texts(key: string): readonly string[] | undefined {
      const found = value(key);
      if (found === undefined) return undefined;
      if (Array.isArray(found) && found.every((each): each is string => typeof each === 'string')) return found;
      fail(key, 'must be a list of texts');
      return undefined;
    },
    map(key: string): PropertyMap {
      const found = value(key);
      if (found === undefined) return {};
      if (typeof found === 'object' && !Array.isArray(found)) return found as PropertyMap;
      fail(key, 'must be an object');
      return {};
    },
  };
}
