import { apiTargets } from './api.ts';
import { cliTargets } from './cli.ts';
import { damagedStateTargets } from './damaged-state.ts';
import { manifestTargets } from './manifests.ts';
import { odataTargets } from './odata.ts';
import { pluginTargets } from './plugin.ts';
import { settingTargets } from './settings.ts';
import { stateTargets } from './state.ts';
import { structTargets } from './structs.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [
  ...manifestTargets,
  ...structTargets,
  ...apiTargets,
  ...odataTargets,
  ...stateTargets,
  ...settingTargets,
  ...damagedStateTargets,
  ...cliTargets,
  ...pluginTargets,
];
