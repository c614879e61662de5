import * as mde from 'pulumi-mde/plugin';

const evidence = new mde.InvestigationPackage('evidence', {
  deviceName: 'laptop-1.contoso.com',
  comment: 'INC-4711 evidence of patient zero',
});

/** A secret: `pulumi stack output --show-secrets evidenceUri`. */
export const evidenceUri = evidence.packageUri;
