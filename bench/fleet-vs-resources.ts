import type { Bench, BenchContext, Row } from './bench.ts';
import { rounded } from './median.ts';
import { QuarantineStack } from './quarantine-stack.ts';
import { readsOf } from './refresh-shared.ts';

const hosts = 1_000;
const factor = 20;

export const fleetVsResources1000: Bench = {
  name: 'fleet-vs-resources-1000',
  about: 'the same 1,000 hosts as one Quarantine and as 1,000 MachineIsolation resources',
  measures: [
    { key: 'asResources', about: '1: each host a MachineIsolation; 0: all of them one Quarantine' },
    { key: 'hosts', about: 'hosts, none isolated before' },
    { key: 'factor', about: 'how much shorter the rate windows and the action latency are than real ones' },
    { key: 'upSeconds', about: 'a `pulumi up` that isolates all of them' },
    { key: 'upReads', about: 'GET requests for machines and machine actions in it' },
    { key: 'upWrites', about: 'POST requests in it' },
    { key: 'noopSeconds', about: 'the next `pulumi up`, which finds all in order' },
    { key: 'noopReads', about: 'GET requests in that' },
    { key: 'upRatio', about: 'upSeconds of the resources / upSeconds of the Quarantine' },
    { key: 'noopRatio', about: 'the same of noopSeconds' },
  ],
  async *run(context) {
    const fleet = await measure(false, context);
    yield { ...fleet, upRatio: 1, noopRatio: 1 };
    const resources = await measure(true, context);
    const ratio = (key: string) => rounded((resources[key] ?? 0) / (fleet[key] ?? 1), 2);
    yield { ...resources, upRatio: ratio('upSeconds'), noopRatio: ratio('noopSeconds') };
  },
};

async function measure(asResources: boolean, { root, signal, say }: BenchContext): Promise<Row> {
  say(`isolating ${hosts} hosts as ${asResources ? `${hosts} resources` : 'one Quarantine'}`);
  const stack = await QuarantineStack.make({ root, hosts, factor, signal, asResources });
  try {
    const { control } = stack.simulator;
    control.resetStatistics();
    const up = await stack.pulumi('up', '--yes', '--skip-preview');
    const isolated = stack.isolated();
    if (isolated !== hosts) throw new Error(`${isolated} of ${hosts} hosts are isolated after it`);
    const ofUp = control.statistics();
    control.resetStatistics();
    const noop = await stack.pulumi('up', '--yes', '--skip-preview', '--expect-no-changes');
    const writes = Object.entries(ofUp.byRoute).filter(([route]) => route.startsWith('POST '));
    return {
      asResources: asResources ? 1 : 0,
      hosts,
      factor,
      upSeconds: rounded(up.seconds, 1),
      upReads: readsOf(ofUp),
      upWrites: writes.reduce((sum, [, count]) => sum + count, 0),
      noopSeconds: rounded(noop.seconds, 1),
      noopReads: readsOf(control.statistics()),
    };
  } finally {
    await stack.end();
  }
}
