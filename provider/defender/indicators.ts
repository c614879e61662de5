import type { Indicator, IndicatorId, IndicatorRequest } from './indicator.ts';
import { asObject, asText, type JsonObject, textOrNull } from './json-body.ts';
import { parseServiceTime } from './service-time.ts';

/** Names that went out of use in 2022, and what Microsoft renamed them to; older indicators may still bear them. */
const renamed: Readonly<Record<string, string>> = { Alert: 'Audit', AlertAndBlock: 'BlockAndRemediate' };

/** The id, or undefined where `text` is none. */
export function parseIndicatorId(text: string): IndicatorId | undefined {
  return /^[0-9]{1,20}$/.test(text) ? (text as IndicatorId) : undefined;
}

/**
 * An indicator as the service writes it, or undefined where something is missing or unreadable by which it is told apart
 * from others, or from which it could pass for stronger or weaker than it is.
 */
export function parseIndicator(value: unknown): Indicator | undefined {
  const body = asObject(value);
  if (body === undefined) return undefined;
  const id = parseIndicatorId(typeof body.id === 'number' ? String(body.id) : (asText(body.id) ?? ''));
  const indicatorValue = textOrNull(body.indicatorValue);
  const indicatorType = textOrNull(body.indicatorType);
  const action = textOrNull(body.action);
  const expirationTime = isNothing(body.expirationTime) ? null : parseServiceTime(body.expirationTime);
  const rbacGroupNames = groupsOf(body.rbacGroupNames);
  if (id === undefined || indicatorValue === null || indicatorType === null || action === null) return undefined;
  if (expirationTime === undefined || rbacGroupNames === undefined) return undefined;
  return {
    id,
    indicatorValue: indicatorType.startsWith('File') ? indicatorValue.toLowerCase() : indicatorValue,
    indicatorType,
    action: (Object.hasOwn(renamed, action) ? renamed[action] : undefined) ?? action,
    title: asText(body.title) ?? '',
    description: asText(body.description) ?? '',
    severity: textOrNull(body.severity),
    recommendedActions: textOrNull(body.recommendedActions),
    generateAlert: flagOf(body.generateAlert),
    expirationTime,
    rbacGroupNames,
    application: textOrNull(body.application),
    createdBy: textOrNull(body.createdBy),
    createdAt: parseServiceTime(body.creationTimeDateTimeUtc),
    lastUpdatedBy: textOrNull(body.lastUpdatedBy),
    updatedAt: parseServiceTime(body.lastUpdateTime),
  };
}

/** The body of a request; without properties that are absent, so that the service does with them what it does. */
export function indicatorBody({ expirationTime, ...request }: IndicatorRequest): JsonObject {
  const body = {
    ...request,
    // To the second, as the service keeps it.
    expirationTime: typeof expirationTime === 'number' ? secondsText(expirationTime) : expirationTime,
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

/** Both spellings of a hash: the service may mind case, and portals are fed with either. */
export function hashSpellings(hash: string): readonly string[] {
  return [...new Set([hash.toLowerCase(), hash.toUpperCase()])];
}

function secondsText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** Documentation speaks of a list and of text with commas, and answers hold either. */
function groupsOf(value: unknown): readonly string[] | undefined {
  if (isNothing(value)) return [];
  if (typeof value === 'string') return trimmed(value.split(','));
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) return undefined;
  return trimmed(value);
}

function trimmed(names: readonly string[]): readonly string[] {
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

/** Documented as `True` and `False`, sent as a boolean. */
function flagOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const text = asText(value)?.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : null;
}
