import { needsWholeHistory, type Observed, type RememberedPeriod } from '../containment/observation.ts';
import type { MachineId } from '../defender/machine.ts';
import type { MachineAction } from '../defender/machine-action.ts';
import type { Observatory } from './observatory.ts';

export interface MachineLook {
  readonly machineId: MachineId;
  /** Monotonic: the observation must have begun then or later. */
  readonly notBefore: number;
  /** @param now the service's clock */
  fold(actions: readonly MachineAction[], now: number): Observed;
  readonly remembered?: RememberedPeriod | undefined;
  /** A state knows the machine. */
  readonly isKnown: boolean;
  /** Whether the window shows what it must show, beside what its own beginning leaves open. Default: always. */
  isEnough?(observed: Observed): boolean;
}

/**
 * What the bulk window says of a machine, or all that the service knows of it where the window leaves something open
 * (semantics 1.3). Throws a DefenderError where a list failed or was not complete (1.2).
 */
export async function observeMachine(look: MachineLook, observatory: Observatory): Promise<Observed> {
  const { machineId, notBefore, remembered, isKnown } = look;
  const recent = await observatory.recent(machineId, notBefore);
  const observed = look.fold(recent.actions, recent.asOf);
  const isOpen = recent.since !== undefined && needsWholeHistory(observed, recent.since, remembered, isKnown);
  if (!isOpen && look.isEnough?.(observed) !== false) return observed;
  const whole = await observatory.whole(machineId);
  return look.fold(whole.actions, whole.asOf);
}
