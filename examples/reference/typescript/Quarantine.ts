import * as mde from 'pulumi-mde/plugin';

const floor3 = new mde.Quarantine('floor-3', {
  comment: 'INC-4711 ransomware, floor 3',
  guardrails: { maxReleases: 3 },
  hosts: [
    { deviceName: 'laptop-2.contoso.com' },
    { deviceName: 'laptop-3.contoso.com', isolationType: 'Selective', releaseAt: '2099-12-01T08:00:00Z' },
  ],
});

export const quarantined = floor3.summary;
