import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { withoutUsersSettings } from '../tools/engine-env.ts';
import type { Bench, BenchContext, Row } from './bench.ts';
import { median, rounded } from './median.ts';
import { type ProviderCommand, ProviderProcess, within } from './provider-process.ts';

const rounds = 21;

export const pluginStart: Bench = {
  name: 'plugin-start',
  about: "how fast the bundled plugin starts, beside the Node SDK's host of dynamic providers",
  measures: [
    { key: 'msMedian', about: 'ms from spawning the plugin, by its shell shim, to the port on its stdout' },
    { key: 'rssMiB', about: 'VmRSS in /proc/PID/status after port and Handshake, before Configure; MiB, median' },
    {
      key: 'msToFirstCheck',
      about: 'ms from spawning to a Check answered after Handshake and Configure, @azure/identity loaded; median',
    },
    { key: 'rssMiBAtFirstCheck', about: 'VmRSS after that Check; MiB, median' },
    { key: 'msMedianDynamicHost', about: "ms from spawning node with @pulumi/pulumi's dynamic host to its port" },
    { key: 'ratioToDynamicHost', about: 'msMedian / msMedianDynamicHost' },
    { key: 'rounds', about: 'starts of each kind, in turn, after one of each that is not counted' },
  ],
  run: measureStarts,
};

/** Settings that sign-in would begin with; nothing listens there, and neither Configure nor Check calls anybody. */
const settings = {
  tenantId: '00000000-0000-4000-8000-000000000001',
  clientId: '00000000-0000-4000-8000-000000000002',
  clientSecret: 'of nobody',
  apiUrl: 'https://127.0.0.1:9',
  authorityHost: 'https://127.0.0.1:9',
};

const isolation = { machineId: '0123456789abcdef0123456789abcdef01234567', comment: 'bench' };

async function* measureStarts(context: BenchContext): AsyncGenerator<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'pulumi-mde-bench-'));
  const engine = new grpc.Server();
  try {
    const engineAddress = `127.0.0.1:${await bind(engine)}`;
    const env = withoutUsersSettings(process.env);
    const plugin: ProviderCommand = {
      program: join(context.root, 'dist/plugin/pulumi-resource-mde'),
      args: [],
      cwd: folder,
      env,
      engineAddress,
    };
    const probe = fileURLToPath(new URL('./credential-probe.cjs', import.meta.url));
    const probed = { ...plugin, env: { ...env, NODE_OPTIONS: `--require ${JSON.stringify(probe)}` } };
    const script = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/dynamic-provider/index.js');
    // Without its shim, which starts a Node of its own to find this script.
    const dynamicHost = { ...plugin, program: process.execPath, args: [script] };

    const ports: number[] = [];
    const resident: number[] = [];
    const checks: number[] = [];
    const residentAtCheck: number[] = [];
    const dynamicPorts: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const dynamic = await startDynamicHost(dynamicHost, context.signal);
      const started = await startPlugin(plugin, context.signal);
      const checked = await startToFirstCheck(probed, context.signal);
      // The first of each fills the kernel's file cache.
      if (round === 0) continue;
      dynamicPorts.push(dynamic);
      ports.push(started.msToPort);
      resident.push(started.residentMiB);
      checks.push(checked.ms);
      residentAtCheck.push(checked.residentMiB);
      if (round % 7 === 0) context.say(`${round} of ${rounds} rounds`);
    }
    const [ms, msDynamicHost] = [median(ports), median(dynamicPorts)];
    yield {
      msMedian: rounded(ms, 1),
      rssMiB: rounded(median(resident), 1),
      msToFirstCheck: rounded(median(checks), 1),
      rssMiBAtFirstCheck: rounded(median(residentAtCheck), 1),
      msMedianDynamicHost: rounded(msDynamicHost, 1),
      ratioToDynamicHost: rounded(ms / msDynamicHost, 3),
      rounds,
    };
  } finally {
    engine.forceShutdown();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startDynamicHost(command: ProviderCommand, signal: AbortSignal): Promise<number> {
  const host = await ProviderProcess.start(command, signal);
  await host.stop();
  return host.msToPort;
}

async function startPlugin(
  command: ProviderCommand,
  signal: AbortSignal,
): Promise<{ msToPort: number; residentMiB: number }> {
  const plugin = await ProviderProcess.start(command, signal);
  try {
    await plugin.handshake(command.engineAddress, signal);
    return { msToPort: plugin.msToPort, residentMiB: plugin.residentMiB() };
  } finally {
    await plugin.stop();
  }
}

/** The time at which a Check was answered by a plugin that could sign in straight away. */
async function startToFirstCheck(
  command: ProviderCommand,
  signal: AbortSignal,
): Promise<{ ms: number; residentMiB: number }> {
  const plugin = await ProviderProcess.start(command, signal);
  try {
    let loaded = false;
    const loading = once(plugin.probe, 'data').then(() => {
      loaded = true;
    });
    const check = () => plugin.check('mde:index:MachineIsolation', isolation, signal);
    await plugin.handshake(command.engineAddress, signal);
    await plugin.configure(settings, signal);
    await check();
    // Answered too early, or the probe's word came in a moment later than the answer: only the next Check counts.
    if (!loaded) {
      await within(loading, signal, 'it did not load @azure/identity after Configure');
      await check();
    }
    return { ms: plugin.age(), residentMiB: plugin.residentMiB() };
  } finally {
    await plugin.stop();
  }
}

/** Stands where the engine's service would be: a plugin ends itself where nobody listens there. */
function bind(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}
