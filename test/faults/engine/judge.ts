import type { ActionRecord, Control } from '../../../simulator/control.ts';
import { setsIn } from '../../engine/quarantine/fleet.ts';
import type { StateResource } from '../../engine/world.ts';
import { Broken } from '../broken.ts';

/** What the service's record must show at the end of a story; all are machine ids. */
export interface Wanted {
  /** Declared, and contained. */
  readonly declared: readonly string[];
  /** For whom an isolation was asked for in this story: once for each time that the id stands here. */
  readonly isolated: readonly string[];
  /** Likewise, for whom a release was. They were declared before and are no more. Default none. */
  readonly released?: readonly string[];
  /** Requests before the story, which are not judged. Default 0. */
  readonly since?: number;
}

/** Throws what is broken, by the service's own record: I1, I2, I3, and who is contained in truth. */
export function judgeRecord(control: Control, { declared, isolated, released = [], since = 0 }: Wanted): void {
  const ours = control
    .actions()
    .slice(since)
    .filter(({ origin }) => origin.via === 'api');
  const by = (type: string) => ours.filter((action) => action.type === type);
  const toRelease = new Set(released);
  for (const { machineId, computerDnsName } of by('Unisolate')) {
    if (!toRelease.has(machineId))
      throw new Broken('I1', `${computerDnsName} was released, and is declared or never was`);
  }
  const mayBeIsolated = new Set([...declared, ...isolated, ...released]);
  for (const { machineId, computerDnsName } of by('Isolate')) {
    if (!mayBeIsolated.has(machineId)) throw new Broken('I2', `${computerDnsName} was isolated`);
  }
  const twice = overlapping(ours);
  if (twice !== undefined)
    throw new Broken('I3', `${twice.type} of ${twice.computerDnsName} was accepted while one ran`);
  for (const [type, ids] of Object.entries({ Isolate: isolated, Unisolate: released })) {
    const wanted = countOf(ids);
    const seen = countOf(by(type).map(({ machineId }) => machineId));
    for (const id of new Set([...wanted.keys(), ...seen.keys()])) {
      const [count = 0, right = 0] = [seen.get(id), wanted.get(id)];
      if (count !== right) throw new Broken('I3', `${count} requests to ${type} ${nameOf(control, id)}, not ${right}`);
    }
  }
  for (const id of declared) {
    if (!isContained(control, id)) throw new Broken('I5', `${nameOf(control, id)} is declared and not contained`);
  }
  for (const id of released) {
    if (declared.includes(id)) continue;
    if (isContained(control, id)) throw new Broken('I5', `${nameOf(control, id)} was removed and is still contained`);
  }
}

/** What a stack's state tells of one machine. */
export interface Told {
  readonly state: string;
  readonly actionId: string | undefined;
  readonly owned: boolean;
}

/** What state, as `pulumi stack export` shows it, tells of the machines of all MachineIsolations and Quarantines. */
export function toldIn(state: string, control: Control): ReadonlyMap<string, Told> {
  const { deployment } = JSON.parse(state) as { deployment: { resources?: StateResource[] } };
  const told = new Map<string, Told>();
  for (const { type, outputs = {} } of deployment.resources ?? []) {
    if (!/\bmde:(index:)?MachineIsolation$/.test(type)) continue;
    const { machineId, state: word, actionId, owned } = outputs;
    told.set(String(machineId), {
      state: String(word),
      actionId: actionId === undefined ? undefined : String(actionId),
      owned: owned === true,
    });
  }
  for (const { lines, states } of Object.values(setsIn(state))) {
    for (const [host, line] of Object.entries(lines)) {
      told.set(control.machine(host).id, {
        state: states[host] ?? '',
        actionId: /\bactionId=([^,| ]+)/.exec(line)?.[1],
        owned: /, ours\b/.test(line),
      });
    }
  }
  return told;
}

/** Throws what state and the service's record tell differently (I6): state is to say of every declared host that it is isolated, and ours. */
export function judgeState(control: Control, declared: readonly string[], told: ReadonlyMap<string, Told>): void {
  const actions = new Map(control.actions().map((action) => [action.id, action]));
  for (const id of declared) {
    const one = told.get(id);
    const name = nameOf(control, id);
    if (one === undefined) throw new Broken('I6', `${name} is contained by us, and not in state`);
    if (one.state !== 'isolated') throw new Broken('I6', `state says ${one.state} of ${name}, which is isolated`);
    if (!one.owned) throw new Broken('I6', `state says that the isolation of ${name} is not ours`);
    const action = actions.get(one.actionId ?? '');
    const isIt = action?.machineId === id && action.type === 'Isolate' && action.status === 'Succeeded';
    if (!isIt) throw new Broken('I6', `action ${one.actionId} of ${name} in state is ${action?.status ?? 'nowhere'}`);
  }
  for (const id of told.keys()) {
    if (!declared.includes(id)) throw new Broken('I6', `${nameOf(control, id)} is in state, and not declared`);
  }
}

/** A request that was accepted while one of its type ran on its machine. */
function overlapping(actions: readonly ActionRecord[]): ActionRecord | undefined {
  const busyUntil = new Map<string, number>();
  return actions.find(({ machineId, type, creationDateTimeUtc, history }) => {
    const key = `${machineId} ${type}`;
    const isOver = busyUntil.get(key) ?? Number.NEGATIVE_INFINITY;
    const end = history.find(({ status }) => status !== 'Pending' && status !== 'InProgress');
    busyUntil.set(key, Math.max(isOver, end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end.at)));
    return Date.parse(creationDateTimeUtc) < isOver;
  });
}

function countOf(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function isContained(control: Control, id: string): boolean {
  return control.machine(id).isolation.isolated;
}

function nameOf(control: Control, id: string): string {
  return control.machine(id).computerDnsName;
}
