import { oneShotActions } from '../../containment/one-shot-actions.ts';
import { formatPath } from '../../manifest/property-path.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { note } from '../one-shot/record.ts';
import { wasAsked } from '../one-shot/single-act.ts';
import { warnOnce } from '../one-shot/single-diff.ts';
import { unknownsOf } from '../one-shot/single-inputs.ts';
import { left } from '../one-shot/unfinished.ts';
import { capped } from '../quarantine/told.ts';
import type { DiffKind, DiffResult, OperationContext, PropertyMap } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { type DeclaredFile, declaredFile } from './declared-file.ts';
import { isUnderWay, type KnownMachine, knownMachines, nameOf } from './known-machine.ts';
import { originOf } from './operations.ts';
import { howToRestore } from './restore.ts';
import { lookAtUnderWay } from './under-way.ts';

const words = oneShotActions.StopAndQuarantineFile;

/** Declared against what was asked, machine by machine. */
export async function diffFile(
  context: OperationContext,
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
    reasons: capped(reasons, 50),
    stables: ['restoreCommand', 'tenantId', 'cloud', 'stateVersion'],
  });
  const stopped = await obstacle(originOf(oldOutputs), runtime, wasAsked);
  if (stopped !== undefined) {
    detailed.machines = { kind: 'update', fromInputs: false };
    reasons.push(stopped);
    return result();
  }
  const unknowns = unknownsOf(news);
  if (unknowns.includes('sha1') || news.sha1 !== oldInputs.sha1) {
    detailed.sha1 = { kind: 'update-replace', fromInputs: true };
    reasons.push(
      `another file is declared; what was done about ${String(oldInputs.sha1)} stays as it is. ${howToRestore}`,
    );
    return result();
  }
  for (const name of ['comment', 'waitFor', 'machineIds', 'deviceNames']) {
    if (isSame(name, oldInputs[name], news[name]) && !unknowns.includes(name)) continue;
    const kind = oldInputs[name] === undefined ? 'add' : news[name] === undefined ? 'delete' : 'update';
    detailed[name] = { kind, fromInputs: true };
  }
  if (unknowns.length > 0) {
    reasons.push(`${unknowns.join(', ')} not known yet`);
    return result();
  }
  const { machines, unreadable } = knownMachines(oldOutputs.machines);
  const differs = (key: string, kind: DiffKind, reason: string) => {
    detailed[formatPath(['machines', key])] = { kind, fromInputs: false };
    reasons.push(reason);
  };
  for (const key of unreadable.keys()) differs(key, 'update', `${key}: its line in state cannot be read`);
  await diffMachines(declaredFile(news), machines, context.declaration.key, context, runtime, differs);
  return result();
}

/** Machines of one file that differ from what is declared; what is under way is warned of, and in sync (semantics 4.3). */
export async function diffMachines(
  file: DeclaredFile,
  known: ReadonlyMap<KnownMachine['machineId'], KnownMachine>,
  key: string,
  context: OperationContext,
  runtime: Runtime,
  differs: (key: string, kind: DiffKind, reason: string) => void,
): Promise<void> {
  const isDeclared = declaredBy(file);
  const all = [...known.values()];
  for (const key of neverAsked(file, all)) differs(key, 'add', `${key} has not been asked`);
  for (const { machine, unseen } of await lookAtUnderWay(all.filter(isDeclared), runtime)) {
    const { request, machineId, deviceName } = machine;
    const entry = {
      machineId,
      machine: deviceName === undefined ? undefined : { id: machineId, computerDnsName: deviceName },
    };
    if (isUnderWay(request)) {
      const text = left(words, nameOf(machine), unseen ?? `request ${request.actionId} is ${request.status}`);
      warnOnce(text, context, runtime);
      note(key, 'StopAndQuarantineFile', { ...entry, action: undefined, outcome: 'waits', text }, runtime);
    } else if (request.status === 'Succeeded') {
      note(key, 'StopAndQuarantineFile', { ...entry, action: undefined, outcome: 'standing', text: '' }, runtime);
    } else {
      differs(
        machineId,
        'update',
        `${nameOf(machine)}: request ${request.actionId} ended ${request.status}; it is asked again`,
      );
    }
  }
  for (const machine of all)
    if (!isDeclared(machine))
      differs(machine.machineId, 'delete', `${nameOf(machine)} is declared no more; nothing is undone there`);
}

/** Order is no difference in a list of machines, nor upper and lower case in names. */
function isSame(name: string, a: unknown, b: unknown): boolean {
  if (name !== 'machineIds' && name !== 'deviceNames') return (a ?? null) === (b ?? null);
  const key = (value: unknown) =>
    Array.isArray(value) ? JSON.stringify(value.map((each) => String(each).toLowerCase()).sort()) : '[]';
  return key(a) === key(b);
}

function declaredBy({ machines }: DeclaredFile): (known: KnownMachine) => boolean {
  const keys = new Set(machines.map(({ key }) => key));
  return ({ machineId, declaredAs, deviceName }) =>
    keys.has(machineId) ||
    (declaredAs !== undefined && keys.has(declaredAs)) ||
    (deviceName !== undefined && keys.has(deviceName.toLowerCase()));
}

/** Declared machines that no line of state is about. */
function neverAsked({ machines }: DeclaredFile, known: readonly KnownMachine[]): readonly string[] {
  const keys = new Set(
    known.flatMap(({ machineId, declaredAs, deviceName }) => [machineId, declaredAs, deviceName?.toLowerCase()]),
  );
  return machines.map(({ key }) => key).filter((key) => !keys.has(key));
}
