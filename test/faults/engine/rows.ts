import type { FaultRow } from '../row.ts';

/** Rows on the real engine with the built plugin. */
export const engineRows: readonly FaultRow[] = [];
