import type { ContainmentState } from '../../provider/containment/observation.ts';

/** How a host stands, worst first: the order in which it is told. */
export const standings = {
  'would-release': { heading: 'WOULD BE RELEASED', colour: 'red', inSync: false },
  released: { heading: 'DECLARED, BUT RELEASED', colour: 'red', inSync: false },
  releasing: { heading: 'BEING RELEASED', colour: 'red', inSync: false },
  unobserved: { heading: 'COULD NOT BE OBSERVED', colour: 'red', inSync: false },
  'not-contained': { heading: 'NOT CONTAINED FOR CERTAIN', colour: 'yellow', inSync: false },
  differs: { heading: 'DIFFERS', colour: 'yellow', inSync: false },
  contained: { heading: 'contained', colour: 'green', inSync: true },
  'in-sync': { heading: 'in sync', colour: 'green', inSync: true },
} as const;

export type Standing = keyof typeof standings;

export interface HostStatus {
  readonly standing: Standing;
  /** Undefined where a name could not be resolved. */
  readonly machineId: string | undefined;
  /** As Defender calls it, else as it is declared. */
  readonly deviceName: string | undefined;
  /** Where it is declared: `hosts[3]`. */
  readonly path: string | undefined;
  readonly line: number | undefined;
  readonly state: ContainmentState;
  readonly requestors: readonly string[];
  /** ms */
  readonly since: number | undefined;
  /** ms; contained for certain until then, unless it is renewed before. */
  readonly coveredUntil: number | undefined;
  /** Of the isolation in force. */
  readonly comment: string | undefined;
  /** What a run would do, and why. */
  readonly reason: string;
}

/** Worst first, and by name where they stand alike. */
export function worstFirst(hosts: readonly HostStatus[]): readonly HostStatus[] {
  const order = Object.keys(standings);
  const nameOf = ({ deviceName, machineId }: HostStatus) => (deviceName ?? machineId ?? '').toLowerCase();
  return [...hosts].sort(
    (a, b) =>
      order.indexOf(a.standing) - order.indexOf(b.standing) ||
      (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0),
  );
}
