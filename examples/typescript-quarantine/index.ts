import { readFileSync } from 'node:fs';
import { Quarantine } from 'pulumi-mde';

/**
 * The hosts that quarantine.yaml declares, kept isolated. The manifest is read as it is: what is wrong in it is told with
 * line and column. How to sign in stands in the stack's configuration, as in ../typescript.
 */
const fleet = new Quarantine(
  'fleet',
  { manifest: readFileSync('quarantine.yaml', 'utf8') },
  { customTimeouts: { create: '1h', update: '1h', delete: '1h' } },
);

export const summary = fleet.summary;
export const coveredUntil = fleet.coveredUntil;
