import { isIP } from 'node:net';
import { incorrectBody } from './body.ts';
import { ApiError } from './errors.ts';
import type { SwitchSettings } from './switches.ts';
import { parseTicks, type Ticks } from './time.ts';

/** An indicator as the API prints it: fields and casing as in a captured answer. */
export interface IndicatorBody {
  /** Digits. */
  readonly id: string;
  readonly indicatorValue: string;
  readonly indicatorType: IndicatorType;
  readonly action: string;
  readonly createdBy: string;
  readonly severity: string;
  readonly category: number;
  readonly application: string | null;
  readonly educateUrl: string | null;
  readonly title: string;
  readonly description: string;
  readonly recommendedActions: string | null;
  readonly creationTimeDateTimeUtc: string;
  readonly expirationTime: string | null;
  readonly lastUpdateTime: string;
  readonly lastUpdatedBy: string | null;
  readonly rbacGroupNames: readonly string[];
  readonly rbacGroupIds: readonly string[];
  readonly mitreTechniques: readonly string[];
  readonly historicalDetection: boolean;
  readonly generateAlert: boolean;
  readonly createdByDisplayName: string;
  readonly externalId: string | null;
  readonly createdBySource: string;
  readonly source: string;
  readonly sourceType: 'User' | 'AadApp';
}

interface ValueFormat {
  readonly fits: (value: string) => boolean;
  /** Of the 400 for a value that does not fit. */
  readonly code: string;
}

const hex = (digits: number): ValueFormat => ({
  fits: (value) => value.length === digits && /^[0-9a-f]+$/i.test(value),
  code: 'InvalidHashValue',
});

