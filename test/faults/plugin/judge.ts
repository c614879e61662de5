import type { ActionRecord } from '../../../simulator/control.ts';
import { Broken } from '../broken.ts';
import type { HeldHost, PluginWorld, SeenRun } from './plugin-world.ts';

/** Machine ids that a program declares. */
export type Declared = ReadonlySet<string>;

/** What must hold of a run that may write, by the service's own record. */
export function judgeUp(world: PluginWorld, seen: SeenRun, declared: Declared): void {
  for (const { type, machineId, id } of seen.made) {
    const name = nameOf(world, machineId);
    if (type === 'Unisolate') {
      if (declared.has(machineId)) throw new Broken('I1', `${name} is declared, and was released by ${id}`);
      if (!world.hosts(seen.held).some((host) => host.machineId === machineId))
        throw new Broken('I1', `${name} is in no state, and was released by ${id}`);
    }
    if (type === 'Isolate' && !declared.has(machineId))
      throw new Broken('I2', `${name} is not declared, and was isolated by ${id}`);
  }
  judgeOneAtATime(world);
  judgeRecord(world, seen);
  judgeUnsent(world, seen);
  judgeText(world, seen);
}

/** What must hold of a run that only looks. */
export function judgeLook(world: PluginWorld, seen: SeenRun): void {
  const [write] = seen.writes;
  if (write !== undefined) throw new Broken('I4', `${write.method} ${write.url} by a run that only looks`);
  judgeText(world, seen);
}

/** I3: whatever was sent while another of the same kind for the same host was running. */
function judgeOneAtATime(world: PluginWorld): void {
  const running = new Map<string, ActionRecord[]>();
  for (const action of world.control.actions().filter(({ origin }) => origin.via === 'api')) {
    const key = `${action.type} ${action.machineId}`;
    const earlier = running.get(key) ?? [];
    const crossed = earlier.find((each) => {
      const end = each.history.find(({ status }) => !['Pending', 'InProgress'].includes(status));
      return end === undefined || end.at > action.creationDateTimeUtc;
    });
    if (crossed !== undefined)
      throw new Broken('I3', `${action.type} ${action.id} was sent while ${crossed.id} was running`);
    running.set(key, [...earlier, action]);
  }
}

/** I6, in both directions, as far as a run that met a fault can know; what it does not know it has to say. */
function judgeRecord(world: PluginWorld, seen: SeenRun): void {
  const hosts = world.hosts();
  for (const host of hosts) {
    const { actionId, machineId } = host;
    if (typeof actionId !== 'string') continue;
    const action = world.control.actions({ machine: machineId }).find(({ id }) => id === actionId);
    if (action === undefined)
      throw new Broken(
        'I6',
        `state says ${actionId} of ${nameOf(world, machineId)}, of which the service knows nothing`,
      );
  }
  for (const action of seen.made) {
    const name = nameOf(world, action.machineId);
    const kept = hosts.some(({ machineId }) => machineId === action.machineId);
    const isTold = linesAbout(world, seen.text, action.machineId).some((line) => /FOR CERTAIN|YET/.test(line));
    const isDone = action.type === 'Unisolate' ? !kept || isTold : kept || isTold;
    // A release that stays in state is one that did not come to its end; the next run looks at it.
    if (!isDone && !(action.type === 'Unisolate' && kept))
      throw new Broken(
        'I6',
        `${action.type} ${action.id} of ${name} was made, and neither state nor a message tells of it`,
      );
  }
}

/** I8: of whatever a run says that nothing was sent for it, nothing was. */
function judgeUnsent(world: PluginWorld, seen: SeenRun): void {
  for (const { id, computerDnsName } of world.control.machines()) {
    const isUnsent = linesAbout(world, seen.text, id).some((line) => /[Nn]othing was sent\b/.test(line));
    const write = seen.writes.find(({ url }) => url.includes(id));
    if (isUnsent && write !== undefined)
      throw new Broken('I8', `${write.method} ${write.url}, though ${computerDnsName} is said to have been left alone`);
  }
}

/** I7, and that a message is one for people. */
function judgeText(world: PluginWorld, { text }: SeenRun): void {
  const state = JSON.stringify(world.stack.entries);
  const comments = JSON.stringify(world.control.actions().map(({ requestorComment }) => requestorComment));
  for (const [where, what] of Object.entries({ 'what was told': text, state, 'a comment': comments })) {
    const isSecret = world.secrets.some((secret) => what.includes(secret)) || /eyJ[\w-]{8}/.test(what);
    if (isSecret) throw new Broken('I7', `${where} holds a secret`);
  }
  const foreign = /\n\s+at .+:\d+|node:internal|\bfile:\/\/|\[object Object\]|\bundefined\b|\bunexpected\b|<html/i.exec(
    text,
  );
  if (foreign !== null) throw new Error(`a person reads "${foreign[0].trim()}" in:\n${text}`);
  const long = text.split('\n').find((line) => line.length > longestLine);
  if (long !== undefined) throw new Error(`a line of ${long.length} characters: ${long}`);
}

const longestLine = 700;

/** The state of peace: every declared host is isolated, no other of ours is, and state tells exactly that. */
export function judgePeace(
  world: PluginWorld,
  declared: Declared,
  known: { readonly isolatedByOthers: Declared },
): void {
  const hosts = new Map<string, HeldHost>(world.hosts().map((host) => [host.machineId, host]));
  for (const { id } of world.control.machines()) {
    const name = nameOf(world, id);
    const isWanted = declared.has(id);
    const host = hosts.get(id);
    if (world.isIsolated(id) !== (isWanted || known.isolatedByOthers.has(id)))
      throw new Broken('I5', `${name} is ${isWanted ? 'not ' : ''}isolated after a run without faults`);
    if (isWanted && host?.state !== 'isolated')
      throw new Broken('I6', `${name} is isolated, and state says ${host?.state ?? 'nothing'}`);
    if (!isWanted && host !== undefined) throw new Broken('I6', `${name} is declared no more, and in state still`);
  }
}

export function linesAbout(world: PluginWorld, text: string, machine: string): readonly string[] {
  const { id, computerDnsName } = world.control.machine(machine);
  return text.split('\n').filter((line) => line.includes(id) || line.includes(computerDnsName));
}

function nameOf(world: PluginWorld, id: string): string {
  return world.control.machine(id).computerDnsName;
}
