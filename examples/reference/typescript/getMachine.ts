import * as mde from 'pulumi-mde/plugin';

const machine = mde.getMachineOutput({ deviceName: 'laptop-6.contoso.com' });

export const machineId = machine.machineId;
export const lastSeen = machine.lastSeen;
