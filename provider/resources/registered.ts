import type { Registrations } from '../fleet/registrations.ts';
import type { Resource } from './resource.ts';

/** The same resource, whose looks are known to be under way: what the engine declares after it is still to come. */
export function registered(resource: Resource, registrations: Registrations): Resource {
  return {
    ...resource,
    check: (...request) => registrations.during(() => resource.check(...request)),
    diff: (...request) => registrations.during(() => resource.diff(...request)),
    read: (...request) => registrations.during(() => resource.read(...request)),
  };
}
