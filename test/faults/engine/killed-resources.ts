import type { FaultRow } from '../row.ts';
import { converges } from './converges.ts';
import { judgeRecord, judgeState, toldIn } from './judge.ts';
import { upAndKill, type Victim, victims } from './kill.ts';
import { inLanes, type KillPoint, pointsOver } from './points.ts';
import { lanes, makeStage, rateLimits, type Stage, stateText } from './stage.ts';

const hosts = 100;
const route = 'POST machines/{id}/isolate';

/** A hundred MachineIsolations, whose first run is killed. */
async function kill(stage: Stage, point: KillPoint, victim: Victim): Promise<void> {
  stage.startAnew();
  const since = stage.control.actions().length;
  const machines = [...stage.addNew(hosts)];
  const resources = machines.map(([, machineId], at) => [`pc${at}`, { properties: { machineId, comment: 'INC-1' } }]);
  stage.declare(Object.fromEntries(resources), { rateLimits });
  await upAndKill(stage, point, victim, { route });
  if (point.rests) stage.control.advance('10m');
  await converges(stage, point.thenEmpty);
  const ids = machines.map(([, id]) => id);
  judgeRecord(stage.control, { declared: ids, isolated: ids, since });
  judgeState(stage.control, ids, toldIn(stateText(stage), stage.control));
}

/** The same hosts, each a resource of its own: what the engine has put into state by then stays there. */
export const killedResources: readonly FaultRow[] = victims.map((victim, first) => ({
  fault: `SIGKILL of ${victim === 'both' ? 'plugin and engine' : victim} while ${hosts} resources are created`,
  on: 'engine',
  expected: 'one up converges, the next is empty, one accepted request a host, state and record agree',
  short: false,
  async run() {
    // Each costs as much as several kills of a set.
    const point = pointsOver(hosts, 3, first).slice(1, 2);
    await inLanes(point, lanes, makeStage, (stage, at) => kill(stage, at, victim));
    return 'so after a kill half-way';
  },
}));
