import type { FaultRow } from '../row.ts';
import { serviceFaults } from './service-faults.ts';
import { rowOf } from './story.ts';

/** Rows on the plugin alone, in a process of its own, driven as the engine drives it. */
export const pluginRows: readonly FaultRow[] = [...serviceFaults].map(rowOf);
