import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import { keyInSet } from '../../fleet/release-gate.ts';
import type { ManifestGuardrails } from '../../manifest/manifest.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { importHost, refresh } from '../machine-isolation/read.ts';
import { stateOf } from '../machine-isolation/state.ts';
import { type OperationContext, type PropertyMap, type ReadResult, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { declaredHost } from './declared-host.ts';
import { refreshFiles } from './files.ts';
import { hostContext } from './host-context.ts';
import { type KnownHost, knownHosts, linesOf, lineText } from './known-host.ts';
import { SetOutputs } from './outputs.ts';
import { guardrailsOf, tighten } from './own-guardrails.ts';
import { restrictionIn, type SetRuntimes } from './restrictions.ts';
import { byReason, distinct, type HostFailure, Told } from './told.ts';
import { eachOf } from './turns.ts';

/** Observes every host of the set; those that cannot be observed keep their last known state, the others are told. */
export async function refreshSet(
  context: OperationContext,
  id: string,
  outputs: PropertyMap,
  inputs: PropertyMap | undefined,
  { isolation: runtime, restriction }: SetRuntimes,
): Promise<ReadResult> {
  const { facts, hosts, unreadable } = knownHosts(outputs);
  const { name, key } = context.declaration;
  const stopped = await obstacle(facts, runtime);
  if (stopped !== undefined)
    return { found: { id, outputs, inputs: inputs ?? {} }, unhealthy: [`${name}: ${stopped}`] };
  if (inputs !== undefined) {
    const guardrails = withoutOverride(guardrailsOf(inputs));
    for (const each of [runtime, restriction]) tighten(key, guardrails, false, each);
  }
  const told = new Told();
  const failures: HostFailure[] = [];
  const set = new SetOutputs();
  const readOf = (host: KnownHost, of: Runtime) =>
    refresh(
      hostContext(context, host.key, told.log),
      host.machineId,
      host.state as PropertyMap,
      host.declared.inputs as unknown as PropertyMap,
      of,
    );
  const reads = await eachOf(hosts, async (host) => {
    const restricted = restrictionIn(host);
    const [isolated, restrictedNow] = await Promise.all([
      readOf(host, runtime),
      restricted === undefined ? undefined : readOf(restricted, restriction),
    ]);
    return { isolated, restricted: restrictedNow };
  });
  for (const [index, host] of hosts.entries()) {
    const read = reads[index];
    if (read === undefined) continue;
    const { isolated, restricted } = read;
    for (const reason of [...isolated.unhealthy, ...(restricted?.unhealthy ?? [])])
      failures.push({ host: host.key, reason });
    const restrictionNow = seenOf(restricted);
    const kept = restrictionNow === undefined ? host.restriction : stateOf(restrictionNow);
    const outputsNow = seenOf(isolated);
    if (outputsNow === undefined) set.keepAsKnown(host, undefined, kept);
    else set.keep({ ...host.declared, key: host.key }, outputsNow, kept);
  }
  keepUnreadable(outputs, unreadable, set, failures);
  const files = await refreshFiles(outputs, runtime);
  told.warn(context.log);
  const found = { id, outputs: { ...(await set.toOutputs(facts, runtime)), ...files.outputs }, inputs: inputs ?? {} };
  return { found, unhealthy: byReason([...distinct(failures), ...files.failures]) };
}

/** Outputs of a read that can be trusted. */
function seenOf(read: ReadResult | undefined): PropertyMap | undefined {
  return read === undefined || read.unhealthy.length > 0 ? undefined : read.found?.outputs;
}

/** What state holds of an override is out of date by now (semantics 8.4). */
export function withoutOverride({ allowReleases: _stale, ...guardrails }: ManifestGuardrails): ManifestGuardrails {
  return guardrails;
}

export function keepUnreadable(
  outputs: PropertyMap,
  unreadable: readonly string[],
  set: SetOutputs,
  failures: HostFailure[],
): void {
  for (const key of unreadable) {
    // Declared by its machine id, it was looked at anew.
    if (set.has(key)) continue;
    set.keepLine(key, lineText(linesOf(outputs.hosts)[key]));
    failures.push({
      host: key,
      reason:
        'what the state holds of this host is not as pulumi-mde wrote it, so it is left alone. Restore it from the stack’s history',
    });
  }
}

/** `pulumi import`: a list of machine ids, separated by commas; each must be isolated, and becomes ours. */
export async function importSet(context: OperationContext, given: string, runtime: Runtime): Promise<ReadResult> {
  const ids = [...new Set(given.split(/[\s,]+/).filter((each) => each !== ''))];
  const machineIds = ids.map(parseMachineId);
  const wrong = ids.filter((_, index) => machineIds[index] === undefined);
  if (wrong.length > 0 || ids.length === 0) {
    throw new UserError(
      `${wrong.length > 0 ? `${wrong.slice(0, 5).join(', ')}: no machine id (40 hex digits). ` : ''}A Quarantine is imported by the machine ids of its hosts, separated by commas`,
    );
  }
  const told = new Told();
  const failures: HostFailure[] = [];
  const set = new SetOutputs();
  const read = await eachOf(machineIds, async (machineId) => {
    const id = machineId as MachineId;
    try {
      const { found } = await importHost(hostContext(context, id, told.log), id, runtime);
      if (found === undefined) throw new UserError('Defender knows no machine with this id (404)');
      runtime.claims.bind(keyInSet(context.declaration.key, id), id);
      return [found];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push({ host: id, reason: error.message });
      return [];
    }
  });
  const hosts = read.flat().map(({ inputs, outputs }) => {
    set.keep(declaredHost(inputs), outputs);
    return importedHost(inputs);
  });
  if (failures.length > 0) throw new UserError(`nothing was imported:\n${byReason(failures).join('\n')}`);
  return {
    found: { id: setId(context), outputs: await set.toOutputs({}, runtime), inputs: { hosts } },
    unhealthy: [],
  };
}

/** What people would have written: defaults are left out. */
function importedHost({ machineId, comment, isolationType }: PropertyMap): PropertyMap {
  return isolationType === 'Full' ? { machineId, comment } : { machineId, comment, isolationType };
}

/** A set is nothing in Defender; its id says where it is declared. */
export function setId({ declaration }: OperationContext): string {
  return `${declaration.stack}/${declaration.name}`;
}
