import { toRfc3339 } from '../../containment/duration.ts';
import { isDefenderError } from '../../defender/errors.ts';
import type { Indicator } from '../../defender/indicator.ts';
import { parseIndicatorId } from '../../defender/indicators.ts';
import { shown } from '../../manifest/shown.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import { type OperationContext, type PropertyMap, type ReadResult, UserError } from '../resource.ts';
import { keptBefore, written } from './converge.ts';
import { declaredBy } from './declared.ts';
import { judgeHash, withDefaults } from './inputs.ts';
import type { Shared } from './shared.ts';
import { describe, look, type Seen } from './sight.ts';
import { type StateOutputs, stateOf } from './state.ts';

/** Known to state: told as it is now; the last known state is kept where that cannot be seen (semantics 1.4). */
export async function refresh(
  context: OperationContext,
  id: string,
  outputs: PropertyMap,
  inputs: PropertyMap | undefined,
  shared: Shared,
): Promise<ReadResult> {
  const state = stateOf(outputs);
  const { name, key } = context.declaration;
  const keep = (reason: string): ReadResult => {
    shared.record.note(key, { outcome: 'unobserved', name, reason });
    return { found: { id, outputs, inputs: inputs ?? {} }, unhealthy: [`${name}: ${reason}`] };
  };
  const stopped = await obstacle(state, shared.runtime, keptBefore);
  if (stopped !== undefined) return keep(stopped);
  const checked = withDefaults(declarationIn(outputs, inputs));
  const declared = declaredBy(checked);
  const sight = await look(context, declared, state, shared, 'reading');
  if (sight.kind === 'unknown')
    return keep(
      `could not be observed, so its last known state (${state.state ?? 'unknown'}) is kept: ${sight.reason}`,
    );
  for (const each of sight.ours) shared.inState.add(each.id);
  shared.record.note(key, { outcome: 'unchanged', name, reason: '' });
  const found = await written(
    { context, shared, inputs: checked, declared, state },
    stateNow(sight, state),
    sight.ours[0],
  );
  return { found: { ...found, inputs: inputs ?? {} }, unhealthy: [] };
}

/** What was declared, as state tells it; a state that holds outputs only is read from them. */
export function declarationIn(outputs: PropertyMap, inputs: PropertyMap | undefined): PropertyMap {
  return inputs !== undefined && Object.keys(inputs).length > 0 ? inputs : outputs;
}

/** An indicator that ended by its own time is not missing, and is not made again. */
function stateNow({ ours, asOf }: Seen, state: StateOutputs): 'active' | 'missing' | 'expired' {
  if (ours.length > 0) return 'active';
  const end = state.expirationTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(state.expirationTime);
  return end <= asOf ? 'expired' : 'missing';
}

/** `pulumi import` by the indicator's id or the file's hash; it is ours from then on. */
export async function importIndicator(context: OperationContext, given: string, shared: Shared): Promise<ReadResult> {
  const stopped = await obstacle({}, shared.runtime, keptBefore);
  if (stopped !== undefined) throw new UserError(stopped);
  const indicator = await meant(given.trim(), shared);
  if (indicator === undefined) return { found: undefined, unhealthy: [] };
  const inputs = withDefaults({
    indicatorValue: indicator.indicatorValue,
    indicatorType: indicator.indicatorType,
    action: indicator.action,
    title: indicator.title,
    description: indicator.description,
    severity: indicator.severity ?? undefined,
    generateAlert: indicator.generateAlert ?? undefined,
    recommendedActions: indicator.recommendedActions ?? undefined,
    expirationTime: indicator.expirationTime === null ? undefined : toRfc3339(indicator.expirationTime),
    rbacGroupNames: indicator.rbacGroupNames.length === 0 ? undefined : [...indicator.rbacGroupNames],
  });
  const declared = declaredBy(inputs);
  shared.inState.add(indicator.id);
  const found = await written({ context, shared, inputs, declared, state: undefined }, 'active', indicator);
  return { found: { ...found, inputs: inputs as unknown as PropertyMap }, unhealthy: [] };
}

async function meant(given: string, shared: Shared): Promise<Indicator | undefined> {
  const hash = judgeHash(given);
  const id = parseIndicatorId(given);
  if (!('value' in hash) && id === undefined)
    throw new UserError(
      `"${shown(given)}" is neither an indicator's id (digits) nor the hash of a file (40, 64 or 32 hex digits)`,
    );
  let found: readonly Indicator[];
  try {
    if ('value' in hash) {
      ({ found } = await shared.lookup.find(hash.value, 0));
    } else {
      const all = await shared.lookup.all();
      found = all.items.filter((each) => each.id === id);
    }
  } catch (error) {
    if (isDefenderError(error))
      throw new UserError(`nothing was imported: ${describeDefenderError(error)}`, { cause: error });
    throw error;
  }
  const files = found.filter(({ indicatorType }) => indicatorType.startsWith('File'));
  const [first, second] = files;
  if (first === undefined && found[0] !== undefined)
    throw new UserError(
      `${describe(found[0])} is for a ${found[0].indicatorType}; a FileIndicator is for the hash of a file`,
    );
  if (second !== undefined)
    throw new UserError(`there are ${files.map(describe).join(', ')} for this hash; import one of them by its id`);
  return first;
}
