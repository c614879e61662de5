import { createHash } from 'node:crypto';
import type { MachineId } from '../defender/machine.ts';

export interface ReleaseLimits {
  /** At most this many releases a run. */
  readonly maxReleases: number;
  /** At most this share of the hosts contained before the change, in percent; never less than one host. */
  readonly maxReleasePercent: number;
}

export const defaultReleaseLimits: ReleaseLimits = { maxReleases: 5, maxReleasePercent: 20 };
export const defaultMaxIsolations = 100;

export type ReleaseDecision =
  | { readonly allowed: true; readonly staleOverride: boolean }
  | { readonly allowed: false; readonly limit: number; readonly override: string; readonly staleOverride: boolean };

/** `60-ab12cd34`: the count and a digest of the sorted machine ids, so that an override fits one set of hosts only (8.4). */
export function releaseOverride(machineIds: readonly MachineId[]): string {
  const sorted = [...new Set(machineIds)].sort();
  const digest = createHash('sha256').update(sorted.join('\n')).digest('hex');
  return `${sorted.length}-${digest.slice(0, 8)}`;
}

/**
 * Either every release of a run fits, or none is sent (semantics 8.1).
 *
 * @param overrides those in force, of the provider's configuration and of sets of hosts
 * @param ofRun what an override must name: all releases of the run, also where only some of them are judged
 */
export function decideReleases(
  machineIds: readonly MachineId[],
  containedBefore: number,
  limits: ReleaseLimits,
  overrides: string | undefined | readonly (string | undefined)[],
  ofRun: readonly MachineId[] = machineIds,
): ReleaseDecision {
  const count = new Set(machineIds).size;
  const override = releaseOverride(ofRun);
  const given = (Array.isArray(overrides) ? overrides : [overrides]).filter((each) => each !== undefined);
  const fits = given.includes(override);
  const staleOverride = given.length > 0 && !fits;
  const share = Math.max(1, Math.floor((containedBefore * limits.maxReleasePercent) / 100));
  const limit = Math.min(limits.maxReleases, share);
  if (count <= limit || fits) return { allowed: true, staleOverride };
  return { allowed: false, limit, override, staleOverride };
}
