import type { ActionId, MachineAction } from '../defender/machine-action.ts';
import { carriesMarkOfStack, type MarkSource } from './mark.ts';
import type { Observed } from './observation.ts';

/** What makes a request recognisably ours. */
export interface Self {
  readonly source: MarkSource;
  /** Names under which the service may tell us as requestor: app id, display name, object id, UPN. Compared ignoring case. */
  readonly requestors: readonly string[];
  /** Requests that this state or this run made. */
  readonly actionIds: Pick<ReadonlySet<ActionId>, 'has'>;
}

/** What state remembers about whose containment this is. */
export interface RememberedOwnership {
  readonly actionId: ActionId | undefined;
  readonly owned: boolean;
  /** When it was imported or taken on purpose, ms; isolates of others from before are no objection any more. */
  readonly takenAt: number | undefined;
}

export type Ownership =
  | { readonly kind: 'ours' }
  /** `action` is theirs, or, where that is not at hand any more, our renewal of what they began. */
  | { readonly kind: 'foreign'; readonly requestor: string; readonly action: MachineAction }
  /** Nothing contains the host, and nothing is about to. */
  | { readonly kind: 'none' };

/** The mark alone can be copied: the same requestor and the API as source belong to it (semantics 3.2). */
export function isOurs(action: MachineAction, self: Self): boolean {
  if (self.actionIds.has(action.id)) return true;
  const requestor = action.requestor.toLowerCase();
  return isMarked(action, self) && self.requestors.some((each) => each.toLowerCase() === requestor);
}

function isMarked(action: MachineAction, self: Self): boolean {
  return carriesMarkOfStack(action.requestorComment, self.source) && action.requestSource === 'PublicApi';
}

/**
 * Us, as whom the service may also tell the app that made the request which state holds as ours: previews sign in as an
 * app that can only read, and an app registration may be replaced by another (semantics 3.2).
 */
export function withRequestorOf(
  remembered: RememberedOwnership | undefined,
  history: readonly MachineAction[],
  self: Self,
): Self {
  if (remembered?.owned !== true || remembered.actionId === undefined) return self;
  const known = history.find((action) => action.id === remembered.actionId);
  // Without the mark it is an analyst's that was taken over, and what else they request is theirs.
  if (known === undefined || !isMarked(known, self)) return self;
  return { ...self, requestors: [...self.requestors, known.requestor] };
}

/**
 * Whose the containment in force (or under way) is. Ours only where we began it, or took it on purpose, and no isolate
 * of another lies in it. Where state says that it was not ours, it stays so until it ends: renewals of ours may be all
 * that a window still shows of it.
 *
 * @param includeRunning whether a foreign isolate that still waits counts. For a release it does not: there it is a
 *   reason to fail with its id, not one to walk away (semantics 5.1).
 */
export function ownershipOf(
  observed: Observed,
  self: Self,
  remembered: RememberedOwnership | undefined,
  includeRunning = true,
): Ownership {
  const running = new Set(observed.runningIsolates.map((action) => action.id));
  const chain = includeRunning ? observed.chain : observed.chain.filter((action) => !running.has(action.id));
  const first = chain[0];
  if (first === undefined) return { kind: 'none' };
  const takenAt = remembered?.owned === true ? remembered.takenAt : undefined;
  const rememberedInChain =
    remembered?.owned === true &&
    remembered.actionId !== undefined &&
    chain.some((action) => action.id === remembered.actionId);
  const stranger = chain.find((action) => {
    if (isOurs(action, self)) return false;
    if (rememberedInChain && action.id === remembered.actionId) return false;
    return takenAt === undefined || action.createdAt > takenAt;
  });
  if (stranger !== undefined) return { kind: 'foreign', requestor: stranger.requestor, action: stranger };
  if (remembered?.owned === false && remembered.actionId !== undefined) {
    const renewal = chain.find((action) => action.id === remembered.actionId);
    if (renewal !== undefined) return { kind: 'foreign', requestor: 'somebody else', action: renewal };
  }
  return { kind: 'ours' };
}
