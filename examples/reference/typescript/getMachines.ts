import * as mde from 'pulumi-mde/plugin';

const found = mde.getMachinesOutput({ deviceNamePrefix: 'laptop-', riskScore: 'High', healthStatus: 'Active' });

export const atRisk = found.machines;
