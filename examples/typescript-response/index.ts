import * as pulumi from '@pulumi/pulumi';
import * as mde from 'pulumi-mde/plugin';

/**
 * An incident in one stack: two hosts isolated, a file stopped on them and its hash blocked, a third host restricted, a
 * fourth scanned, and all of it read back. How to sign in stands in the stack's configuration, as in ../yaml. The hosts
 * are laptops of the simulator's fleet (`npm run simulator`), and of no tenant.
 */
const config = new pulumi.Config();
const sha1 = config.get('sha1') ?? '87662bc3d60e4200ceaf7aae249d1c343f4b83c9';
const infectedNames = ['ber-laptop-0004.contoso.com', 'sin-laptop-0007.contoso.com'];

const infectedHosts = new mde.Quarantine('infected', {
  comment: 'INC-4711 ransomware, floor 3',
  hosts: infectedNames.map((deviceName) => ({ deviceName })),
});
const dropperFile = new mde.FileQuarantine('dropper', {
  sha1,
  deviceNames: infectedNames,
  comment: 'INC-4711 dropper',
});
const dropperBlocked = new mde.FileIndicator('dropper-blocked', {
  indicatorValue: sha1,
  title: 'INC-4711 dropper',
  description: 'Dropper of the ransomware on floor 3',
});
const third = mde.getMachineOutput({ deviceName: 'nyc-laptop-0013.contoso.com' });
const suspectHost = new mde.CodeExecutionRestriction('suspect', {
  machineId: third.machineId,
  comment: 'INC-4711 unknown programs started',
});
const neighbourScan = new mde.AntivirusScan('neighbour', {
  deviceName: 'ber-laptop-0008.contoso.com',
  comment: 'INC-4711 shared a drive with patient zero',
});

export const infected = infectedHosts.summary;
export const dropper = dropperFile.summary;
export const blocked = dropperBlocked.action;
export const suspect = suspectHost.state;
export const neighbour = neighbourScan.status;

// Read back once all of it was done.
export const isolated = mde.getIsolatedMachinesOutput({}, { dependsOn: [infectedHosts] }).machines;
export const asked = mde.getMachineActionsOutput(
  {},
  { dependsOn: [infectedHosts, dropperFile, suspectHost, neighbourScan] },
).actions;
