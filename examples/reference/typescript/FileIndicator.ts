import * as mde from 'pulumi-mde/plugin';

const dropperBlocked = new mde.FileIndicator('dropper-blocked', {
  indicatorValue: '87662bc3d60e4200ceaf7aae249d1c343f4b83c9',
  title: 'INC-4711 dropper',
  description: 'Dropper of the ransomware on floor 3',
  expirationTime: '2099-12-01T08:00:00Z',
});

export const indicatorId = dropperBlocked.indicatorId;
