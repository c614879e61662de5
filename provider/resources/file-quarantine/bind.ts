import { type MachineId, parseMachineId } from '../../defender/machine.ts';
import { resolveName } from '../machine-isolation/machine-name.ts';
import { elsewhere } from '../one-shot/binding.ts';
import type { HostFailure } from '../quarantine/told.ts';
import { eachOf } from '../quarantine/turns.ts';
import { UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredFile, DeclaredMachine } from './declared-file.ts';
import { isUnderWay, type KnownMachine } from './known-machine.ts';

/** A declared machine, and which one it is. */
export interface Bound {
  readonly declared: DeclaredMachine;
  readonly machineId: MachineId;
  readonly known: KnownMachine | undefined;
}

/** Tells which machine each declared one is: by its id, by what state bound its name to, or by looking the name up (6.1). */
export async function bindAll(
  { machines }: DeclaredFile,
  known: ReadonlyMap<MachineId, KnownMachine>,
  runtime: Runtime,
  unreadable: ReadonlyMap<string, string> = new Map(),
): Promise<{ readonly bound: readonly Bound[]; readonly failures: readonly HostFailure[] }> {
  const failures: HostFailure[] = [];
  // A line under a name that is no machine's may be of any of them; who was asked already is not asked again.
  const isAnyone = [...unreadable.keys()].some((key) => !isMachineId(key));
  const isUnreadable = (machineId: MachineId) => isAnyone || unreadable.has(machineId);
  const byMachine = new Map<MachineId, Bound>();
  const names = new Map([...known.values()].map((each) => [each.declaredAs, each] as const));
  const found = await eachOf(machines, async (declared) => {
    try {
      return await bind(declared, known, names, runtime);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push({ host: declared.key, reason: error.message });
      return undefined;
    }
  });
  for (const each of found) {
    if (each === undefined || (each.known === undefined && isUnreadable(each.machineId))) continue;
    const twin = byMachine.get(each.machineId);
    if (twin === undefined) byMachine.set(each.machineId, each);
    else {
      const reason = `${twin.declared.key} and ${each.declared.key} are the same machine ${each.machineId}, which is asked once. Keep one of them`;
      failures.push({ host: each.declared.key, reason });
    }
  }
  return { bound: [...byMachine.values()], failures };
}

async function bind(
  declared: DeclaredMachine,
  known: ReadonlyMap<MachineId, KnownMachine>,
  names: ReadonlyMap<string | undefined, KnownMachine>,
  runtime: Runtime,
): Promise<Bound> {
  const { machineId, deviceName, key } = declared;
  if (machineId !== undefined) return { declared, machineId, known: known.get(machineId) };
  if (deviceName === undefined) throw new UserError(`${key}: this is no machine`);
  const before = names.get(key);
  if (before === undefined) {
    const { id } = await resolveName(deviceName, runtime);
    return { declared, machineId: id, known: known.get(id) };
  }
  // What was asked for is done, or under way, on the machine that the name meant then.
  const isSettled = before.request.status === 'Succeeded' || isUnderWay(before.request);
  const reason = isSettled ? undefined : await elsewhere(before.machineId, deviceName, runtime);
  if (reason !== undefined) throw new UserError(reason);
  return { declared, machineId: before.machineId, known: before };
}

/** Machines of state that the declaration names no more; a name that could not be looked up leaves nobody out. */
export function leftOut(
  { machines }: DeclaredFile,
  bound: readonly Bound[],
  known: ReadonlyMap<MachineId, KnownMachine>,
): readonly KnownMachine[] {
  const ids = new Set(bound.map(({ machineId }) => machineId));
  const declared = new Set(machines.map(({ key }) => key));
  return [...known.values()].filter(
    ({ machineId, declaredAs, deviceName }) =>
      !ids.has(machineId) &&
      !declared.has(machineId) &&
      !(declaredAs !== undefined && declared.has(declaredAs)) &&
      !(deviceName !== undefined && declared.has(deviceName.toLowerCase())),
  );
}

export function isMachineId(key: string): boolean {
  return parseMachineId(key) !== undefined;
}
