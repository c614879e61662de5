import { parseMachineId } from '../../defender/machine.ts';
import type { DeclaredFile } from '../file-quarantine/declared-file.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { stateOf } from '../machine-isolation/state.ts';
import { type OperationContext, PartialFailure, type PropertyMap, UserError, type Written } from '../resource.ts';
import { type AllContained, containAll, type WantedHost } from './contain-all.ts';
import type { DeclaredHost } from './declared-host.ts';
import { quarantineAll } from './files.ts';
import { knownHosts } from './known-host.ts';
import { SetOutputs } from './outputs.ts';
import { pair } from './pairing.ts';
import { keepUnreadable, setId } from './read.ts';
import { type AllRemoved, removeAll } from './remove-all.ts';
import { KeptRestrictions, restrictionsOf, type SetRuntimes } from './restrictions.ts';
import { byReason, distinct, type HostFailure, namesOf, Told } from './told.ts';

/**
 * Brings every declared host to isolated and lets go those that are declared no more, side by side, and the same with
 * restrictions of those that declare them: once all isolations are sent, so that a restriction holds up none. So with files.
 * What one host meets never holds up another; what failed is told at the end, and the next run does only that.
 */
export async function carryOut(
  context: OperationContext,
  declared: ReadonlyMap<string, DeclaredHost>,
  files: ReadonlyMap<string, DeclaredFile>,
  before: PropertyMap | undefined,
  { isolation, restriction }: SetRuntimes,
): Promise<Written> {
  const { facts, hosts, unreadable } = knownHosts(before ?? {});
  const stopped = await obstacle(facts, isolation);
  if (stopped !== undefined) throw new UserError(stopped);
  const paired = pair(declared, hosts);
  // What a name was bound to cannot be told from such a line, and it must not be bound to another machine.
  const isUnreadable = (key: string) => unreadable.includes(key) && parseMachineId(key) === undefined;
  const pairing = { ...paired, added: paired.added.filter(({ key }) => !isUnreadable(key)) };
  const wanted: WantedHost[] = [...pairing.standing, ...pairing.added.map((host) => ({ host, known: undefined }))];
  const restrictions = restrictionsOf(pairing);
  const told = new Told();
  let sent = () => {};
  const allSent = new Promise<void>((resolve) => {
    sent = resolve;
  });
  const [contained, leaving, restricted, lifted, quarantined] = await Promise.all([
    containAll(context, wanted, told, isolation, sent).finally(sent),
    removeAll(context, pairing.removed, declared.values(), told, isolation),
    allSent.then(() => restrictAll(context, restrictions.wanted, told, restriction)),
    removeAll(context, restrictions.removed, declared.values(), told, restriction),
    allSent.then(() => quarantineAll(context, files, before ?? {}, told, isolation)),
  ]);

  const set = new SetOutputs();
  const failures: HostFailure[] = [
    ...distinct([...contained.failures, ...leaving.failures, ...restricted.failures, ...lifted.failures]),
    ...quarantined.failures,
  ];
  const restrictionsKept = new KeptRestrictions(restricted, lifted);
  for (const { host, outputs } of contained.kept)
    set.keep(host, outputs, restrictionsKept.take(stateOf(outputs).machineId));
  for (const known of contained.untouched) set.keepAsKnown(known, undefined, restrictionsKept.take(known.machineId));
  for (const { known, outputs } of leaving.staying)
    set.keepAsKnown(known, outputs, restrictionsKept.take(known.machineId));
  for (const known of restrictionsKept.rest()) set.keepAsKnown(known, undefined, known.restriction);
  keepUnreadable(before ?? {}, unreadable, set, failures);
  told.info(context.log);
  told.warn(context.log);
  warnOfHeld(leaving, 'isolated', context);
  warnOfHeld(lifted, 'restricted', context);
  if (failures.length === 0) {
    const outputs = { ...(await set.toOutputs(facts, isolation)), ...quarantined.outputs };
    // Else the row would go on saying how far the work had come when it was told last.
    context.log.done(String(outputs.summary));
    return { id: setId(context), outputs };
  }
  const reasons = byReason(failures);
  // A new set of which nothing stands leaves nothing that state must keep.
  if (before === undefined && set.size === 0 && quarantined.outputs.files === undefined)
    throw new UserError(reasons.join('\n'));
  const outputs = { ...(await set.toOutputs(facts, isolation)), ...quarantined.outputs };
  throw new PartialFailure(setId(context), outputs, reasons);
}

/** Nothing is begun for the many sets that restrict nobody. */
async function restrictAll(...[context, wanted, told, runtime]: Parameters<typeof containAll>): Promise<AllContained> {
  if (wanted.length === 0) return { kept: [], untouched: [], failures: [] };
  return containAll(context, wanted, told, runtime);
}

function warnOfHeld({ held }: AllRemoved, kept: string, { log }: OperationContext): void {
  if (held.length === 0) return;
  log.warn(
    `declared no more, and kept ${kept} since releases is hold in the provider's configuration: ${namesOf(held)}`,
  );
}
