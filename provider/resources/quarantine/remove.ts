import { obstacle } from '../machine-isolation/obstacle.ts';
import { type OperationContext, type PropertyMap, UserError } from '../resource.ts';
import { leaveFiles } from './files.ts';
import { knownHosts } from './known-host.ts';
import { guardrailsOf, runtimesOfSet } from './own-guardrails.ts';
import { withoutOverride } from './read.ts';
import { removeAll } from './remove-all.ts';
import { restrictionsOf, type SetRuntimes } from './restrictions.ts';
import { byReason, distinct, Told } from './told.ts';

/** The whole set is declared no more: each host goes as a resource of its own would, and all are judged together. */
export async function removeSet(
  context: OperationContext,
  outputs: PropertyMap,
  oldInputs: PropertyMap | undefined,
  shared: SetRuntimes,
): Promise<void> {
  const { facts, hosts, unreadable } = knownHosts(outputs);
  const stopped = await obstacle(facts, shared.isolation);
  if (stopped !== undefined) throw new UserError(`not released: ${stopped}`);
  if (unreadable.length > 0) {
    throw new UserError(
      `not released: what the state holds of ${unreadable.slice(0, 5).join(', ')} is not as pulumi-mde wrote it. Restore it from the stack's history`,
    );
  }
  // Its limits are those that it was declared with last.
  const guardrails = withoutOverride(guardrailsOf(oldInputs ?? {}));
  const { isolation, restriction } = runtimesOfSet(context, guardrails, false, shared);
  const told = new Told();
  const { removed: restricted } = restrictionsOf({ standing: [], added: [], removed: hosts });
  const both = await Promise.all([
    removeAll(context, hosts, [], told, isolation, 'delete'),
    removeAll(context, restricted, [], told, restriction, 'delete'),
  ]);
  const failures = distinct(both.flatMap((each) => each.failures));
  leaveFiles(outputs, told);
  told.info(context.log);
  told.warn(context.log);
  if (failures.length > 0) throw new UserError(byReason(failures).join('\n'));
}
