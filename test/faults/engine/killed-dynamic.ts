import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../engine/engine-process.ts';
import { makeScene, type Scene, WrittenStack } from '../../engine/typescript/stack.ts';
import type { FaultRow } from '../row.ts';
import { converges } from './converges.ts';
import { judgeRecord, judgeState, toldIn } from './judge.ts';
import { type Killable, upAndKill, type Victim, victims } from './kill.ts';
import { type KillPoint, pointsOver } from './points.ts';

const hosts = 100;
const moved = 20;
const isolate = 'POST machines/{id}/isolate';
const unisolate = 'POST machines/{id}/unisolate';
/** The process that serves a dynamic provider. */
const host = 'dynamic-provider';

/** A TypeScript stack with a set, whose runs are killed. */
interface DynamicStack extends Killable {
  readonly stack: WrittenStack;
  /** The program's set; hosts by name. */
  declareSet(names: readonly string[]): void;
  writes(): number;
  up(...args: string[]): ReturnType<WrittenStack['up']>;
}

async function makeDynamicStack(scene: Scene): Promise<DynamicStack> {
  const { engine, simulator } = scene;
  const { control } = simulator;
  control.setLimits({ perMinute: 100_000, perHour: 10_000_000 });
  const stack = WrittenStack.make(scene, 'containment');
  await stack.init({
    'mde:rateLimits': JSON.stringify({ perMinute: 100_000, perHour: 10_000_000, share: 1 }),
    'mde:guardrails': JSON.stringify({ maxReleases: hosts, maxReleasePercent: 100 }),
  });
  return {
    stack,
    control,
    engine,
    declareSet(names) {
      const args = { comment: 'INC-4711', hosts: names.map((deviceName) => ({ deviceName })) };
      const lines = [
        "import { Quarantine } from 'pulumi-mde';",
        `new Quarantine('fleet', ${JSON.stringify(args)});`,
        '',
      ];
      writeFileSync(join(stack.folder, 'index.ts'), lines.join('\n'));
    },
    start: (args) => startEngine(engine, [...args, '--non-interactive', '--stack', 'dev'], stack.folder),
    pulumi: (args) => stack.pulumi(...args),
    up: (...args) => stack.up(...args),
    writes() {
      const routes = Object.entries(control.statistics().byRoute);
      return routes.reduce((sum, [route, count]) => (route.startsWith('POST ') ? sum + count : sum), 0);
    },
  };
}

/** First the set is made and that run is killed, then some hosts leave it and others come, and that one is killed, too. */
async function play(point: KillPoint, later: KillPoint, victim: Victim): Promise<void> {
  const scene = await makeScene();
  try {
    const world = await makeDynamicStack(scene);
    const { control, stack } = world;
    const add = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, at) => {
        const { id, computerDnsName } = control.addMachine({ computerDnsName: `${prefix}${at}.contoso.com` });
        return { id, name: computerDnsName };
      });
    const ids = (machines: readonly { readonly id: string }[]) => machines.map(({ id }) => id);
    const judge = async (wanted: Parameters<typeof judgeRecord>[1]) => {
      judgeRecord(control, wanted);
      judgeState(control, wanted.declared, toldIn(await stack.stateText(), control));
    };
    const first = add(hosts, 'pc');
    world.declareSet(first.map(({ name }) => name));
    await upAndKill(world, point, victim, { route: isolate, command: host });
    if (point.rests) control.advance('10m');
    await converges(world);
    await judge({ declared: ids(first), isolated: ids(first) });
    const since = control.actions().length;
    const fresh = add(moved, 'new');
    const declared = [...first.slice(moved), ...fresh];
    world.declareSet(declared.map(({ name }) => name));
    await upAndKill(world, later, victim, { route: unisolate, command: host });
    if (later.rests) control.advance('10m');
    await converges(world);
    await judge({
      declared: ids(declared),
      isolated: ids(fresh),
      released: ids(first.slice(0, moved)),
      since,
    });
  } finally {
    await scene.end();
  }
}

/** The same on a TypeScript stack, where the process that is killed is the dynamic provider's host. */
export const killedDynamic: readonly FaultRow[] = victims.map((victim, first) => ({
  fault: `SIGKILL of ${victim === 'plugin' ? 'the dynamic host' : victim === 'both' ? 'dynamic host and engine' : 'engine'} on a TypeScript stack`,
  on: 'engine',
  expected: `while a set of ${hosts} is isolated, and while ${moved} are released: one up converges, the next is empty, one request a host`,
  short: false,
  async run() {
    const [point] = pointsOver(hosts, 1, first);
    const [later] = pointsOver(moved, 1, first + 1);
    if (point !== undefined && later !== undefined) await play(point, later, victim);
    return 'so after both kills';
  },
}));
