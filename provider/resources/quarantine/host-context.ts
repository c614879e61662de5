import { keyInSet } from '../../fleet/release-gate.ts';
import type { Among, HostContext } from '../machine-isolation/among.ts';
import type { OperationContext, OperationLog } from '../resource.ts';

/** The context of one host of a set: the set's own, under the host's key, with a log of its own. */
export function hostContext(
  context: OperationContext,
  host: string,
  log: OperationLog,
  among?: Among | undefined,
): HostContext {
  const { declaration, preview, timeoutMs, signal } = context;
  return {
    declaration: { ...declaration, key: keyInSet(declaration.key, host) },
    preview,
    timeoutMs,
    signal,
    log,
    among,
  };
}
