import type { LookupFunction } from '../functions/lookup.ts';
import type { CheckFailure, PropertyMap, Resource } from './resource.ts';

/**
 * The provider as both adapters see it: configuration in, resources out. One instance a process; `configure` is called
 * once before any resource method that touches the service.
 */
export interface Provider {
  /** Validates configuration offline, fills nothing in from the environment, never echoes a secret. */
  checkConfig(config: PropertyMap): readonly CheckFailure[];
  /**
   * Takes the configuration into force: stack configuration first, then the environment's usual names. Throws UserError.
   * @param config flat: `tenantId`, `clientSecret`, `cloud`, … as documented in schema.json; nested ones (`guardrails`,
   *   `rateLimits`) as objects.
   */
  configure(config: PropertyMap): void;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly functions: ReadonlyMap<string, LookupFunction>;
  /** Lines for the end of a run (semantics §9), empty where there is nothing to say. */
  summary(): readonly string[];
  /** No new writes from now on, in any operation. */
  stop(reason: string): void;
  close(): void;
}
