import { isDefenderError } from '../../defender/errors.ts';
import type { Runtime } from '../runtime.ts';
import { describeDefenderError } from './sight.ts';
import { newestStateVersion } from './state.ts';

/** What the outputs of every resource tell of where they belong. */
export interface Origin {
  readonly stateVersion?: number | undefined;
  readonly cloud?: string | undefined;
  readonly tenantId?: string | undefined;
}

/** A tenant or a state that is not ours to touch; told before any call to Defender (semantics 6.3). */
async function foreignState(state: Origin, runtime: Runtime, known: string): Promise<string | undefined> {
  const unreadable = (['stateVersion', 'cloud', 'tenantId'] as const).find((name) => !isReadable(name, state[name]));
  if (unreadable !== undefined) return unreadableState(unreadable);
  if (state.stateVersion !== undefined && state.stateVersion > newestStateVersion) {
    return `this state was written by a newer pulumi-mde (state version ${state.stateVersion}, known is ${newestStateVersion}). Update the provider; nothing was sent`;
  }
  if (state.cloud !== undefined && state.cloud !== runtime.settings.cloud) {
    return `${known} in cloud ${state.cloud}, the provider is configured for ${runtime.settings.cloud}. Set mde:cloud to ${state.cloud}; nothing was sent`;
  }
  const { tenantId } = await runtime.identity();
  if (
    state.tenantId !== undefined &&
    tenantId !== undefined &&
    tenantId.toLowerCase() !== state.tenantId.toLowerCase()
  ) {
    return `${known} in tenant ${state.tenantId}, the token is for tenant ${tenantId}. Sign in to the first (mde:tenantId); nothing was sent`;
  }
  return undefined;
}

function isReadable(name: keyof Origin, value: unknown): boolean {
  return value === undefined || typeof value === (name === 'stateVersion' ? 'number' : 'string');
}

/** What is told where a state is damaged: what it says may be of any host, so nothing is done by it. */
export function unreadableState(what: string): string {
  return `what the state holds of ${what} is not as pulumi-mde wrote it; nothing was sent. Restore it from the stack’s history`;
}

/**
 * As `foreignState`, with a failed sign-in as a reason too.
 *
 * @param known what state says was done, before the words "in tenant …"
 */
export async function obstacle(
  state: Origin,
  runtime: Runtime,
  known = 'this host was contained',
): Promise<string | undefined> {
  try {
    return await foreignState(state, runtime, known);
  } catch (error) {
    if (isDefenderError(error)) return describeDefenderError(error);
    throw error;
  }
}
