import { oneShotActions } from '../../containment/one-shot-actions.ts';
import { isDefenderError } from '../../defender/errors.ts';
import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import type { MachineAction } from '../../defender/machine-action.ts';
import { resolveName } from '../machine-isolation/machine-name.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import { type DiffKind, type DiffResult, type OperationContext, type PropertyMap, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { hostOf } from './ask.ts';
import { note } from './record.ts';
import type { SingleSpec } from './single.ts';
import { noteReplaced, wasAsked } from './single-act.ts';
import { unknownsOf } from './single-inputs.ts';
import { knownRequest, machineOfState, type SingleState, stateOf } from './single-state.ts';
import { left, whyEnded } from './unfinished.ts';

/** Declared against what was asked, and what became of it. */
export async function diffSingle(
  spec: SingleSpec,
  context: OperationContext,
  id: string,
  oldOutputs: PropertyMap,
  oldInputs: PropertyMap,
  news: PropertyMap,
  runtime: Runtime,
): Promise<DiffResult> {
  const detailed: Record<string, { kind: DiffKind; fromInputs: boolean }> = {};
  const reasons: string[] = [];
  const result = (): DiffResult => ({
    changes: Object.keys(detailed).length > 0,
    detailed,
    reasons,
    stables: ['machineId', 'tenantId', 'cloud', 'stateVersion'],
  });
  const state = stateOf(oldOutputs);
  const stopped = await obstacle(state, runtime, wasAsked);
  if (stopped !== undefined) {
    detailed.status = { kind: 'update', fromInputs: false };
    reasons.push(stopped);
    return result();
  }
  noteReplaced(context, state, runtime);
  const unknowns = unknownsOf(news);
  const again = new Set(['triggers', ...Object.keys(spec.options)]);
  const machineId = machineOfState(state, id);
  const isOther = await meansAnother(machineId, oldInputs, news, unknowns, runtime);
  for (const name of spec.inputNames) {
    const before = oldInputs[name];
    const now = news[name];
    if (sameValue(before, now)) continue;
    const kind =
      before === undefined || before === null ? 'add' : now === undefined || now === null ? 'delete' : 'update';
    const isNamed = name === 'machineId' || name === 'deviceName';
    const replaces = isNamed ? isOther : again.has(name);
    detailed[name] = { kind: replaces ? `${kind}-replace` : kind, fromInputs: true };
  }
  if (unknowns.length > 0) reasons.push(`${unknowns.join(', ')} not known yet`);
  if (isOther) reasons.push('another machine is declared; what was asked of the old one stays as it is');
  if (Object.values(detailed).some(({ kind }) => kind.endsWith('-replace'))) return result();
  const reason = await ofStatus(spec, context, state, machineId, runtime);
  if (reason !== undefined) {
    detailed.status = { kind: 'update', fromInputs: false };
    reasons.push(reason);
  }
  return result();
}

/** Why the request that state holds wants an update; undefined where it is done, or under way. */
async function ofStatus(
  spec: SingleSpec,
  context: OperationContext,
  state: SingleState,
  machineId: MachineId,
  runtime: Runtime,
): Promise<string | undefined> {
  const known = knownRequest(state);
  const words = oneShotActions[spec.type];
  const host = hostOf(machineId, state.deviceName === undefined ? undefined : { computerDnsName: state.deviceName });
  if (known === undefined) return `${host}: state holds no request that can be read`;
  const { key } = context.declaration;
  let action: MachineAction | undefined;
  if (known.status === 'Pending' || known.status === 'InProgress') {
    let unseen: string | undefined;
    try {
      action = await runtime.oneShots.actions.get(known.actionId);
    } catch (error) {
      if (!isDefenderError(error)) throw error;
      unseen = describeDefenderError(error);
    }
    const status = action?.status ?? known.status;
    if (status === 'Pending' || status === 'InProgress') {
      const text = left(words, host, unseen ?? `request ${known.actionId} is ${status}`);
      warnOnce(text, context, runtime);
      note(key, spec.type, { machineId, machine: undefined, action, outcome: 'waits', text }, runtime);
      return undefined;
    }
    if (status === 'Succeeded') return `${host}: request ${known.actionId} has Succeeded meanwhile`;
  } else if (known.status === 'Succeeded') {
    note(key, spec.type, { machineId, machine: undefined, action, outcome: 'standing', text: '' }, runtime);
    return undefined;
  }
  const ended = action === undefined ? known.status : whyEnded(words, action);
  return `${host}: request ${known.actionId} ended ${ended}; it is asked again`;
}

export function warnOnce(text: string, context: OperationContext, { warned }: Pick<Runtime, 'warned'>): void {
  const once = `${context.declaration.key}\n${text}`;
  if (!warned.has(once)) context.log.warn(text);
  warned.add(once);
}

async function meansAnother(
  machineId: MachineId,
  oldInputs: PropertyMap,
  news: PropertyMap,
  unknowns: readonly string[],
  runtime: Runtime,
): Promise<boolean> {
  if (unknowns.includes('machineId') || unknowns.includes('deviceName')) return true;
  const isNamedAsBefore =
    sameValue(oldInputs.machineId, news.machineId) && sameValue(oldInputs.deviceName, news.deviceName);
  if (isNamedAsBefore) return false;
  if (typeof news.machineId === 'string') return parseMachineId(news.machineId) !== machineId;
  try {
    return (await resolveName(String(news.deviceName), runtime)).id !== machineId;
  } catch (error) {
    // The operation itself tells why; a machine that cannot be told is not the one that was asked.
    if (error instanceof UserError) return true;
    throw error;
  }
}

function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));
}

function inOrder(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'symbol') return { unknown: true };
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => [name, inOrder(each)]);
}
