import { obstacle } from '../machine-isolation/obstacle.ts';
import { stateVersion } from '../machine-isolation/state.ts';
import { hostOf } from '../one-shot/ask.ts';
import { forecast } from '../one-shot/forecast.ts';
import { noteMissingRole, wasAsked } from '../one-shot/single-act.ts';
import { unknownsOf } from '../one-shot/single-inputs.ts';
import { byReason, capped, type HostFailure, Told } from '../quarantine/told.ts';
import { eachOf } from '../quarantine/turns.ts';
import { type OperationContext, type PropertyMap, UserError, type Written } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { bindAll, leftOut } from './bind.ts';
import { type DeclaredFile, declaredFile } from './declared-file.ts';
import { isUnderWay, type KnownMachine, knownMachines, nameOf } from './known-machine.ts';
import { originOf } from './operations.ts';
import { shotOf } from './quarantine-file.ts';
import { howToRestore, indicatorAdvice, indicatorFrom, restoreCommand } from './restore.ts';

const headings = { asks: 'quarantine', waits: 'wait for', nothing: 'nothing to send' } as const;

/** Reads only: says machine by machine what would be asked; what would fail fails it. */
export async function previewFile(
  context: OperationContext,
  inputs: PropertyMap,
  before: PropertyMap | undefined,
  runtime: Runtime,
): Promise<Written> {
  const unknowns = unknownsOf(inputs);
  const declared = Object.entries({ ...before, ...inputs }).filter(([name]) => !unknowns.includes(name));
  if (unknowns.length > 0) return { id: '', outputs: Object.fromEntries(declared) };
  const stopped = await obstacle(originOf(before ?? {}), runtime, wasAsked);
  if (stopped !== undefined) throw new UserError(stopped);
  const file = declaredFile(inputs);
  const { machines, unreadable } = knownMachines(before?.machines);
  const told = new Told();
  const { lines, failures } = await forecastFile(file, machines, context, told, runtime, unreadable);
  if (lines.length > 0) context.log.info(`file ${file.sha1}:\n${lines.join('\n')}`);
  told.warn(context.log);
  if (failures.length > 0) throw new UserError(byReason(failures).join('\n'));
  const { tenantId } = await runtime.identity();
  const known = { restoreCommand, tenantId, cloud: runtime.settings.cloud, stateVersion };
  // Where nothing would be sent, what is known of the machines stays as it is.
  const isSettled = before !== undefined && lines.length === 0;
  return { id: file.sha1, outputs: isSettled ? { ...before, ...inputs, ...known } : { ...inputs, ...known } };
}

/** What would be done about one file, in lines, and why it would fail. */
export async function forecastFile(
  file: DeclaredFile,
  known: ReadonlyMap<KnownMachine['machineId'], KnownMachine>,
  context: OperationContext,
  told: Told,
  runtime: Runtime,
  unreadable: ReadonlyMap<string, string> = new Map(),
): Promise<{ readonly lines: readonly string[]; readonly failures: readonly HostFailure[] }> {
  if (file.machines.length > indicatorFrom) told.log.warn(indicatorAdvice);
  const { bound, failures } = await bindAll(file, known, runtime, unreadable);
  const all: HostFailure[] = [...failures];
  const open = bound.filter(
    ({ known: each }) => each?.request.status !== 'Succeeded' && !(each !== undefined && isUnderWay(each.request)),
  );
  const forecasts = await eachOf(open, async (each) => ({
    each,
    told: await forecast(shotOf(file, each, context, runtime), runtime),
  }));
  const groups = new Map<keyof typeof headings, string[]>();
  for (const { each, told: next } of forecasts) {
    const host = hostOf(each.machineId, next.machine);
    if (next.kind === 'fails') all.push({ host: each.declared.key, reason: `${host}: ${next.reason}` });
    else groups.set(next.kind, [...(groups.get(next.kind) ?? []), `  ${host}: ${next.reason}`]);
  }
  const gone = leftOut(file, bound, known);
  const lines = (Object.keys(headings) as (keyof typeof headings)[]).flatMap((kind) => {
    const group = groups.get(kind) ?? [];
    return group.length === 0 ? [] : [`${headings[kind]} (${group.length}):`, ...capped(group)];
  });
  if (gone.length > 0) {
    lines.push(
      `no longer declared, nothing is sent (${gone.length}):`,
      ...capped(gone.map((each) => `  ${nameOf(each)}`)),
    );
    lines.push(howToRestore);
  }
  if (groups.has('asks')) await noteMissingRole('StopAndQuarantineFile', context, runtime);
  return { lines, failures: all };
}
