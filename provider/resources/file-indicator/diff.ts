import { obstacle } from '../machine-isolation/obstacle.ts';
import { type DiffKind, type DiffResult, type OperationContext, type PropertyMap, unknown } from '../resource.ts';
import { fileIndicatorInputNames } from '../schema-types.ts';
import { fileOf, keptBefore } from './converge.ts';
import { type Changeable, changeable, declaredBy, differences, weakening } from './declared.ts';
import { type CheckedInputs, knownInputs, withDefaults } from './inputs.ts';
import type { Shared } from './shared.ts';
import { describe, look } from './sight.ts';
import { stateOf } from './state.ts';

function isSameInput(name: keyof CheckedInputs, before: CheckedInputs, wanted: CheckedInputs): boolean {
  if ((changeable as readonly string[]).includes(name))
    return !differences(declaredBy(wanted), declaredBy(before)).includes(name as Changeable);
  return (before[name] ?? false) === (wanted[name] ?? false);
}

/** Declared against actual: what the service holds now, whatever state says. */
export async function diff(
  context: OperationContext,
  oldOutputs: PropertyMap,
  oldInputs: PropertyMap,
  news: PropertyMap,
  shared: Shared,
): Promise<DiffResult> {
  const detailed: Record<string, { kind: DiffKind; fromInputs: boolean }> = {};
  const reasons: string[] = [];
  const state = stateOf(oldOutputs);
  const before = withDefaults(oldInputs);
  const replaces: readonly string[] = ['indicatorValue', 'indicatorType'];
  const wanted = withDefaults(Object.fromEntries(Object.entries(news).filter(([, value]) => value !== unknown)));
  for (const name of fileIndicatorInputNames) {
    const isUnknown = news[name] === unknown;
    if (!isUnknown && isSameInput(name, before, wanted)) continue;
    const kind = oldInputs[name] === undefined ? 'add' : news[name] === undefined ? 'delete' : 'update';
    detailed[name] = { kind: replaces.includes(name) ? `${kind}-replace` : kind, fromInputs: true };
  }
  const answer = (): DiffResult => ({
    changes: Object.keys(detailed).length > 0,
    detailed,
    reasons,
    stables: ['indicatorValue', 'indicatorType', 'tenantId', 'cloud', 'stateVersion'],
  });
  const differs = (property: string, reason: string) => {
    detailed[property] ??= { kind: 'update', fromInputs: false };
    reasons.push(reason);
  };
  const stopped = await obstacle(state, shared.runtime, keptBefore);
  if (stopped !== undefined) {
    differs('state', stopped);
    return answer();
  }
  const inputs = knownInputs(news);
  if ('unknowns' in inputs) {
    reasons.push(`${inputs.unknowns.join(', ')} not known yet`);
    return answer();
  }
  const declared = declaredBy(inputs);
  if (Object.keys(detailed).some((name) => replaces.includes(name))) {
    const old = declaredBy(before);
    reasons.push(`another file is declared: its indicator is set first, then that for ${fileOf(old)} is deleted`);
    return answer();
  }
  const sight = await look(context, declared, state, shared, 'reading');
  if (sight.kind === 'unknown') {
    differs('state', sight.reason);
    return answer();
  }
  const [indicator, ...surplus] = sight.ours;
  for (const each of sight.ours) shared.inState.add(each.id);
  if (indicator === undefined) {
    const isOver = declared.expirationTime !== null && declared.expirationTime <= sight.asOf;
    if (!isOver) differs('state', `the indicator for ${fileOf(declared)} is gone, and is made again`);
    return answer();
  }
  for (const property of differences(declared, indicator))
    differs(property, `${property} of ${describe(indicator)} is not as declared`);
  for (const each of surplus)
    differs('indicatorId', `${describe(each)} was left behind by an earlier run, and is deleted`);
  for (const weaker of weakening(indicator, declared)) reasons.push(`WEAKER: ${weaker}`);
  return answer();
}
