import type { Observation, Observed } from '../containment/observation.ts';
import type { MachineId } from '../defender/machine.ts';
import type { MachineAction } from '../defender/machine-action.ts';
import type { Observatory } from './observatory.ts';

/** States of a host that nobody contained, or nobody contains any more. */
const free: readonly Observation['state'][] = ['released', 'lapsed'];

export interface TenantLook<Seen> {
  /** Monotonic: the observation must have begun then or later. */
  readonly notBefore: number;
  /** Machines that are looked at elsewhere. */
  readonly except?: ReadonlySet<MachineId>;
  /** What the bulk window says. @param now the service's clock */
  fold(actions: readonly MachineAction[], now: number): Observed;
  lookCloser(machineId: MachineId): Promise<Seen & { readonly observation: Observation }>;
}

/**
 * Every machine of the tenant that is contained or about to be, or may be. Only what the bulk window shows as such is
 * looked at more closely. Throws a DefenderError where the tenant's actions cannot be listed.
 */
export async function containedMachines<Seen>(
  look: TenantLook<Seen>,
  observatory: Observatory,
): Promise<readonly (Seen & { readonly observation: Observation })[]> {
  const { notBefore, except } = look;
  const ids = (await observatory.recentMachines(notBefore)).filter((id) => except?.has(id) !== true);
  const seen = await Promise.all(
    ids.map(async (machineId) => {
      const recent = await observatory.recent(machineId, notBefore);
      if (free.includes(look.fold(recent.actions, recent.asOf).state)) return [];
      const closer = await look.lookCloser(machineId);
      return free.includes(closer.observation.state) ? [] : [closer];
    }),
  );
  return seen.flat();
}
