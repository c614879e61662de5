import { parseMachineId } from '../../defender/machine.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { type OperationContext, PartialFailure, type PropertyMap, UserError, type Written } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { containAll } from './contain-all.ts';
import type { DeclaredHost } from './declared-host.ts';
import { type KnownHost, knownHosts } from './known-host.ts';
import { SetOutputs } from './outputs.ts';
import { pair } from './pairing.ts';
import { keepUnreadable, setId } from './read.ts';
import { removeAll } from './remove-all.ts';
import { byReason, type HostFailure, namesOf, Told } from './told.ts';

/**
 * Brings every declared host to isolated and lets go those that are declared no more, side by side. What one host meets
 * never holds up another; what failed is told at the end, and the next run does only that.
 */
export async function carryOut(
  context: OperationContext,
  declared: ReadonlyMap<string, DeclaredHost>,
  before: PropertyMap | undefined,
  runtime: Runtime,
): Promise<Written> {
  const { facts, hosts, unreadable } = knownHosts(before ?? {});
  const stopped = await obstacle(facts, runtime);
  if (stopped !== undefined) throw new UserError(stopped);
  const { standing, added, removed } = pair(declared, hosts);
  const told = new Told();
  // What a name was bound to cannot be told from such a line, and it must not be bound to another machine.
  const isUnreadable = (key: string) => unreadable.includes(key) && parseMachineId(key) === undefined;
  const wanted: { host: DeclaredHost; known: KnownHost | undefined }[] = [
    ...standing,
    ...added.filter(({ key }) => !isUnreadable(key)).map((host) => ({ host, known: undefined })),
  ];
  const [contained, leaving] = await Promise.all([
    containAll(context, wanted, told, runtime),
    removeAll(context, removed, added, told, runtime),
  ]);

  const set = new SetOutputs();
  const failures: HostFailure[] = [...contained.failures, ...leaving.failures];
  for (const { host, outputs } of contained.kept) set.keep(host, outputs);
  for (const known of contained.untouched) set.keepAsKnown(known);
  for (const { known, outputs } of leaving.staying) set.keepAsKnown(known, outputs);
  keepUnreadable(before ?? {}, unreadable, set, failures);
  told.info(context.log);
  told.warn(context.log);
  if (leaving.held.length > 0) {
    context.log.warn(
      `declared no more, and kept isolated since releases is hold in the provider's configuration: ${namesOf(leaving.held)}`,
    );
  }
  if (failures.length === 0) {
    const outputs = await set.toOutputs(facts, runtime);
    // Else the row would go on saying how far the work had come when it was told last.
    context.log.done(String(outputs.summary));
    return { id: setId(context), outputs };
  }
  const reasons = byReason(failures);
  // A new set of which nothing stands leaves nothing that state must keep.
  if (before === undefined && set.size === 0) throw new UserError(reasons.join('\n'));
  throw new PartialFailure(setId(context), await set.toOutputs(facts, runtime), reasons);
}
