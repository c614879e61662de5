import type { Machine } from '../defender/machine.ts';
import { machineNamed, machinesNamed } from '../fleet/named-machine.ts';
import { UserError } from '../fleet/user-error.ts';
import type { MachineMeant } from './input-reader.ts';
import type { LookupPorts } from './lookup.ts';

/** The machine that a function is asked about. Throws UserError where there is none, or where its name means several. */
export async function machineMeant(meant: MachineMeant | undefined, { fleet }: LookupPorts): Promise<Machine> {
  if (meant === undefined) throw new UserError('no machine was named');
  if ('deviceName' in meant) return machineNamed(meant.deviceName, await machinesNamed(meant.deviceName, fleet.names));
  const machine = await fleet.observatory.machine(meant.machineId, fleet.observatory.readable());
  if (machine !== undefined) return machine;
  throw new UserError(
    `machineId ${meant.machineId}: Defender knows no machine with this id (404). Check the id in the Defender portal, that the device is onboarded and was seen within the tenant's retention time, and that mde:tenantId is its tenant`,
  );
}
