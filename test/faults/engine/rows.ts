import type { FaultRow } from '../row.ts';
import { fullDiskRows } from './full-disk.ts';
import { interruptRows } from './interrupts.ts';
import { killedDynamic } from './killed-dynamic.ts';
import { killedResources } from './killed-resources.ts';
import { killedSets } from './killed-sets.ts';
import { lostStateRows } from './lost-state.ts';
import { olderStateRows } from './older-state.ts';
import { requestRows } from './requests.ts';
import { twoRunRows } from './two-runs.ts';

/** Rows on the real engine with the built plugin. */
export const engineRows: readonly FaultRow[] = [
  ...requestRows,
  ...interruptRows,
  ...twoRunRows,
  ...lostStateRows,
  ...olderStateRows,
  ...fullDiskRows,
  ...killedSets,
  ...killedResources,
  ...killedDynamic,
];
