import { isDefenderError, mayHaveHappened } from '../../defender/errors.ts';
import type { Indicator } from '../../defender/indicator.ts';
import { obstacle } from '../machine-isolation/obstacle.ts';
import { describeDefenderError } from '../machine-isolation/sight.ts';
import {
  type OperationContext,
  PartialFailure,
  type PropertyMap,
  type PropertyValue,
  UserError,
  unknown,
  type Written,
} from '../resource.ts';
import type { IndicatorState } from '../schema-types.ts';
import { changeable, type Declared, declaredBy, differences, requestFor, valueText } from './declared.ts';
import { type CheckedInputs, knownInputs } from './inputs.ts';
import { type Plan, planFor } from './plan.ts';
import { put, remove } from './send.ts';
import { isUs, type Shared } from './shared.ts';
import { blindReason, describe, look, markOf, type Seen } from './sight.ts';
import { outputsOf, type StateOutputs, stateOf } from './state.ts';

/** What state says was done, for the refusal of another tenant. */
export const keptBefore = 'this indicator is kept';

/** One declaration that an operation is about. */
export interface Request {
  readonly context: OperationContext;
  readonly shared: Shared;
  readonly inputs: CheckedInputs;
  readonly declared: Declared;
  /** Undefined for a new one. */
  readonly state: StateOutputs | undefined;
}

export async function create(context: OperationContext, given: PropertyMap, shared: Shared): Promise<Written> {
  const inputs = knownInputs(given);
  if ('unknowns' in inputs) return { id: '', outputs: withoutUnknowns(given) };
  return converge({ context, shared, inputs, declared: declaredBy(inputs), state: undefined });
}

export async function update(
  context: OperationContext,
  id: string,
  oldOutputs: PropertyMap,
  news: PropertyMap,
  shared: Shared,
): Promise<Written> {
  const inputs = knownInputs(news);
  if ('unknowns' in inputs) return { id, outputs: withoutUnknowns({ ...oldOutputs, ...news }) };
  return converge({ context, shared, inputs, declared: declaredBy(inputs), state: stateOf(oldOutputs) });
}

/** Brings the indicator to what is declared, or says in preview what would be done. */
async function converge(request: Request): Promise<Written> {
  const { context, shared } = request;
  const { name, key } = context.declaration;
  try {
    return await carryOut(request);
  } catch (error) {
    if (!context.preview && (error instanceof UserError || error instanceof PartialFailure))
      shared.record.note(key, { outcome: 'not-in-force', name, reason: error.message });
    throw error;
  }
}

async function carryOut(request: Request): Promise<Written> {
  const { context, shared, inputs, declared, state } = request;
  const stopped = await obstacle(state ?? {}, shared.runtime, keptBefore);
  if (stopped !== undefined) throw new UserError(stopped);
  const sight = await look(context, declared, state, shared, context.preview ? 'reading' : 'writing');
  if (sight.kind === 'unknown') {
    if (!context.preview || !sight.lacksRole) throw new UserError(`nothing was sent: ${sight.reason}`);
    // A pull request may run with a sign-in that only reads, and there is no role to read indicators only.
    context.log.info(`whether an indicator is there for this file cannot be seen: ${sight.reason}`);
    return { id: declared.indicatorValue, outputs: withoutUnknowns({ ...(inputs as unknown as PropertyMap) }) };
  }
  const plan = planFor(sight, declared, state !== undefined, {
    takeOwnership: inputs.takeOwnership === true,
    isInState: (id) => shared.inState.has(id),
  });
  if (plan.kind === 'refuse') throw new UserError(refusal(plan, declared));
  if (plan.kind === 'expired' && state === undefined) throw new UserError(pastText(inputs));
  warnOfOthers(request, sight, plan);
  return context.preview ? previewOf(request, plan) : execute(request, plan);
}

