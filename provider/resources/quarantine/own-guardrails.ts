import { IsolationQuota } from '../../fleet/isolation-quota.ts';
import type { ManifestGuardrails } from '../../manifest/manifest.ts';
import type { OperationContext, PropertyMap } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { SetRuntimes } from './restrictions.ts';

/** Guardrails of a set, as `check` leaves them in its inputs. */
export function guardrailsOf(inputs: PropertyMap): ManifestGuardrails {
  const given = inputs.guardrails;
  return typeof given === 'object' && given !== null ? (given as ManifestGuardrails) : {};
}

/** Two statements about one set: the tighter of each limit, and everything that either of them protects. */
export function tighter(a: ManifestGuardrails, b: ManifestGuardrails): ManifestGuardrails {
  const merged: Record<string, unknown> = {};
  for (const limit of ['maxReleases', 'maxReleasePercent', 'maxIsolations'] as const) {
    const least = Math.min(a[limit] ?? Number.POSITIVE_INFINITY, b[limit] ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(least)) merged[limit] = least;
  }
  const allowReleases = a.allowReleases ?? b.allowReleases;
  if (allowReleases !== undefined) merged.allowReleases = allowReleases;
  const lists: Record<string, readonly string[]> = {};
  for (const list of ['machineIds', 'names', 'tags', 'osPlatforms'] as const) {
    const both = [...new Set([...(a.protected?.[list] ?? []), ...(b.protected?.[list] ?? [])])];
    if (both.length > 0) lists[list] = both;
  }
  if (Object.keys(lists).length > 0) merged.protected = lists;
  return merged as ManifestGuardrails;
}

/** The provider's runtime with the guardrails of one set on top: a resource may only tighten them (semantics 8.1). */
export function runtimeOfSet(runtime: Runtime, own: ManifestGuardrails): Runtime {
  const { settings, fleet } = runtime;
  const { protection } = settings;
  const add = own.protected ?? {};
  return {
    ...runtime,
    settings: {
      ...settings,
      protection: {
        machineIds: [...protection.machineIds, ...(add.machineIds ?? [])],
        names: [...protection.names, ...(add.names ?? [])],
        tags: [...protection.tags, ...(add.tags ?? [])],
        osPlatforms: [...protection.osPlatforms, ...(add.osPlatforms ?? [])],
      },
    },
    fleet: {
      ...fleet,
      limits: { ...fleet.limits, maxReleases: Math.min(fleet.limits.maxReleases, own.maxReleases ?? 1_000_000) },
      quota: own.maxIsolations === undefined ? fleet.quota : new IsolationQuota(own.maxIsolations, fleet.quota),
    },
  };
}

/** The runtimes of both pairs with a set's guardrails on top, of which their gates are told. */
export function runtimesOfSet(
  { declaration }: OperationContext,
  own: ManifestGuardrails,
  emptied: boolean,
  shared: SetRuntimes,
): SetRuntimes {
  const runtimes = {
    isolation: runtimeOfSet(shared.isolation, own),
    restriction: runtimeOfSet(shared.restriction, own),
  };
  for (const runtime of Object.values(runtimes)) tighten(declaration.key, own, emptied, runtime);
  return runtimes;
}

/**
 * Tells the guardrails what this set allows of releases.
 *
 * @param emptied nothing is declared any more where hosts are known: never by limits, only by an override (semantics 8.3)
 */
export function tighten(setKey: string, own: ManifestGuardrails, emptied: boolean, runtime: Runtime): void {
  const limits = emptied
    ? { maxReleases: 0, maxReleasePercent: 0 }
    : { maxReleases: own.maxReleases ?? Number.POSITIVE_INFINITY, maxReleasePercent: own.maxReleasePercent ?? 100 };
  runtime.fleet.gate.tighten(setKey, { limits, allowReleases: own.allowReleases, isEmptied: emptied });
}