/** What each type's values look like. */
export const indicatorTypes = {
  FileSha1: hex(40),
  FileSha256: hex(64),
  FileMd5: hex(32),
  CertificateThumbprint: hex(40),
  // No ranges: CIDR notation is refused.
  IpAddress: { fits: (value) => isIP(value) !== 0, code: 'InvalidIpAddress' },
  DomainName: { fits: (value) => /^([a-z0-9_-]+\.)+[a-z0-9-]{2,}$/i.test(value), code: 'InvalidDomainName' },
  Url: { fits: (value) => URL.canParse(/^[a-z]+:\/\//i.test(value) ? value : `http://${value}`), code: 'InvalidUrl' },
} as const satisfies Record<string, ValueFormat>;

export type IndicatorType = keyof typeof indicatorTypes;

const actions = ['Allowed', 'Audit', 'Block', 'BlockAndRemediate', 'Warn'];
/** Not supported since January 2022 by the documents, which list them all the same. */
const legacyActions = ['Alert', 'AlertAndBlock'];
const severities = ['Informational', 'Low', 'Medium', 'High'];
const blockingActions: readonly string[] = ['Block', 'BlockAndRemediate', 'AlertAndBlock'];

/** What a request says of an indicator; undefined: nothing. */
export interface IndicatorRequest {
  readonly indicatorValue: string;
  readonly indicatorType: IndicatorType;
  readonly action: string;
  readonly title: string;
  readonly description: string;
  readonly application: string | undefined;
  readonly severity: string | undefined;
  readonly recommendedActions: string | undefined;
  readonly educateUrl: string | undefined;
  readonly externalId: string | undefined;
  readonly generateAlert: boolean | undefined;
  readonly expirationTime: Ticks | undefined;
  readonly rbacGroupNames: readonly string[] | undefined;
}

const textNames = [
  'indicatorValue',
  'indicatorType',
  'action',
  'title',
  'description',
  'application',
  'severity',
  'recommendedActions',
  'educateUrl',
  'externalId',
  'expirationTime',
] as const;
const requiredNames = ['indicatorValue', 'indicatorType', 'action', 'title', 'description'] as const;

/** What the body of a request says, or the ApiError by which it is refused. Names are case-sensitive. */
export function readIndicator(
  given: Readonly<Record<string, unknown>>,
  now: Ticks,
  settings: SwitchSettings,
): IndicatorRequest {
  const known: readonly string[] = [...textNames, 'generateAlert', 'rbacGroupNames'];
  if (!Object.keys(given).every((name) => known.includes(name))) throw incorrectBody();
  const texts = readTexts(given);
  for (const name of requiredNames) {
    if ((texts[name] ?? '').trim() === '') {
      throw new ApiError(400, 'MissingRequiredParameter', `Required parameter ${name} is missing`);
    }
  }
  const { indicatorValue = '', indicatorType = '', action = '', title = '', description = '', severity } = texts;
  const type = oneOf('indicatorType', indicatorType, Object.keys(indicatorTypes)) as IndicatorType;
  const { fits, code } = indicatorTypes[type];
  if (!fits(indicatorValue)) throw new ApiError(400, code, `${indicatorValue} is no valid ${type}`);
  oneOf('action', action, settings.legacyIndicatorActions === 'accept' ? [...actions, ...legacyActions] : actions);
  if (severity !== undefined) oneOf('severity', severity, severities);
  const generateAlert = readFlag(given.generateAlert);
  if (action === 'Audit' && generateAlert !== true) throw invalidInput('generateAlert must be true for Audit');
  return {
    indicatorValue,
    indicatorType: type,
    action,
    title,
    description,
    application: texts.application,
    severity,
    recommendedActions: texts.recommendedActions,
    educateUrl: texts.educateUrl,
    externalId: texts.externalId,
    generateAlert,
    expirationTime: readExpiration(texts.expirationTime, now),
    rbacGroupNames: readGroups(given.rbacGroupNames, settings),
  };
}

/** What one is found by again: a second request for the same updates it. Whether the action is part of it goes by a switch. */
export function indicatorKey(
  { indicatorType, indicatorValue, action }: Pick<IndicatorBody, 'indicatorType' | 'indicatorValue' | 'action'>,
  settings: SwitchSettings,
): string {
  const key = `${indicatorType} ${indicatorValue.toLowerCase()}`;
  return settings.indicatorKey === 'value' ? key : `${key} ${action}`;
}

/** Whether a file is kept from running by it. */
export function blocksFile({ indicatorType, action }: IndicatorBody): boolean {
  return indicatorType.startsWith('File') && blockingActions.includes(action);
}

function readTexts(
  given: Readonly<Record<string, unknown>>,
): Partial<Record<(typeof textNames)[number], string | undefined>> {
  return Object.fromEntries(
    textNames.map((name) => {
      const value = given[name] ?? undefined;
      if (value !== undefined && typeof value !== 'string') throw incorrectBody();
      return [name, value];
    }),
  );
}

function oneOf(name: string, value: string, choices: readonly string[]): string {
  if (!choices.includes(value)) throw invalidInput(name);
  return value;
}

/** The documents call it an enumeration of True and False; clients send JSON's own. */
function readFlag(value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  if (value === 'True' || value === 'False') return value === 'True';
  throw incorrectBody();
}

function readExpiration(text: string | undefined, now: Ticks): Ticks | undefined {
  if (text === undefined) return undefined;
  const at = parseTicks(text);
  if (at === undefined) throw incorrectBody();
  if (at <= now) throw invalidInput('expirationTime is in the past');
  return at;
}

function readGroups(value: unknown, { rbacGroupNames }: SwitchSettings): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && rbacGroupNames !== 'array') {
    const names = value.split(',').map((name) => name.trim());
    return names.filter((name) => name !== '');
  }
  const isList = Array.isArray(value) && value.every((name) => typeof name === 'string');
  if (!isList || rbacGroupNames === 'text') throw incorrectBody();
  return value;
}

function invalidInput(what: string): ApiError {
  return new ApiError(400, 'InvalidInput', `Invalid input: ${what}`);
}
