import type { Bench } from './bench.ts';
import { fleet1000, fleet10000 } from './fleet.ts';
import { fleetVsResources1000 } from './fleet-vs-resources.ts';
import { npmPackage } from './package.ts';
import { pluginStart } from './plugin-start.ts';
import { noop10000, refresh1000, refresh10000 } from './quarantine-refresh.ts';
import { recovery } from './recovery.ts';
import { refreshShared } from './refresh-shared.ts';
import { soakBench } from './soak.ts';

/** Every bench there is, in the order in which they run. */
export const benches: readonly Bench[] = [
  pluginStart,
  npmPackage,
  refreshShared,
  refresh1000,
  refresh10000,
  noop10000,
  fleet1000,
  fleetVsResources1000,
  fleet10000,
  recovery,
  soakBench,
];
