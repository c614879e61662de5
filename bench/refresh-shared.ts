import type { Statistics } from '../simulator/statistics.ts';
import type { Bench, BenchContext, Row } from './bench.ts';
import { IsolatedStack } from './isolated-stack.ts';
import { rounded } from './median.ts';

const sizes = [100, 1_000];

export const refreshShared: Bench = {
  name: 'refresh-shared',
  about: 'how many calls to the service a `pulumi refresh` of many MachineIsolation resources takes',
  measures: [
    { key: 'resources', about: 'MachineIsolation resources in the state of a YAML stack, each of an isolated host' },
    { key: 'apiReads', about: 'GET requests for machines and machine actions that one refresh sent; sign-in aside' },
    { key: 'seconds', about: 'from the start of `pulumi refresh` to its end; the simulator shares the machine' },
  ],
  async *run(context) {
    for (const resources of sizes) yield await measureRefresh(resources, context);
  },
};

async function measureRefresh(resources: number, { root, signal, say }: BenchContext): Promise<Row> {
  say(`making a stack of ${resources} isolated hosts`);
  const stack = await IsolatedStack.make(root, resources, signal);
  try {
    const { control } = stack.simulator;
    say(`refreshing ${resources} resources`);
    control.resetStatistics();
    const started = performance.now();
    // Nothing did change: a refresh that says otherwise has not seen what it was to see.
    await stack.pulumi('refresh', '--yes', '--skip-preview', '--expect-no-changes');
    const seconds = (performance.now() - started) / 1000;
    const statistics = control.statistics();
    await stack.mustBeIntact(resources);
    return { resources, apiReads: readsOf(statistics), seconds: rounded(seconds, 1) };
  } finally {
    await stack.end();
  }
}

/** GET requests to the routes of machines and their actions. */
export function readsOf({ byRoute }: Statistics): number {
  const reads = Object.entries(byRoute).filter(([route]) => /^GET machine(s|actions)(\/|$)/.test(route));
  return reads.reduce((sum, [, count]) => sum + count, 0);
}
