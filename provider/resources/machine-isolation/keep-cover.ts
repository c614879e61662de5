import type { HostRequest } from './act.ts';
import { contain } from './contain.ts';
import { planFor } from './plan-for.ts';
import type { Sight } from './sight.ts';

/**
 * A host that is neither to be released nor to be acted on otherwise is kept contained all the same: its lease is renewed,
 * and nothing else is done (semantics 2.5). Answers how it stands then, and why it may not stay contained.
 */
export async function keepCover(
  request: HostRequest,
  sight: Sight,
): Promise<{ readonly sight: Sight; readonly failures: readonly string[] }> {
  const renewing = { ...request, inputs: { ...request.inputs, allowTypeChange: false }, declarationChanged: false };
  const plan = planFor(sight, renewing);
  if (plan.kind !== 'isolate' || plan.fresh) return { sight, failures: [] };
  const { sight: after, failures } = await contain(renewing);
  return { sight: after, failures };
}
