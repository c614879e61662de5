import type { ActionRecord, IsolationTruth } from '../simulator/control.ts';
import { fleetChapters, fleetRows, tellOfFleet } from './fleet-story.ts';
import { type Act, app, type Expected, type Found, RecordDiffers } from './simulator-record.ts';
import type { Stage } from './stage.ts';
import type { TableRow } from './table.ts';

/** Tells, does, and proves each step by the simulator's record. Throws where that differs. */
type Chapter = (stage: Stage) => Promise<void>;

const analyst = 'analyst@contoso.com';
const ticket = 'INC-4711';
const oldName = 'patient-zero';
const newName = 'sales-laptop';

const firstIsolation: Chapter = async (stage) => {
  const { screen, yaml, host } = stage;
  screen.headline(1, 'A host is declared in YAML, and `pulumi up` isolates it.');
  screen.excerpt(yaml.declaration);
  screen.blank();
  await configure(stage, yaml.folder, {
    machineId: host.id,
    comment: ticket,
    'mde:apiUrl': stage.simulator.apiUrl,
    'mde:renewalRestartsLease': 'true',
  });
  await run(stage, yaml.folder, ['preview'], 'a preview writes nothing', [], 'on the network');
  await run(stage, yaml.folder, ['up', '--skip-preview'], 'up isolates the host', [isolates(app)], 'isolated');
  await run(stage, yaml.folder, ['up', '--skip-preview'], 'a second up has nothing to do', [], 'isolated');
};

const releasedByHand: Chapter = async (stage) => {
  const { screen, simulator, yaml, host } = stage;
  screen.headline(2, 'An analyst releases the host by hand: a plain preview shows it, and `up` repairs it.');
  screen.event(`${analyst} presses "Release from isolation" in the Defender portal.`);
  simulator.control.unisolate(host.id, { by: analyst, comment: 'user called, wants to work', latencySeconds: 0 });
  simulator.control.advance('10m');
  happened(stage, 'the analyst released the host', [releases(analyst)], 'on the network');
  await run(stage, yaml.folder, ['preview'], 'a preview of the repair writes nothing', [], 'on the network');
  await run(stage, yaml.folder, ['up', '--skip-preview'], 'up isolates the host again', [isolates(app)], 'isolated');
};

/** The answer: when Defender lifted the isolation by itself. */
async function daysPass(stage: Stage): Promise<string> {
  const { screen, simulator, yaml } = stage;
  screen.headline(3, 'Days pass. Defender lifts an isolation by itself after seven; a run in time renews it.');
  const firstLift = liftOf(stage.host.isolation);
  screen.event(`Four days pass. Defender would lift this isolation on ${minute(firstLift)}.`);
  simulator.control.advance('4d');
  const renewed = await run(
    stage,
    yaml.folder,
    ['up', '--skip-preview'],
    'up renews the isolation',
    [isolates(app)],
    'isolated',
  );
  const secondLift = liftOf(renewed);
  if (simulator.control.now().toISOString() >= firstLift || secondLift <= firstLift) {
    throw new RecordDiffers('the renewal is in time', [`the lift was at ${firstLift}, and now is at ${secondLift}`]);
  }
  screen.say(
    'Microsoft does not say whether a renewal restarts the seven days. This simulator restarts them, and the stack ' +
      'counts on it (mde:renewalRestartsLease); without that setting it renews as well, but counts on the first seven days alone.',
  );
  screen.blank();
  screen.event('Ten days pass, and nobody runs Pulumi.');
  simulator.control.advance('10d');
  happened(stage, 'the isolation has lapsed', [], 'on the network');
  await run(
    stage,
    yaml.folder,
    ['up', '--skip-preview'],
    'up isolates the host once more',
    [isolates(app)],
    'isolated',
  );
  return secondLift;
}

const renamedAndDestroyed: Chapter = async (stage) => {
  const { screen, yaml } = stage;
  screen.headline(4, 'The resource is renamed: nobody is released. It is destroyed: the host is released.');
  yaml.rename(oldName, newName);
  screen.event(
    `In Pulumi.yaml, ${oldName} is now called ${newName}. To Pulumi that is a new resource and a deleted one.`,
  );
  await run(stage, yaml.folder, ['up', '--skip-preview'], 'a renamed resource releases nobody', [], 'isolated');
  await run(
    stage,
    yaml.folder,
    ['destroy', '--skip-preview'],
    'destroy releases the host',
    [releases(app)],
    'on the network',
  );
};

