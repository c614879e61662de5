import * as mde from 'pulumi-mde/plugin';

const suspect = new mde.CodeExecutionRestriction('suspect', {
  deviceName: 'laptop-4.contoso.com',
  comment: 'INC-4711 unknown programs started',
});

export const suspectIs = suspect.state;
