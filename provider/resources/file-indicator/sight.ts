import { SECOND } from '../../containment/duration.ts';
import { indicatorMark } from '../../containment/indicator-mark.ts';
import type { TokenIdentity } from '../../defender/api.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { Indicator } from '../../defender/indicator.ts';
import { missingGroups, nameFor } from '../../defender/permissions.ts';
import { allIndicators, indicatorRoles } from '../../defender/routes.ts';
import { shown } from '../../manifest/shown.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import type { OperationContext } from '../resource.ts';
import type { Declared } from './declared.ts';
import { isUs, type Shared } from './shared.ts';
import type { StateOutputs } from './state.ts';

/** What is known of the indicators for one file. */
export type Sight =
  | {
      readonly kind: 'seen';
      /** The one that state holds, then those that this declaration made and state does not know (a killed run's). */
      readonly ours: readonly Indicator[];
      readonly others: readonly Indicator[];
      /** Indicators of others may be there that this sign-in is not shown. */
      readonly blind: boolean;
      /** The service's clock, ms. */
      readonly asOf: number;
    }
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      /** The sign-in may not look: for a preview that is nothing to fail for. */
      readonly lacksRole: boolean;
    };
export type Seen = Extract<Sight, { kind: 'seen' }>;

/** A reading may use a look that began at most this long ago (semantics 1.8). */
const readableForMs = 10 * SECOND;

/** @param use a look that decides about a write begins now */
export async function look(
  context: OperationContext,
  declared: Pick<Declared, 'indicatorValue' | 'indicatorType'>,
  state: StateOutputs | undefined,
  shared: Shared,
  use: 'reading' | 'writing',
): Promise<Sight> {
  try {
    const identity = await shared.runtime.identity();
    if (missingGroups([indicatorRoles], identity).length > 0)
      return { kind: 'unknown', reason: roleMissing(identity), lacksRole: true };
    const { found, asOf } = await shared.lookup.find(declared.indicatorValue, use === 'reading' ? readableForMs : 0);
    const files = found.filter((each) => each.indicatorType === declared.indicatorType);
    const mark = markOf(context, declared.indicatorValue, shared);
    const inState = files.filter(({ id }) => id === state?.indicatorId);
    const marked = files.filter(
      (each) => !inState.includes(each) && each.application === mark && isUs(each.createdBy, identity),
    );
    const ours = [...inState, ...marked];
    const blind = seesOwnOnly(identity);
    if (ours.length === 0 && blind && state?.createdBy !== undefined && !isUs(state.createdBy, identity)) {
      const reason = `${state.createdBy} created it, and this sign-in is shown only what it created itself: ${whyBlind}`;
      return { kind: 'unknown', reason, lacksRole: false };
    }
    return { kind: 'seen', ours, others: files.filter((each) => !ours.includes(each)), blind, asOf };
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    return { kind: 'unknown', reason: describeDefenderError(error), lacksRole: error.kind === 'forbidden' };
  }
}

/** What an indicator of this declaration bears as its application. */
export function markOf({ declaration }: OperationContext, indicatorValue: string, { runtime }: Shared): string {
  const { project, stack, name } = declaration;
  return indicatorMark({ project, stack, name, indicatorValue, ownerKey: runtime.settings.ownerKey });
}

function roleMissing(identity: TokenIdentity): string {
  const role = nameFor(identity, allIndicators);
  return identity.delegated
    ? `this sign-in lacks the scope ${role}. Consent to the delegated permission ${role} of WindowsDefenderATP, and sign in anew`
    : `this sign-in lacks the role ${role}. Grant the app registration the application permission ${role} of WindowsDefenderATP, with admin consent`;
}

const whyBlind = `it holds Ti.ReadWrite and not ${allIndicators}. Grant ${allIndicators}`;

/** Why nothing is made where an indicator of somebody else may be there unseen. */
export const blindReason = `whether somebody else has an indicator for this file cannot be seen, and writing would overwrite it: this sign-in is shown only what it created itself, since ${whyBlind}, or set takeOwnership: true to take over what may be there`;

/** An app with the lesser role sees its own; a person sees what the person may see in the portal. */
function seesOwnOnly({ roles, delegated }: TokenIdentity): boolean {
  return !delegated && roles.includes('Ti.ReadWrite') && !roles.includes(allIndicators);
}

/** `indicator 994 (BlockAndRemediate, "INC-4711", by …)` */
export function describe({ id, action, title, createdBy, lastUpdatedBy }: Indicator): string {
  const by = lastUpdatedBy ?? createdBy;
  return `indicator ${id} (${shown(action)}, "${shown(title)}"${by === null ? '' : `, by ${shown(by)}`})`;
}
