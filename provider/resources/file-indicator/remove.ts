import { isDefenderError } from '../../defender/errors.ts';
import type { Indicator } from '../../defender/indicator.ts';
import { nameOf } from '../machine-isolation/claim.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import { type OperationContext, type PropertyMap, UserError } from '../resource.ts';
import { fileOf, keptBefore } from './converge.ts';
import { blocks, type Declared, declaredBy, differences } from './declared.ts';
import { type CheckedInputs, withDefaults } from './inputs.ts';
import { declarationIn } from './read.ts';
import { remove as send } from './send.ts';
import { isUs, type Shared } from './shared.ts';
import { describe, look, type Seen } from './sight.ts';
import { stateOf } from './state.ts';

/** What deleting a block does, and what not. */
export const afterDeletion = 'the file may run again from now on; copies in quarantine stay there';

export async function remove(
  context: OperationContext,
  outputs: PropertyMap,
  oldInputs: PropertyMap | undefined,
  shared: Shared,
): Promise<void> {
  const { name, key } = context.declaration;
  const inputs = withDefaults(declarationIn(outputs, oldInputs));
  const declared = declaredBy(inputs);
  try {
    await removeIndicator(context, outputs, inputs, declared, shared);
  } catch (error) {
    // Of a resource that is replaced, the new one tells of itself.
    if (error instanceof UserError)
      shared.record.note(`${key}\n${declared.indicatorValue}`, { outcome: 'not-deleted', name, reason: error.message });
    throw error;
  }
}

async function removeIndicator(
  context: OperationContext,
  outputs: PropertyMap,
  inputs: CheckedInputs,
  declared: Declared,
  shared: Shared,
): Promise<void> {
  const { runtime, claims, record } = shared;
  const { name, key } = context.declaration;
  const state = stateOf(outputs);
  const fail = (reason: string): never => {
    throw new UserError(`NOT DELETED: the indicator for ${fileOf(declared)}: ${reason}`);
  };
  const note = (outcome: 'left' | 'deleted', reason: string) =>
    record.note(`${key}\n${declared.indicatorValue}`, { outcome, name, reason });
  const heir = claims.claimantOf(declared.indicatorValue);
  if (heir !== undefined) {
    context.log.info(`the indicator for ${fileOf(declared)} stays: ${nameOf(heir)} declares it now; nothing was sent`);
    return;
  }
  const [unread] = claims.unread();
  if (unread !== undefined)
    fail(`what ${nameOf(unread)} declares could not be read, and it may be this file. Correct it, then run again`);
  const stopped = await obstacle(state, runtime, keptBefore);
  if (stopped !== undefined) fail(stopped);
  const sight = await look(context, declared, state, shared, 'writing');
  if (sight.kind === 'unknown') return fail(sight.reason);
  if (sight.ours.length === 0) {
    const others = sight.others.length === 0 ? '' : `; ${sight.others.map(describe).join(', ')} is not ours, and stays`;
    context.log.info(`the indicator for ${fileOf(declared)} is gone already; nothing was sent${others}`);
    return;
  }
  const foreign = inputs.takeOwnership === true ? undefined : await changedBy(sight, declared, shared);
  if (foreign !== undefined) {
    const reason = `${describe(foreign)} is left in place: ${foreign.lastUpdatedBy} has changed it since. Delete it in the Defender portal, or run pulumi up, which makes it as declared again, and delete it then`;
    note('left', reason);
    context.log.warn(reason);
    return;
  }
  if (runtime.settings.holdReleases && sight.ours.some(blocks))
    fail(
      "releases is hold in the provider's configuration, and without it the file may run again. Run with mde:releases apply to delete it",
    );
  for (const each of sight.ours) {
    try {
      await send(each.id, declared, context, shared);
    } catch (error) {
      if (!isDefenderError(error)) throw error;
      fail(describeDefenderError(error));
    }
  }
  note('deleted', '');
  const what = sight.ours.map(describe).join(', ');
  context.log.done(`deleted ${what}${sight.ours.some(blocks) ? `: ${afterDeletion}` : ''}`);
}

/**
 * One that somebody else has made something else of: what is there is theirs (semantics 3.3). One that merely is not as
 * declared may be our own unfinished change.
 */
async function changedBy({ ours }: Seen, declared: Declared, { runtime }: Shared): Promise<Indicator | undefined> {
  const identity = await runtime.identity();
  return ours.find(
    (each) =>
      each.lastUpdatedBy !== null && !isUs(each.lastUpdatedBy, identity) && differences(declared, each).length > 0,
  );
}
