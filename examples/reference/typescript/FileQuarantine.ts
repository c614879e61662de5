import * as mde from 'pulumi-mde/plugin';

const dropper = new mde.FileQuarantine('dropper', {
  sha1: '87662bc3d60e4200ceaf7aae249d1c343f4b83c9',
  deviceNames: ['laptop-2.contoso.com', 'laptop-3.contoso.com'],
  comment: 'INC-4711 dropper',
});

export const dropperStopped = dropper.summary;
