import { documentedLimits } from '../simulator/throttle.ts';
import type { Bench, BenchContext, Row } from './bench.ts';
import { rounded } from './median.ts';
import { documentedLatencySeconds, QuarantineStack } from './quarantine-stack.ts';
import { readsOf } from './refresh-shared.ts';

/** A look at running requests is not made sooner after the one before. */
const pollSeconds = 1;

export const fleet1000 = fleetBench('fleet-1000', 1_000, 20);
export const fleet10000 = fleetBench('fleet-10000', 10_000, 60);

/**
 * @param factor how much shorter the rate windows and the devices' latency are than they really are; the looks of the
 *   product are not, so they weigh more here than they really do
 */
function fleetBench(name: string, hosts: number, factor: number): Bench {
  return {
    name,
    about: `how near an isolation of ${hosts} hosts by one Quarantine comes to what the rate limits alone allow`,
    measures: [
      { key: 'hosts', about: 'hosts of one manifest, none isolated before, that one `pulumi up` isolates' },
      {
        key: 'factor',
        about: 'how much shorter the rate windows (rateLimits) and the action latency are than real ones',
      },
      { key: 'writesPerHost', about: 'POST requests that arrived, for each host' },
      { key: 'readsPerHost', about: 'GET requests for machines and machine actions, for each host' },
      { key: 'refused', about: 'requests that the service answered with 429' },
      {
        key: 'floorSeconds',
        about: 'the last permitted POST, counted from the first, plus the action latency plus one look (1 s)',
      },
      { key: 'apiSeconds', about: 'from the first request of the run to the API to its last' },
      { key: 'timeOverFloor', about: 'apiSeconds / floorSeconds' },
      { key: 'cliSeconds', about: 'the rest of `pulumi up`, before the first request and after the last' },
      { key: 'pluginRssMiB', about: 'peak resident memory of the plugin (VmHWM)' },
      { key: 'cliRssMiB', about: 'peak resident memory of the engine' },
      { key: 'requestKiB', about: 'inputs of the resource as the protocol carries them to the plugin' },
      { key: 'responseKiB', about: 'its outputs as the protocol carries them back' },
      { key: 'stateKiB', about: "size of the stack's state after it" },
    ],
    async *run(context) {
      yield await measure(hosts, factor, context);
    },
  };
}

async function measure(hosts: number, factor: number, { root, signal, say }: BenchContext): Promise<Row> {
  say(`making a tenant of ${hosts} hosts, with rate windows ${factor} times shorter`);
  const stack = await QuarantineStack.make({ root, hosts, factor, signal });
  try {
    const { control } = stack.simulator;
    control.resetStatistics();
    const floorSeconds = lastPermittedSeconds(hosts) / factor + documentedLatencySeconds / factor + pollSeconds;
    say(`isolating them; not before ${Math.round(floorSeconds)} s are over`);
    const run = await stack.pulumi('up', '--yes', '--skip-preview');
    const isolated = stack.isolated();
    if (isolated !== hosts) throw new Error(`${isolated} of ${hosts} hosts are isolated after it`);
    const statistics = control.statistics();
    const writes = Object.entries(statistics.byRoute).filter(([route]) => route.startsWith('POST '));
    const calls = control.requests().filter(({ route }) => /^(GET|POST) /.test(route));
    const apiSeconds = (Date.parse(calls.at(-1)?.at ?? '') - Date.parse(calls[0]?.at ?? '')) / 1000;
    const messages = await stack.messageBytes();
    return {
      hosts,
      factor,
      writesPerHost: rounded(writes.reduce((sum, [, count]) => sum + count, 0) / hosts, 4),
      readsPerHost: rounded(readsOf(statistics) / hosts, 4),
      refused: statistics.byStatus['429'] ?? 0,
      floorSeconds: rounded(floorSeconds, 2),
      apiSeconds: rounded(apiSeconds, 2),
      timeOverFloor: rounded(apiSeconds / floorSeconds, 3),
      cliSeconds: rounded(run.seconds - apiSeconds, 1),
      pluginRssMiB: rounded(run.pluginMiB, 1),
      cliRssMiB: rounded(run.engineMiB, 1),
      requestKiB: rounded(messages.inputs / 1024, 0),
      responseKiB: rounded(messages.outputs / 1024, 0),
      stateKiB: rounded(stack.stateBytes() / 1024, 0),
    };
  } finally {
    await stack.end();
  }
}

/** When the last of so many POSTs may start, both windows sliding, in real seconds from the first. */
export function lastPermittedSeconds(hosts: number): number {
  const { perMinute, perHour, minuteMs, hourMs } = documentedLimits;
  const wholeHours = Math.floor((hosts - 1) / perHour);
  const inLastHour = hosts - 1 - wholeHours * perHour;
  return (wholeHours * hourMs + Math.floor(inLastHour / perMinute) * minuteMs) / 1000;
}
