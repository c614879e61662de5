import type { MachineId } from '../../defender/machine.ts';
import type { OneShot } from '../one-shot/ask.ts';
import { askAll } from '../one-shot/ask-all.ts';
import { note } from '../one-shot/record.ts';
import type { HostFailure, Told } from '../quarantine/told.ts';
import type { OperationContext } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { type Bound, bindAll, leftOut } from './bind.ts';
import type { DeclaredFile } from './declared-file.ts';
import { isUnderWay, type KnownMachine, nameOf, requestOf } from './known-machine.ts';
import { howToRestore, indicatorAdvice, indicatorFrom } from './restore.ts';

/** What became of one file on all its machines. */
export interface FileEnd {
  /** What state is to hold. */
  readonly machines: readonly KnownMachine[];
  readonly failures: readonly HostFailure[];
}

/**
 * Asks every machine that has not been asked, or on which it failed; what one of them meets never holds up another.
 *
 * @param key the declaration's, for the end of the run
 * @param unreadable names in state of machines whose lines cannot be read: they are left alone
 */
export async function quarantineFile(
  file: DeclaredFile,
  known: ReadonlyMap<MachineId, KnownMachine>,
  key: string,
  context: OperationContext,
  told: Told,
  runtime: Runtime,
  unreadable: ReadonlyMap<string, string> = new Map(),
): Promise<FileEnd> {
  if (file.machines.length > indicatorFrom) told.log.warn(indicatorAdvice);
  const { bound, failures } = await bindAll(file, known, runtime, unreadable);
  for (const { host, reason } of failures)
    runtime.record.note(`${key}\n${host}`, {
      outcome: 'not-done',
      oneShot: 'StopAndQuarantineFile',
      machineId: undefined,
      host,
      reason,
    });
  const gone = leftOut(file, bound, known);
  warnOfLeaving(file.sha1, gone, told);
  const leaving = new Set(gone.map(({ machineId }) => machineId));
  const machines = new Map([...known].filter(([machineId]) => !leaving.has(machineId)));
  const open = bound.filter((each) => each.known?.request.status !== 'Succeeded');
  for (const each of bound) {
    if (each.known !== undefined) machines.set(each.machineId, namedAs(each, each.known));
  }
  const shots = open.map((each) => shotOf(file, each, context, runtime));
  const ends = await askAll(shots, bound.length - open.length, context, file.waitFor, runtime);
  const failed: HostFailure[] = [...failures];
  for (const [index, end] of ends.entries()) {
    const each = open[index];
    if (each === undefined) continue;
    note(key, 'StopAndQuarantineFile', end, runtime);
    if (end.outcome === 'failed') failed.push({ host: each.declared.key, reason: end.text });
    else if (end.outcome === 'waits') told.log.warn(end.text);
    else if (end.text !== '') told.log.info(end.text);
    if (end.action === undefined) continue;
    const deviceName = end.machine?.computerDnsName ?? end.action.computerDnsName ?? each.known?.deviceName;
    machines.set(
      each.machineId,
      namedAs(each, { machineId: each.machineId, request: requestOf(end.action), deviceName, declaredAs: undefined }),
    );
  }
  return { machines: [...machines.values()], failures: failed };
}

function namedAs({ declared }: Bound, known: KnownMachine): KnownMachine {
  return { ...known, declaredAs: declared.deviceName === undefined ? undefined : declared.key };
}

export function shotOf(
  { sha1, comment }: DeclaredFile,
  { machineId, known }: Bound,
  { declaration }: OperationContext,
  runtime: Runtime,
): OneShot {
  const { project, stack, name } = declaration;
  const ask = { type: 'StopAndQuarantineFile', sha1 } as const;
  return {
    ask,
    machineId,
    source: { project, stack, name, machineId, ownerKey: runtime.settings.ownerKey, asked: JSON.stringify([ask]) },
    comment,
    known: known?.request,
  };
}

/** Machines that leave a declaration: nothing is sent to them, and that is said. */
export function warnOfLeaving(sha1: string, gone: readonly KnownMachine[], told: Pick<Told, 'log'>): void {
  const done = gone.filter(({ request }) => request.status === 'Succeeded');
  const running = gone.filter(({ request }) => isUnderWay(request));
  if (done.length > 0)
    told.log.warn(`file ${sha1} stays in quarantine on ${listed(done)}: nothing was sent. ${howToRestore}`);
  if (running.length > 0)
    told.log.warn(
      `file ${sha1}: the requests to ${listed(running)} were under way when they were seen last, and Defender goes on with them; they can be cancelled in the Defender portal`,
    );
}

function listed(machines: readonly KnownMachine[]): string {
  const names = machines.slice(0, 20).map(nameOf).join(', ');
  return machines.length > 20 ? `${names} and ${machines.length - 20} more` : names;
}
