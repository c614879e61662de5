import type { FaultRow } from '../row.ts';
import { killedResources } from './killed-resources.ts';
import { killedSets } from './killed-sets.ts';
import { requestRows } from './requests.ts';

/** Rows on the real engine with the built plugin. */
export const engineRows: readonly FaultRow[] = [...requestRows, ...killedSets, ...killedResources];
