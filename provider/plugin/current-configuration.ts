import { defaultMaxIsolations, defaultReleaseLimits } from '../containment/release-limits.ts';
import type { PropertyMap, PropertyValue } from '../resources/resource.ts';

const variable = 'PULUMI_CONFIG';

/**
 * The stack's configuration of this package as it is *now*, from the environment variable that the engine sets:
 * `{"tenantId": "…", "guardrails": "{\"maxReleases\":3}"}`, every value a text, secrets in clear. It is taken out of
 * the environment at once, so that no child process inherits it.
 * Undefined: not given, or not to be read.
 */
export function takeCurrentConfiguration(environment: Record<string, string | undefined>): PropertyMap | undefined {
  const text = environment[variable];
  delete environment[variable];
  if (text === undefined || text === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return Object.fromEntries(Object.entries(parsed).filter(([, value]) => typeof value === 'string'));
  } catch {
    return undefined;
  }
}

/**
 * Whether a provider is the stack's own, made from its configuration, and not one declared in the program. The engine
 * tells them by the name too: `default`, `default_1_2_3`, `default_1_2_3_https_…`.
 */
export function isDefaultProvider(name: string): boolean {
  return /^default(_|$)/.test(name);
}

/**
 * The configuration in force. Refresh, destroy and the reads before an update are configured from what *state* holds,
 * which after a rotated secret no longer signs in; the current configuration does.
 *
 * - The stack's own provider follows the current configuration as a whole: a mixture (yesterday's secret beside
 *   today's certificate) would be neither. Safety settings that it lacks are kept from state, so that only an explicit
 *   setting loosens them (semantics 5.4); looser limits than the usual ones are not: whoever took them out of the
 *   configuration has them in force no more. Without any current configuration, state's is all there is.
 * - An explicit provider is what the program says; of the current configuration it takes what makes it safer, and
 *   `allowReleases`, which names the very hosts it is for and cannot come from a program that does not run (8.4).
 */
export function configurationInForce(
  given: PropertyMap,
  current: PropertyMap | undefined,
  isDefault: boolean,
): PropertyMap {
  if (!current || Object.keys(current).length === 0) return given;
  if (isDefault) {
    const kept: Record<string, PropertyValue | undefined> = {};
    for (const key of safety.keys()) if (given[key] !== undefined) kept[key] = given[key];
    if (kept.guardrails !== undefined && kept.guardrails !== null) {
      kept.guardrails = tighter(kept.guardrails, { ...defaultReleaseLimits, maxIsolations: defaultMaxIsolations });
    }
    return { ...kept, ...current };
  }
  const safer: Record<string, PropertyValue> = {};
  for (const [key, choose] of safety) {
    const now = current[key];
    if (now !== undefined && now !== null) safer[key] = choose(given[key] ?? undefined, now);
  }
  if (current.allowReleases !== undefined) safer.allowReleases = current.allowReleases;
  return { ...given, ...safer };
}

type Choice = (given: PropertyValue | undefined, now: PropertyValue) => PropertyValue;

/** Settings that hold releases back, and which of two values does so more. */
const safety: ReadonlyMap<string, Choice> = new Map<string, Choice>([
  ['releases', (given, now) => (now === 'hold' ? now : (given ?? now))],
  ['guardrails', (given, now) => (given === undefined ? now : tighter(given, now))],
]);

const limits = ['maxReleases', 'maxReleasePercent', 'maxIsolations'];

/** The lower of each limit. What cannot be read is left to the check of the settings. */
function tighter(given: PropertyValue, now: PropertyValue): PropertyValue {
  const [mine, theirs] = [asObject(given), asObject(now)];
  if (!mine || !theirs) return given;
  const both: Record<string, PropertyValue | undefined> = { ...theirs, ...mine };
  for (const limit of limits) {
    const [a, b] = [mine[limit], theirs[limit]];
    if (isLimit(a) && isLimit(b)) both[limit] = Number(a) <= Number(b) ? a : b;
  }
  return both;
}

function isLimit(value: unknown): value is number | string {
  return (typeof value === 'number' || typeof value === 'string') && Number.isFinite(Number(value));
}

function asObject(value: PropertyValue): PropertyMap | undefined {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as PropertyMap)
      : undefined;
  } catch {
    return undefined;
  }
}
