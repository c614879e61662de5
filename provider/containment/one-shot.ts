import type { ActionId, MachineAction, MachineActionStatus } from '../defender/machine-action.ts';
import { isAsked } from './asked.ts';
import { DAY, describeMoment, HOUR } from './duration.ts';
import { givenUpAt, queueMs } from './lease.ts';
import { carriesMark, type Mark } from './mark.ts';
import type { OneShotAsk } from './one-shot-actions.ts';

/** One request of ours, as state remembers it. */
export interface KnownRequest {
  readonly actionId: ActionId;
  readonly status: MachineActionStatus;
  /** ms; state keeps whole seconds, so it may be up to one too early. */
  readonly requestedAt: number;
}

/** All that the decision about one machine is made on. */
export interface OneShotView {
  readonly ask: OneShotAsk;
  readonly mark: Mark;
  /** The machine's actions of this type that are known, in any order. */
  readonly history: readonly MachineAction[];
  /** The service's clock, ms. */
  readonly asOf: number;
  readonly known: KnownRequest | undefined;
  /** ms; what was requested until then belongs to a declaration that this one replaces. */
  readonly replacesUntil: number | undefined;
}

export type OneShotPlan =
  /** It has been done. */
  | { readonly kind: 'none'; readonly action: MachineAction | undefined; readonly reason: string }
  /** It is under way; nothing is sent beside it. `ours`: this declaration asked for it. */
  | { readonly kind: 'adopt'; readonly action: MachineAction; readonly ours: boolean; readonly reason: string }
  /** State says that it is under way, and the service does not show it now. */
  | { readonly kind: 'unseen'; readonly reason: string }
  | { readonly kind: 'send'; readonly reason: string };

/** A request that runs longer than this after MDE gives up counts as one that did not succeed (semantics 1.5). */
const stuckAfterMs = 6 * HOUR;

/**
 * A request of ours that state does not know was made by a run that was killed, or by a declaration that was deleted; the
 * first is run again soon.
 */
const killedRunIsRepeatedWithinMs = DAY;

/** What is to be done so that the action is carried out once on one machine (semantics 4, 10). */
export function planOneShot(view: OneShotView): OneShotPlan {
  const { ask, known, asOf } = view;
  const history = [...view.history].sort((a, b) => a.createdAt - b.createdAt);
  const ours = history.filter((action) => isOurRequest(action, view));
  const latest = known === undefined ? undefined : history.find((action) => action.id === known.actionId);
  if (known !== undefined) {
    if ((latest?.status ?? known.status) === 'Succeeded')
      return { kind: 'none', action: latest, reason: `it was done by ${known.actionId}` };
    if (latest === undefined && runs(known.status) && asOf < known.requestedAt + queueMs + stuckAfterMs)
      return {
        kind: 'unseen',
        reason: `request ${known.actionId} was ${known.status}, and Defender does not show it now`,
      };
  }
  const running = history.filter((action) => runs(action.status) && asOf < givenUpAt(action) + stuckAfterMs);
  const adopted = running.findLast((action) => ours.includes(action)) ?? running.findLast((each) => isAsked(each, ask));
  if (adopted !== undefined) {
    const isOurs = ours.includes(adopted);
    const whose = isOurs ? 'of this declaration' : `of ${adopted.requestor}`;
    const until = describeMoment(givenUpAt(adopted));
    const reason = `request ${adopted.id} ${whose} is ${adopted.status}, and MDE tries until ${until}`;
    return { kind: 'adopt', action: adopted, ours: isOurs, reason };
  }
  const done = ours.findLast((action) => action.status === 'Succeeded' && isOfThisDeclaration(action, view));
  if (done !== undefined) {
    const when = describeMoment(done.updatedAt);
    const reason = `an earlier run of this declaration has done it (${done.id}, ${when})`;
    return { kind: 'none', action: done, reason };
  }
  return { kind: 'send', reason: whySend(view, latest) };
}

function runs(status: MachineActionStatus): boolean {
  return status === 'Pending' || status === 'InProgress';
}

function isOurRequest(action: MachineAction, { mark, known, ask }: OneShotView): boolean {
  if (action.id === known?.actionId) return true;
  // The mark says what was asked, too; the service may not tell the file or the scope yet.
  return action.type === ask.type && action.requestSource === 'PublicApi' && carriesMark(action.requestorComment, mark);
}

function isOfThisDeclaration(action: MachineAction, { known, replacesUntil, asOf }: OneShotView): boolean {
  if (known !== undefined) return action.createdAt > known.requestedAt;
  if (replacesUntil !== undefined && action.createdAt <= replacesUntil) return false;
  return asOf - action.updatedAt <= killedRunIsRepeatedWithinMs;
}

function whySend({ known }: OneShotView, latest: MachineAction | undefined): string {
  if (known === undefined) return 'this declaration has not asked for it yet';
  const status = latest?.status ?? known.status;
  if (runs(status)) return `request ${known.actionId} was not carried out in its three days`;
  const by = latest?.cancellationRequestor ? ` by ${latest.cancellationRequestor}` : '';
  return `request ${known.actionId} ended ${status}${by}`;
}
