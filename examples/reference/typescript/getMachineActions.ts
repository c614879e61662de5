import * as mde from 'pulumi-mde/plugin';

const recent = mde.getMachineActionsOutput({ types: ['Isolate', 'Unisolate'], limit: 50 });

export const recentActions = recent.actions;
