import type { ExpectedOfFleet, FoundOfFleet } from './fleet-record.ts';
import { FleetRecord } from './fleet-record.ts';
import { RecordDiffers } from './simulator-record.ts';
import type { Stage } from './stage.ts';
import type { TableRow } from './table.ts';

const ticket = 'INC-4712 worm, all of sales';
const size = 200;
/** Hosts that the clean-up takes out of the manifest. */
const cleaned = 60;
/** The runner dies after so many requests. */
const half = size / 2;
/** Lines of the manifest that are shown. */
const excerptLines = 7;

/** One story about many hosts: what is declared, what the record says so far. */
interface Fleet {
  readonly stage: Stage;
  readonly names: readonly string[];
  readonly record: FleetRecord;
}

const nobody: ReadonlySet<string> = new Set();

/**
 * Tells of a fleet, after all that was told of one host.
 * @param chapter number of its first chapter
 * @throws RecordDiffers, or what the stage throws
 */
export async function tellOfFleet(stage: Stage, chapter: number): Promise<void> {
  const names = addLaptops(stage);
  const fleet: Fleet = { stage, names, record: new FleetRecord(stage.simulator, new Set(names)) };
  await runnerDies(fleet, chapter);
  await massRelease(fleet, chapter + 1);
}

/** How many chapters that is. */
export const fleetChapters = 2;

function addLaptops({ simulator }: Stage): readonly string[] {
  return Array.from({ length: size }, (_, index) => {
    const computerDnsName = `sales-laptop-${String(index + 1).padStart(3, '0')}.contoso.com`;
    simulator.control.addMachine({ computerDnsName });
    return computerDnsName;
  });
}

async function runnerDies(fleet: Fleet, chapter: number): Promise<void> {
  const { stage, names } = fleet;
  const { screen, simulator } = stage;
  const { folder } = stage.fleet;
  screen.headline(
    chapter,
    `${size} hosts from one manifest in Git; the runner dies half-way, and the next run finishes.`,
  );
  screen.event(`A worm. ${size} laptops of sales are to be contained; they join the simulated Defender now.`);
  screen.blank();
  screen.excerpt(stage.fleet.declaration);
  screen.blank();
  screen.say('quarantine.yaml:');
  screen.excerpt([
    ...stage.fleet.write({ comment: ticket, hosts: names }).slice(0, excerptLines),
    `  … ${size} hosts in all`,
  ]);
  screen.blank();
  stage.git(folder, 'init', '--quiet', '--initial-branch', 'main');
  await stage.pulumi(folder, 'stack', 'init', 'dev');
  await stage.pulumi(folder, 'config', 'set', 'mde:apiUrl', simulator.apiUrl);
  screen.blank();
  screen.say(`A run isolates at most 100 hosts, unless the stack says that more are meant:`);
  await stage.pulumi(folder, 'config', 'set', '--path', 'mde:guardrails.maxIsolations', String(size));
  screen.blank();
  screen.say(
    'Defender takes 100 calls a minute of each kind. Simulated time runs 60 times as fast, so a minute lasts a second here, and ' +
      `the stack is told so. On a tenant, ${size} requests take about two minutes.`,
  );
  await stage.pulumi(folder, 'config', 'set', '--path', 'mde:rateLimits.minuteLength', '1s');
  await stage.pulumi(folder, 'config', 'set', '--path', 'mde:rateLimits.hourLength', '60s');
  stage.git(folder, 'add', '.');
  stage.git(folder, 'commit', '--quiet', '--message', `${ticket}: contain ${size} laptops`);
  screen.blank();
  const before = simulator.control.actions().length;
  await stage.cutOff(() => simulator.control.actions().length >= before + half, folder, 'up', '--skip-preview');
  screen.event('The runner loses power: the engine and its plugins are killed (SIGKILL) in the middle of their work.');
  const cut = prove(fleet, 'the run was killed half-way', {
    isolates: 'some, each once',
    releases: nobody,
    isolated: undefined,
  });
  const asked = new Set(cut.everIsolated);
  if (asked.size >= size) throw new RecordDiffers('the run was killed half-way', ['it had sent all of its requests']);
  screen.proven(`${asked.size} of ${size} hosts were asked to isolate, and nobody is left to tell the stack's state.`);
  // What was under way comes to its end meanwhile.
  await statusOf(fleet, 2);
  await stage.pulumi(folder, 'cancel', '--yes');
  await stage.pulumi(folder, 'up', '--skip-preview');
  prove(fleet, 'the next run isolates the others', {
    isolates: new Set(names.filter((name) => !asked.has(name))),
    releases: nobody,
    isolated: new Set(names),
  });
  screen.proven(
    `The other ${size - asked.size} were asked: ${size} hosts, one request each, and all of them are isolated.`,
  );
  await statusOf(fleet, 0);
}

