import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import manifest from '../package.json' with { type: 'json' };
import type { Defender } from '../provider/defender/api.ts';
import { createDefender } from '../provider/defender/client.ts';
import { systemPorts, type Timer } from '../provider/defender/ports.ts';
import type { PackageSchema } from '../provider/plugin/package-schema.ts';
import { runPlugin } from '../provider/plugin/run-plugin.ts';
import { keepHeapSmall } from '../provider/plugin/small-heap.ts';
import { createProvider } from '../provider/resources/create-provider.ts';
import { PartialFailure, type Resource, UserError } from '../provider/resources/resource.ts';
import schema from '../schema/schema.json' with { type: 'json' };

// The plugin as it is, but for its clock: simulated hours pass in seconds, for it and the simulator alike. Time that is
// about sockets and sign-in stays real.

/** Simulated seconds per real one. */
const speed = Number(process.env.BENCH_SPEED);
/** Holds the simulated time now, ms since 1970, whenever the provider is configured. */
const timeFile = process.env.BENCH_TIME_FILE ?? '';
/** On SIGUSR2 all garbage is collected, and what is left is written here. */
const memoryFile = process.env.BENCH_MEMORY_FILE ?? '';
/** Where what is known after a failure is left, in place of a trailer of the answer. */
const leftBehindFile = process.env.BENCH_LEFT_BEHIND_FILE ?? '';

keepHeapSmall();
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  for (let each = 0; each < 3; each += 1) collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  // Whoever reads it never reads a half of it.
  writeFileSync(`${memoryFile}.new`, JSON.stringify({ rss, heapUsed }));
  renameSync(`${memoryFile}.new`, memoryFile);
});

const monotonic = () => performance.now() * speed;
let ahead = 0;
let client: Defender | undefined;
const timer: Timer = {
  after(ms, run) {
    const handle = setTimeout(run, ms / speed);
    return () => clearTimeout(handle);
  },
};

void runPlugin({
  schema: schema as unknown as PackageSchema,
  version: manifest.version,
  loadProvider: async () => {
    const provider = createProvider(
      (settings) => {
        ahead = Number(readFileSync(timeFile, 'utf8')) - monotonic();
        const clock = { monotonic, wall: () => Date.now() };
        // The engine ends a process with its run; here the next run needs the connections of the last no more.
        client?.close();
        client = createDefender(settings, { ...systemPorts(), clock, timer });
        return client;
      },
      { clock: { monotonic, wall: () => monotonic() + ahead }, timer },
    );
    const resources = [...provider.resources].map(([token, resource]) => [token, leavingBehind(resource)] as const);
    return { ...provider, resources: new Map(resources) };
  },
});

/**
 * A failure of a fleet tells all its hosts in a trailer. The engine takes that; a client on Node does not, for its HTTP/2
 * takes no header above 64 KiB. So it is left in a file here.
 */
function leavingBehind(resource: Resource): Resource {
  const leave = (known: unknown) => writeFileSync(leftBehindFile, JSON.stringify(known));
  const told = (error: unknown): never => {
    if (!(error instanceof PartialFailure)) throw error;
    const { id, outputs, reasons } = error;
    leave({ id, outputs, reasons });
    throw new UserError(reasons.join('\n'));
  };
  return {
    ...resource,
    create: (...parts) => resource.create(...parts).catch(told),
    update: (...parts) => resource.update(...parts).catch(told),
    async read(...parts) {
      const { found, unhealthy } = await resource.read(...parts);
      if (unhealthy.length > 0) leave({ id: found?.id, outputs: found?.outputs, reasons: unhealthy });
      return { found, unhealthy: [] };
    },
  };
}
