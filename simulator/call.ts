import type { VirtualClock } from './clock.ts';
import type { Bearer, Entra } from './entra.ts';
import type { Estate } from './estate.ts';
import type { SwitchSettings } from './switches.ts';
import type { Throttle } from './throttle.ts';

/** A call to the API, its body read. */
export interface ApiRequest {
  readonly method: string;
  /** `Host` of the request, with its port. */
  readonly host: string;
  /** The path without `/api` and version, in pieces, decoded. */
  readonly segments: readonly string[];
  /** `/api` or `/api/v1.0`, as called. */
  readonly base: string;
  readonly parameters: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** What a fault bends in a list. */
export interface ListDistortion {
  /** The list as it stood that many seconds ago. */
  readonly staleSeconds?: number;
  /** Each page turned round, or the whole list in the order opposite to what was asked for. */
  readonly order?: 'each-page-reversed' | 'reversed';
  /** Added to `@odata.count`. */
  readonly countError?: number;
  /** Instead of the true next link. */
  readonly nextLink?: { readonly to: 'itself' } | { readonly to: 'origin'; readonly origin: string };
}

/** What the routes work on. */
export interface ApiParts {
  readonly clock: VirtualClock;
  readonly entra: Entra;
  readonly throttle: Throttle;
  readonly settings: SwitchSettings;
  estate(tenantId: string): Estate;
  newGuid(): string;
}

/** A call on its way through a route. */
export interface Call extends ApiRequest {
  readonly parts: ApiParts;
  readonly estate: Estate;
  readonly bearer: Bearer;
  readonly distortion: ListDistortion;
  /** The `{id}` of the route; empty where it has none. */
  readonly id: string;
  readonly route: string;
}
