import type { Bench } from './bench.ts';
import { pluginStart } from './plugin-start.ts';
import { refreshShared } from './refresh-shared.ts';

/** Every bench there is, in the order in which they run. */
export const benches: readonly Bench[] = [pluginStart, refreshShared];
