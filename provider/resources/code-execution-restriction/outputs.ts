import { codeRestriction } from '../../containment/pair.ts';
import type { PropertyMap } from '../resource.ts';
import { codeExecutionRestrictionInputNames, codeExecutionRestrictionOutputNames } from '../schema-types.ts';

/** What state calls otherwise than a MachineIsolation does: its name here, by its name there. */
const renamed: Readonly<Record<string, string>> = { isolatedAt: 'restrictedAt' };
const renamedBack = reversed(renamed);
const stateBack = reversed(codeRestriction.words.states);

/** Outputs of a restriction in the shape in which the rules of containment read them. */
export function asContained(outputs: PropertyMap): PropertyMap {
  const named = withNames(outputs, (name) => wordIn(renamedBack, name));
  return withState(named, stateBack);
}

/** The other way: outputs as they go to state, without what a restriction does not have. */
export function asRestriction(outputs: PropertyMap): PropertyMap {
  const named = withNames(outputs, (name) => wordIn(renamed, name));
  return withState(only(named, codeExecutionRestrictionOutputNames), codeRestriction.words.states);
}

/** Inputs without defaults of what a restriction does not have. */
export function asRestrictionInputs(inputs: PropertyMap): PropertyMap {
  return only(inputs, codeExecutionRestrictionInputNames);
}

function withState(outputs: PropertyMap, words: Readonly<Record<string, string>>): PropertyMap {
  const { state } = outputs;
  return typeof state === 'string' ? { ...outputs, state: wordIn(words, state) } : outputs;
}

/** The other word for one, where there is one; every object has names of its own, which are none of ours. */
function wordIn(words: Readonly<Record<string, string>>, word: string): string {
  return (Object.hasOwn(words, word) ? words[word] : undefined) ?? word;
}

function withNames(outputs: PropertyMap, nameOf: (name: string) => string): PropertyMap {
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [nameOf(name), value]));
}

function only(map: PropertyMap, names: readonly string[]): PropertyMap {
  return Object.fromEntries(Object.entries(map).filter(([name]) => names.includes(name)));
}

function reversed(names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(names).map(([from, to]) => [to, from]));
}
