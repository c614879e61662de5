import { isDeepStrictEqual } from 'node:util';
import { formatPath } from '../../manifest/property-path.ts';
import { record } from '../machine-isolation/account.ts';
import type { HostRequest } from '../machine-isolation/act.ts';
import { diff } from '../machine-isolation/diff.ts';
import type { CheckedInputs } from '../machine-isolation/inputs.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { planFor } from '../machine-isolation/plan-for.ts';
import { planReleaseOf } from '../machine-isolation/release.ts';
import { lookAt } from '../machine-isolation/sight.ts';
import { remember } from '../machine-isolation/state.ts';
import type { DiffKind, DiffResult, OperationContext, PropertyMap } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';
import { declaredSet } from './declared-set.ts';
import { diffFiles, filesOf } from './files.ts';
import { hostContext } from './host-context.ts';
import { declaredBefore, type KnownHost, knownHosts } from './known-host.ts';
import { warnOfOtherName } from './other-name.ts';
import { guardrailsOf, runtimesOfSet } from './own-guardrails.ts';
import { type Pairing, pair } from './pairing.ts';
import { restrictionsOf, type SetRuntimes } from './restrictions.ts';
import { capped, Told } from './told.ts';
import { eachOf } from './turns.ts';

/** Declared against actual, host by host; each host that differs is one line of the diff. */
export async function diffSet(
  context: OperationContext,
  oldOutputs: PropertyMap,
  oldInputs: PropertyMap,
  news: PropertyMap,
  shared: SetRuntimes,
): Promise<DiffResult> {
  const detailed: Record<string, { kind: DiffKind; fromInputs: boolean }> = {};
  const reasons: string[] = [];
  const result = (): DiffResult => ({
    changes: Object.keys(detailed).length > 0,
    detailed,
    reasons: capped(reasons, 50),
    stables: ['tenantId', 'cloud'],
  });
  const differs = (path: string, kind: DiffKind, fromInputs: boolean, why: readonly string[]) => {
    detailed[path] = { kind, fromInputs };
    reasons.push(...why);
  };
  const { facts, hosts, unreadable } = knownHosts(oldOutputs);
  const stopped = await obstacle(facts, shared.isolation);
  if (stopped !== undefined) {
    differs('hosts', 'update', false, [stopped]);
    return result();
  }
  const declared = await declaredSet(news);
  const { key } = context.declaration;
  const { replacements } = shared.isolation.fleet;
  if (declared === undefined) {
    replacements.noteAwaited(key);
    differs('hosts', 'update', true, ['the hosts are not known yet']);
    return result();
  }
  replacements.noteKnown(key);
  const guardrails = guardrailsOf(news);
  const emptied = declared.size === 0 && hosts.length > 0;
  const { isolation: runtime, restriction } = runtimesOfSet(context, guardrails, emptied, shared);
  if (!isDeepStrictEqual(guardrails, guardrailsOf(oldInputs))) differs('guardrails', 'update', true, []);
  for (const key of unreadable) differs(path(key), 'update', false, [`${key}: its line in state cannot be read`]);

  const told = new Told();
  const pairing = pair(declared, hosts);
  const { standing, added, removed } = pairing;
  for (const host of added) differs(path(host.key), 'add', true, [`${host.key} is declared`]);
  const compared = [
    ...(await eachOf(standing, async ({ host, known }) => ({
      host,
      known,
      diff: await diffOfHost(context, host, known, told, runtime),
    }))),
    ...(await eachOf(removed, async (known) => ({
      host: undefined,
      known,
      diff: await diffOfRemoved(context, known, told, runtime),
    }))),
  ];
  for (const { host, known, diff } of compared) {
    if (host !== undefined && host.key !== known.key) {
      // The same machine under another name.
      differs(path(known.key), 'delete', false, []);
      differs(path(host.key), 'add', true, [
        `${known.key} is declared as ${host.key}; it is the same machine`,
        ...diff.reasons,
      ]);
    } else if (diff.changes) {
      differs(path(known.key), host === undefined ? diff.kind : 'update', diff.fromInputs, diff.reasons);
    }
  }
  for (const { key, diff } of await diffOfRestrictions(context, pairing, told, restriction)) {
    if (!diff.changes) continue;
    const at = path(key);
    // What is said of the host already goes first: it is added, or it goes.
    detailed[at] ??= { kind: 'update', fromInputs: diff.fromInputs };
    reasons.push(...diff.reasons);
  }
  const files = filesOf(news, declared);
  for (const each of await diffFiles(context, files, { oldOutputs, oldInputs, news }, told, runtime))
    differs(each.path, each.kind, each.fromInputs, each.reasons);
  told.warn(context.log);
  return result();
}

