import { fromManifest } from '../../engine/quarantine/fleet.ts';
import { shown } from '../../engine/world.ts';
import type { FaultRow } from '../row.ts';
import { converges } from './converges.ts';
import { judgeRecord, judgeState, toldIn } from './judge.ts';
import { upAndKill, type Victim, victims } from './kill.ts';
import { inLanes, type KillPoint, pointsOver } from './points.ts';
import { lanes, makeStage, rateLimits, type Stage, stateText } from './stage.ts';

const hosts = 100;
/** Hosts of the set that leave it, and that come, in a run that releases some. */
const moved = 20;
const isolate = 'POST machines/{id}/isolate';
const unisolate = 'POST machines/{id}/unisolate';
const guardrails = { maxReleases: hosts, maxReleasePercent: 100 };

/** A new set of a hundred hosts, whose first run is killed. */
async function killIsolating(stage: Stage, point: KillPoint, victim: Victim): Promise<void> {
  stage.startAnew();
  const since = stage.control.actions().length;
  const machines = stage.addNew(hosts);
  stage.declare({ fleet: fromManifest() }, { rateLimits });
  stage.write([...machines.keys()]);
  await upAndKill(stage, point, victim, { route: isolate });
  const accepted = stage.control.actions().length - since;
  if (point.moment === 'between' && accepted !== point.after) throw new Error(`killed after ${accepted} writes`);
  if (point.rests) stage.control.advance('10m');
  await converges(stage, point.thenEmpty);
  const ids = [...machines.values()];
  judgeRecord(stage.control, { declared: ids, isolated: ids, since });
  judgeState(stage.control, ids, toldIn(stateText(stage), stage.control));
}

/** A set that stands and changes: some of its hosts go, others come, and that run is killed. */
interface ChangingStage extends Stage {
  declared: Map<string, string>;
}

async function makeChangingStage(): Promise<ChangingStage> {
  const stage = await makeStage();
  const declared = new Map(stage.addNew(hosts));
  stage.declare({ fleet: fromManifest() }, { rateLimits, guardrails });
  stage.write([...declared.keys()]);
  const up = await stage.up();
  if (up.code !== 0) throw new Error(`the set is not contained:\n${shown(up)}`);
  return { ...stage, declared };
}

async function killReleasing(stage: ChangingStage, point: KillPoint, victim: Victim): Promise<void> {
  stage.control.advance('1h');
  const since = stage.control.actions().length;
  const released = [...stage.declared].slice(0, moved);
  const isolated = stage.addNew(moved);
  const declared = new Map([...[...stage.declared].slice(moved), ...isolated]);
  stage.declared = declared;
  stage.write([...declared.keys()]);
  await upAndKill(stage, point, victim, { route: unisolate });
  if (point.rests) stage.control.advance('10m');
  await converges(stage, point.thenEmpty);
  const ids = (of: Iterable<readonly [string, string]>) => Array.from(of, ([, id]) => id);
  judgeRecord(stage.control, {
    declared: ids(declared),
    isolated: ids(isolated),
    released: ids(released),
    since,
  });
  judgeState(stage.control, ids(declared), toldIn(stateText(stage), stage.control));
}

const expected =
  'one up converges, the next is empty, one accepted request a host, no other host touched, state and record agree';

function rowOf(
  victim: Victim,
  doing: string,
  /** Kills by scale; none: the row is not in the short form. */
  counts: { readonly short: number; readonly whole: number },
  run: (count: number) => Promise<void>,
): FaultRow {
  const name = victim === 'both' ? 'plugin and engine' : victim;
  return {
    fault: `SIGKILL of ${name} while a set ${doing}`,
    on: 'engine',
    expected,
    short: counts.short > 0,
    async run(scale) {
      await run(counts[scale]);
      return `so after each of ${counts[scale]} kills`;
    },
  };
}

/** A Quarantine of a hundred hosts that is killed at so many moments of its run. */
export const killedSets: readonly FaultRow[] = [
  ...victims.map((victim) =>
    rowOf(victim, `of ${hosts} is isolated`, { short: 3, whole: 50 }, (count) =>
      inLanes(pointsOver(hosts, count), lanes, makeStage, (stage, point) => killIsolating(stage, point, victim)),
    ),
  ),
  ...victims.map((victim, first) =>
    rowOf(victim, `releases ${moved} of ${hosts}`, { short: victim === 'both' ? 0 : 1, whole: 3 }, (count) =>
      inLanes(pointsOver(moved, count, first), lanes, makeChangingStage, (stage, point) =>
        killReleasing(stage, point, victim),
      ),
    ),
  ),
];
