import * as mde from 'pulumi-mde/plugin';

const patientZero = new mde.MachineIsolation('patient-zero', {
  deviceName: 'laptop-1.contoso.com',
  comment: 'INC-4711 ransomware, floor 3',
});

export const coveredUntil = patientZero.coveredUntil;
