import type { OneShotAsk, OneShotType } from '../../containment/one-shot-actions.ts';
import type { ActionId, MachineAction } from '../../defender/machine-action.ts';
import type { Judged } from '../../manifest/host-rules.ts';
import type { OperationContext, PropertyMap, PropertyValue, Resource } from '../resource.ts';
import type { Runtime } from '../runtime.ts';
import { bringAbout, preview, remove } from './single-act.ts';
import { diffSingle } from './single-diff.ts';
import { checkSingle } from './single-inputs.ts';
import { importSingle, refreshSingle } from './single-read.ts';

/** What tells one resource that does something once on one machine from another. */
export interface SingleSpec {
  readonly token: string;
  /** `AntivirusScan`, in messages. */
  readonly name: string;
  readonly type: OneShotType;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** `the host is scanned`, for a comment that is missing. */
  readonly purpose: string;
  /** Inputs beyond those that all have; a change of one is a replacement. */
  readonly options: Readonly<Record<string, (given: PropertyValue | undefined) => Judged<string>>>;
  /** What the checked inputs ask for. */
  ask(inputs: PropertyMap): OneShotAsk;
  /** Options as an action tells them, for an import. */
  optionsOf(action: MachineAction): PropertyMap;
  /** What there is to fetch once it has succeeded. */
  readonly results?: Results;
}

export interface Results {
  /** Outputs. */
  readonly names: readonly string[];
  /** Called by operations and by an explicit refresh; undefined where it failed, which the log tells. Throws nothing of Defender's. */
  fetch(id: ActionId, context: OperationContext, runtime: Runtime): Promise<PropertyMap | undefined>;
}

export interface SinglePorts {
  /** Throws where the provider is not configured. */
  readonly runtime: () => Runtime;
}

/** A resource that does something once on one machine, and again when a trigger changes. */
export function singleOneShot(spec: SingleSpec, { runtime }: SinglePorts): Resource {
  return {
    token: spec.token,
    // What is fetched at the end is fetched anew by a refresh that somebody asks for, not before every run.
    refreshBeforeUpdate: spec.results === undefined,
    check: async (_context, _oldInputs, news) => checkSingle(spec, news),
    diff: (context, id, oldOutputs, oldInputs, news) =>
      diffSingle(spec, context, id, oldOutputs, oldInputs, news, runtime()),
    create: (context, inputs) =>
      context.preview
        ? preview(spec, context, inputs, undefined, runtime())
        : bringAbout(spec, context, inputs, undefined, runtime()),
    read: (context, id, outputs, inputs) =>
      outputs === undefined || Object.keys(outputs).length === 0
        ? importSingle(spec, context, id, runtime())
        : refreshSingle(spec, context, id, outputs, inputs, runtime()),
    update: (context, id, oldOutputs, _oldInputs, news) =>
      context.preview
        ? preview(spec, context, news, { id, outputs: oldOutputs }, runtime())
        : bringAbout(spec, context, news, { id, outputs: oldOutputs }, runtime()),
    delete: async (context, _id, outputs) => remove(spec, context, outputs, runtime()),
  };
}
