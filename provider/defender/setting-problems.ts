import { credentialProblems } from './credential-choice.ts';
import { resolveEndpoint } from './endpoint.ts';
import type { DefenderSettings, SettingProblem } from './settings.ts';
import { rateLimitProblems } from './throttle.ts';

/**
 * Everything that is wrong with these settings by themselves, without the environment and without any call. Loads none
 * of the client's heavy parts.
 */
export function settingProblems(settings: DefenderSettings): readonly SettingProblem[] {
  const resolved = resolveEndpoint(settings, {});
  return [
    ...('problems' in resolved ? resolved.problems : []),
    ...credentialProblems(settings),
    ...rateLimitProblems(settings.rateLimits),
  ];
}
