import { apiTargets } from './api.ts';
import { cliTargets } from './cli.ts';
import { clientTargets } from './client.ts';
import { damagedStateTargets } from './damaged-state.ts';
import { manifestTargets } from './manifests.ts';
import { odataTargets } from './odata.ts';
import { pluginTargets } from './plugin.ts';
import { pluginManifestTargets } from './plugin-manifests.ts';
import { settingTargets } from './settings.ts';
import { stateTargets } from './state.ts';
import { structTargets } from './structs.ts';
import type { Target } from './target.ts';
import { upManifestTargets } from './up-manifests.ts';
import { worldTargets } from './worlds.ts';

export const targets: readonly Target[] = [
  ...manifestTargets,
  ...upManifestTargets,
  ...structTargets,
  ...apiTargets,
  ...clientTargets,
  ...worldTargets,
  ...odataTargets,
  ...stateTargets,
  ...settingTargets,
  ...damagedStateTargets,
  ...cliTargets,
  ...pluginTargets,
  ...pluginManifestTargets,
];