/** Reads only; the difference shows in the outputs. */
async function previewOf(request: Request, plan: Exclude<Plan, { kind: 'refuse' }>): Promise<Written> {
  const { context, shared, declared, inputs } = request;
  const { log } = context;
  switch (plan.kind) {
    case 'none':
    case 'expired':
      return written(
        request,
        plan.kind === 'none' ? 'active' : 'expired',
        plan.kind === 'none' ? plan.indicator : undefined,
      );
    case 'make':
      log.info(
        `would ${plan.again ? 'make the indicator again, which is gone' : 'set an indicator'}: ${declared.action} ${fileOf(declared)}`,
      );
      break;
    case 'change':
      if (isHeld(plan, shared)) {
        log.warn(heldText(plan));
        return written(request, 'active', plan.indicator);
      }
      if (plan.takesOver) log.info(`would take over ${describe(plan.indicator)}`);
      if (plan.properties.length > 0)
        log.info(`would change ${describe(plan.indicator)}: ${changesOf(plan, declared)}`);
      if (plan.weaker.length > 0) log.warn(`would make ${describe(plan.indicator)} WEAKER: ${plan.weaker.join('; ')}`);
  }
  const { outputs } = await written(request, 'active', undefined);
  // Of a new one what only the service can tell is left out; what is declared is certain, and so is what is declared no more.
  const kept = Object.entries(outputs).filter(([name]) => !(changeable as readonly string[]).includes(name));
  return {
    id: declared.indicatorValue,
    outputs: { ...Object.fromEntries(kept), ...(inputs as unknown as PropertyMap) },
  };
}

async function execute(request: Request, plan: Exclude<Plan, { kind: 'refuse' }>): Promise<Written> {
  const { context, shared, declared, state } = request;
  const { name, key } = context.declaration;
  const note = (outcome: 'unchanged' | 'held' | 'in-force', reason = '') =>
    shared.record.note(key, { outcome, name, reason });
  switch (plan.kind) {
    case 'none':
      note('unchanged');
      return written(request, 'active', plan.indicator);
    case 'expired':
      note('unchanged');
      context.log.info(`the indicator has expired, as declared, and Defender removed it; nothing was sent`);
      return written(request, 'expired', undefined);
    case 'make': {
      const made = await putOrExplain(request, undefined);
      const answer = await written(request, 'active', made);
      await warnOfOverwritten(request, made);
      await mustBeAsDeclared(request, made);
      note('in-force');
      context.log.done(`${plan.again ? 'made again' : 'set'} ${describe(made)} for ${fileOf(declared)}`);
      return answer;
    }
    case 'change': {
      if (isHeld(plan, shared)) {
        note('held', plan.weaker.join('; '));
        context.log.warn(heldText(plan));
        return written(request, 'active', plan.indicator);
      }
      const now = plan.properties.length > 0 ? await putOrExplain(request, plan.indicator) : plan.indicator;
      shared.inState.add(now.id);
      // Where Defender made a second one instead of changing this one, both would apply.
      for (const each of [plan.indicator, ...plan.surplus]) if (each.id !== now.id) await deleteSurplus(request, each);
      const answer = await written(request, 'active', now);
      await mustBeAsDeclared(request, now);
      note(plan.properties.length > 0 ? 'in-force' : 'unchanged');
      if (plan.takesOver && state === undefined) context.log.info(`took over ${describe(plan.indicator)}`);
      if (plan.properties.length > 0) {
        const weaker = plan.weaker.length > 0 ? `; it is WEAKER than before: ${plan.weaker.join('; ')}` : '';
        context.log.done(`changed ${describe(now)}: ${changesOf(plan, declared)}${weaker}`);
      }
      return answer;
    }
  }
}

async function putOrExplain(request: Request, before: Indicator | undefined): Promise<Indicator> {
  const { context, shared, declared, state } = request;
  const application = markOf(context, declared.indicatorValue, shared);
  try {
    return await put(requestFor(declared, before, application), declared, context, shared);
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    const reason = `${describeDefenderError(error)}${error.status === 400 ? whenRefused : ''}`;
    // A new one that may be there has to be known, or nobody would delete it.
    if (state === undefined && mayHaveHappened(error)) {
      const { id, outputs } = await written(request, 'unknown', undefined);
      throw new PartialFailure(id, outputs, [
        `whether the indicator is there cannot be told; the next run looks. ${reason}`,
      ]);
    }
    throw new UserError(reason, { cause: error });
  }
}

const whenRefused =
  ' Check that the device groups exist. If the tenant holds 15,000 indicators, the most that Defender takes, delete some that are no longer needed first.';

/** It was there unseen, or came into being since the look; state may hold it, but who made it should know. */
async function warnOfOverwritten({ context, shared }: Request, { id, createdBy }: Indicator): Promise<void> {
  if (createdBy === null || isUs(createdBy, await shared.runtime.identity())) return;
  context.log.warn(
    `indicator ${id} was there already: ${createdBy} created it, and it was changed to what is declared. Without the role Ti.ReadWrite.All later runs cannot see it`,
  );
}

