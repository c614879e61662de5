import type { MachineChanges } from '../../../simulator/control.ts';
import type { FaultRule } from '../../../simulator/faults.ts';
import { Declaration, type MixedProgram } from '../../resources/engine.ts';
import { Broken } from '../broken.ts';
import type { FaultRow, Scale } from '../row.ts';
import { judgeLook, judgePeace, judgeUp, linesAbout } from './judge.ts';
import { type PluginRunOptions, PluginWorld, type PluginWorldOptions, type SeenRun, setType } from './plugin-world.ts';

export type { SeenRun };

const names = ['stays', 'goes', 'comes', 'set-stays', 'set-goes', 'set-comes', 'bystander'] as const;
export type HostName = (typeof names)[number];

/** What a row's own part may use. */
export interface Scene {
  readonly world: PluginWorld;
  readonly ids: Readonly<Record<HostName, string>>;
  /** What is done at the end in any case. */
  readonly cleanup: (() => Promise<void>)[];
}

/** A fault, and what is to be seen of it. The story around it is the same for all: see `rowOf`. */
export interface PluginFault extends Pick<FaultRow, 'fault' | 'expected' | 'short'> {
  readonly simulator?: PluginWorldOptions;
  readonly machines?: Partial<Record<HostName, MachineChanges>>;
  /** In force for the runs that meet the fault. */
  readonly rules?: readonly FaultRule[];
  /** Begins what no rule can say, before those runs; the answer ends it. */
  begin?(scene: Scene): Promise<() => unknown> | (() => unknown);
  /** Once more, just before the run that may write. */
  beforeUp?(scene: Scene): void;
  /** How their processes differ. */
  readonly process?: PluginRunOptions;
  /** Whether the run that may write ends well all the same. */
  readonly ends: 'well' | 'failing';
  /** Requests that write during it: carried out as if nothing were wrong, none sent, or whatever the judge allows. */
  readonly writes: 'as-declared' | 'none' | 'some';
  /** Whether a preview meets the fault too; default: as the run does. */
  readonly preview?: 'well' | 'failing';
  /** What a person reads about each host that failed. */
  readonly tells?: readonly RegExp[];
  /** More that must be so, after the run that met the fault. */
  after?(scene: Scene, seen: SeenRun): void;
  /** Simulated time between the end of the fault and the run that has to converge; default two minutes, as between two runs. */
  readonly restMs?: number;
}

/**
 * One story for every fault. A stack holds a host that stays declared and one that goes, each alone and in a set. The
 * fault begins; a preview, then a run that has to keep one, release one and isolate a new one of each; in the whole form
 * a refresh, too. The fault ends, and one run must bring peace, and the next do nothing.
 */
export function rowOf(fault: PluginFault): FaultRow {
  return { ...fault, on: 'plugin', run: (scale) => tell(fault, scale) };
}

async function tell(fault: PluginFault, scale: Scale): Promise<string> {
  const world = await PluginWorld.make(fault.simulator);
  const cleanup: (() => Promise<void>)[] = [];
  try {
    const ids = Object.fromEntries(
      names.map((name) => [
        name,
        world.control.addMachine({ computerDnsName: `${name}.contoso.com`, ...fault.machines?.[name] }).id,
      ]),
    ) as Record<HostName, string>;
    return await act(fault, { world, ids, cleanup }, scale);
  } finally {
    for (const each of cleanup) await each().catch(() => undefined);
    await world.end();
  }
}

