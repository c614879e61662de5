import type { FileDeclaration } from '../../manifest/manifest.ts';
import { formatPath } from '../../manifest/property-path.ts';
import { byId, byName, type DeclaredFile } from '../file-quarantine/declared-file.ts';
import { diffMachines } from '../file-quarantine/diff.ts';
import { byLine, type KnownMachine, lineOf, summaryOf } from '../file-quarantine/known-machine.ts';
import { forecastFile } from '../file-quarantine/preview.ts';
import { quarantineFile, warnOfLeaving } from '../file-quarantine/quarantine-file.ts';
import { lookAtUnderWay } from '../file-quarantine/under-way.ts';
import { type DiffKind, type OperationContext, type PropertyMap, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';
import { linesOf, lineText, optionalLines } from './known-host.ts';
import { readPairs, textOfPairs } from './pairs.ts';
import type { HostFailure, Told } from './told.ts';
import { eachOf } from './turns.ts';

/** `all: INC-4711`, or `some, machineIds=… …, deviceNames=…: INC-4711`: one line a file, as hosts have one. */
export function lineOfFile({ comment, machineIds, deviceNames }: FileDeclaration): string {
  const pairs: [string, string][] = [];
  if (machineIds !== undefined) pairs.push(['machineIds', machineIds.join(' ')]);
  if (deviceNames !== undefined) pairs.push(['deviceNames', deviceNames.join(' ')]);
  return `${textOfPairs(pairs.length === 0 ? 'all' : 'some', pairs)}: ${comment}`;
}

/** The files of a set's checked inputs, by hash, with the machines that each means. Throws UserError for what is no line of ours. */
export function filesOf(
  { files }: PropertyMap,
  hosts: ReadonlyMap<string, DeclaredHost>,
): ReadonlyMap<string, DeclaredFile> {
  return new Map(Object.entries(linesOf(files)).map(([sha1, line]) => [sha1, declaredByLine(sha1, line, hosts)]));
}

function declaredByLine(sha1: string, line: unknown, hosts: ReadonlyMap<string, DeclaredHost>): DeclaredFile {
  const at = typeof line === 'string' ? line.indexOf(': ') : -1;
  const names: Record<string, string> = {};
  const word =
    typeof line === 'string' && at !== -1
      ? readPairs(line.slice(0, at), (name, value) => {
          names[name] = value;
        })
      : undefined;
  if (typeof line !== 'string' || (word !== 'all' && word !== 'some'))
    throw new UserError(`files[${JSON.stringify(sha1)}]: this is no file as pulumi-mde writes it`);
  const some = [...listed(names.machineIds).map(byId), ...listed(names.deviceNames).map(byName)];
  const all = [...hosts.values()].map(({ inputs: { machineId, deviceName = '' } }) =>
    machineId === undefined ? byName(deviceName) : byId(machineId),
  );
  return { sha1, comment: line.slice(at + 2), waitFor: 'Succeeded', machines: word === 'all' ? all : some };
}

function listed(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(' ');
}

/** What state knows of the files of a set: machines by hash, and lines that nobody of this version wrote. */
export interface KnownFiles {
  readonly files: ReadonlyMap<string, ReadonlyMap<KnownMachine['machineId'], KnownMachine>>;
  readonly unreadable: ReadonlyMap<string, string>;
}

/** `2 machines: 2 quarantined | 1de9… quarantined, at=…, actionId=… | …` */
function lineOfKnown(machines: readonly KnownMachine[]): string {
  return [summaryOf(machines), ...machines.map((each) => `${each.machineId} ${lineOf(each)}`)].join(' | ');
}

export function knownFiles({ files }: PropertyMap): KnownFiles {
  const known = new Map<string, ReadonlyMap<KnownMachine['machineId'], KnownMachine>>();
  const unreadable = new Map<string, string>();
  for (const [sha1, line] of Object.entries(optionalLines(files, 'its files'))) {
    const text = lineText(line);
    const machines = text
      .split(' | ')
      .slice(1)
      .map((part) => byLine(part.slice(0, 40), part.slice(41)));
    const read = machines.filter((machine) => machine !== undefined);
    if (typeof line !== 'string' || read.length < machines.length) unreadable.set(sha1, text);
    else known.set(sha1, new Map(read.map((machine) => [machine.machineId, machine])));
  }
  return { files: known, unreadable };
}

/** Outputs of the files, for state; nothing where there are none. */
function outputsOf(
  files: Iterable<readonly [string, readonly KnownMachine[]]>,
  unreadable: KnownFiles['unreadable'],
): PropertyMap {
  const told = [...files].map(([sha1, machines]) => [sha1, lineOfKnown(machines)] as const);
  const lines = Object.fromEntries([...told, ...unreadable]);
  return Object.keys(lines).length === 0 ? {} : { files: lines };
}

export interface AllFiles {
  /** `files`, or nothing. */
  readonly outputs: PropertyMap;
  readonly failures: readonly HostFailure[];
}

/** Carries the files out beside the hosts of the set; what one of them meets holds up neither a host nor another file. */
export async function quarantineAll(
  context: OperationContext,
  declared: ReadonlyMap<string, DeclaredFile>,
  before: PropertyMap,
  told: Told,
  runtime: Runtime,
): Promise<AllFiles> {
  const { files, unreadable } = knownFiles(before);
  const own = { ...context, log: told.log };
  const failures: HostFailure[] = unreadableFailures(unreadable);
  const ends = await eachOf([...declared], async ([sha1, file]) => {
    const known = files.get(sha1) ?? new Map();
    if (unreadable.has(sha1)) return [sha1, [...known.values()]] as const;
    const end = await quarantineFile(file, known, keyOf(context, sha1), own, told, runtime);
    for (const { host, reason } of end.failures) failures.push({ host, reason: `${reason} (file ${sha1})` });
    return [sha1, end.machines] as const;
  });
  for (const [sha1, machines] of files) if (!declared.has(sha1)) warnOfLeaving(sha1, [...machines.values()], told);
  const kept = ends.filter(([sha1]) => !unreadable.has(sha1));
  return { outputs: outputsOf(kept, unreadable), failures };
}

function keyOf({ declaration }: OperationContext, sha1: string): string {
  return `${declaration.key}\nfile ${sha1}`;
}

function unreadableFailures(unreadable: KnownFiles['unreadable']): HostFailure[] {
  return [...unreadable.keys()].map((sha1) => ({
    host: `file ${sha1}`,
    reason:
      'what the state holds of this file is not as pulumi-mde wrote it, so it is left alone. Restore it from the stack’s history',
  }));
}

/** Says file by file what would be asked, and why it would fail. */
export async function previewFiles(
  context: OperationContext,
  declared: ReadonlyMap<string, DeclaredFile>,
  before: PropertyMap,
  told: Told,
  runtime: Runtime,
): Promise<{ readonly changes: boolean; readonly failures: readonly HostFailure[] }> {
  const { files, unreadable } = knownFiles(before);
  const failures: HostFailure[] = unreadableFailures(unreadable);
  const gone = [...files].filter(([sha1]) => !declared.has(sha1));
  for (const [sha1, machines] of gone) warnOfLeaving(sha1, [...machines.values()], told);
  let changes = gone.length > 0;
  for (const [sha1, file] of declared) {
    if (unreadable.has(sha1)) continue;
    const forecast = await forecastFile(file, files.get(sha1) ?? new Map(), context, told, runtime);
    if (forecast.lines.length > 0) {
      changes = true;
      context.log.info(`file ${sha1}:\n${forecast.lines.join('\n')}`);
    }
    for (const { host, reason } of forecast.failures) failures.push({ host, reason: `${reason} (file ${sha1})` });
  }
  return { changes, failures };
}

/** What has become of the requests; those that cannot be observed keep their last known status, the others are told. */
export async function refreshFiles(before: PropertyMap, runtime: Runtime): Promise<AllFiles> {
  const { files, unreadable } = knownFiles(before);
  const failures: HostFailure[] = unreadableFailures(unreadable);
  const seen: (readonly [string, readonly KnownMachine[]])[] = [];
  for (const [sha1, machines] of files) {
    const followed = await lookAtUnderWay(machines.values(), runtime);
    for (const { machine, unseen } of followed) {
      if (unseen === undefined) continue;
      const reason = `its request for file ${sha1} could not be observed, so its last known status is kept: ${unseen}`;
      failures.push({ host: machine.deviceName ?? machine.machineId, reason });
    }
    seen.push([sha1, followed.map(({ machine }) => machine)]);
  }
  return { outputs: outputsOf(seen, unreadable), failures };
}

/** Differences of the files, each by its path. */
export async function diffFiles(
  context: OperationContext,
  declared: ReadonlyMap<string, DeclaredFile>,
  states: { readonly oldOutputs: PropertyMap; readonly oldInputs: PropertyMap; readonly news: PropertyMap },
  told: Told,
  runtime: Runtime,
): Promise<
  readonly {
    readonly path: string;
    readonly kind: DiffKind;
    readonly fromInputs: boolean;
    readonly reasons: readonly string[];
  }[]
> {
  const { files, unreadable } = knownFiles(states.oldOutputs);
  const before = linesOf(states.oldInputs.files);
  const now = linesOf(states.news.files);
  const path = (sha1: string) => formatPath(['files', sha1]);
  const own = { ...context, log: told.log };
  const diffs = await eachOf([...declared], async ([sha1, file]) => {
    const known = files.get(sha1);
    if (known === undefined && !unreadable.has(sha1))
      return [{ path: path(sha1), kind: 'add' as const, fromInputs: true, reasons: [`file ${sha1} is declared`] }];
    const reasons: string[] = unreadable.has(sha1) ? [`file ${sha1}: its line in state cannot be read`] : [];
    await diffMachines(file, known ?? new Map(), keyOf(context, sha1), own, runtime, (_key, _kind, reason) =>
      reasons.push(`file ${sha1}: ${reason}`),
    );
    const isDeclaredAnew = before[sha1] !== now[sha1];
    if (reasons.length === 0 && !isDeclaredAnew) return [];
    return [{ path: path(sha1), kind: 'update' as const, fromInputs: isDeclaredAnew, reasons }];
  });
  const gone = [...files.keys(), ...unreadable.keys()].filter((sha1) => !declared.has(sha1));
  return [
    ...diffs.flat(),
    ...gone.map((sha1) => ({
      path: path(sha1),
      kind: 'delete' as const,
      fromInputs: true,
      reasons: [`file ${sha1} is declared no more; nothing is undone`],
    })),
  ];
}

/** The set is declared no more: nothing is undone, and that is said. */
export function leaveFiles(outputs: PropertyMap, told: Told): void {
  for (const [sha1, machines] of knownFiles(outputs).files) warnOfLeaving(sha1, [...machines.values()], told);
}
