import { engineRows } from './engine/rows.ts';
import { pluginRows } from './plugin/rows.ts';
import type { FaultRow } from './row.ts';

/** The whole matrix, in the order in which it is run and shown. */
export const rows: readonly FaultRow[] = [...pluginRows, ...engineRows];