async function act(fault: PluginFault, scene: Scene, scale: Scale): Promise<string> {
  const { world, ids } = scene;
  const { control } = world;
  const before = programOf(ids, ['stays', 'goes'], ['set-stays', 'set-goes']);
  const after = programOf(ids, ['stays', 'comes'], ['set-stays', 'set-comes']);
  const wanted = new Set([ids.stays, ids.comes, ids['set-stays'], ids['set-comes']]);

  const first = await world.up(before);
  const whole = new Set([ids.stays, ids.goes, ids['set-stays'], ids['set-goes']]);
  judgeUp(world, first, whole);
  judgePeace(world, whole, { isolatedByOthers: new Set() });
  world.clock.pass(3_600_000);

  let begun = await fault.begin?.(scene);
  /** Once, however the story goes: what was begun may hold a port open. */
  const end = async () => {
    const ending = begun;
    begun = undefined;
    await ending?.();
  };
  scene.cleanup.push(end);
  for (const rule of fault.rules ?? []) control.addFault(rule);
  const options = fault.process ?? {};
  const preview = await world.preview(after, options);
  judgeLook(world, preview);
  expectEnd('preview', preview, fault.preview ?? fault.ends);
  fault.beforeUp?.(scene);
  const up = await world.up(after, options);
  judgeUp(world, up, wanted);
  expectEnd('up', up, fault.ends);
  judgeWrites(fault, up);
  judgeTelling(fault, scene, up);
  fault.after?.(scene, up);
  if (scale === 'whole') {
    const known = JSON.stringify(world.hosts());
    const refreshed = await world.refresh(options);
    judgeLook(world, refreshed);
    const unhealthy = Object.keys(refreshed.run.unhealthy).length > 0;
    // 1.4: what could not be looked at is kept as it was known.
    if (unhealthy && fault.writes === 'none' && JSON.stringify(world.hosts()) !== known)
      throw new Broken('I8', `a refresh that failed changed what is known: ${JSON.stringify(world.hosts())}`);
  }

  control.clearFaults();
  await end();
  world.clock.pass(fault.restMs ?? 120_000);
  const mended = await world.up(after);
  judgeUp(world, mended, wanted);
  expectEnd('the first run after it', mended, 'well', 'I5');
  judgePeace(world, wanted, { isolatedByOthers: new Set() });
  const empty = await world.up(after);
  judgeUp(world, empty, wanted);
  expectEnd('the second run after it', empty, 'well', 'I5');
  const steps = Object.values(empty.run.steps).filter((step) => step !== 'same');
  if (steps.length > 0 || empty.writes.length > 0)
    throw new Broken('I5', `the second run did ${steps.join(', ')} with ${empty.writes.length} writes:\n${empty.text}`);
  return seenIn(up, mended);
}

export function programOf(
  ids: Readonly<Record<HostName, string>>,
  single: readonly HostName[],
  set: readonly HostName[],
): MixedProgram {
  const alone = single.map((name) => [name, { machineId: ids[name], comment: 'INC-1' }] as const);
  const hosts = set.map((name) => ({ deviceName: `${name}.contoso.com` }));
  return { ...Object.fromEntries(alone), fleet: new Declaration(setType, { comment: 'INC-1', hosts }) };
}

function expectEnd(which: string, { run, text }: SeenRun, expected: 'well' | 'failing', invariant?: 'I5'): void {
  const ends = Object.keys({ ...run.failures, ...run.refused }).length === 0 ? 'well' : 'failing';
  if (ends === expected) return;
  const seen = `${which} ends ${ends}, not ${expected}:\n${text}`;
  throw invariant === undefined ? new Error(seen) : new Broken(invariant, seen);
}

function judgeWrites({ writes }: PluginFault, { writes: sent, made, text }: SeenRun): void {
  if (writes === 'none' && sent.length > 0)
    throw new Broken('I8', `${sent.length} writes (${sent.map(({ route }) => route).join(', ')}):\n${text}`);
  if (writes === 'as-declared') {
    const types = made.map(({ type }) => type).sort();
    const wanted = ['Isolate', 'Isolate', 'Unisolate', 'Unisolate'];
    if (types.join() !== wanted.join()) throw new Error(`carried out was ${types.join(', ')}:\n${text}`);
  }
}

/** The message names the host, and says the reason and what to do next. */
function judgeTelling({ tells = [], ends }: PluginFault, { world, ids }: Scene, { run, text }: SeenRun): void {
  const failures = Object.entries({ ...run.refused, ...run.failures });
  for (const [resource, message] of failures) {
    const hosts = Object.entries(ids).filter(([name]) =>
      resource === 'fleet' ? name.startsWith('set-') : name === resource,
    );
    // Who cannot sign in learns nothing of any host; the engine says whose row it is.
    const isOfHost = !message.startsWith('Sign-in (');
    if (isOfHost && hosts.every(([, id]) => linesAbout(world, message, id).length === 0))
      throw new Error(`the failure of ${resource} names no host: ${message}`);
    if (message.length > 4_000) throw new Error(`the failure of ${resource} is ${message.length} characters long`);
  }
  const told = ends === 'failing' ? failures.map(([, message]) => message).join('\n') : text;
  const missing = tells.find((each) => !each.test(told));
  if (missing !== undefined) throw new Error(`nothing says ${missing} in:\n${told}`);
}

/** One line for the table. */
function seenIn({ run, writes, text }: SeenRun, mended: SeenRun): string {
  const failures = Object.values(run.failures);
  const [first = ''] = (failures[0] ?? '').split('\n');
  const how = failures.length === 0 ? 'ends well' : `${failures.length} failed: ${first}`;
  const warned = failures.length === 0 && /\bagain in\b/.test(text) ? ' after waits' : '';
  return `${how}${warned}; ${writes.length} writes, then ${mended.writes.length}, then none`;
}
