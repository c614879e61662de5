import { createHash } from 'node:crypto';
import type { MachineId } from '../defender/machine.ts';
import type { Pair } from './pair.ts';

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

/**
 * `60-ab12cd34`: the count and a digest of the sorted machine ids, so that an override fits one set of hosts only (8.4),
 * and one that was given for lesser containment never frees a host from isolation.
 */
export function releaseOverride(machineIds: readonly MachineId[], of: Pair['name'] = 'isolation'): string {
  const ids = [...new Set<string>(machineIds)].sort();
  const sorted = of === 'isolation' ? ids : [of, ...ids];
  const digest = createHash('sha256').update(sorted.join('\n')).digest('hex');
  return `${ids.length}-${digest.slice(0, 8)}`;
}

/**
 * Either every release of a run fits, or none is sent (semantics 8.1).
 *
 * @param overrides those in force, of the provider's configuration and of sets of hosts; each may be several, with commas
 * @param ofRun what an override must name: all releases of the run, also where only some of them are judged
 * @param of what the hosts are released from; whoever may be released from isolation may be so from all else
 */
export function decideReleases(
  machineIds: readonly MachineId[],
  containedBefore: number,
  limits: ReleaseLimits,
  overrides: string | undefined | readonly (string | undefined)[],
  ofRun: readonly MachineId[] = machineIds,
  of: Pair['name'] = 'isolation',
): ReleaseDecision {
  const count = new Set(machineIds).size;
  const override = releaseOverride(ofRun, of);
  const given = [overrides]
    .flat()
    .flatMap((each: string | undefined) => each?.split(',').map((one) => one.trim()) ?? []);
  const fits = given.includes(override) || given.includes(releaseOverride(ofRun));
  const staleOverride = given.length > 0 && !fits;
  const share = Math.max(1, Math.floor((containedBefore * limits.maxReleasePercent) / 100));
  const limit = Math.min(limits.maxReleases, share);
  if (count <= limit || fits) return { allowed: true, staleOverride };
  return { allowed: false, limit, override, staleOverride };
}
