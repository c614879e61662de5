import { SECOND } from '../../containment/duration.ts';
import { DefenderError, isDefenderError, mayHaveHappened } from '../../defender/errors.ts';
import type { Indicator, IndicatorId, IndicatorRequest } from '../../defender/indicator.ts';
import { pause } from '../../defender/ports.ts';
import type { OperationContext } from '../resource.ts';
import { type Declared, differences } from './declared.ts';
import { type Shared, signalOf } from './shared.ts';

/** What was written may take this long to be told (semantics 1.8). */
const appearsWithinMs = 5 * SECOND + 500;

/**
 * Asks for an indicator. Asked for twice it is still one, so after a lost answer it is looked for and asked for once more
 * (semantics 4.1 allows that for what cannot do harm twice).
 *
 * @throws DefenderError; where `mayHaveHappened` holds for it, nobody knows whether it is there
 */
export async function put(
  request: IndicatorRequest,
  declared: Declared,
  context: OperationContext,
  shared: Shared,
): Promise<Indicator> {
  const { defender } = shared.runtime.fleet;
  const signal = signalOf(context, shared);
  return onceMore(
    declared.indicatorValue,
    context,
    shared,
    async () => defender.putIndicator(request, { signal }),
    async () => {
      const isIt = (each: Indicator) =>
        each.indicatorType === declared.indicatorType && differences(declared, each).length === 0;
      return (await shared.lookup.find(declared.indicatorValue, 0)).found.find(isIt);
    },
  );
}

/** Deletes an indicator; one that is gone is deleted. @throws DefenderError */
export async function remove(
  id: IndicatorId,
  { indicatorValue }: Pick<Declared, 'indicatorValue'>,
  context: OperationContext,
  shared: Shared,
): Promise<void> {
  const { defender } = shared.runtime.fleet;
  const signal = signalOf(context, shared);
  const isGone = async () => !(await shared.lookup.find(indicatorValue, 0)).found.some((each) => each.id === id);
  await onceMore(
    indicatorValue,
    context,
    shared,
    async () => {
      try {
        await defender.deleteIndicator(id, { signal });
      } catch (error) {
        if (!isDefenderError(error)) throw error;
        // A 404 without the API's own body is as good as one with it, where the list says so too.
        if (error.kind !== 'not-found' && !(error.status === 404 && (await isGone()))) throw error;
      }
      return true;
    },
    async () => ((await isGone()) ? true : undefined),
  );
}

/** Writes; after a lost answer looks whether it was done, and if not, writes once more. */
async function onceMore<T>(
  indicatorValue: string,
  context: OperationContext,
  shared: Shared,
  write: () => Promise<T>,
  wasDone: () => Promise<T | undefined>,
): Promise<T> {
  const signal = signalOf(context, shared);
  const lost = async (error: unknown): Promise<T | undefined> => {
    if (!isDefenderError(error) || !mayHaveHappened(error)) throw error;
    await pause(shared.runtime.fleet.timer, appearsWithinMs, signal);
    // Neither a look nor a write after Ctrl-C.
    if (signal.aborted) throw error;
    try {
      return await wasDone();
    } catch (failure) {
      // Whether it was done is what matters, and nobody knows.
      throw isDefenderError(failure) ? error : failure;
    }
  };
  if (signal.aborted) throw new DefenderError('the run was cancelled before anything was sent', { kind: 'aborted' });
  const attempt = async (): Promise<T> => {
    try {
      return await write();
    } finally {
      shared.lookup.forget(indicatorValue);
    }
  };
  try {
    return await attempt();
  } catch (error) {
    const found = await lost(error);
    if (found !== undefined) return found;
  }
  try {
    return await attempt();
  } catch (error) {
    const found = await lost(error);
    if (found !== undefined) return found;
    throw error;
  }
}
