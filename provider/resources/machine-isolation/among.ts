import type { MachineAction } from '../../defender/machine-action.ts';
import type { OperationContext } from '../resource.ts';

/** How a host that is one of many is carried out: by the looks of its set, in its turn, in the set's time. */
export interface Among {
  /**
   * Monotonic; what was looked at since then is fresh enough to decide on. It begins with the set's own operation, and is
   * moved on while a long run lasts (semantics 1.8).
   */
  lookedSince(): number;
  /** The same for records of machines, which change slowly and say nothing of containment. */
  recordedSince(): number;
  /** Who goes first where calls wait for the limits: lower before higher. */
  readonly priority: number;
  /** Monotonic; a request that has not had its turn by then is not sent. */
  readonly startBy: number;
  /** Milliseconds left to wait for what was sent, asked again and again: it counts from the set's last write. */
  remaining(): number;
  /** A request was sent. */
  wrote(): void;
  /** The host only waits from now on, so the next one may begin. */
  waits(): void;
  /** What an earlier pass of the same run did to the host. */
  readonly did: 'isolated' | 'renewed' | undefined;
  /** Actions that the run has followed for this host, by id: a later pass knows them though a list may lag behind. */
  readonly followed: Map<string, MachineAction>;
}

export type HostContext = OperationContext & { readonly among?: Among | undefined };
