import type { PropertyMap } from '../../../provider/resources/resource.ts';
import type { Declaration } from '../engine.ts';
import { quarantine, type World } from '../host.ts';

/** Some hosts, and how a set declares them by their machine ids. */
export function fleet(world: World, count: number): { readonly ids: readonly string[]; readonly hosts: PropertyMap[] } {
  const ids = Array.from({ length: count }, () => world.host());
  return { ids, hosts: ids.map((machineId) => ({ machineId, comment: 'INC-1' })) };
}

/** One set under the name `q`. */
export function q(hosts: readonly PropertyMap[], more: PropertyMap = {}): { readonly q: Declaration } {
  return { q: quarantine({ hosts, ...more }) };
}

export function free(world: World, ids: readonly string[]): readonly string[] {
  return ids.filter((id) => !world.isolated(id));
}

/** Requests of ours by machine, in the order of `ids`. */
export function counts(world: World, type: 'Isolate' | 'Unisolate', ids: readonly string[]): readonly number[] {
  return ids.map((id) => world.ours(type, id).length);
}
