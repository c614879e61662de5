import { setImmediate as turn } from 'node:timers/promises';
import { type Simulator, startSimulator } from '../simulator/start.ts';
import type { Bench, BenchContext, Row } from './bench.ts';
import { FastStack } from './fast-stack.ts';
import { median, rounded } from './median.ts';
import { readsOf } from './refresh-shared.ts';

const hosts = 200;
/** Slow enough that waiting, and not the processes' own work, is most of it. */
const speed = 20;
/** After which part of its requests the first run is killed. */
const killedAfter = [0.35, 0.5, 0.65] as const;
const undisturbedRuns = 3;
const isolate = 'POST machines/{id}/isolate';

export const recovery: Bench = {
  name: 'recovery',
  about: 'what a run costs that is killed half-way and finished by a second one, which has no state of the first',
  measures: [
    { key: 'hosts', about: 'of one Quarantine, none isolated before' },
    { key: 'kills', about: 'runs that were ended by SIGKILL to the plugin, at different points; the rest are medians' },
    { key: 'writesBeforeKill', about: 'isolations that had been asked for by then' },
    { key: 'extraWrites', about: 'POST requests of both runs beyond those of an undisturbed one; 0 is right' },
    {
      key: 'extraReads',
      about: 'GET requests for machines and machine actions of both beyond those of an undisturbed one',
    },
    {
      key: 'extraTimeRatio',
      about: 'simulated time of both, from start to end of each, beyond that of an undisturbed one, as a part of that',
    },
  ],
  async *run(context) {
    yield await measure(context);
  },
};

interface Cost {
  readonly writes: number;
  readonly reads: number;
  /** Simulated. */
  readonly seconds: number;
}

async function measure({ signal, say }: BenchContext): Promise<Row> {
  const undisturbed: Cost[] = [];
  for (let each = 0; each < undisturbedRuns; each += 1) {
    say(`undisturbed, ${each + 1} of ${undisturbedRuns}`);
    undisturbed.push((await costOf(undefined, signal)).cost);
  }
  const whole = (of: (cost: Cost) => number) => median(undisturbed.map(of));
  const killed: { cost: Cost; writesBeforeKill: number }[] = [];
  for (const part of killedAfter) {
    say(`killed after ${part * 100} % of its writes`);
    killed.push(await costOf(Math.round(part * whole(({ writes }) => writes)), signal));
  }
  const extra = (of: (cost: Cost) => number) => median(killed.map(({ cost }) => of(cost))) - whole(of);
  return {
    hosts,
    kills: killed.length,
    writesBeforeKill: median(killed.map(({ writesBeforeKill }) => writesBeforeKill)),
    extraWrites: Math.max(...killed.map(({ cost }) => cost.writes)) - whole(({ writes }) => writes),
    extraReads: extra(({ reads }) => reads),
    extraTimeRatio: rounded(extra(({ seconds }) => seconds) / whole(({ seconds }) => seconds), 3),
  };
}

/** @param killAfter so many isolations are asked for when the first run is killed; undefined: it is not */
async function costOf(
  killAfter: number | undefined,
  signal: AbortSignal,
): Promise<{ cost: Cost; writesBeforeKill: number }> {
  const simulator = await startSimulator({ speed: 0 });
  const stack = new FastStack(simulator, speed);
  const { control } = simulator;
  try {
    const names = Array.from({ length: hosts }, (_, index) => `pc-${String(index).padStart(4, '0')}.contoso.com`);
    for (const computerDnsName of names) control.addMachine({ computerDnsName });
    const manifest = ['version: 1', 'comment: INC-4711', 'hosts:', ...names.map((name) => `  - deviceName: ${name}`)];
    const up = () => stack.up(`${manifest.join('\n')}\n`);
    const started = control.now().getTime();
    let writesBeforeKill = 0;
    if (killAfter !== undefined) {
      let ended: string | undefined;
      const running = up().then(
        (reasons) => {
          ended = `ended: ${reasons.join('; ')}`;
        },
        (error: unknown) => {
          ended = `failed: ${error}`;
        },
      );
      writesBeforeKill = await written(simulator, killAfter, signal, () => ended);
      await stack.kill();
      await running;
    }
    const failures = await up();
    if (failures.length > 0) throw new Error(`the run that was not killed failed: ${failures.join('; ')}`);
    mustBeIsolatedOnce(simulator, names);
    const statistics = control.statistics();
    const posts = Object.entries(statistics.byRoute).filter(([route]) => route.startsWith('POST '));
    const writes = posts.reduce((sum, [, count]) => sum + count, 0);
    // Without those that the service did not take, since it had taken enough for that minute: they asked for nothing.
    const refused = control.requests().filter(({ method, status }) => method === 'POST' && status === 429).length;
    return {
      cost: {
        writes: writes - refused,
        reads: readsOf(statistics),
        seconds: (control.now().getTime() - started) / 1000,
      },
      writesBeforeKill,
    };
  } finally {
    await stack.end();
    await simulator.stop();
  }
}

/** Resolves once so many isolations were asked for. */
async function written(
  { control }: Simulator,
  count: number,
  signal: AbortSignal,
  ended: () => string | undefined,
): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    const end = ended();
    if (end !== undefined) throw new Error(`the run that was to be killed ${end}`);
    const writes = control.statistics().byRoute[isolate] ?? 0;
    if (writes >= count) return writes;
    await turn();
  }
}

function mustBeIsolatedOnce({ control }: Simulator, names: readonly string[]): void {
  for (const name of names) {
    const requests = control.actions({ machine: name });
    if (requests.length === 1 && control.machine(name).isolation.isolated) continue;
    throw new Error(`${name} was asked to be isolated ${requests.length} times`);
  }
}
