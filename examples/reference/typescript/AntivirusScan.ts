import * as mde from 'pulumi-mde/plugin';

const scan = new mde.AntivirusScan('scan', {
  deviceName: 'laptop-5.contoso.com',
  scanType: 'Full',
  comment: 'INC-4711 shared a drive with patient zero',
  triggers: { round: '1' },
});

export const scanned = scan.status;
