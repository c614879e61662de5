import type { MachineAction } from '../defender/machine-action.ts';
import { isObserved, type Observation, type Observed } from './observation.ts';

/** Who contains a host, since when and why, as far as its history tells. */
export interface Containment {
  /** Everybody whose isolate is part of it, each once. */
  readonly requestors: readonly string[];
  /** ms; when the isolation in force was carried out, or the one under way requested. */
  readonly since: number | undefined;
  /** Of the request that began it. */
  readonly comment: string | undefined;
}

export function containmentOf(observation: Observation): Containment {
  if (!isObserved(observation)) return { requestors: [], since: undefined, comment: undefined };
  const { period, chain } = observation;
  const began = beganBy(observation);
  return {
    requestors: observation.state === 'released' ? [] : [...new Set(chain.map((action) => action.requestor))],
    since: period?.beganBy.updatedAt ?? began?.createdAt,
    comment: began?.requestorComment,
  };
}

/** The request that began the containment, or may have, or is about to; undefined where there is none. */
export function beganBy({ state, period, runningIsolates, chain }: Observed): MachineAction | undefined {
  return period?.beganBy ?? runningIsolates[0] ?? (state === 'released' ? undefined : chain[0]);
}
