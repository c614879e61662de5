import * as mde from 'pulumi-mde/plugin';

const isolation = mde.getIsolationOutput({ deviceName: 'laptop-6.contoso.com' });

export const explanation = isolation.explanation;