async function deleteSurplus(request: Request, indicator: Indicator): Promise<void> {
  const { context, shared, declared } = request;
  try {
    await remove(indicator.id, declared, context, shared);
  } catch (error) {
    if (!isDefenderError(error)) throw error;
    // State keeps holding this one, so that the next run deletes it.
    const { id, outputs } = await written(request, 'active', indicator);
    const reason = `${describe(indicator)} is still there beside the declared one, and which of the two applies is for Defender to say. Run again. ${describeDefenderError(error)}`;
    throw new PartialFailure(id, outputs, [reason]);
  }
}

/** Nobody may take for declared what the service keeps in another way. */
async function mustBeAsDeclared(request: Request, told: Indicator): Promise<void> {
  const { context, shared, declared, state } = request;
  if (differences(declared, told).length === 0) return;
  // The answer to a change may still show what was before it.
  const sight = await look(context, declared, { ...state, indicatorId: told.id }, shared, 'writing');
  const now = sight.kind === 'seen' ? (sight.ours.find(({ id }) => id === told.id) ?? told) : told;
  const left = differences(declared, now);
  if (left.length === 0) return;
  const { id, outputs } = await written(request, 'active', now);
  const kept = left.map((each) => `${each} is ${valueText(each, now)}, not ${valueText(each, declared)}`);
  throw new PartialFailure(id, outputs, [
    `Defender took the request and keeps ${describe(now)} otherwise: ${kept.join('; ')}. Delete it in the Defender portal and run again: it is made anew then`,
  ]);
}

/** What state is to hold. */
export async function written(
  request: Request,
  state: IndicatorState,
  indicator: Indicator | undefined,
): Promise<Written> {
  const { inputs, declared, shared } = request;
  const { tenantId } = await shared.runtime.identity();
  const outputs = outputsOf(inputs, declared, {
    state,
    indicator,
    tenantId: tenantId ?? request.state?.tenantId ?? '',
    cloud: shared.runtime.settings.cloud,
    before: request.state,
  });
  return { id: declared.indicatorValue, outputs };
}

function isHeld({ weaker }: Extract<Plan, { kind: 'change' }>, { runtime }: Shared): boolean {
  return weaker.length > 0 && runtime.settings.holdReleases;
}

function heldText({ indicator, weaker }: Extract<Plan, { kind: 'change' }>): string {
  return `releases is hold in the provider's configuration: ${describe(indicator)} is left as it is, since the change would make it weaker: ${weaker.join('; ')}. Run with mde:releases apply to change it`;
}

/** `title "a" → "b"` of each property that is changed. */
export function changesOf({ indicator, properties }: Extract<Plan, { kind: 'change' }>, declared: Declared): string {
  return properties.map((each) => `${each} ${valueText(each, indicator)} → ${valueText(each, declared)}`).join('; ');
}

export function fileOf({ indicatorType, indicatorValue }: Declared): string {
  return `${indicatorType.replace('File', '')} ${indicatorValue}`;
}

export function refusal({ why, by }: Extract<Plan, { kind: 'refuse' }>, declared: Declared): string {
  const list = by.map(describe).join(', ');
  switch (why) {
    case 'blind':
      return `nothing was sent: ${blindReason}`;
    case 'taken':
      return `there is ${list} for ${fileOf(declared)} already, and this resource would overwrite it. Nothing was sent. Set takeOwnership: true to take it over, or import it: pulumi import mde:index:FileIndicator <name> ${by[0]?.id ?? ''}`;
    case 'several':
      return `there are ${list} for ${fileOf(declared)}, and one of them has to go first: delete the others in the Defender portal. Nothing was sent`;
  }
}

function pastText({ expirationTime }: CheckedInputs): string {
  return `expirationTime: ${expirationTime} is past, so there would be no indicator. Give a moment to come`;
}

/** Which of two indicators for one file applies is for Defender to say, so nobody may rely on ours alone. */
function warnOfOthers(request: Request, { others }: Seen, plan: Plan): void {
  const { context, shared } = request;
  const beside = others.filter(
    (each) => !('indicator' in plan && plan.indicator === each) && !shared.inState.has(each.id),
  );
  if (beside.length === 0) return;
  const text = `${beside.map(describe).join(', ')} is there for the same file too: which one applies is for Defender to say. Delete it in the portal, if it is not meant`;
  const once = `${context.declaration.key}\n${text}`;
  if (!shared.runtime.warned.has(once)) context.log.warn(text);
  shared.runtime.warned.add(once);
}

export function withoutUnknowns(map: PropertyMap): PropertyMap {
  const plain = (value: PropertyValue | undefined) =>
    value !== undefined && value !== unknown && !(Array.isArray(value) && value.includes(unknown));
  return Object.fromEntries(Object.entries(map).filter(([, value]) => plain(value)));
}