const sameInTypeScript: Chapter = async (stage) => {
  const { screen, typescript, host } = stage;
  screen.headline(5, 'The same host from a TypeScript stack.');
  screen.excerpt(typescript.declaration);
  screen.blank();
  await configure(stage, typescript.folder, {
    machineId: host.id,
    comment: ticket,
    'mde:apiUrl': stage.simulator.apiUrl,
  });
  await run(stage, typescript.folder, ['up', '--skip-preview'], 'up isolates the host', [isolates(app)], 'isolated');
  await run(
    stage,
    typescript.folder,
    ['destroy', '--skip-preview'],
    'destroy releases the host',
    [releases(app)],
    'on the network',
  );
};

/**
 * Tells all of it.
 * @returns lifts, of which Defender keeps no record; they belong into the table at the end nevertheless
 * @throws RecordDiffers, or what the stage throws
 */
export async function tell(stage: Stage): Promise<readonly TableRow[]> {
  await firstIsolation(stage);
  await releasedByHand(stage);
  const liftedAt = await daysPass(stage);
  await renamedAndDestroyed(stage);
  await sameInTypeScript(stage);
  await tellOfFleet(stage, fleetFrom);
  return [{ time: liftedAt, who: 'Defender', action: 'lifts by itself', state: 'no record', comment: '' }];
}

const fleetFrom = 6;

/** The number of the chapter that ends it. */
export const lastChapter = fleetFrom + fleetChapters;

/** The simulator's record of every machine action, for the table at the end; those of the fleet summed up. */
export function recordRows({ simulator, host }: Stage): readonly TableRow[] {
  const actions = simulator.control.actions();
  return [
    ...actions.filter(({ machineId }) => machineId === host.id).map(rowOf),
    ...fleetRows(actions.filter(({ machineId }) => machineId !== host.id).map(rowOf)),
  ];
}

function rowOf(action: ActionRecord): TableRow {
  return {
    time: action.creationDateTimeUtc,
    who: action.requestor,
    action: action.type,
    state: action.status,
    comment: action.requestorComment,
  };
}

function isolates(who: string): Act {
  return { who, type: 'Isolate' };
}

function releases(who: string): Act {
  return { who, type: 'Unisolate' };
}

type Now = 'isolated' | 'on the network';

/** Runs a command and checks what the record then has to say. The answer: the host's isolation. */
async function run(
  stage: Stage,
  folder: string,
  command: readonly string[],
  what: string,
  acts: readonly Act[],
  now: Now,
): Promise<IsolationTruth> {
  await stage.pulumi(folder, ...command);
  return prove(stage, what, { acts, isolated: now === 'isolated', looked: true });
}

/** Checks what the record has to say of what happened outside of Pulumi. */
function happened(stage: Stage, what: string, acts: readonly Act[], now: Now): IsolationTruth {
  return prove(stage, what, { acts, isolated: now === 'isolated', looked: false });
}

/** Checks the record, and says on the screen what it proves. */
function prove(stage: Stage, what: string, expected: Expected): IsolationTruth {
  const found = stage.record.check(what, expected);
  const { isolation } = stage.host;
  const state = isolation.isolated ? `is isolated until ${minute(isolation.liftsAt)}` : 'is on the network';
  stage.screen.proven(`${deeds(expected, found)}; the host ${state}.`);
  return isolation;
}

function deeds({ acts }: Expected, { reads }: Found): string {
  if (acts.length > 0) return acts.map(({ who, type }) => `${type} by ${who}, Succeeded`).join(', ');
  return reads === 0 ? 'no call by anybody' : `${reads} calls that read, none that writes`;
}

function liftOf(isolation: IsolationTruth): string {
  return isolation.isolated ? isolation.liftsAt : '';
}

/** A new stack with these settings. */
async function configure(stage: Stage, folder: string, values: Readonly<Record<string, string>>): Promise<void> {
  await stage.pulumi(folder, 'stack', 'init', 'dev');
  for (const [key, value] of Object.entries(values)) await stage.pulumi(folder, 'config', 'set', key, value);
  stage.screen.blank();
}

function minute(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
