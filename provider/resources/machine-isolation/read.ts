import { declaredReason } from '../../containment/mark.ts';
import { isObserved } from '../../containment/observation.ts';
import { stateWord } from '../../containment/pair.ts';
import { parseMachineId } from '../../defender/machine.ts';
import { type OperationContext, type PropertyMap, type ReadResult, UserError } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { noteSeen, outputsFor, record } from './account.ts';
import type { HostRequest } from './act.ts';
import { hostOf } from './act.ts';
import { type CheckedInputs, withDefaults } from './inputs.ts';
import { resolveName } from './machine-name.ts';
import { obstacle } from './obstacle.ts';
import { noteOf, planFor } from './plan-for.ts';
import { lookAt, machineIdOf, type Sight } from './sight.ts';
import { remember, stateOf } from './state.ts';

/** Known to state: observes, and keeps the last known state where that fails (semantics 1.4). */
export async function refresh(
  context: OperationContext,
  id: string,
  outputs: PropertyMap,
  inputs: PropertyMap | undefined,
  runtime: Runtime,
): Promise<ReadResult> {
  const state = stateOf(outputs);
  const declared = withDefaults(inputs !== undefined && Object.keys(inputs).length > 0 ? inputs : outputs);
  const keep = (reason: string): ReadResult => ({
    found: { id, outputs, inputs: inputs ?? {} },
    unhealthy: [`${context.declaration.name}: ${reason}`],
  });
  const stopped = await obstacle(state, runtime);
  if (stopped !== undefined) return keep(stopped);
  const machineId = machineIdOf(id);
  const remembered = remember(state);
  const sight = await lookAt(
    {
      declaration: context.declaration,
      machineId,
      inputs: declared,
      remembered,
      notBefore: runtime.fleet.observatory.readable(),
      recordNotBefore: runtime.fleet.observatory.readableRecord(),
    },
    runtime,
  );
  noteSeen(context, state, declared, sight, runtime);
  const { observation } = sight;
  if (observation.state === 'unknown') {
    runtime.record.note(context.declaration.key, {
      outcome: 'failed',
      pair: runtime.pair.name,
      machineId,
      host: state.deviceName ?? machineId,
      reason: observation.reason,
    });
    return keep(
      `could not be observed, so its last known state (${stateWord(runtime.pair, state.state ?? 'unknown')}) is kept: ${observation.reason}`,
    );
  }
  const request: HostRequest = { context, runtime, machineId, inputs: declared, remembered, declarationChanged: false };
  record(request, sight, 'unchanged', '');
  const found = await outputsFor(request, sight, {
    before: state,
    note:
      observation.state === 'missing'
        ? 'Defender no longer knows this machine (404); it is kept in state'
        : noteOf(planFor(sight, request)),
  });
  return { found: { id: machineId, outputs: found, inputs: inputs ?? {} }, unhealthy: [] };
}

/** `pulumi import`: everything from the id, and the isolation becomes ours. */
export async function importHost(context: OperationContext, id: string, runtime: Runtime): Promise<ReadResult> {
  const stopped = await obstacle({}, runtime);
  if (stopped !== undefined) throw new UserError(stopped);
  const machineId = parseMachineId(id.trim()) ?? (await resolveName(id.trim(), runtime)).id;
  const inputs = withDefaults({ machineId });
  const sight = await lookAt(
    {
      declaration: context.declaration,
      machineId,
      inputs,
      remembered: undefined,
      notBefore: runtime.fleet.clock.monotonic(),
    },
    runtime,
  );
  const { observation } = sight;
  if (observation.state === 'missing') return { found: undefined, unhealthy: [] };
  if (!isObserved(observation))
    throw new UserError(`${hostOf(sight)} could not be observed, so it was not imported: ${observation.reason}`);
  if (observation.state === 'released') {
    throw new UserError(
      `${hostOf(sight)} is not ${runtime.pair.words.applied}, so there is nothing to import. Declare it and run pulumi up to ${runtime.pair.words.apply} it`,
    );
  }
  const comment = importedComment(sight, runtime.settings.commentPrefix);
  const declared: CheckedInputs = {
    ...inputs,
    comment,
    isolationType: observation.isolationType ?? inputs.isolationType,
  };
  const outputs = await outputsFor({ inputs: declared, runtime, remembered: undefined }, sight, {
    before: undefined,
    ownership: { kind: 'ours' },
    takenAt: observation.asOf,
  });
  return { found: { id: machineId, outputs, inputs: declared as unknown as PropertyMap }, unhealthy: [] };
}

/** The declared reason in the comment of the isolation, without mark, place and prefix. */
function importedComment(sight: Sight, prefix: string): string {
  const told = isObserved(sight.observation) ? (sight.observation.chain[0]?.requestorComment ?? '') : '';
  const reason = declaredReason(told, prefix);
  return reason === '' ? 'imported' : reason;
}
