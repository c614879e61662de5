import * as mde from 'pulumi-mde/plugin';

const result = mde.getIsolatedMachinesOutput();

export const isolated = result.machines;
