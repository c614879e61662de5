import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import { rootOfPath } from '../property-path.ts';
import type { DiffKind, DiffResult } from '../resources/resource.ts';

const { PropertyDiff, DiffResponse } = providerMessages;

const kinds: Readonly<Record<DiffKind, providerMessages.PropertyDiff.Kind>> = {
  add: PropertyDiff.Kind.ADD,
  'add-replace': PropertyDiff.Kind.ADD_REPLACE,
  delete: PropertyDiff.Kind.DELETE,
  'delete-replace': PropertyDiff.Kind.DELETE_REPLACE,
  update: PropertyDiff.Kind.UPDATE,
  'update-replace': PropertyDiff.Kind.UPDATE_REPLACE,
};

/**
 * A resource's diff in the protocol's shape. Never "unknown", which would make the engine compare by itself, and never
 * delete-before-replace, which would release a host before its successor holds it.
 *
 * @param secrets properties that are secret as a whole: the engine prints paths, so none leads into them
 */
export function toDiffResponse(
  diff: DiffResult,
  secrets: ReadonlySet<string> = new Set(),
): providerMessages.DiffResponse {
  const response = new DiffResponse();
  const roots = new Set<string>();
  const replaced = new Set<string>();
  for (const [path, { kind, fromInputs }] of Object.entries(diff.detailed)) {
    const root = rootOfPath(path);
    roots.add(root);
    if (kind.endsWith('-replace')) replaced.add(root);
    if (path !== root && secrets.has(root)) continue;
    response.getDetaileddiffMap().set(path, new PropertyDiff().setKind(kinds[kind]).setInputdiff(fromInputs));
  }
  for (const root of roots) {
    const detailed = response.getDetaileddiffMap();
    if (!secrets.has(root) || detailed.has(root)) continue;
    const within = Object.entries(diff.detailed).filter(([path]) => rootOfPath(path) === root);
    const kind = replaced.has(root) ? kinds['update-replace'] : kinds.update;
    const fromInputs = within.every(([, each]) => each.fromInputs);
    detailed.set(root, new PropertyDiff().setKind(kind).setInputdiff(fromInputs));
  }
  return response
    .setChanges(diff.changes ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE)
    .setDiffsList([...roots])
    .setReplacesList([...replaced])
    .setStablesList([...(diff.stables ?? [])])
    .setHasdetaileddiff(roots.size > 0);
}
