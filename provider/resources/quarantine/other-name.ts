import { isDefenderError } from '../../defender/errors.ts';
import type { MachineId } from '../../defender/machine.ts';
import type { OperationLog } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import type { DeclaredHost } from './declared-host.ts';

/** A device that was renamed since its id and its name were declared: the id decides (semantics 6.2). */
export async function warnOfOtherName(
  { inputs }: DeclaredHost,
  id: MachineId,
  log: OperationLog,
  { fleet }: Runtime,
): Promise<void> {
  if (inputs.machineId === undefined || inputs.deviceName === undefined) return;
  try {
    const machine = await fleet.observatory.machine(id, fleet.observatory.readableRecord());
    if (machine === undefined || machine.computerDnsName?.toLowerCase() === inputs.deviceName.toLowerCase()) return;
    log.warn(
      `${inputs.deviceName}: machine ${id} is named ${machine.computerDnsName ?? '(no name)'} now; its id decides, so it stays isolated. Correct the name that is declared beside it`,
    );
  } catch (error) {
    // Whoever acts on the host is told.
    if (!isDefenderError(error)) throw error;
  }
}
