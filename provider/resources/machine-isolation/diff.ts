import { type DiffKind, type DiffResult, type PropertyMap, unknown } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { noteSeen, record, willRelease } from './account.ts';
import { type HostRequest, hostOf } from './act.ts';
import type { HostContext } from './among.ts';
import { binding, meant } from './binding.ts';
import { isDue } from './converge.ts';
import { inputsDiffer, knownInputs, withDefaults } from './inputs.ts';
import { obstacle } from './obstacle.ts';
import { planFor } from './plan-for.ts';
import { planReleaseOf } from './release.ts';
import { lookAt, machineIdOf } from './sight.ts';
import { remember, stateOf } from './state.ts';

export async function diff(
  context: HostContext,
  id: string,
  oldOutputs: PropertyMap,
  oldInputs: PropertyMap,
  news: PropertyMap,
  runtime: Runtime,
): Promise<DiffResult> {
  const { key } = context.declaration;
  const { words } = runtime.pair;
  runtime.fleet.gate.withdraw(key);
  const before = withDefaults(oldInputs);
  const state = stateOf(oldOutputs);
  const unknowns = Object.keys(news).filter((name) => news[name] === unknown);
  const detailed: Record<string, { kind: DiffKind; fromInputs: boolean }> = {};
  const changed = new Set<string>([...inputsDiffer(before, withDefaults(news)), ...unknowns]);
  for (const name of changed) {
    const kind = oldInputs[name] === undefined ? 'add' : news[name] === undefined ? 'delete' : 'update';
    detailed[name] = { kind, fromInputs: true };
  }
  const machineId = machineIdOf(id);
  const reasons: string[] = [];
  const differs = (property: string, reason: string) => {
    detailed[property] ??= { kind: 'update', fromInputs: false };
    reasons.push(reason);
  };
  const stopped = await obstacle(state, runtime);
  if (stopped !== undefined) {
    differs('state', stopped);
    return { changes: true, detailed, reasons };
  }
  const inputs = knownInputs(news);
  const { replacements } = runtime.fleet;
  if ('unknowns' in inputs) {
    if (unknowns.includes('machineId') || unknowns.includes('deviceName')) replacements.noteAwaited(key);
    for (const name of ['machineId', 'deviceName'])
      if (unknowns.includes(name)) detailed[name] = { kind: 'update-replace', fromInputs: true };
    return { changes: true, detailed, reasons: [`${unknowns.join(', ')} not known yet`] };
  }
  if (changed.has('machineId') || changed.has('deviceName')) {
    const target = await meant(inputs, runtime);
    if (target !== undefined && target !== machineId) {
      if (willRelease(state, before, runtime)) runtime.fleet.gate.intend(key, machineId);
      for (const name of ['machineId', 'deviceName'] as const) {
        const entry = detailed[name];
        if (entry !== undefined)
          detailed[name] = {
            ...entry,
            kind: `${entry.kind.replace('-replace', '') as 'add' | 'delete' | 'update'}-replace`,
          };
      }
      return {
        changes: true,
        detailed,
        reasons: [
          `another machine is declared: ${target} is ${words.applied} first, then ${machineId} is ${words.released}`,
        ],
      };
    }
  }
  replacements.noteHeld(key, machineId);
  const remembered = remember(state);
  const sight = await lookAt(
    {
      declaration: context.declaration,
      machineId,
      inputs,
      remembered,
      notBefore: runtime.fleet.observatory.readable(),
      recordNotBefore: runtime.fleet.observatory.readableRecord(),
    },
    runtime,
  );
  noteSeen(context, state, before, sight, runtime);
  const request: HostRequest = {
    context,
    runtime,
    machineId,
    inputs,
    remembered,
    declarationChanged: changed.size > 0,
  };
  if (isDue(inputs, runtime)) {
    const plan = planReleaseOf(sight, request);
    if (plan.kind === 'release' || plan.kind === 'fail')
      differs('state', `releaseAt ${inputs.releaseAt} has passed: ${plan.reason}`);
    return { changes: Object.keys(detailed).length > 0, detailed, reasons };
  }
  const warn = (text: string) => {
    const once = `${key}\n${text}`;
    if (!runtime.warned.has(once)) context.log.warn(text);
    runtime.warned.add(once);
  };
  const plan = planFor(sight, request);
  switch (plan.kind) {
    case 'none':
      // What was read before may have been read by another process: one that was configured by the state.
      record(request, sight, 'unchanged', '');
      break;
    case 'hold':
      // In sync, since somebody wants it so; still nobody should take it for contained.
      warn(`NOT ${words.CONTAINED}: ${hostOf(sight)}: ${plan.reason}`);
      record(request, sight, 'held', plan.reason);
      break;
    case 'adopt':
      // A request that is still running is in sync for later runs (semantics 4.3); a renewal runs beside its cover.
      if (sight.observation.state === 'expiring') {
        warn(`NOT RENEWED YET: ${hostOf(sight)}: ${plan.reason}`);
        record(request, sight, 'unchanged', plan.reason);
        break;
      }
      warn(`NOT ${words.CONTAINED} YET: ${hostOf(sight)}: ${plan.reason}`);
      record(request, sight, 'not-contained-yet', plan.reason);
      break;
    case 'keep-type':
      differs('isolationType', plan.reason);
      break;
    case 'change-type':
      runtime.fleet.gate.intend(key, machineId);
      differs('isolationType', plan.reason);
      break;
    default:
      differs('state', `${hostOf(sight)}: ${plan.reason}`);
  }
  if (inputs.takeOwnership === true && sight.ownership.kind === 'foreign') {
    differs('owned', `takeOwnership is set, and ${sight.ownership.requestor} has ${words.applied} it`);
  }
  if (inputs.deviceName !== undefined && sight.machine !== undefined) {
    const bound = await binding(sight.machine, inputs.deviceName, runtime);
    if (bound.error !== undefined) differs('deviceName', bound.error);
    if (bound.warning !== undefined) warn(bound.warning);
  }
  return {
    changes: Object.keys(detailed).length > 0,
    detailed,
    reasons,
    stables: ['machineId', 'tenantId', 'cloud', 'stateVersion'],
  };
}
