import type { Bench, BenchContext, Row } from './bench.ts';
import { rounded } from './median.ts';
import { QuarantineStack } from './quarantine-stack.ts';
import { readsOf } from './refresh-shared.ts';

/** What one page of the service holds. */
const pageSize = 10_000;

export const refresh1000 = refreshBench('refresh-1000', 1_000);
export const refresh10000 = refreshBench('refresh-10000', 10_000);

export const noop10000: Bench = {
  name: 'noop-10000',
  about: 'what a `pulumi up` costs that finds 10,000 hosts of one Quarantine in order',
  measures: [
    { key: 'hosts', about: 'isolated hosts of one manifest, in state' },
    { key: 'seconds', about: 'from the start of `pulumi up --skip-preview` to its end' },
    { key: 'cliRssMiB', about: 'peak resident memory of the engine (VmHWM)' },
    { key: 'pluginRssMiB', about: 'peak resident memory of the plugin' },
    { key: 'apiReads', about: 'GET requests for machines and machine actions' },
    { key: 'stateKiB', about: "size of the stack's state" },
  ],
  async *run(context) {
    yield await measure(10_000, context, async (stack) => {
      const run = await stack.pulumi('up', '--yes', '--skip-preview', '--expect-no-changes');
      return {
        seconds: rounded(run.seconds, 1),
        cliRssMiB: rounded(run.engineMiB, 1),
        pluginRssMiB: rounded(run.pluginMiB, 1),
        apiReads: readsOf(stack.simulator.control.statistics()),
        stateKiB: rounded(stack.stateBytes() / 1024, 0),
      };
    });
  },
};

function refreshBench(name: string, hosts: number): Bench {
  return {
    name,
    about: `how many calls to the service a \`pulumi refresh\` of ${hosts} hosts in one Quarantine takes`,
    measures: [
      { key: 'hosts', about: 'isolated hosts of one manifest, in state' },
      { key: 'apiReads', about: 'GET requests for machines and machine actions that one refresh sent' },
      { key: 'pages', about: 'pages of 10,000 that the list of machine actions has' },
      { key: 'seconds', about: 'from the start of `pulumi refresh` to its end; the simulator shares the machine' },
      { key: 'pluginRssMiB', about: 'peak resident memory of the plugin (VmHWM)' },
    ],
    async *run(context) {
      yield await measure(hosts, context, async (stack) => {
        const run = await stack.pulumi('refresh', '--yes', '--skip-preview', '--expect-no-changes');
        const { control } = stack.simulator;
        return {
          apiReads: readsOf(control.statistics()),
          pages: Math.ceil(control.actions().length / pageSize),
          seconds: rounded(run.seconds, 1),
          pluginRssMiB: rounded(run.pluginMiB, 1),
        };
      });
    },
  };
}

/** Measures on a stack that holds so many isolated hosts, of which nothing changes. */
async function measure(
  hosts: number,
  { root, signal, say }: BenchContext,
  work: (stack: QuarantineStack) => Promise<Row>,
): Promise<Row> {
  say(`taking ${hosts} isolated hosts into state`);
  const stack = await QuarantineStack.make({ root, hosts, factor: 1, signal });
  try {
    stack.isolateAll();
    await stack.pulumi('up', '--yes', '--skip-preview');
    const { control } = stack.simulator;
    const wrote = Object.keys(control.statistics().byRoute).filter((route) => route.startsWith('POST '));
    if (wrote.length > 0) throw new Error(`hosts that are isolated were written to: ${wrote.join(', ')}`);
    control.resetStatistics();
    say('measuring');
    return { hosts, ...(await work(stack)) };
  } finally {
    await stack.end();
  }
}