async function massRelease(fleet: Fleet, chapter: number): Promise<void> {
  const { stage, names } = fleet;
  const { screen } = stage;
  const { folder } = stage.fleet;
  screen.headline(
    chapter,
    `A pull request removes ${cleaned} of them: refused, by name. Allowed on purpose, it goes through.`,
  );
  const removed = names.slice(-cleaned);
  const kept = names.slice(0, -cleaned);
  stage.git(folder, 'switch', '--quiet', '--create', 'tidy-up');
  stage.fleet.write({ comment: ticket, hosts: kept });
  stage.git(folder, 'commit', '--quiet', '--all', '--message', 'Tidy up');
  stage.git(folder, 'diff', '--stat', 'main');
  const refusal = await stage.refused(folder, 'preview');
  nothingWritten(fleet, 'a refused preview writes nothing');
  const unnamed = removed.filter((name) => !refusal.includes(name));
  const allowReleases = /allowReleases: "(\d+-[0-9a-f]{8})"/.exec(refusal)?.[1];
  if (unnamed.length > 0 || allowReleases === undefined)
    throw new RecordDiffers('the refusal names every host and the way on', [
      `not named: ${unnamed.join(', ') || 'the way on'}`,
    ]);
  screen.proven(
    `All ${cleaned} are named, and the pull request's check fails. No call that writes; all ${size} stay isolated.`,
  );
  screen.say('They are meant. The refusal has printed what says so, for this set of hosts and no other:');
  screen.excerpt(stage.fleet.write({ comment: ticket, hosts: kept, allowReleases }).slice(2, 4));
  stage.git(folder, 'commit', '--quiet', '--all', '--message', `Release ${cleaned} laptops on purpose`);
  await stage.pulumi(folder, 'preview');
  nothingWritten(fleet, 'a preview writes nothing');
  screen.proven('The pull request passes. Nothing was written.');
  stage.git(folder, 'switch', '--quiet', 'main');
  stage.git(folder, 'merge', '--quiet', 'tidy-up');
  await stage.pulumi(folder, 'up', '--skip-preview');
  prove(fleet, 'the merge releases what was taken out', {
    isolates: nobody,
    releases: new Set(removed),
    isolated: new Set(kept),
  });
  screen.proven(
    `${cleaned} hosts were asked to release, once each, and are on the network; the other ${kept.length} are isolated.`,
  );
  await statusOf(fleet, 0);
}

/** @param expected exit code: 0 in sync, 2 drift */
async function statusOf(fleet: Fleet, expected: 0 | 2): Promise<void> {
  const { stage } = fleet;
  await stage.commandLine(expected, stage.fleet.folder, 'status', 'quarantine.yaml', '--stack', 'quarantine/dev/fleet');
  nothingWritten(fleet, 'status writes nothing');
  stage.screen.blank();
}

/** Requests of before may have come to their end, so of hosts nothing is said. */
function nothingWritten(fleet: Fleet, what: string): void {
  prove(fleet, what, { isolates: nobody, releases: nobody, isolated: undefined });
}

function prove({ record }: Fleet, what: string, expected: ExpectedOfFleet): FoundOfFleet {
  return record.check(what, expected);
}

/** The record of a fleet for the table at the end: a row for all of a kind. */
export function fleetRows(rows: readonly TableRow[]): readonly TableRow[] {
  const kinds = new Map<string, TableRow[]>();
  for (const row of rows) {
    const kind = `${row.who}\n${row.action}\n${row.state}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), row]);
  }
  return [...kinds.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ ...first, comment: `${group.length === 1 ? '1 host' : `${group.length} hosts`}, from ${first.comment}` }];
  });
}
