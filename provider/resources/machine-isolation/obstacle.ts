import { isDefenderError } from '../../defender/errors.ts';
import type { Runtime } from '../runtime.ts';
import { describeDefenderError } from './sight.ts';
import { newestStateVersion, type StateOutputs } from './state.ts';

/** A tenant or a state that is not ours to touch; told before any call to Defender (semantics 6.3). */
async function foreignState(state: StateOutputs, runtime: Runtime): Promise<string | undefined> {
  if (typeof state.stateVersion === 'number' && state.stateVersion > newestStateVersion) {
    return `this state was written by a newer pulumi-mde (state version ${state.stateVersion}, known is ${newestStateVersion}). Update the provider; nothing was sent`;
  }
  if (state.cloud !== undefined && state.cloud !== runtime.settings.cloud) {
    return `this host was contained in cloud ${state.cloud}, the provider is configured for ${runtime.settings.cloud}. Set mde:cloud to ${state.cloud}; nothing was sent`;
  }
  const { tenantId } = await runtime.identity();
  if (
    state.tenantId !== undefined &&
    tenantId !== undefined &&
    tenantId.toLowerCase() !== state.tenantId.toLowerCase()
  ) {
    return `this host was contained in tenant ${state.tenantId}, the token is for tenant ${tenantId}. Sign in to the first (mde:tenantId); nothing was sent`;
  }
  return undefined;
}

/** As `foreignState`, with a failed sign-in as a reason too. */
export async function obstacle(state: StateOutputs, runtime: Runtime): Promise<string | undefined> {
  try {
    return await foreignState(state, runtime);
  } catch (error) {
    if (isDefenderError(error)) return describeDefenderError(error);
    throw error;
  }
}
