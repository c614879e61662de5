import { toRfc3339 } from '../../containment/duration.ts';
import type { Indicator } from '../../defender/indicator.ts';
import type { PropertyMap, PropertyValue } from '../resource.ts';
import type { Cloud, FileIndicatorOutputs, IndicatorState } from '../schema-types.ts';
import type { Declared } from './declared.ts';
import type { CheckedInputs } from './inputs.ts';

/** Shape of the outputs; raised when an older provider could misread a newer state. */
export const stateVersion = 1;

/** Outputs of state, as far as they can be trusted to be there. */
export type StateOutputs = Partial<FileIndicatorOutputs>;

export function stateOf(outputs: PropertyMap): StateOutputs {
  return outputs as StateOutputs;
}

export interface Known {
  readonly state: IndicatorState;
  /** As it is told now; undefined where none was seen. */
  readonly indicator: Indicator | undefined;
  readonly tenantId: string;
  readonly cloud: Cloud;
  /** What state held before, for what cannot be told now. */
  readonly before: StateOutputs | undefined;
}

/** Outputs as they go to state: the indicator as it is, and where there is none, as it was seen last or is declared. */
export function outputsOf(inputs: CheckedInputs, declared: Declared, known: Known): PropertyMap {
  const { indicator, before } = known;
  const moment = (ms: number | undefined) => (ms === undefined ? undefined : toRfc3339(ms));
  const told: Record<string, PropertyValue | undefined> =
    indicator === undefined
      ? {
          ...lastSeen(inputs, before),
          indicatorId: before?.indicatorId,
          createdBy: before?.createdBy,
          createdAt: before?.createdAt,
          updatedBy: before?.updatedBy,
          updatedAt: before?.updatedAt,
        }
      : {
          action: indicator.action,
          title: indicator.title,
          description: indicator.description,
          severity: indicator.severity ?? declared.severity,
          recommendedActions: indicator.recommendedActions ?? undefined,
          generateAlert: indicator.generateAlert ?? declared.generateAlert,
          expirationTime: indicator.expirationTime === null ? undefined : toRfc3339(indicator.expirationTime),
          rbacGroupNames: indicator.rbacGroupNames.length === 0 ? undefined : [...indicator.rbacGroupNames],
          indicatorId: indicator.id,
          createdBy: indicator.createdBy ?? undefined,
          createdAt: moment(indicator.createdAt),
          updatedBy: indicator.lastUpdatedBy ?? undefined,
          updatedAt: indicator.lastUpdatedBy === null ? undefined : moment(indicator.updatedAt),
        };
  const outputs: Record<string, PropertyValue | undefined> = {
    indicatorValue: declared.indicatorValue,
    indicatorType: declared.indicatorType,
    ...told,
    takeOwnership: inputs.takeOwnership,
    state: known.state,
    tenantId: known.tenantId,
    cloud: known.cloud,
    stateVersion,
  };
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined)) as PropertyMap;
}

function lastSeen(inputs: CheckedInputs, before: StateOutputs | undefined): Record<string, PropertyValue | undefined> {
  const { action, title, description, severity, recommendedActions, generateAlert, expirationTime, rbacGroupNames } =
    before?.action === undefined ? inputs : before;
  return { action, title, description, severity, recommendedActions, generateAlert, expirationTime, rbacGroupNames };
}
