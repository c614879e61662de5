import { describeMoment, parseRfc3339 } from '../../containment/duration.ts';
import type { FileIndicatorType, Indicator, IndicatorRequest } from '../../defender/indicator.ts';
import { shown } from '../../manifest/shown.ts';
import type { IndicatorAction, IndicatorSeverity } from '../schema-types.ts';
import type { CheckedInputs } from './inputs.ts';

/** What an indicator shall be, in the shape in which one is told. */
export interface Declared {
  readonly indicatorValue: string;
  readonly indicatorType: FileIndicatorType;
  readonly action: IndicatorAction;
  readonly title: string;
  readonly description: string;
  readonly severity: IndicatorSeverity;
  readonly recommendedActions: string | null;
  readonly generateAlert: boolean;
  /** ms; null: it never ends. */
  readonly expirationTime: number | null;
  /** Empty: all devices. */
  readonly rbacGroupNames: readonly string[];
}

/** Properties that somebody may change, or that an update changes. */
export const changeable = [
  'action',
  'title',
  'description',
  'severity',
  'recommendedActions',
  'generateAlert',
  'expirationTime',
  'rbacGroupNames',
] as const;
export type Changeable = (typeof changeable)[number];

export function declaredBy(inputs: CheckedInputs): Declared {
  const { indicatorValue, indicatorType, action, title, description, severity, generateAlert } = inputs;
  return {
    indicatorValue,
    indicatorType,
    action,
    title,
    description,
    severity,
    generateAlert,
    recommendedActions: inputs.recommendedActions ?? null,
    expirationTime: inputs.expirationTime === undefined ? null : (parseRfc3339(inputs.expirationTime) ?? null),
    rbacGroupNames: inputs.rbacGroupNames ?? [],
  };
}

type Told = Pick<Indicator, Changeable>;

/** The service may round times; an end that is off by less is the same end. */
const sameEndWithinMs = 60_000;

const isSame: { readonly [P in Changeable]: (declared: Declared, told: Told) => boolean } = {
  action: (declared, told) => declared.action === told.action,
  title: (declared, told) => sameText(declared.title, told.title),
  description: (declared, told) => sameText(declared.description, told.description),
  // What is not told is unknown, never a difference (semantics 1.6).
  severity: (declared, told) => told.severity === null || declared.severity === told.severity,
  recommendedActions: (declared, told) => sameText(declared.recommendedActions ?? '', told.recommendedActions ?? ''),
  generateAlert: (declared, told) => told.generateAlert === null || declared.generateAlert === told.generateAlert,
  expirationTime: (declared, told) => sameEnd(declared.expirationTime, told.expirationTime),
  rbacGroupNames: (declared, told) => sameGroups(declared.rbacGroupNames, told.rbacGroupNames),
};

/** What of an indicator is not as declared. */
export function differences(declared: Declared, told: Told): readonly Changeable[] {
  return changeable.filter((property) => !isSame[property](declared, told));
}

/** A value as it stands in a message. */
export function valueText(property: Changeable, of: Declared | Told): string {
  switch (property) {
    case 'expirationTime':
      return of.expirationTime === null ? 'never' : describeMoment(of.expirationTime);
    case 'rbacGroupNames':
      return of.rbacGroupNames.length === 0 ? 'all devices' : of.rbacGroupNames.map(shown).join(', ');
    default:
      return of[property] === null ? 'none' : shown(String(of[property]));
  }
}

const strength: readonly string[] = ['Allowed', 'Audit', 'Warn', 'Block', 'BlockAndRemediate'];

/** Whether the file is kept from running. An action that nobody here knows counts as one that does. */
export function blocks({ action }: Pick<Indicator, 'action'>): boolean {
  return strengthOf(action) >= strength.indexOf('Warn');
}

function strengthOf(action: string): number {
  const at = strength.indexOf(action);
  return at === -1 ? strength.length : at;
}

/** In what way `next` keeps the file less from running than `now` does; empty where it does not (semantics 11.3). */
export function weakening(now: Told, next: Declared): readonly string[] {
  const reasons: string[] = [];
  if (strengthOf(next.action) < strengthOf(now.action)) reasons.push(`action ${now.action} becomes ${next.action}`);
  if (!blocks(now)) return reasons;
  const endsSooner = next.expirationTime !== null && next.expirationTime < (now.expirationTime ?? Infinity);
  if (endsSooner && !sameEnd(next.expirationTime, now.expirationTime))
    reasons.push(`it ends ${valueText('expirationTime', next)} instead of ${valueText('expirationTime', now)}`);
  const kept = new Set(next.rbacGroupNames.map(key));
  const lost = now.rbacGroupNames.filter((name) => !kept.has(key(name)));
  if (next.rbacGroupNames.length > 0 && (now.rbacGroupNames.length === 0 || lost.length > 0)) {
    const was = lost.length > 0 ? lost.join(', ') : 'all devices';
    reasons.push(`it is for ${valueText('rbacGroupNames', next)} only, no longer for ${was}`);
  }
  return reasons;
}

/** What to ask for. What an older indicator has and is not declared is cleared by name. */
export function requestFor(declared: Declared, before: Indicator | undefined, application: string): IndicatorRequest {
  const { recommendedActions, expirationTime, rbacGroupNames, ...required } = declared;
  const clears = (property: Changeable) => before !== undefined && !isSame[property](declared, before);
  const noText = clears('recommendedActions') ? { recommendedActions: '' } : {};
  return {
    ...required,
    ...(recommendedActions === null ? noText : { recommendedActions }),
    ...(expirationTime !== null || clears('expirationTime') ? { expirationTime } : {}),
    ...(rbacGroupNames.length > 0 || clears('rbacGroupNames') ? { rbacGroupNames } : {}),
    // The service takes it for a new indicator only.
    application,
  };
}

function sameEnd(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) < sameEndWithinMs;
}

function sameText(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}

function key(name: string): string {
  return name.trim().toLowerCase();
}

function sameGroups(a: readonly string[], b: readonly string[]): boolean {
  const wanted = new Set(a.map(key));
  const told = new Set(b.map(key));
  return wanted.size === told.size && [...wanted].every((name) => told.has(name));
}
