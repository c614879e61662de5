import { startSimulator } from '../simulator/start.ts';
import type { Bench, BenchContext, Row } from './bench.ts';
import { FastStack } from './fast-stack.ts';
import { rounded } from './median.ts';
import { PluginWorld } from './soak/plugin-world.ts';
import { slopeOf } from './soak/slope.ts';
import { soak } from './soak/soak.ts';

const size = { hosts: 500, days: 22 } as const;
/** Simulated seconds per real one, while a run goes on. */
const speed = 360;
/** The bulk window reaches back twelve days: until it is full, what a run has in hand at a time grows with it. */
const warmUpHours = 13 * 24;
/** Hours from one look at the memory to the next. */
const lookEvery = 4;

export const soakBench: Bench = {
  name: 'soak',
  about: 'weeks of an hourly pipeline on one Quarantine, with renewals, analysts, absent devices and faults',
  measures: [
    { key: 'hosts', about: 'hosts declared at any time; each day some leave and others come' },
    { key: 'weeks', about: 'simulated' },
    {
      key: 'runs',
      about: 'of the pipeline, one an hour; all by one process of the plugin, each with a sign-in of its own',
    },
    {
      key: 'uncoveredMinutes',
      about: 'of all hosts: declared, reachable, no release respected, and not isolated beyond the slack; 0 is right',
    },
    {
      key: 'slackMinutes',
      about: 'of all hosts: the same until the end of the first run that could know, which nothing hourly can spare',
    },
    { key: 'callsPerHostDay', about: 'requests to the API for each host and day, whatever became of them' },
    {
      key: 'rssSlopeKiBPerHour',
      about: 'growth of the resident memory of the plugin for each simulated hour (and run)',
    },
    { key: 'heapSlopeKiBPerHour', about: 'the same of what lives on its heap; both after all garbage is collected' },
    { key: 'rssMiB', about: 'resident memory at the end' },
    { key: 'seconds', about: 'that all of it took' },
  ],
  async *run(context) {
    yield await measureSoak(size, context);
  },
};

/** @param size hosts that are declared at any time, and simulated days; more than a fortnight */
export async function measureSoak(
  { hosts, days }: { readonly hosts: number; readonly days: number },
  { signal, say }: BenchContext,
): Promise<Row> {
  const started = performance.now();
  const simulator = await startSimulator({ speed: 0 });
  const stack = new FastStack(simulator, speed);
  const memory: { hours: number; rss: number; heap: number }[] = [];
  try {
    const world = new PluginWorld(simulator.control, stack);
    const result = await soak(world, {
      hosts,
      days,
      bustle: 1,
      seed: 4711,
      signal,
      async afterRun(run) {
        if (run % (24 * 3) === 0) say(`day ${run / 24} of ${days}`);
        if (run < warmUpHours || run % lookEvery > 0) return;
        const { rss, heapUsed } = await stack.memory();
        memory.push({ hours: run, rss: rss / 1024, heap: heapUsed / 1024 });
      },
    });
    for (const { host, from } of result.uncovered) say(`uncovered: ${host} from ${from.join(', ')}`);
    const slope = (of: 'rss' | 'heap') => slopeOf(memory.map((look) => ({ x: look.hours, y: look[of] })));
    return {
      hosts,
      weeks: rounded(days / 7, 2),
      runs: result.runs.length,
      uncoveredMinutes: rounded(result.uncoveredMinutes, 1),
      slackMinutes: rounded(result.slackMinutes, 0),
      callsPerHostDay: rounded(result.calls / result.hostDays, 3),
      rssSlopeKiBPerHour: rounded(slope('rss'), 2),
      heapSlopeKiBPerHour: rounded(slope('heap'), 2),
      rssMiB: rounded((memory.at(-1)?.rss ?? 0) / 1024, 1),
      seconds: rounded((performance.now() - started) / 1000, 0),
    };
  } finally {
    await stack.end();
    await simulator.stop();
  }
}
