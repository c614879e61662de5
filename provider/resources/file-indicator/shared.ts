import type { TokenIdentity } from '../../defender/api.ts';
import type { IndicatorId } from '../../defender/indicator.ts';
import type { IndicatorClaims } from '../../fleet/indicator-claims.ts';
import type { IndicatorLookup } from '../../fleet/indicator-lookup.ts';
import type { OperationContext } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { IndicatorRecord } from './told.ts';

/** What the FileIndicators of a process share. */
export interface Shared {
  readonly runtime: Runtime;
  readonly lookup: IndicatorLookup;
  readonly claims: IndicatorClaims;
  readonly record: IndicatorRecord;
  /** Indicators that are in the state of a resource of this run: whoever declares the file anew takes them over. */
  readonly inState: Set<IndicatorId>;
}

/** Ended by Cancel, and when the process may write no more. */
export function signalOf(context: OperationContext, { runtime }: Shared): AbortSignal {
  return AbortSignal.any([context.signal, runtime.lifetime]);
}

/** Whether a name under which the service tells of somebody is that of this sign-in. */
export function isUs(name: string | null | undefined, identity: TokenIdentity): boolean {
  if (name === null || name === undefined) return false;
  const { appId, appDisplayName, objectId, userPrincipalName } = identity;
  return [appId, appDisplayName, objectId, userPrincipalName].some(
    (each) => each !== undefined && each.toLowerCase() === name.toLowerCase(),
  );
}
