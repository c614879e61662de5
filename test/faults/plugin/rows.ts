import type { FaultRow } from '../row.ts';
import { actionFaults, clockFaults } from './action-faults.ts';
import { listFaults } from './list-faults.ts';
import { networkFaults } from './network-faults.ts';
import { serviceFaults } from './service-faults.ts';
import { signInFaults } from './sign-in-faults.ts';
import { rowOf } from './story.ts';

const faults = [...serviceFaults, ...networkFaults, ...signInFaults, ...listFaults, ...actionFaults, ...clockFaults];

/** Rows on the plugin alone, in a process of its own, driven as the engine drives it. */
export const pluginRows: readonly FaultRow[] = faults.map(rowOf);