/** The same of restrictions; each is a part of its host's line. */
async function diffOfRestrictions(
  context: OperationContext,
  pairing: Pairing,
  told: Told,
  runtime: Runtime,
): Promise<readonly { readonly key: string; readonly diff: HostDiff }[]> {
  const { wanted, removed } = restrictionsOf({ ...pairing, added: [] });
  const lifted = await eachOf(removed, async (known) => ({
    key: known.key,
    diff: await diffOfRemoved(context, known, told, runtime),
  }));
  const kept = await eachOf(wanted, async ({ host, known }) => {
    if (known !== undefined) return { key: host.key, diff: await diffOfHost(context, host, known, told, runtime) };
    const reasons = [`${host.key}: its code execution is to be restricted`];
    return { key: host.key, diff: { changes: true, kind: 'update' as const, fromInputs: true, reasons } };
  });
  // Declared no more, though there was none of ours: the line changes.
  const dropped = pairing.standing
    .filter(({ host, known }) => known.declared.restricts && !host.restricts && known.restriction === undefined)
    .map(({ host }) => {
      const reasons = [`${host.key}: its code execution is not to be restricted any more`];
      return { key: host.key, diff: { changes: true, kind: 'update' as const, fromInputs: true, reasons } };
    });
  return [...lifted, ...kept, ...dropped];
}

interface HostDiff {
  readonly changes: boolean;
  readonly kind: DiffKind;
  readonly fromInputs: boolean;
  readonly reasons: readonly string[];
}

async function diffOfHost(
  context: OperationContext,
  host: DeclaredHost,
  known: KnownHost,
  told: Told,
  runtime: Runtime,
): Promise<HostDiff> {
  const own = hostContext(context, host.key, told.log);
  const { key } = own.declaration;
  // Bound to its machine, also where it was declared under another key until now: so nobody counts it as leaving.
  if (runtime.claims.has(key)) runtime.claims.bind(key, known.machineId);
  if (known.key !== host.key) runtime.fleet.gate.withdraw(hostContext(context, known.key, told.log).declaration.key);
  const { changes, detailed, reasons } = await diff(
    own,
    known.machineId,
    known.state as PropertyMap,
    namedByOne(declaredBefore(known, host)),
    namedByOne(host.inputs),
    runtime,
  );
  await warnOfOtherName(host, known.machineId, told.log, runtime);
  return { changes, kind: 'update', fromInputs: Object.values(detailed).every((each) => each.fromInputs), reasons };
}

/** Where the id is declared, it decides; the name beside it is warned of, and no difference. */
function namedByOne(inputs: CheckedInputs): PropertyMap {
  const { deviceName, ...rest } = inputs;
  return (inputs.machineId === undefined ? inputs : rest) as unknown as PropertyMap;
}

/** A host that is declared no more: to be released, or to be forgotten where there is nothing to release. */
async function diffOfRemoved(
  context: OperationContext,
  { key, machineId, state, declared }: KnownHost,
  told: Told,
  runtime: Runtime,
): Promise<HostDiff> {
  const { words } = runtime.pair;
  const own = hostContext(context, key, told.log);
  const remembered = remember(state);
  const { inputs } = declared;
  const sight = await lookAt(
    { declaration: own.declaration, machineId, inputs, remembered, notBefore: runtime.fleet.observatory.readable() },
    runtime,
  );
  const request: HostRequest = { context: own, runtime, machineId, inputs, remembered, declarationChanged: false };
  const plan = planReleaseOf(sight, request);
  const gone: HostDiff = { changes: true, kind: 'delete', fromInputs: false, reasons: [`${key}: ${plan.reason}`] };
  if (plan.kind === 'release') {
    const isClaimed = runtime.claims.claimedByOther(own.declaration.key, { machineId, deviceName: state.deviceName });
    if (isClaimed !== undefined)
      return { ...gone, reasons: [`${key} is declared elsewhere now; it stays ${words.applied}`] };
    if (!runtime.settings.holdReleases) runtime.fleet.gate.intend(own.declaration.key, machineId);
  }
  if (!runtime.settings.holdReleases || plan.kind === 'gone' || plan.kind === 'leave') return gone;
  // Held: in sync as it is, unless its lease wants looking after (semantics 2.5, 8.6).
  record(request, sight, 'refused', `releases is hold in the provider’s configuration, so it stays ${words.applied}`);
  const kept = planFor(sight, request);
  const renews = kept.kind === 'isolate' && !kept.fresh;
  return { changes: renews, kind: 'update', fromInputs: false, reasons: [`${key}: ${kept.reason}`] };
}

function path(key: string): string {
  return formatPath(['hosts', key]);
}
