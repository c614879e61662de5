import type { DeclarationIdentity, PropertyMap } from '../resources/resource.ts';
import { unknownStrings } from '../unknown-strings.ts';
import { declarationKey, hiddenKeys, inputsKey, previewKey, providerKey, timeoutsKey } from './hidden-inputs.ts';
import { mapFromHost, mapToHost } from './values.ts';

/** Plain values as the dynamic host hands them over and takes them. */
export type HostValues = Record<string, unknown>;

/** Inputs or outputs as the host has them, with what is hidden taken apart. */
export interface Parts {
  readonly values: PropertyMap;
  readonly declaration: DeclarationIdentity | undefined;
  /** Go durations by operation. */
  readonly timeouts: PropertyMap;
  readonly preview: boolean;
  /** In outputs: the inputs of the last successful run. */
  readonly inputs: Parts | undefined;
}

export function partsOf(host: HostValues): Parts {
  const remembered = recordOf(host[inputsKey]);
  return {
    values: mapFromHost(Object.fromEntries(Object.entries(host).filter(([key]) => !hiddenKeys.includes(key)))),
    declaration: declarationOf(host[declarationKey]),
    timeouts: mapFromHost(recordOf(host[timeoutsKey]) ?? {}),
    preview: unknownStrings.has(host[previewKey]),
    inputs: remembered && partsOf(remembered),
  };
}

/** What goes to state for `outputs` that came of the inputs `news`. */
export function stateOf(outputs: PropertyMap, news: HostValues): HostValues {
  const { [providerKey]: _provider, [previewKey]: _preview, [inputsKey]: _inputs, ...inputs } = news;
  // There and back, so that nothing but plain data is left.
  return { ...mapToHost(outputs), [inputsKey]: mapToHost(mapFromHost(inputs)) };
}

/** The hidden inputs as they came. */
export function hiddenOf(host: HostValues): HostValues {
  return Object.fromEntries(Object.entries(host).filter(([key]) => hiddenKeys.includes(key) && key !== inputsKey));
}

export function recordOf(value: unknown): HostValues | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as HostValues) : undefined;
}

function declarationOf(value: unknown): DeclarationIdentity | undefined {
  const { project, stack, type, name, key } = recordOf(value) ?? {};
  if (![project, stack, type, name].every((each) => typeof each === 'string')) return undefined;
  const identity = { project: String(project), stack: String(stack), type: String(type), name: String(name) };
  // The key is a URN, and known as soon as the resource's parent is registered.
  const known = typeof key === 'string' && !unknownStrings.has(key);
  return { ...identity, key: known ? key : Object.values(identity).join('::') };
}
