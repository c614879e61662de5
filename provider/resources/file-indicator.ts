import { IndicatorClaims } from '../fleet/indicator-claims.ts';
import { IndicatorLookup } from '../fleet/indicator-lookup.ts';
import { create, update } from './file-indicator/converge.ts';
import { diff } from './file-indicator/diff.ts';
import { checkInputs } from './file-indicator/inputs.ts';
import { importIndicator, refresh } from './file-indicator/read.ts';
import { remove } from './file-indicator/remove.ts';
import type { Shared } from './file-indicator/shared.ts';
import type { IndicatorRecord } from './file-indicator/told.ts';
import { nameOf } from './machine-isolation/claim.ts';
import type { CheckResult, OperationContext, PropertyMap, Resource } from './resource.ts';
import type { Runtime } from './runtime.ts';

/** What FileIndicator needs of the process; `runtime` throws where the provider is not configured. */
export interface FileIndicatorPorts {
  readonly runtime: () => Runtime;
  /** Wall clock, for what is validated offline. */
  readonly now: () => number;
  readonly record: IndicatorRecord;
}

/** `mde:index:FileIndicator`: a standing rule of the tenant for one file. Its id is the file's hash. */
export function fileIndicator(ports: FileIndicatorPorts): Resource {
  const claims = new IndicatorClaims();
  let known: Shared | undefined;
  const shared = (): Shared => {
    const runtime = ports.runtime();
    if (known?.runtime !== runtime) {
      const { defender, clock, timer } = runtime.fleet;
      const lookup = new IndicatorLookup(defender, clock, timer);
      known = { runtime, lookup, claims, record: ports.record, inState: new Set() };
    }
    return known;
  };
  return {
    token: 'mde:index:FileIndicator',
    check: async (context, oldInputs, news) => check(context, oldInputs, news, claims, ports.now()),
    diff: (context, _id, oldOutputs, oldInputs, news) => diff(context, oldOutputs, oldInputs, news, shared()),
    create: (context, inputs) => create(context, inputs, shared()),
    read: (context, id, outputs, inputs) =>
      outputs === undefined || Object.keys(outputs).length === 0
        ? importIndicator(context, id, shared())
        : refresh(context, id, outputs, inputs, shared()),
    update: (context, id, oldOutputs, _oldInputs, news) => update(context, id, oldOutputs, news, shared()),
    delete: (context, _id, outputs, inputs) => remove(context, outputs, inputs, shared()),
  };
}

function check(
  context: OperationContext,
  oldInputs: PropertyMap | undefined,
  news: PropertyMap,
  claims: IndicatorClaims,
  now: number,
): CheckResult {
  const { key } = context.declaration;
  const { inputs, failures } = checkInputs(oldInputs, news, now);
  claims.noteUnread(key, failures.length > 0);
  if (failures.length > 0 || typeof inputs.indicatorValue !== 'string') return { inputs, failures };
  const other = claims.claim(key, inputs.indicatorValue);
  if (other === undefined) return { inputs, failures };
  const reason = `${inputs.indicatorValue} is already declared by ${nameOf(other)}; a file has one FileIndicator. Remove one of the two`;
  return { inputs, failures: [{ property: 'indicatorValue', reason }] };
}
